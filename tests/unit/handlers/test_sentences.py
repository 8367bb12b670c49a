"""The sentences file: complete, without leftovers, and safe to change for who does not read Python."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from content.course import LEVEL_NAMES
from handlers.sentences import FILE, Sentences
from infra.errors import ConfigError, KebanError
from payments.transitions import ORDER

ROOT = FILE.parents[1]
ROOMS = ("handlers", "bot", "payments", "content", "learners", "infra")
SPEAKING = ("handlers", "bot", "payments")
SENTENCES = Sentences()
SECTIONS = "|".join({key.partition(".")[0] for key in sorted(SENTENCES.keys())})
KEY = re.compile(rf"(?:{SECTIONS})\.[a-z_]+")
SAID_BY_A_TEMPLATE = re.compile(
    r"""say\(["']([a-z_]+\.[a-z_]+)["'](?: if \w+ else ["']([a-z_]+\.[a-z_]+)["'])?\)"""
)
BY_NAME = {f"level.{level}" for level in LEVEL_NAMES} | {f"order_status.{status}" for status in ORDER}


def texts_of_the_code() -> Iterator[str]:
    for room in SPEAKING:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def keys_of_the_code() -> set[str]:
    keys = {text for text in texts_of_the_code() if KEY.fullmatch(text) and not text.endswith(".html")}
    return keys | keys_of_the_templates() | BY_NAME | {error.say for error in errors()}


def keys_of_the_templates() -> set[str]:
    """A key that is put together, as ``say("level." + …)``, is one of BY_NAME."""
    texts = (file.read_text(encoding="utf-8") for file in (FILE.parent / "web/templates").glob("*.html"))
    return {key for text in texts for keys in SAID_BY_A_TEMPLATE.findall(text) for key in keys if key}


def errors(of: type[KebanError] = KebanError) -> Iterator[type[KebanError]]:
    yield of
    for error in of.__subclasses__():
        yield from errors(error)


def test_every_sentence_that_the_code_says_is_there() -> None:
    assert keys_of_the_code() - SENTENCES.keys() == set()


def test_every_sentence_that_is_there_is_said_somewhere() -> None:
    assert SENTENCES.keys() - keys_of_the_code() == set()


def test_every_error_has_words_for_the_follower() -> None:
    for room in ROOMS:
        for module in pkgutil.iter_modules([str(ROOT / room)], f"{room}."):
            importlib.import_module(module.name)
    silent = {error.__name__: error.say for error in errors() if not SENTENCES.has(error.say)}
    assert silent == {}


@pytest.mark.parametrize("key", sorted(SENTENCES.keys()))
def test_each_sentence_can_be_filled_in(key: str) -> None:
    filled = SENTENCES(key, **dict.fromkeys(SENTENCES.fields(key), "某某"))
    assert "{" not in filled and "}" not in filled


@pytest.mark.parametrize("key", [error.say for error in errors()])
def test_what_an_error_says_needs_nothing_filled_in(key: str) -> None:
    assert SENTENCES.fields(key) == frozenset()


@pytest.mark.parametrize("key", sorted(SENTENCES.keys()))
def test_no_sentence_promises_what_nobody_does(key: str) -> None:
    """Nobody is told of questions, sales are not counted, and no person answers in the chat."""
    assert not re.search("转告|最受欢迎|大家常|正在联系|会回复|尽快", SENTENCES(key))


@pytest.mark.parametrize("key", sorted(SENTENCES.keys()))
def test_the_sentences_are_chinese(key: str) -> None:
    words = re.findall("[A-Za-z]{2,}", re.sub(r"\{\w+\}", "", SENTENCES(key)))
    assert set(words) <= {"Python", "Excel"}


def test_the_scripts_of_the_pages_have_no_sentences_of_their_own() -> None:
    for file in (FILE.parent / "web/static").glob("*.js"):
        assert not re.search("[\u4e00-\u9fff]", file.read_text(encoding="utf-8")), file.name


def test_a_broken_file_is_reported_with_its_name(tmp_path: Path) -> None:
    broken = tmp_path / "sentences.toml"
    broken.write_text("[welcome\nnew = 1")
    with pytest.raises(ConfigError, match=r"sentences\.toml"):
        Sentences(broken)
