"""From a text to the words that are counted: normalising, code-like tokens, Chinese words in search mode.

jieba does the cutting, with its own word list pruned to the common words and our `dictionary.txt` on top.
rjieba, the same algorithm in Rust, cuts some 20 times faster; but jieba takes 50 µs for a question of a
budget
of a millisecond, and a course is cut once. It keeps hyphenated tokens together, so it is not quite the same.
Whoever changes their mind changes `_chinese` and `_load_tokenizer`.
"""

import re
import threading
import unicodedata
import warnings
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

DICTIONARY = Path(__file__).with_name("dictionary.txt")
TRADITIONAL = Path(__file__).with_name("traditional.txt")
MAX_TEXT_CHARS = 4_000
MAX_QUERY_CHARS = 200  # what a follower says after that adds time, not meaning
RARE = 10  # words of jieba's list seen less often: 300,000 names and old words, 40 MB, nothing for courses
LATELY = 64  # questions
LONGEST_OWN = 8  # characters of a word of one catalogue's own
GENERAL_TOTAL = 60_000_000  # the total behind the counts of jieba's list
OUR_WEIGHT = 3000  # high enough that one of our words wins over its parts

_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"\s+")

_TOKEN = re.compile(
    r"(?P<code>\.net|[a-z]语言|[a-z](?:\+\+|\#)|[a-z0-9]+(?:[.\-_/&'][a-z0-9]+)*(?:\+\+|\#)?)"
    r"|(?P<han>[\u3400-\u9fff]+)"
    r"|(?P<other>[^\W_]+)"  # kana, hangul, accents: one token a run
)
CODE_RUN = re.compile(r"(?:[a-z]语言|[a-z0-9.][a-z0-9.\-_/+# ]*)")  # where names in letters may stand
_HAN = re.compile(r"[\u3400-\u9fff]+")
_PARTICLES = frozenset("的了和与跟是在把被让给从到对你我他它用会能不要学做写看有也都就更最")
_DEGREES = frozenset("很太更最超挺")
_JOINT = re.compile(r"[.\-_/&']")
_VERSIONED = re.compile(r"([a-z]{2,})-?(\d{1,2})(?:\.\d+)*")


def plain(text: str) -> str:
    """NFKC, lower case, simplified characters, no control characters, single spaces."""
    return _plain_lately(text) if len(text) <= MAX_QUERY_CHARS else _plain(text)


def _plain(text: str) -> str:
    text = _simplified(unicodedata.normalize("NFKC", text).lower())
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", text).strip()


# A question is looked at by several, one after another.
_plain_lately = lru_cache(maxsize=LATELY)(_plain)


def _simplified(text: str) -> str:
    """In simplified characters and in the mainland's terms: 資料庫 → 数据库, 伺服器 → 服务器."""
    signs, terms, only_then = _traditional()
    simple = terms.simplified(text.translate(signs))
    return only_then.simplified(simple) if simple != text else simple


class _Terms:
    """Words to be put in the place of others, the longer ones first."""

    def __init__(self, ours: dict[str, str]) -> None:
        self._ours = ours
        self._any = re.compile("|".join(sorted(ours, key=len, reverse=True)))

    def simplified(self, text: str) -> str:
        return self._any.sub(lambda match: self._ours[match.group()], text)


@cache
def _traditional() -> tuple[dict[int, str], _Terms, _Terms]:
    """The characters, the terms, and the terms that count only beside traditional characters."""
    lines = TRADITIONAL.read_text(encoding="utf-8").splitlines()
    entries = [entry for line in lines if not line.startswith("#") for entry in line.split()]
    terms = {entry.partition("=")[0]: entry.partition("=")[2] for entry in entries if "=" in entry}
    return (
        str.maketrans({entry[0]: entry[1] for entry in entries if "=" not in entry}),
        _Terms({term: ours for term, ours in terms.items() if not term.startswith("?")}),
        _Terms({term[1:]: ours for term, ours in terms.items() if term.startswith("?")}),
    )


class Token(NamedTuple):
    """One token of a `plain` text: what stands there, where, and the words it counts as."""

    text: str
    start: int
    counted: tuple[str, ...]

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def tokens(normal: str, own: "Own | None" = None) -> list[Token]:
    """Chinese words with their search-mode parts; code-like tokens whole (`c++`, `nodejs`, `vue3`,
    `springboot`) and in pieces (`node`, `vue`, `spring`). Spaces and punctuation fall out."""
    found: list[Token] = []
    for match in _TOKEN.finditer(normal):
        text, start = match.group(), match.start()
        if match.lastgroup == "han":
            found += _chinese(text, start) if own is None else _with_own(text, start, own)
        elif match.lastgroup == "code":
            found.append(Token(text, start, code(text) + _joined_with(found, text, start)))
        else:
            found.append(Token(text, start, (text,)))
    return found


def words(normal: str, own: "Own | None" = None) -> list[str]:
    """All counted words of a `plain` text, in order."""
    return [word for token in tokens(normal, own) for word in token.counted]


class Own:
    """The words of one catalogue that our dictionaries would cut to pieces: 尤克里里 is no 克里."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words) - {""}
        lengths: dict[str, set[int]] = {}
        for word in self.words:
            lengths.setdefault(word[0], set()).add(len(word))
        # A look-up a character, however many words there are.
        self._lengths = {sign: sorted(each, reverse=True) for sign, each in lengths.items()}

    @classmethod
    def of(cls, titles: Iterable[str], tags: Iterable[str]) -> "Own":
        """A tag is a word, as its creator wrote it; in a title what falls apart into single characters is.

        A word that no dictionary has may be guessed right alone, and torn in a sentence: 靓汤 in 老火靓汤.
        """
        whole = {tag for tag in tags if _is_word(tag) and not _tokenizer().FREQ.get(tag)}
        return cls(whole.union(*map(_unknown, titles)))

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where they stand, from left to right, none within another: at each place the longest."""
        found: list[tuple[int, int]] = []
        end = 0
        for at, sign in enumerate(text):
            if sign in self._lengths and at >= end:
                stretches = (text[at : at + size] for size in self._lengths[sign])
                if word := next((each for each in stretches if each in self.words), ""):
                    end = at + len(word)
                    found.append((at, end))
        return found


def _is_word(name: str) -> bool:
    return 2 <= len(name) <= LONGEST_OWN and bool(_HAN.fullmatch(name))


def _unknown(title: str) -> Iterable[str]:
    """尤|克里|里|入门: from one single character to another the cutter has only guessed."""
    for run in _HAN.findall(title):
        cut = [token.text for token in _chinese(run, 0)]
        lone = [at for at, piece in enumerate(cut) if len(piece) == 1 and piece not in _PARTICLES]
        for start, end in pairwise(lone):
            word = "".join(cut[start : end + 1])
            if 1 < end - start <= 2 and len(word) <= LONGEST_OWN and not _PARTICLES.intersection(word):
                yield word


def whole(counted: Iterable[str]) -> list[str]:
    """Each once, without the parts of longer words: 小程序 is also counted as 程序, and said once."""
    each = list(dict.fromkeys(counted))
    return [word for word in each if not any(word != other and word in other for other in each)]


def bigrams(normal: str) -> list[str]:
    """Every two neighbouring Chinese characters; other tokens whole. Forgives a wrong character."""
    found: list[str] = []
    for match in _TOKEN.finditer(normal):
        token = match.group()
        if match.lastgroup == "han" and len(token) > 1:
            found += [token[i : i + 2] for i in range(len(token) - 1)]
        else:
            found.append(_JOINT.sub("", token) if match.lastgroup == "code" else token)
    return found


def code(word: str) -> tuple[str, ...]:
    """`node.js` → nodejs, node, js; `tcp/ip` → tcpip, tcp, ip; `vue3` → vue3, vue; `c语言` → c语言, c."""
    if word.endswith("语言"):
        return word, word[0]
    if word == ".net" or word in _lexicon()[1]:
        return (word,)
    versioned = _VERSIONED.fullmatch(word)
    if versioned:  # python3.11 → python3, python
        return versioned.group(1) + versioned.group(2), versioned.group(1)
    pieces = [piece for piece in _JOINT.split(word) if piece]
    if len(pieces) < 2:
        return (word,)
    whole = "".join(pieces)
    keep_whole = len(pieces) == 2 and ("/" not in word or whole in _lexicon()[1])
    return (whole, *pieces) if keep_whole else tuple(pieces)


def _joined_with(before: list[Token], text: str, start: int) -> tuple[str, ...]:
    """`spring boot` also counts as `springboot`, when our dictionary has it."""
    if before and before[-1].end == start - 1:
        both = before[-1].text + text
        if both in _lexicon()[1]:
            return (both,)
    return ()


def general_count(word: str) -> int:
    """How often a word was counted in jieba's list of general Chinese; 0 for one that is not in it or is
    ours."""
    return 0 if word in _lexicon()[0] else int(_tokenizer().FREQ.get(word, 0))


def is_function(word: str) -> bool:
    """Whether general Chinese joins and colours with a word what is said (最好, 同时)."""
    _tokenizer()
    return word in _function_words


def general_words() -> Iterable[str]:
    """Every word that `general_count` knows."""
    return (word for word, count in _tokenizer().FREQ.items() if count)


def is_word(word: str, own: "Own | None" = None) -> bool:
    """Whether general Chinese, our dictionary or the catalogue has a word; a rare one of two characters
    counts as well (断电), though texts are not cut by it."""
    if _tokenizer().FREQ.get(word) or (own is not None and word in own.words):
        return True
    if len(word) != 2:
        return False
    byte, bit = _place(word)
    return bool(_rare_pairs[byte] & bit)


def _chinese(run: str, start: int) -> list[Token]:
    """jieba's words of a run of Chinese characters, each with its parts as jieba's search mode gives them."""
    tokenizer = _tokenizer()
    found: list[Token] = []
    for word in tokenizer.cut(run) if len(run) > 1 else (run,):
        counted = (*_parts(word, tokenizer.FREQ), word) if len(word) > 2 else (_bare(word, tokenizer.FREQ),)
        found.append(Token(word, start, counted))
        start += len(word)
    return found


def _with_own(run: str, start: int, own: Own) -> list[Token]:
    """The same, the catalogue's own words kept whole."""
    found: list[Token] = []
    end = 0
    for begin, behind in own.places(run):
        found += _chinese(run[end:begin], start + end) if begin > end else []
        word, end = run[begin:behind], behind
        counted = (*_parts(word, _tokenizer().FREQ), word) if len(word) > 2 else (word,)
        found.append(Token(word, start + begin, counted))
    return found + (_chinese(run[end:], start + end) if end < len(run) else [])


def _bare(word: str, table: dict[str, int]) -> str:
    """慢 of 很慢, which is no word but where the cutter has guessed one."""
    return word[1] if len(word) == 2 and word[0] in _DEGREES and not table.get(word) else word


def _parts(word: str, table: dict[str, int]) -> list[str]:
    size = len(word)
    pairs = [word[i : i + 2] for i in range(size - 1)]
    triples = [word[i : i + 3] for i in range(size - 2)] if size > 3 else []
    return [part for part in pairs + triples if table.get(part)]


@cache
def _lexicon() -> tuple[dict[str, int], frozenset[str]]:
    """Our dictionary: Chinese words with their weight, and code-like words with the separators taken out."""
    chinese: dict[str, int] = {}
    codes: set[str] = set()
    for line in DICTIONARY.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        for entry in line.split():
            word, _, weight = entry.partition("=")
            if word.isascii():
                codes.add(_JOINT.sub("", word))
            else:
                chinese[word] = int(weight) if weight else OUR_WEIGHT
    return chinese, frozenset(codes)


_loading = threading.Lock()
_loaded: list[Any] = []


def _tokenizer() -> Any:
    """The one jieba tokenizer of this process; loaded once, then only read, so any thread may cut with it."""
    if not _loaded:
        with _loading:
            if not _loaded:
                _loaded.append(_load_tokenizer())
    return _loaded[0]


def _load_tokenizer() -> Any:
    """Fill the prefix table ourselves instead of letting jieba do it.

    jieba's own start loads a marshalled cache from the shared temporary folder, where anybody may have put
    one,
    writes it there, and talks on stderr. Ours reads two text files and is faster, the list being shorter.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba's old string escapes and pkg_resources
        import jieba
    table = _common_words(Path(jieba.__file__).with_name("dict.txt"))
    for word, weight in _lexicon()[0].items():
        table[word] = max(weight, table.get(word, 0))
    tokenizer = jieba.Tokenizer()
    tokenizer.total = sum(table.values())
    tokenizer.FREQ = _with_prefixes(table)
    tokenizer.initialized = True
    return tokenizer


# Some 100,000 rare words of two characters, a bit each by their characters. Two words may share a bit: then a
# word is taken for known that is not, and one slip in ten is not seen.
_PLACES = 1 << 20
_rare_pairs = bytearray(_PLACES // 8)


# jieba's classes of adverbs, conjunctions, pronouns, places and times, numbers and measures, particles,
# adjectives, idioms and sayings.
_FUNCTION_TAGS = frozenset("d dg ad vd c r f t z i l m mq q p u y e o a an b".split())  # noqa: SIM905
_function_words: set[str] = set()  # a few ten thousand, filled when the list is read


def _place(pair: str) -> tuple[int, int]:
    at = (ord(pair[0]) * 5_003 + ord(pair[1])) % _PLACES
    return at >> 3, 1 << (at & 7)


def _common_words(path: Path) -> dict[str, int]:
    table: dict[str, int] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            word, count, tag = line.split(" ", 2)
            if (number := int(count)) >= RARE:
                table[word] = number
                if tag.rstrip() in _FUNCTION_TAGS:
                    _function_words.add(word)
            elif len(word) == 2:
                byte, bit = _place(word)
                _rare_pairs[byte] |= bit
    return table


def _with_prefixes(table: dict[str, int]) -> dict[str, int]:
    """jieba walks a word letter by letter and stops at a beginning that is not in the table."""
    for word in list(table):
        for end in range(1, len(word)):
            table.setdefault(word[:end], 0)
    return table
