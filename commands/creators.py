"""``content new``: a course or a lesson to start from."""

from __future__ import annotations

from content.scaffold import new_course, new_lesson
from infra.settings import Settings


def new(settings: Settings, slug: str, lesson: str = "") -> int:
    """Writes a course folder to start from, or one more ``lesson`` of a course that is there."""
    if lesson:
        print(f"写好了：{new_lesson(settings.content.path, slug, lesson)}")
        print("接下来：写上标题和正文，再删掉文件头里的 draft: true，这一课就可以上架了。")
        return 0
    files = new_course(settings.content.path, slug)
    print("\n".join(f"写好了：{file}" for file in files))
    print(
        "接下来：改好文字，再删掉 _index.md 里的 draft: true，它就可以上架了。\n"
        "  demo 开着时，一保存就发布；\n"
        "  在服务器上，先用 python manage.py content check 检查，再用 python manage.py content publish 发布。"
    )
    return 0
