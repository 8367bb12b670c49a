"""Opens the stores that the settings name."""

from __future__ import annotations

from infra.database import Database
from infra.keyvalue import KeyValueStore
from infra.keyvalue_redis import RedisStore
from infra.keyvalue_sqlite import SqliteStore
from infra.settings import Settings


def open_database(settings: Settings) -> Database:
    """The relational store of the settings; raises ConfigError for a bad URL."""
    return Database(settings.database.url)


def open_store(settings: Settings) -> KeyValueStore:
    """Redis when its URL is set, else the embedded store under data_dir."""
    if settings.redis.url:
        return RedisStore(settings.redis.url, prefix=settings.redis.prefix)
    return SqliteStore(settings.site.data_dir / "keyvalue.db")
