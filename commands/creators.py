"""``content new``: a course to start from."""

from __future__ import annotations

from content.scaffold import new_course
from infra.settings import Settings


def new(settings: Settings, slug: str) -> int:
    """Writes a course folder to start from."""
    files = new_course(settings.content.path, slug)
    print("\n".join(f"写好了：{file}" for file in files))
    print(
        "接下来：改好文字，再删掉 _index.md 里的 draft: true，它就可以上架了。\n"
        "  demo 开着时，一保存就发布；\n"
        "  在服务器上，先用 python manage.py content check 检查，再用 python manage.py content publish 发布。"
    )
    return 0
