"""Pages compressed on their way out.

Where an answer holds a secret beside words of whoever made the request, its length tells of the secret
(BREACH). No page of ours repeats a visitor's words and holds a secret at once: there are no tokens in forms
(see `handlers.web.origin`), and whatever shows one (a code to log in or to pay) says ``no-store`` and is not
compressed at all. Besides, the session cookie is SameSite=Lax: another site's requests come as a stranger's.
"""

from __future__ import annotations

from tornado.httputil import HTTPHeaders
from tornado.web import GZipContentEncoding


class Compressed(GZipContentEncoding):
    """Tornado's gzip for texts, with the secrets and the parts of files left as they are."""

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        if status_code == 206 or "no-store" in headers.get("Cache-Control", ""):
            self._gzipping = False
        return super().transform_first_chunk(status_code, headers, chunk, finishing)
