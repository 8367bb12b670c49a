"""``menu`` and ``db``: what is set up once on WeChat's side and in the database."""

from __future__ import annotations

from app import menu_of, open_rooms
from bot import menu
from infra.migrate import newest_revision, present_revision, upgrade
from infra.settings import Settings, require
from infra.stores import open_database


def menu_push(settings: Settings) -> int:
    """Puts the menu of config.toml at the foot of the chat."""
    wanted = menu_of(settings)
    require(settings, "wechat.app_id", "wechat.app_secret", "wechat.token")
    rooms = open_rooms(settings)
    try:
        rooms.api.create_menu(wanted)
    finally:
        rooms.close()
    print("菜单已经推送，微信里最多过几分钟就能看到：")
    print("\n".join(menu.lines(wanted)))
    return 0


def menu_show(settings: Settings) -> int:
    """What is at WeChat's now, and whether it is what config.toml says."""
    require(settings, "wechat.app_id", "wechat.app_secret", "wechat.token")
    rooms = open_rooms(settings)
    try:
        present = rooms.api.get_menu()
    finally:
        rooms.close()
    print("\n".join(menu.lines(present)) or "公众号还没有菜单。")
    if menu.lines(present) != menu.lines(menu_of(settings)):
        print("\n和 config.toml 里的不一样；要更新就运行：python manage.py menu push")
    return 0


def db_upgrade(settings: Settings) -> int:
    """Brings the tables to this version."""
    db = open_database(settings)
    try:
        before = present_revision(db)
        upgrade(db)
        after = newest_revision()
    finally:
        db.close()
    print(f"database: {before or 'empty'} -> {after}" if before != after else f"database: already at {after}")
    return 0
