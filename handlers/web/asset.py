"""Images of a course. Each is shown to whom the text around it is shown."""

from __future__ import annotations

from content.assets import Asset
from handlers.shop import Shop
from handlers.timetable import for_everybody, timetable
from handlers.web.base import Page
from infra.errors import NotFound


class AssetHandler(Page):
    name = "asset"

    async def get(self, slug: str, path: str) -> None:
        asset, everybodys = await self.work(fetch, self.shop, self.openid, slug, path)
        self.set_header("Content-Type", asset.media_type)
        if everybodys:
            self.set_header("Cache-Control", "public, max-age=3600")
        self.finish(asset.data)


def fetch(shop: Shop, openid: str | None, slug: str, path: str) -> tuple[Asset, bool]:
    """The image, and whether everybody may see it.

    Raises NotFound alike for an image that is not there and for one that is not this follower's.
    """
    course = shop.shelf.catalogue().by_slug(slug)
    asset = shop.shelf.asset(course.id, path) if course else None
    if course is None or asset is None:
        raise NotFound(f"no image {path!r}")
    everybodys = course.listed and for_everybody(shop, course).may_see(asset)
    if not everybodys:
        times = timetable(shop, openid, course)
        if not (times.owned or course.listed) or not times.may_see(asset):
            raise NotFound(f"image {path!r} belongs to a part or a course that is closed to them")
    return asset, everybodys
