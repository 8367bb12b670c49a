from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bot.conversation import MAX_IDS, MAX_NOTES, Conversations, Listing
from infra.keyvalue import KeyValueStore

OPENID = "oyORnuP8q7ou2gfYjqLzSIWZf0rs"


def test_a_talk_goes_on_in_another_process(store: KeyValueStore) -> None:
    here, there = Conversations(store), Conversations(store)
    talk = here.load(OPENID)
    talk.listing, talk.chosen = Listing(("py", "go"), 3, "想学爬虫"), "py"
    talk.notes["refund"] = "20260105"
    here.save(talk)
    read = there.load(OPENID)
    assert (read.listing, read.chosen, read.notes) == (talk.listing, "py", {"refund": "20260105"})
    assert there.load("somebody").listing == Listing()


def test_what_did_not_change_is_not_written(store: KeyValueStore) -> None:
    talks = Conversations(store)
    talks.save(talks.load(OPENID))
    assert store.get(f"talk:{OPENID}") is None
    talk = talks.load(OPENID)
    talk.chosen = "py"
    talks.save(talk)
    again = talks.load(OPENID)
    store.delete(f"talk:{OPENID}")
    talks.save(again)
    assert store.get(f"talk:{OPENID}") is None


def test_two_messages_at_once_keep_what_each_changed(store: KeyValueStore) -> None:
    talks = Conversations(store)
    one, other = talks.load(OPENID), talks.load(OPENID)
    one.listing, one.notes = Listing(("py",), 0, "爬虫"), {"a": "1"}
    other.chosen, other.notes = "go", {"b": "2"}
    talks.save(one)
    talks.save(other)
    read = talks.load(OPENID)
    assert (read.listing.ids, read.chosen, read.notes) == (("py",), "go", {"a": "1", "b": "2"})


def test_a_list_is_never_mixed_from_two(store: KeyValueStore) -> None:
    talks = Conversations(store)
    one, other = talks.load(OPENID), talks.load(OPENID)
    one.listing = Listing(("py",), 0, "爬虫")
    other.listing = Listing(("go", "java"), 3, "后端")
    talks.save(one)
    talks.save(other)
    assert talks.load(OPENID).listing == other.listing


def test_a_note_that_one_removed_stays_removed(store: KeyValueStore) -> None:
    talks = Conversations(store)
    first = talks.load(OPENID)
    first.notes = {"a": "1", "b": "2"}
    talks.save(first)
    one, other = talks.load(OPENID), talks.load(OPENID)
    del one.notes["a"]
    other.chosen = "go"
    talks.save(other)
    talks.save(one)
    read = talks.load(OPENID)
    assert (read.notes, read.chosen) == ({"b": "2"}, "go")


def test_many_at_once_lose_nothing(store: KeyValueStore) -> None:
    talks = Conversations(store)

    def note(number: int) -> None:
        talk = talks.load(OPENID)
        talk.notes[str(number)] = "x"
        talks.save(talk)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(note, range(6)))
    assert set(talks.load(OPENID).notes) == {str(number) for number in range(6)}


def test_a_talk_is_bounded(store: KeyValueStore) -> None:
    talks = Conversations(store)
    talk = talks.load(OPENID)
    talk.listing = Listing(tuple(str(n) for n in range(500)), 0, "问" * 5000)
    talk.notes = {str(n): "x" * 5000 for n in range(50)}
    talks.save(talk)
    read = talks.load(OPENID)
    assert (len(read.listing.ids), len(read.notes)) == (MAX_IDS, MAX_NOTES)
    assert len(store.get(f"talk:{OPENID}") or b"") < 16_000


def test_a_talk_that_cannot_be_read_begins_anew(store: KeyValueStore) -> None:
    for broken in (b"\xff", b"[]", b'{"l":[1]}', b"null", b'{"l":7}'):
        store.set(f"talk:{OPENID}", broken, ttl_s=60)
        talk = Conversations(store).load(OPENID)
        assert talk.listing == Listing()
        talk.chosen = "py"
        Conversations(store).save(talk)
        assert Conversations(store).load(OPENID).chosen == "py"


def test_reverting_takes_back_what_a_handler_did(store: KeyValueStore) -> None:
    talks = Conversations(store)
    talk = talks.load(OPENID)
    talk.chosen = "py"
    talks.save(talk)
    talk = talks.load(OPENID)
    talk.chosen, talk.notes = "go", {"a": "1"}
    talk.revert()
    assert (talk.chosen, talk.notes) == ("py", {})
