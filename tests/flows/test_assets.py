"""The files of a course over HTTP: parts, versions, names, and what is kept by whom."""

from __future__ import annotations

import gzip
import re
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from tests.flows.courses import PNG, write_course
from tests.flows.follower import Follower
from tests.flows.town import Town
from tests.waiting import until

FREE, PAID = "/courses/horns/assets/pictures/free.png", "/courses/horns/assets/pictures/paid.png"
LONG = "很长的文件名" * 12  # percent-encoded more than 600 characters
SONG = b"ID3" + bytes(range(256)) * 2_000  # more than one part of what is read at a time


@pytest.fixture(scope="module")
def horns(town: Town) -> Path:
    folder = write_course(town.courses, "horns", title="号角课", summary="教你做号角", tags="号角")
    (folder / f"{LONG}.png").write_bytes(PNG + b"long")
    (folder / "song.mp3").write_bytes(SONG)
    (folder / "a b&c#d.png").write_bytes(PNG + b"odd")
    (folder / "04-more.md").write_text(
        f"---\ntitle: 第四课\nfree: true\n---\n![长]({LONG}.png) ![怪](<a b&c%23d.png>)\n\n![歌](song.mp3)\n",
        encoding="utf-8",
    )
    until(lambda: requests.get(f"{town.url}/courses/horns/more", timeout=10).status_code == 200, "the course")
    return folder


def get(town: Town, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{town.url}{path}", headers=headers, timeout=10)


def sources(page: str) -> list[str]:
    return [address.replace("&amp;", "&") for address in re.findall(r'src="(/courses/[^"]+)"', page)]


def test_every_address_in_a_page_is_served_and_may_be_kept_for_a_year(town: Town, horns: Path) -> None:
    found = sources(get(town, "/courses/horns/more").text)
    assert len(found) == 3 and quote(LONG) in found[0]
    for address in found:
        answer = get(town, address)
        assert answer.status_code == 200, address
        assert "max-age=31536000, immutable" in answer.headers["Cache-Control"]
        assert sha256(answer.content).hexdigest().startswith(address.rpartition("?v=")[2])


def test_an_address_with_another_mark_is_kept_for_an_hour_at_most(town: Town, horns: Path) -> None:
    for address in (FREE, f"{FREE}?v=", f"{FREE}?v=0123456789ab"):
        assert get(town, address).headers["Cache-Control"] == "public, max-age=3600"


def test_what_is_paid_is_never_kept_by_others_even_with_its_mark(
    town: Town, horns: Path, anna: Follower, bert: Follower
) -> None:
    anna.log_in().buy("号角课")
    page = anna.get("/courses/horns/work").text
    address = next(source for source in sources(page) if "paid.png" in source)
    answer = anna.get(address)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "private, no-cache"
    assert anna.get(address, headers={"If-None-Match": answer.headers["Etag"]}).status_code == 304
    for reader_headers in ({}, {"If-None-Match": answer.headers["Etag"]}, {"Range": "bytes=0-1"}):
        assert bert.get(address, headers=reader_headers).status_code == 404


def test_a_file_that_has_not_changed_is_not_sent_again(town: Town, horns: Path) -> None:
    first = get(town, FREE)
    again = get(town, FREE, **{"If-None-Match": first.headers["Etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert get(town, FREE, **{"If-None-Match": '"another"'}).status_code == 200


def test_a_player_can_seek(town: Town, horns: Path) -> None:
    song = "/courses/horns/assets/song.mp3"
    whole = get(town, song)
    assert (whole.content, whole.headers["Content-Type"]) == (SONG, "audio/mpeg")
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = get(town, song, Range="bytes=1000-300999")
    assert (part.status_code, part.content) == (206, SONG[1000:301_000])
    assert part.headers["Content-Range"] == f"bytes 1000-300999/{len(SONG)}"
    assert get(town, song, Range="bytes=-7").content == SONG[-7:]
    beyond = get(town, song, Range=f"bytes={len(SONG)}-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(SONG)}")


def test_an_answer_that_has_no_such_part_is_kept_by_nobody(town: Town, horns: Path) -> None:
    marked = next(one for one in sources(get(town, "/courses/horns/more").text) if "song.mp3" in one)
    beyond = get(town, marked, Range=f"bytes={len(SONG)}-")
    assert (beyond.status_code, beyond.headers["Cache-Control"]) == (416, "no-store")


def test_a_head_tells_the_size_and_sends_nothing(town: Town, horns: Path) -> None:
    answer = requests.head(f"{town.url}/courses/horns/assets/song.mp3", timeout=10)
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(len(SONG)))


@pytest.mark.parametrize(
    "path",
    [
        "_index.md", "04-more.md", "%30%34-more.md", "../horns/_index.md", "%2e%2e/_index.md",
        "..%2f_index.md", "pictures%2ffree.png%00.md", "%2fetc%2fpasswd", "pictures/", "pictures//free.png",
        "pictures/./free.png", "PICTURES/FREE.PNG", "x" * 5_000, "%ff%fe.png",
    ],
)  # fmt: skip
def test_nothing_but_what_the_texts_show_is_served(town: Town, horns: Path, path: str) -> None:
    session = requests.Session()
    address = f"{town.url}/courses/horns/assets/"
    prepared = session.prepare_request(requests.Request("GET", address))
    prepared.url = address + path  # as it stands: nothing is tidied up on the way
    answer = session.send(prepared, timeout=10)
    assert answer.status_code in (400, 404)
    assert b"\x89PNG" not in answer.content and "第四课" not in answer.text


def test_a_link_out_of_the_folder_is_refused_and_the_live_version_stays(
    town: Town, horns: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(PNG + b"secret")
    (horns / "leak.png").symlink_to(secret)
    lesson = horns / "01-start.md"
    before = lesson.read_text(encoding="utf-8")
    lesson.write_text(f"{before}\n![偷](leak.png)\n", encoding="utf-8")
    write_course(town.courses, "whistles", title="哨子课", summary="教你做哨子", tags="哨子")
    until(lambda: get(town, "/courses/whistles").status_code == 200, "the course after it")
    assert get(town, "/courses/horns/assets/leak.png").status_code == 404
    assert get(town, "/courses/horns/start").status_code == 200
    (horns / "leak.png").unlink()
    lesson.write_text(before, encoding="utf-8")


def test_pages_are_compressed_and_pictures_and_parts_are_not(town: Town, horns: Path) -> None:
    page = requests.get(
        f"{town.url}/courses/horns", headers={"Accept-Encoding": "gzip"}, stream=True, timeout=10
    )
    raw = page.raw.read(decode_content=False)
    assert page.headers["Content-Encoding"] == "gzip" and "号角课" in gzip.decompress(raw).decode()
    assert "Accept-Encoding" in page.headers["Vary"]
    assert "Content-Encoding" not in get(town, FREE, **{"Accept-Encoding": "gzip"}).headers
    part = get(town, "/static/style.css", **{"Accept-Encoding": "gzip", "Range": "bytes=0-2999"})
    assert part.status_code == 206 and "Content-Encoding" not in part.headers


def test_what_shows_a_secret_is_not_compressed(town: Town, horns: Path) -> None:
    """The code to log in with; see BREACH."""
    windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"
    page = get(town, "/login/qr", **{"User-Agent": windows, "Accept-Encoding": "gzip"})
    assert page.status_code == 200 and len(page.text) > 2_000
    assert page.headers["Cache-Control"] == "no-store" and "Content-Encoding" not in page.headers


def test_static_files_have_their_digest_in_the_address_and_stay_for_a_year(town: Town) -> None:
    page = get(town, "/courses").text
    found = re.findall(r'(?:href|src)="(/(?:static/[^"]+|highlight\.css[^"]*))"', page)
    assert len(found) >= 3
    for address in found:
        answer = get(town, address)
        assert answer.status_code == 200 and "v=" in address
        assert "max-age=31536000" in answer.headers["Cache-Control"], address
    for address in ("/static/style.css", "/static/style.css?v=old"):
        assert get(town, address).headers["Cache-Control"] == "public, max-age=3600"
