from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core import clock, wording

MORNING = clock.instant(date(2026, 6, 26), 10, 20)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("", "2026年6月30日（周二）"),
        ("short", "6月30日（周二）"),
        ("plain", "2026年6月30日"),
        ("bare", "6月30日"),
    ],
)
def test_day_is_written_in_four_forms(form, text):
    assert wording.cn_date(date(2026, 6, 30), form) == text


def test_instant_is_shown_as_on_a_clock_in_weihai():
    assert wording.cn_datetime(datetime(2026, 6, 30, 9, 0, tzinfo=UTC)) == "2026年6月30日（周二）17:00"
    assert wording.cn_datetime(datetime(2026, 6, 30, 16, 30, tzinfo=UTC), "bare") == "7月1日 00:30"
    assert wording.cn_date(datetime(2026, 6, 30, 16, 30, tzinfo=UTC), "bare") == "7月1日"


@pytest.mark.parametrize(
    ("deadline", "text"),
    [
        (clock.instant(date(2026, 6, 30), 17), "剩 4 天"),
        (clock.instant(date(2026, 6, 27), 0, 1), "剩 1 天"),
        (clock.instant(date(2026, 6, 26), 17), "今天 17:00 截止"),
        (clock.instant(date(2026, 6, 26), 10, 20), "已截止"),
        (clock.instant(date(2026, 6, 23), 17), "已过 3 天"),
        (date(2026, 6, 26), "今天截止"),
        (date(2026, 6, 25), "已过 1 天"),
        (None, "待定"),
    ],
)
def test_days_left_are_counted_in_weihai(deadline, text):
    assert wording.days_left(deadline, MORNING) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("1234567.5"), "1,234,567.50"),
        (Decimal("-500"), "−500.00"),
        (Decimal("0.005"), "0.01"),
        (None, "—"),
        ("", "—"),
    ],
)
def test_amounts_have_separators_and_two_decimals(amount, text):
    assert wording.wan(amount) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [("13812341234", "138****1234"), ("0631-5550123", "**********23"), ("", "—"), (None, "—")],
)
def test_phone_numbers_are_masked(number, text):
    assert wording.mask_mobile(number) == text


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("项目证明材料不真实", "项目证明材料不真实。"),
        ("材料不真实。 ", "材料不真实。"),
        ("缺“承诺书。”", "缺“承诺书。”"),
        ("缺承诺书（原件）", "缺承诺书（原件）。"),
        ("", ""),
        (None, ""),
    ],
)
def test_what_somebody_wrote_ends_with_one_stop(said, text):
    assert wording.sentence(said) == text


def test_digests_are_read_by_fours():
    digest = "eaa99f0fe107ba5f17bb"
    assert wording.grouped(digest) == "eaa9 9f0f e107 ba5f 17bb"
    assert wording.grouped_short(digest) == "eaa9 9f0f … 17bb"


@pytest.mark.parametrize(
    ("count", "text"), [(100, "1 KB"), (312_000, "304 KB"), (3_565_158, "3.4 MB"), (None, "—")]
)
def test_sizes_of_files(count, text):
    assert wording.file_size(count) == text
