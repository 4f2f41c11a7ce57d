"""Amounts of 万元 as people type them."""

import re
import unicodedata
from decimal import Decimal

from policy.amounts import LARGEST, amount_text

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
COMMAS = re.compile(r"[+-]?\d[\d.]*,[\d.,]*")
LONGEST_SHOWN = 20
MINUS_SIGNS = str.maketrans({"−": "-", "–": "-", "—": "-", "﹣": "-", "，": ",", "。": "."})


class NotAnAmount(ValueError):
    """What was typed is no amount; the message says what would be right."""


def parse_amount(raw: str, *, label: str = "金额") -> Decimal | None:
    """The amount in 万元 with two decimals; None for an empty field. Raises NotAnAmount.

    Full-width digits, grouping commas, a true minus sign and accountants' brackets are understood; nothing is
    rounded, and several lines are never read as one number.
    """
    if len(raw.strip().splitlines()) > 1:
        raise NotAnAmount(f"{label}只填一个数，您填写的内容有换行。请每格填一个数，单位万元，例如1,234.50。")
    shown = _shown(raw)
    text = unicodedata.normalize("NFKC", raw).translate(MINUS_SIGNS)
    text = "".join(text.split()).removesuffix("万元").removeprefix("¥")
    if not text:
        return None
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    if text.endswith("元"):
        raise NotAnAmount(f"{label}按万元填写，只填数字，例如1,234.50；以元计的请先除以10000。")
    if text.endswith("万"):
        raise NotAnAmount(f"{label}的单位已是万元，只填数字，例如1,234.50，不写“万”。")
    if COMMAS.fullmatch(text) and not GROUPED.fullmatch(text):
        raise NotAnAmount(f"{label}“{shown}”的逗号位置不对，应为三位一组，例如1,234.50，或不写逗号。")
    text = text.replace(",", "")
    if not NUMBER.fullmatch(text):
        raise NotAnAmount(f"{label}“{shown}”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。")
    _, _, decimals = text.partition(".")
    if len(decimals.rstrip("0")) > 2:
        raise NotAnAmount(f"{label}最多两位小数，您填写的是“{shown}”。请按万元保留两位小数。")
    if len(text) > 40 or abs(Decimal(text)) > LARGEST:
        raise NotAnAmount(f"{label}过大，请核对单位是否为万元。")
    value = Decimal(text).quantize(Decimal("0.01"))
    return value if value else Decimal("0.00")


def format_amount(value: Decimal | None) -> str:
    """1,234.50 with a true minus sign; an empty text for an empty field."""
    return "" if value is None else amount_text(value)


def _shown(raw: str) -> str:
    """What was typed, short enough for a sentence and without control characters."""
    text = "".join(c for c in raw.strip() if unicodedata.category(c) != "Cc")
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
