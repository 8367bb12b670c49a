"""A shop of its own for the preview: real rooms over a store that is thrown away, a buyer who owns all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import update

from app import Rooms, open_rooms
from content.publish import Publisher
from content.unveil import read_unveiled
from infra.migrate import upgrade
from infra.settings import DatabaseSection, Pay, RedisSection, Settings
from infra.stores import open_database
from nlp import is_known_concept
from payments import operator
from payments.tables import grants

BUYER = "oPreviewBuyer0000000000000001"
LONG_AGO = timedelta(days=3650)


@contextmanager
def open_shop(settings: Settings, data: Path, address: str) -> Iterator[Rooms]:
    """The rooms with everything below ``data``; nothing in them knows WeChat or the real books."""
    settings = _settings(settings, data, address)
    db = open_database(settings)
    try:
        upgrade(db)
    finally:
        db.close()
    rooms = open_rooms(settings)
    try:
        rooms = replace(rooms, shop=replace(rooms.shop, selling=True))
        _open_everything(rooms)
        yield rooms
    finally:
        rooms.close()


def publisher(rooms: Rooms, only: str | None) -> Publisher:
    """Publishes drafts as well, each with a mark; ``only`` one folder, if it is named."""
    zone = rooms.settings.zone
    return Publisher(
        rooms.db,
        rooms.clock,
        is_known=is_known_concept,
        zone=zone,
        read=lambda snapshot: read_unveiled(snapshot, zone),
        only=only,
    )


def _settings(settings: Settings, data: Path, address: str) -> Settings:
    nobody = {"app_id": "preview", "app_secret": SecretStr("preview"), "token": SecretStr("preview")}
    return settings.model_copy(
        update={
            "site": settings.site.model_copy(
                update={"data_dir": data, "base_url": address, "secret": SecretStr("")}
            ),
            "wechat": settings.wechat.model_copy(update=nobody | {"mode": "plain"}),
            "pay": Pay(),
            "database": DatabaseSection(url=f"sqlite:///{data / 'preview.db'}"),
            "redis": RedisSection(),
        }
    )


def _open_everything(rooms: Rooms) -> None:
    """Since long ago, so that what opens some days after a purchase is open."""
    desk = rooms.shop.till.desk
    operator.give(desk, BUYER, ("all", "*"), "forever", reason="preview", actor="preview")
    since = rooms.clock.now() - LONG_AGO
    with rooms.db.transaction() as conn:
        conn.execute(update(grants).where(grants.c.openid == BUYER).values(starts_at=since, created_at=since))
