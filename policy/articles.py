"""Clauses as the regulation cites them."""

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
