"""The shelf: Markdown folders in, a checked and versioned catalogue out.

`source` reads and checks, `markdown` renders, `publish` writes a version, `shelf` hands out what is live.
Paid text is rendered apart, stored apart and never part of a `Catalogue`.
"""
