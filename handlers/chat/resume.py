"""``继续``: the next lesson of what was read last."""

from __future__ import annotations

from bot.reply import link
from content.course import Course
from handlers.chat.turn import Turn
from handlers.going_back import titles_text
from handlers.next_lesson import next_lesson
from handlers.owning import all_ids, bought_ids, owned_ids
from handlers.shop import Shop
from handlers.timetable import moment_text, timetable


def answer(shop: Shop, turn: Turn) -> str | None:
    return show(shop, turn) if turn.means("resume") else None


def show(shop: Shop, turn: Turn) -> str:
    """Where the follower goes on in the course read last; else in the one bought last."""
    courses = _candidates(shop, turn)
    if not courses:
        return titles_text(shop, turn.openid, turn.owned) or shop.say("mine.nothing_to_resume")
    for course in courses:
        message = _next_of(shop, turn, course)
        if message:
            return message
    done = courses[0]
    page = link(shop.course_url(done.slug), shop.say("course.page_label"))
    return shop.say("mine.finished", course=done.title, link=page)


def _candidates(shop: Shop, turn: Turn) -> list[Course]:
    grants = shop.till.grants_of(turn.openid)
    # A course bought after the last reading comes first: that is what the follower means.
    open_now = owned_ids(turn.owned, turn.catalogue)
    read = [course_id for course_id in shop.progress.latest_courses(turn.openid) if course_id in open_now]
    fresh = [course_id for course_id in bought_ids(grants) if course_id not in read]
    # What a membership opens besides was not chosen: it comes last.
    ids = dict.fromkeys([*fresh[:1], *read, *fresh, *all_ids(grants, turn.catalogue)])
    courses = (turn.catalogue.by_id(course_id) for course_id in ids)
    return [course for course in courses if course is not None and course.lessons]


def _next_of(shop: Shop, turn: Turn, course: Course) -> str | None:
    lesson = next_lesson(shop, turn.openid, course)
    if lesson is None:
        return None
    opens_at = timetable(shop, turn.openid, course).opens_at(lesson) if course.waits else None
    if opens_at is not None:
        when = moment_text(shop, opens_at)
        return shop.say("mine.next_opens", course=course.title, lesson=lesson.title, at=when)
    address = link(shop.lesson_url(course.slug, lesson.slug), lesson.title)
    number, count = course.lessons.index(lesson) + 1, len(course.lessons)
    return shop.say("mine.next", course=course.title, link=address, number=number, count=count)
