"""Pictures, sound and film of a course. Each is shown to whom the text around it is shown."""

from __future__ import annotations

from content.shown_asset import ShownAsset, mark_of
from handlers.shop import Shop
from handlers.timetable import for_everybody, timetable
from handlers.web.base import Page
from handlers.web.byte_range import NoSuchRange, Span, wanted
from infra.errors import NotFound

PART_BYTES = 256 * 1024  # read and sent at a time, so that a film is never in memory as a whole
_YEAR_S = 31_536_000


class AssetHandler(Page):
    """``?v=`` is a mark of the contents: with the right one what everybody may see stays for a year."""

    name = "asset"

    async def get(self, slug: str, path: str) -> None:
        await self._serve(slug, path, with_body=True)

    async def head(self, slug: str, path: str) -> None:
        await self._serve(slug, path, with_body=False)

    async def _serve(self, slug: str, path: str, *, with_body: bool) -> None:
        asset, everybodys = await self.work(fetch, self.shop, self.openid, slug, path)
        etag = f'"{asset.sha256}"'
        self.set_header("Etag", etag)
        self.set_header("Cache-Control", self._keeping(asset, everybodys=everybodys))
        self.set_header("Accept-Ranges", "bytes")
        if self.check_etag_header():
            self.set_status(304)
            return
        try:
            span = wanted(self.request.headers, asset.size, etag)
        except NoSuchRange:
            self.set_status(416)
            # Kept under the file's address it would stand in the file's place, for everybody and a year.
            self.set_header("Cache-Control", "no-store")
            self.set_header("Content-Range", f"bytes */{asset.size}")
            return
        self._describe(asset, span)
        if with_body:
            await self._send(asset, span)

    def _keeping(self, asset: ShownAsset, *, everybodys: bool) -> str:
        """What belongs to a paid part is asked for again each time: rights end."""
        if not everybodys:
            return "private, no-cache"
        is_marked = self.get_query_argument("v", "") == mark_of(asset.sha256)
        return f"public, max-age={_YEAR_S}, immutable" if is_marked else "public, max-age=3600"

    def _describe(self, asset: ShownAsset, span: Span) -> None:
        self.set_header("Content-Type", asset.media_type)
        self.set_header("Content-Length", str(span.length))
        if span.partial:
            self.set_status(206)
            last = span.start + span.length - 1
            self.set_header("Content-Range", f"bytes {span.start}-{last}/{asset.size}")

    async def _send(self, asset: ShownAsset, span: Span) -> None:
        at, end = span.start, span.start + span.length
        while at < end:
            part = await self.work(self.shop.shelf.asset_part, asset, at, min(PART_BYTES, end - at))
            self.write(part)
            await self.flush()
            at += len(part)

    def compute_etag(self) -> None:
        """Ours is of the file, not of the part that is sent."""


def fetch(shop: Shop, openid: str | None, slug: str, path: str) -> tuple[ShownAsset, bool]:
    """The file, and whether everybody may see it.

    Raises NotFound alike for a file that is not there and for one that is not this follower's.
    """
    course = shop.shelf.catalogue().by_slug(slug)
    asset = shop.shelf.asset(course.id, path) if course else None
    if course is None or asset is None:
        raise NotFound(f"no file {path!r}")
    everybodys = course.listed and for_everybody(shop, course).may_see(asset)
    if not everybodys:
        times = timetable(shop, openid, course)
        if not (times.owned or course.listed) or not times.may_see(asset):
            raise NotFound(f"file {path!r} belongs to a part or a course that is closed to them")
    return asset, everybodys
