from dataclasses import replace
from datetime import date

import pytest

from policy.validity import (
    Renewal,
    Validity,
    document_in_force,
    standing,
    why_not_dated,
    why_not_valid,
    why_only_a_trial,
)

OLD, NEW, LATER = "威工信发〔2021〕34号", "威工信发〔2026〕21号", "威工信发〔2032〕5号"
BARE = Validity(OLD, date(2021, 9, 1), date(2026, 8, 31))
RENEWED = Validity(
    OLD, date(2021, 9, 1), date(2026, 8, 31), (Renewal(NEW, date(2026, 8, 28), date(2031, 8, 31)),)
)
WITH_GAP = Validity(
    OLD,
    date(2021, 9, 1),
    date(2026, 8, 31),
    (Renewal(LATER, date(2032, 1, 5), date(2035, 1, 4)), Renewal(NEW, date(2026, 12, 1), date(2031, 8, 31))),
)


REPEALED = replace(RENEWED, repealed_from=date(2029, 3, 1))


@pytest.mark.parametrize(
    ("validity", "on", "document"),
    [
        (REPEALED, date(2029, 2, 28), NEW),
        (REPEALED, date(2029, 3, 1), ""),
        (BARE, date(2021, 8, 31), ""),
        (BARE, date(2021, 9, 1), OLD),
        (BARE, date(2026, 8, 31), OLD),
        (BARE, date(2026, 9, 1), ""),
        (RENEWED, date(2026, 8, 30), OLD),
        (RENEWED, date(2026, 9, 1), NEW),
        (RENEWED, date(2031, 8, 31), NEW),
        (RENEWED, date(2031, 9, 1), ""),
        (WITH_GAP, date(2026, 11, 23), ""),
        (WITH_GAP, date(2026, 12, 1), NEW),
        (WITH_GAP, date(2031, 9, 1), ""),
        (WITH_GAP, date(2032, 1, 5), LATER),
        (WITH_GAP, date(2035, 1, 5), ""),
    ],
)
def test_which_document_is_in_force(validity, on, document):
    assert document_in_force(validity, on=on) == document
    assert bool(why_not_valid(validity, on=on, act="公布名单")) is not bool(document)


def test_a_renewal_never_works_before_the_measure_began():
    early = Validity(
        OLD, date(2021, 9, 1), date(2026, 8, 31), (Renewal(NEW, date(2020, 1, 1), date(2031, 8, 31)),)
    )
    assert document_in_force(early, on=date(2021, 8, 31)) == ""


def test_before_the_measure_another_one_is_asked_for():
    assert why_not_valid(BARE, on=date(2021, 7, 1), act="开展批次") == (
        "威工信发〔2021〕34号自2021年9月1日起施行（第二十五条），2021年7月1日不能据此开展批次。"
        "请改用当时有效的办法，或更正日期。"
    )


def test_the_refusal_names_the_last_day_of_the_last_document():
    assert "有效期至2035年1月4日" in why_not_valid(WITH_GAP, on=date(2035, 1, 5), act="公布名单")


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        (date(2026, 8, 31), ""),
        (
            date(2026, 9, 1),
            "威工信发〔2021〕34号有效期至2026年8月31日（第二十五条），已经到期，目前没有登记延续有效期的文件。"
            "以下按到期的办法试算，只供了解；以后的批次以届时有效的办法为准。",
        ),
        (
            date(2021, 8, 31),
            "威工信发〔2021〕34号自2021年9月1日起施行（第二十五条），现在尚未施行。以下按该办法试算，只供了解。",
        ),
    ],
)
def test_trying_the_conditions_outside_the_validity_is_told_to_be_a_trial(on, sentence):
    assert why_only_a_trial(BARE, on=on) == sentence
    assert why_only_a_trial(RENEWED, on=date(2026, 9, 1)) == ""


@pytest.mark.parametrize(
    ("on", "word", "sentence"),
    [
        (date(2026, 8, 31), "有效", "有效期至2026年8月31日；2029年3月1日起由接替的办法取代"),
        (date(2029, 2, 28), "已延续", f"由{NEW}延续，有效期至2029年2月28日"),
        (date(2029, 3, 1), "已废止", "2029年3月1日起由接替的办法取代"),
    ],
)
def test_a_repealed_measure_says_from_when(on, word, sentence):
    its = standing(REPEALED, on=on)
    assert (its.word, its.sentence) == (word, sentence)


def test_a_repealed_measure_keeps_the_end_it_gave_itself_and_begins_before_its_successor():
    def refused(**dates) -> dict[str, str]:
        return why_not_dated(
            issued_on=date(2026, 8, 1),
            on=date(2026, 9, 1),
            before=None,
            next_from=date(2029, 3, 1),
            is_repealed=True,
            **dates,
        )

    assert refused(effective_from=date(2026, 9, 1), effective_until=date(2031, 8, 31)) == {}
    assert refused(effective_from=date(2029, 3, 1), effective_until=date(2031, 8, 31)) == {
        "effective_from": "下一个办法自2029年3月1日起施行，须在它之前施行，请核对日期。"
    }
