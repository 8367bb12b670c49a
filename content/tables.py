"""The shelf's tables. A version is written once and never changed; the live pointer moves.

Paid text stands in `course_lesson_paid` alone, so that no query for a catalogue can pick it up by accident.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, LargeBinary, String
from sqlalchemy.dialects import mysql

from content.folder import MAX_PATH_CHARS
from infra.database import JsonText, LongText, UtcDateTime, table

_ID = String(40)
_SLUG = String(80)
_PATH = String(MAX_PATH_CHARS)
_Bytes = LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")

# The live pointer. Version 0: the row is only a place to claim. `listed` False: withdrawn. `held`: while the
# folder is this (a digest of what the creator wrote), an earlier version that was brought back stays.
course = table(
    "course",
    Column("id", _ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("folder", String(255), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("held", String(64), nullable=False, server_default=""),
    Column("changed_at", UtcDateTime, nullable=False),
)

course_version = table(
    "course_version",
    Column("course_id", _ID, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("slug", _SLUG, nullable=False),
    Column("title", String(60), nullable=False),
    Column("summary", String(120), nullable=False),
    Column("price_fen", Integer, nullable=False),
    Column("price_original_fen", Integer, nullable=True),
    Column("level", String(12), nullable=False),
    Column("tags", JsonText, nullable=False),
    Column("teacher", String(30), nullable=False),
    Column("access", String(10), nullable=False),
    Column("refund", String(40), nullable=False),
    Column("page_html", LongText, nullable=False),
    Column("lead_html", LongText, nullable=False),
    Column("search_text", LongText, nullable=False),
    Column("includes", JsonText, nullable=True),  # [[kind, id], …] of a bundle or membership; NULL: a course
    Column("published_at", UtcDateTime, nullable=False),
    # NULL in versions from before there were these keys: none, public, at once.
    Column("cover", _PATH, nullable=True),
    Column("weight", Integer, nullable=True),
    Column("opens_at", UtcDateTime, nullable=True),
    Column("ends_at", UtcDateTime, nullable=True),
    Column("visibility", String(12), nullable=True),
    Column("aliases", JsonText, nullable=True),
    Column("learn", JsonText, nullable=True),
    Column("drip_days", Integer, nullable=True),
    Column("copy_of", Integer, nullable=True),  # the earlier version that this one brought back
)

course_lesson = table(
    "course_lesson",
    Column("course_id", _ID, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("slug", _SLUG, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("title", String(60), nullable=False),
    Column("chapter", String(255), nullable=False),
    Column("free", Boolean, nullable=False),
    Column("free_html", LongText, nullable=False),
    Column("has_paid", Boolean, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("opens_after_days", Integer, nullable=True),
    Column("opens_at", UtcDateTime, nullable=True),
    Column("aliases", JsonText, nullable=True),
    Column("search_text", LongText, nullable=True),  # of one that was not out when it was published
)

course_lesson_paid = table(
    "course_lesson_paid",
    Column("course_id", _ID, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("slug", _SLUG, primary_key=True),
    Column("html", LongText, nullable=False),
)

# Which pictures a version shows; the bytes are kept once for all versions of a course.
course_asset = table(
    "course_asset",
    Column("course_id", _ID, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("path", _PATH, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("paid", Boolean, nullable=False),
    Column("shown_in", JsonText, nullable=True),  # [[lesson's slug or "", in its paid part], …]
)

course_image = table(
    "course_image",
    Column("course_id", _ID, primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("data", _Bytes, nullable=False),
)

# Each address that was ever published leads to the course that had it last.
course_slug = table(
    "course_slug",
    Column("slug", _SLUG, primary_key=True),
    Column("course_id", _ID, nullable=False),
)

# The creator's own concepts, file by file.
concept_file = table(
    "concept_file",
    Column("name", String(120), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("concepts", JsonText, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

# One row; its version moves with every change that a reader could see.
catalogue = table(
    "catalogue",
    Column("name", String(8), primary_key=True),
    Column("version", Integer, nullable=False),
)
LIVE = "live"

# One row: the machine that publishes what is saved in its folder, until this moment unless it says so again.
MAX_PLACE_CHARS = 600
watch_home = table(
    "watch_home",
    Column("name", String(8), primary_key=True),
    Column("holder", String(40), nullable=False),
    Column("place", String(MAX_PLACE_CHARS), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
