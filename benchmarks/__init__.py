"""Speed and memory, always as ratios against a baseline in the same run: ``python -m benchmarks [NAME …]``.

Absolute times belong to one machine on one day; a ratio of two programs that took turns holds elsewhere too.
"""
