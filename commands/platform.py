"""``menu`` and ``db``: what is set up once on WeChat's side and in the database."""

from __future__ import annotations

from app import menu_of, open_rooms, require_menus, tag_menus_of
from bot.api import WeChatApi
from bot.menu_difference import Difference, TagMenu, all_lines, difference, tagged
from infra.migrate import newest_revision, present_revision, upgrade
from infra.settings import Settings, require
from infra.stores import open_database


def menu_push(settings: Settings) -> int:
    """Brings WeChat's menus in step with config.toml: shows what differs, and pushes only that."""
    require_menus(settings)  # a fault in config.toml is told before WeChat is asked
    require(settings, "wechat.app_id", "wechat.app_secret", "wechat.token")
    rooms = open_rooms(settings)
    try:
        found = menu_difference(settings, rooms.api)
        if not found:
            print("微信里的菜单和 config.toml 一样，不用推送。")
            return 0
        print("\n".join(found.text) + "\n")
        push_menus(settings, rooms.api, found)
    finally:
        rooms.close()
    print("菜单已经推送，微信里最多过几分钟就能看到。")
    return 0


def menu_show(settings: Settings) -> int:
    """What is at WeChat's now, and whether it is what config.toml says."""
    require(settings, "wechat.app_id", "wechat.app_secret", "wechat.token")
    rooms = open_rooms(settings)
    try:
        present, for_tags = rooms.api.get_menu(), _for_tags(rooms.api)
        found = menu_difference(settings, rooms.api)
    finally:
        rooms.close()
    shown = all_lines(present, ((there.tag, there.menu) for there in for_tags))
    print("\n".join(shown) or "公众号还没有菜单。")
    if found:
        print("\n和 config.toml 里的不一样；要更新就运行：python manage.py menu push")
        print("\n".join(line for line in found.text if not line.startswith("  ")))
    return 0


def menu_difference(settings: Settings, api: WeChatApi) -> Difference:
    """Between config.toml and WeChat."""
    return difference(menu_of(settings), tag_menus_of(settings), api.get_menu(), _for_tags(api))


def _for_tags(api: WeChatApi) -> list[TagMenu]:
    raw = api.menus.for_tags()
    # Most accounts have none: then nobody needs the tags.
    names = {str(tag.id): tag.name for tag in api.tags.all()} if raw else {}
    return tagged(raw, names)


def push_menus(settings: Settings, api: WeChatApi, found: Difference) -> None:
    """The menu for everybody first: WeChat takes none for a tag without it."""
    wanted = tag_menus_of(settings)
    # Whatever WeChat refuses of them, it refuses while the old menus still stand.
    tag_ids = {tag: api.tags.ensure(tag).id for tag in found.add}
    if found.everybody:
        api.create_menu(menu_of(settings))
    for menu_id in found.delete:
        api.menus.delete_for_tag(menu_id)
    for tag, tag_id in tag_ids.items():
        api.menus.add_for_tag(wanted[tag], tag_id)


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
