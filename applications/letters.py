"""The letter that recommends a batch of cases, and its summary table: the words once, for PDF and for DOCX (第十五条)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from applications.exports import SUMMARY_COLUMNS, summary_rows
from applications.models import Recommendation, RecommendationEntry
from core.exports import AMOUNT, Column
from core.wording import cn_date, grouped_short, wan


@dataclass(frozen=True)
class Letter:
    """What stands in the letter of a batch with these entries, which are at least one."""

    recommendation: Recommendation
    entries: list[RecommendationEntry]

    @property
    def agency(self) -> str:
        """Under the name it had that day."""
        return self.recommendation.agency.name_on(self.recommendation.dated)

    @cached_property
    def subject(self) -> str:
        round_ = self.recommendation.round
        return f"{round_.year}年度{round_.measure.title_awarded}"

    @property
    def title(self) -> tuple[str, str]:
        """In two lines."""
        return f"{self.agency}关于推荐", f"{self.subject}的函"

    @property
    def addressee(self) -> str:
        return f"{self.recommendation.round.measure.awarding_body}："

    @property
    def paragraphs(self) -> tuple[str, str]:
        measure, count = self.recommendation.round.measure, len(self.entries)
        first = self.entries[0].application.enterprise.name
        named = f"{first}等{count}家企业" if count > 1 else first
        return (
            f"根据《{measure.title}》（{measure.document_number}）第十五条规定，我单位组织企业申报，"
            "对申报资料的真实性、合规性、有效性进行了审核。"
            f"经审核，{named}符合申报条件，推荐顺序见附件。",
            f"{count}家企业的申报材料已通过认定平台报送，请予受理。",
        )

    @property
    def table_title(self) -> str:
        return f"{self.subject}推荐汇总表"

    @property
    def dated(self) -> str:
        return cn_date(self.recommendation.dated, "plain")

    @property
    def heads(self) -> list[str]:
        return [column.head for column in SUMMARY_COLUMNS]

    @cached_property
    def rows(self) -> list[list[str]]:
        return [
            [_shown(value, column) for value, column in zip(row, SUMMARY_COLUMNS, strict=True)]
            for row in summary_rows(self.recommendation, self.entries)
        ]

    @property
    def note(self) -> str:
        digest = self.recommendation.digest
        return (
            "占比为最近一年服务性收入占主营业务收入的比重，增速为最近一年主营业务收入比上年增长。"
            "亩产类别取自“亩产效益”评价公布名单。" + (f"名单摘要 {grouped_short(digest)}" if digest else "")
        )


def _shown(value: Any, column: Column) -> str:
    return wan(value) if column.form == AMOUNT else str(value)
