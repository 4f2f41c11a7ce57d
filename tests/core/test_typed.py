"""What people type into pages and addresses."""

import pytest

from core.typed import asked_number, asked_words, posted_text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (None, ""),
        (" 威海\x00 精密\r\n设备 ", "威海 精密 设备"),
        ("\u200b\ufeff\ud800", ""),
        ("x" * 10_000, "x" * 60),
    ],
)
def test_words_are_one_line_that_a_database_can_look_for(typed, words):
    assert asked_words(typed) == words


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        (None, 0),
        ("", 0),
        (" 12 ", 12),
        ("²", 0),
        ("٣", 0),
        ("-1", 0),
        ("1.5", 0),
        ("9" * 17, 10**17 - 1),
        ("9" * 18, 0),
    ],
)
def test_a_number_is_whole_written_in_ascii_and_fits_every_column(typed, number):
    assert asked_number(typed) == number


def test_a_reason_keeps_its_lines_and_ends_where_its_column_does():
    assert posted_text(" 一\r\n二\x00三四 ") == "一\n二三四"
    assert posted_text(None) == ""
