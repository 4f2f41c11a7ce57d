"""第十九条, 第二十条: grounds of revocation and the three years in which one may not apply again."""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from policy.dates import add_years, date_text


class Ground(StrEnum):
    """The six grounds of 第十九条, valued by their printed number."""

    MISSED_RE_REVIEW = "一"
    FAILED_RE_REVIEW = "二"
    OWN_REQUEST = "三"
    TERMINATED = "四"
    FRAUD_OR_VIOLATION = "五"
    OTHER = "六"

    @property
    def text(self) -> str:
        return GROUND_TEXTS[self]

    @property
    def clause(self) -> str:
        return f"第十九条第（{self.value}）项"

    @property
    def label(self) -> str:
        return f"（{self.value}）{self.text}"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(ground.value, ground.label) for ground in cls]


GROUND_TEXTS = {
    Ground.MISSED_RE_REVIEW: "无正当理由不按规定参加复核的",
    Ground.FAILED_RE_REVIEW: "复核结果为不合格的",
    Ground.OWN_REQUEST: "所在企业自行要求撤销的",
    Ground.TERMINATED: "所在企业被依法终止的",
    Ground.FRAUD_OR_VIOLATION: "弄虚作假、违反相关规定或有违法行为的",
    Ground.OTHER: "其他应当取消示范资格情形的",
}
BARRING_GROUNDS = (Ground.MISSED_RE_REVIEW, Ground.TERMINATED, Ground.FRAUD_OR_VIOLATION)


def barred_until(
    ground: str, decided_on: date, *, barring_grounds: Collection[str] = BARRING_GROUNDS, years: int = 3
) -> date | None:
    """Last barred day, the bar starting on the decision day; None when the ground bars nobody (第二十条)."""
    return add_years(decided_on, years) if ground in barring_grounds else None


def may_apply_from(barred_until: date | None) -> date | None:
    """First day on which one may apply again; None when there is no bar, or none that ends."""
    return barred_until + timedelta(days=1) if barred_until and barred_until < date.max else None


def why_barred(barred_until: date | None, *, on: date) -> str:
    """The sentence that refuses an application; the bar's last day is still barred. Empty when nothing bars it."""
    if barred_until is None or on > barred_until:
        return ""
    again = may_apply_from(barred_until)
    return (
        f"称号被撤销后三年内不得重新申请（第二十条），限制至{date_text(barred_until)}（含），"
        "随统一社会信用代码，不因更名解除。"
    ) + (f"{date_text(again)}起可以重新申请。" if again else "")
