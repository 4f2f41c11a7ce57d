"""Dates, amounts and digests as people read them: one form for pages, messages and documents."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from core import clock

WEEKDAYS = "一二三四五六日"
NOTHING = "—"
ENDS = "。！？…；!?"
HUNDREDTH = Decimal("0.01")


def cn_date(value: date | datetime | None, form: str = "") -> str:
    """A day: 2026年6月30日（周二）; `short` 6月30日（周二）, `plain` 2026年6月30日, `bare` 6月30日.

    A day of another year than this one is never shown without its year.
    """
    if not value:
        return NOTHING
    day = clock.local(value).date() if isinstance(value, datetime) else value
    text = f"{day.month}月{day.day}日"
    if form not in ("short", "bare") or day.year != clock.today().year:
        text = f"{day.year}年{text}"
    if form not in ("plain", "bare"):
        text += f"（周{WEEKDAYS[day.weekday()]}）"
    return text


def cn_datetime(value: datetime | None, form: str = "") -> str:
    """An instant on a wall clock in Weihai: 2026年6月30日（周二）17:00; forms as for `cn_date`."""
    if not value:
        return NOTHING
    space = " " if form in ("plain", "bare") else ""
    return f"{cn_date(value, form)}{space}{clock.local(value):%H:%M}"


def days_between(deadline: date | datetime, at: datetime) -> int:
    """Calendar days in Weihai from `at` to the deadline; negative when it is over."""
    day = clock.local(deadline).date() if isinstance(deadline, datetime) else deadline
    return (day - clock.local(at).date()).days


def is_over(deadline: date | datetime, at: datetime) -> bool:
    """An instant is over from that instant on, a day when it has ended."""
    if isinstance(deadline, datetime):
        return at >= deadline
    return days_between(deadline, at) < 0


def days_left(deadline: date | datetime | None, at: datetime) -> str:
    """剩 4 天, 今天 17:00 截止, 今天截止, 已过 3 天, 已截止."""
    if not deadline:
        return "待定"
    days = days_between(deadline, at)
    if is_over(deadline, at):
        return f"已过 {-days} 天" if days < 0 else "已截止"
    if days:
        return f"剩 {days} 天"
    return f"今天 {clock.local(deadline):%H:%M} 截止" if isinstance(deadline, datetime) else "今天截止"


def wan(value: Decimal | int | None) -> str:
    """An amount in 万元 with thousands separators and two decimals; the unit stands in the head of the column."""
    if value is None or value == "":
        return NOTHING
    amount = Decimal(value).quantize(HUNDREDTH, rounding=ROUND_HALF_UP)
    return f"{amount:,.2f}".replace("-", "−")


def number(value: Decimal | int | None) -> str:
    """A count or a score with thousands separators, its decimals as they are."""
    if value is None or value == "":
        return NOTHING
    return f"{value:,}".replace("-", "−")


def mask_mobile(value: str | None) -> str:
    """13812341234 as 138****1234; anything that is no mobile number keeps at most its last two characters."""
    text = (value or "").strip()
    if len(text) == 11 and text.isdigit():
        return f"{text[:3]}****{text[-4:]}"
    return "*" * max(len(text) - 2, 0) + text[-2:] if text else NOTHING


def sentence(text: str | None) -> str:
    """What somebody wrote, ended with a stop, so that another sentence may follow."""
    said = (text or "").strip()
    return said if not said or said.rstrip('”’）》」』)"')[-1:] in ENDS else f"{said}。"


def grouped(digest: str | None) -> str:
    """A digest in groups of four, so that two can be compared by eye."""
    text = digest or ""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4)) or NOTHING


def grouped_short(digest: str | None) -> str:
    """The first eight and the last four characters of a digest."""
    text = digest or ""
    return f"{text[:4]} {text[4:8]} … {text[-4:]}" if len(text) > 16 else grouped(text)


def file_size(count: int | None) -> str:
    """Bytes as a person reads them: 0.6 MB, 312 KB."""
    if count is None:
        return NOTHING
    return f"{count / 1_048_576:.1f} MB" if count >= 1_048_576 // 2 else f"{max(count // 1024, 1)} KB"
