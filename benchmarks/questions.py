"""Who asks what: the stream of followers and questions that every benchmark sends."""

from __future__ import annotations

import random
from collections.abc import Iterator

# What people ask, the popular questions more often than the others (Zipf's law): some 400 in all.
_SUBJECTS = (
    "python", "爬虫", "数据分析", "java", "mysql 索引", "前端", "vue3", "机器学习", "docker 部署",
    "算法面试",
    "大模型应用", "redis 缓存", "linux 命令", "git 协作", "excel 自动化", "spring boot", "go 语言", "react",
    "自动把网页上的表格存成 Excel", "数据库查询很慢怎么办", "怎么写单元测试", "公众号开发",
)  # fmt: skip
_PHRASES = (
    "{}", "想学{}", "想学{}，零基础", "有没有{}的课", "{} 入门", "{}，200 以内",
    "推荐一门{}的课程", "{}怎么学",
    "我想学习{}，有基础", "请问{}有什么好课", "{} 进阶", "老师，{}适合新手吗",
    "{}，便宜点的", "学{}要多久",
    "工作中要用{}，从哪里开始", "{} 实战", "零基础能学{}吗", "{}和面试有关的", "带项目的{}课",
)  # fmt: skip
QUESTIONS = tuple(phrase.format(subject) for phrase in _PHRASES for subject in _SUBJECTS)
_WEIGHTS = tuple(1 / rank for rank in range(1, len(QUESTIONS) + 1))
FOLLOWERS = 1_000
OPENID = "oBenchmark%018d"  # of the length that WeChat's have


def follower(number: int) -> str:
    """The openid of one of them."""
    return OPENID % number


def stream(count: int, *, followers: int = FOLLOWERS, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Openid and text of ``count`` messages, the same for the same ``seed``."""
    chance = random.Random(seed)
    for _ in range(count):
        yield follower(chance.randrange(followers)), chance.choices(QUESTIONS, _WEIGHTS)[0]
