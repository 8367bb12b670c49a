"""Images of a course. One that only the paid part shows needs the grant as the text does."""

from __future__ import annotations

from content.assets import Asset
from handlers.shop import Shop
from handlers.web.base import Page
from infra.errors import NotFound


class AssetHandler(Page):
    name = "asset"

    async def get(self, slug: str, path: str) -> None:
        asset = await self.work(fetch, self.shop, self.openid, slug, path)
        self.set_header("Content-Type", asset.media_type)
        if not asset.paid:
            self.set_header("Cache-Control", "public, max-age=3600")
        self.finish(asset.data)


def fetch(shop: Shop, openid: str | None, slug: str, path: str) -> Asset:
    """Raises NotFound alike for an image that is not there and for one that is not this follower's."""
    course = shop.shelf.catalogue().by_slug(slug)
    asset = shop.shelf.asset(course.id, path) if course else None
    if course is None or asset is None:
        raise NotFound(f"no image {path!r}")
    if asset.paid and not (openid and shop.till.may_read(openid, course.id)):
        raise NotFound(f"image {path!r} belongs to a paid part")
    return asset
