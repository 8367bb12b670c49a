import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nlp import chatter, words
from nlp.spelling import Speller

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("C++ 和 C#", {"c++", "c#"}),
        (".NET 与 ASP.NET", {".net", "aspnet"}),
        ("Node.js", {"nodejs", "node"}),
        ("Vue3", {"vue3", "vue"}),
        ("Spring Boot", {"springboot", "spring"}),
        ("SpringBoot", {"springboot"}),
        ("TCP/IP", {"tcpip", "tcp", "ip"}),
        ("python3.11", {"python3", "python"}),
        ("C语言", {"c语言", "c"}),
        ("ＰＹＴＨＯＮ　爬蟲", {"python", "爬虫"}),
        ("机器学习", {"机器学习", "机器", "学习"}),
        ("想学k8s", {"k8s"}),
    ],
)
def test_a_text_is_cut_into_the_words_people_search(text: str, wanted: set[str]) -> None:
    assert wanted <= set(words.words(words.plain(text)))


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("資料分析", "数据分析"),
        ("機器學習", "机器学习"),
        ("爬蟲", "爬虫"),
        ("程式設計", "编程"),
        ("軟體測試", "软件测试"),
        ("網路", "网络"),
        ("演算法", "算法"),
        ("伺服器", "服务器"),
        ("資料庫", "数据库"),
        ("寫程式", "写代码"),
        ("學習資料", "学习数据"),
        ("学习资料", "学习资料"),
        ("档案管理", "档案管理"),
    ],
)
def test_traditional_characters_and_taiwan_terms_become_ours(written: str, ours: str) -> None:
    assert words.plain(written) == ours


def test_control_characters_and_invisible_ones_fall_out() -> None:
    assert words.plain("爬\u200b虫\x00\n\tPython\ufeff") == "爬虫 python"


def test_bigrams_forgive_one_wrong_character() -> None:
    assert set(words.bigrams("机器学西")) & set(words.bigrams("机器学习")) == {"机器", "器学"}


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("我想学机器学习,有没有好的课程推荐", "机器学习"),
        ("想学写单元测试,哪门课适合新手", "单元测试"),
        ("推荐系统怎么做", "推荐系统"),
        ("有没有讲数据分析的课啊", "数据分析"),
        ("老师,深度学习怎么入门", "深度学习"),
        ("有什么课", ""),
    ],
)
def test_chatter_falls_out_and_the_topic_stays(question: str, topic: str) -> None:
    assert topic in chatter.free(question).text
    assert "课" not in chatter.free(question).text


def test_loading_is_silent_and_leaves_no_cache_in_the_shared_folder(tmp_path: Path) -> None:
    code = "import warnings; warnings.simplefilter('error'); from nlp import words; words.words('我想学爬虫')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr, list(tmp_path.iterdir())) == ("", "", [])


def test_many_threads_cut_alike() -> None:
    with ThreadPoolExecutor(8) as pool:
        cuts = list(pool.map(words.words, ["想自动把网页上的表格存成excel"] * 200))
    assert all(cut == cuts[0] for cut in cuts)


def test_a_slip_in_a_word_of_letters_is_mended() -> None:
    speller = Speller(["python", "docker", "java", "kubernetes"])
    mended = [
        speller.mended(word) for word in ("pyhton", "dokcer", "kubernets", "rust", "go", "java", "python3")
    ]
    assert mended == ["python", "docker", "kubernetes", "rust", "go", "java", "python3"]
