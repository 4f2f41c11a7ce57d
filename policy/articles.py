"""Clauses as the regulation cites them, and a measure's text taken apart into its articles."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

NUMERALS = "零一二三四五六七八九"


def chinese_number(number: int) -> str:
    """1 to 99 in Chinese numerals: 七, 十二, 二十五."""
    if not 1 <= number <= 99:
        raise ValueError(f"no article has the number {number}")
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else NUMERALS[tens] + "十")
    return head + (NUMERALS[ones] if ones else "")


def article_label(number: int) -> str:
    """第十二条."""
    return f"第{chinese_number(number)}条"


_BY_LABEL = {article_label(number): number for number in range(1, 100)}
_CITATION = re.compile(r"第[一二三四五六七八九十]+条")
_CHAPTER = re.compile(r"第[一二三四五六七八九十]+章\s*[^。；，]{0,40}")


def article_cited(citation: str) -> int | None:
    """12 of 第十二条第3项（1）; None when the citation does not begin with an article."""
    match = _CITATION.match(citation)
    return _BY_LABEL.get(match[0]) if match else None


@dataclass(frozen=True)
class ArticleText:
    number: int
    chapter: str
    text: str


class NotArticles(Exception):
    """The text cannot be taken apart; the message is a sentence for people."""


def split_articles(text: str) -> list[ArticleText]:
    """The articles of a measure's text: each chapter and each article begins its line. Raises NotArticles."""
    chapter = ""
    found: list[tuple[int, str, list[str]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        number = article_cited(line)
        if number is not None:
            _refuse_wrong_place(number, found[-1][0] if found else 0, chapter)
            rest = line[len(article_label(number)) :].strip()
            found.append((number, chapter, [rest] if rest else []))
        elif _CHAPTER.fullmatch(line):
            chapter = line
        elif found and found[-1][1] == chapter:
            found[-1][2].append(line)
        else:
            raise NotArticles(f"“{line[:20]}”不属于任何一条。请以“第一章 总则”“第一条 ……”的样子分行。")
    if not found:
        raise NotArticles("没有找到条文。请把全文粘贴进来，每条以“第一条”的样子另起一行。")
    if empty := [article_label(number) for number, _, lines in found if not lines]:
        raise NotArticles(f"{'、'.join(empty)}没有内容，请补全条文。")
    return [ArticleText(number, chapter, "\n".join(lines)) for number, chapter, lines in found]


def joined_articles(articles: Iterable[ArticleText]) -> str:
    """The text from which ``split_articles`` makes the same articles again."""
    lines: list[str] = []
    chapter = ""
    for one in articles:
        if one.chapter != chapter:
            chapter = one.chapter
            lines += ["", chapter] if lines else [chapter]
        lines += ["", f"{article_label(one.number)} {one.text}"]
    return "\n".join(lines)


def _refuse_wrong_place(number: int, before: int, chapter: str) -> None:
    if number != before + 1:
        where = f"{article_label(before)}之后" if before else "开头"
        raise NotArticles(
            f"{where}应为{article_label(before + 1)}，现为{article_label(number)}。请核对条号，不要漏条或重复。"
        )
    if not chapter:
        raise NotArticles("第一条之前没有章名。请先写一行“第一章 总则”的样子。")
