import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.identifiers import (
    legal_person_problem,
    mobile_problem,
    normalise_mobile,
    normalise_uscc,
    uscc_problem,
)

CODES = ["91371002MA3T002870", "91371002MA3T00041X", "91371082MA3T000179", "91371003MA3T00017U"]


@pytest.mark.parametrize("code", CODES)
def test_codes_are_read_however_they_are_typed(code):
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    for typed in (
        code,
        code.lower(),
        f" {code[:8]} {code[8:]}\t",
        wide,
        f"{code[:8]}-{code[8:]}",
        f"\u200b{code}\u3000",
    ):
        assert normalise_uscc(typed) == code
        assert uscc_problem(typed) == ""
    assert legal_person_problem(code) == ""


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "请填写统一社会信用代码，见营业执照，共18位。"),
        ("   ", "请填写统一社会信用代码，见营业执照，共18位。"),
        ("91371002MA3T00287", "统一社会信用代码应为18位，现为17位，请对照营业执照补全。"),
        ("91371002MA3T0028700", "统一社会信用代码应为18位，现为19位，请对照营业执照补全。"),
        (
            "91371OO2MA3T002870",
            "统一社会信用代码不使用字母I、O、S、V、Z，您填写的含O，请对照营业执照，看是否应为形状相近的数字。",
        ),
        ("9137100XMA3T002870", "统一社会信用代码前8位为数字，其余为数字或大写字母，请对照营业执照更正。"),
        ("91371002MA3T00287中", "统一社会信用代码前8位为数字，其余为数字或大写字母，请对照营业执照更正。"),
    ],
)
def test_what_is_wrong_with_a_code_is_said(typed, sentence):
    assert uscc_problem(typed) == sentence


@pytest.mark.parametrize("position", range(18))
def test_one_wrong_character_is_always_noticed(position):
    code = CODES[0]
    for other in "0123456789ABCDEFGHJKLMNPQRTUWXY":
        if other != code[position]:
            assert uscc_problem(code[:position] + other + code[position + 1 :]) != ""


@pytest.mark.parametrize(
    ("code", "excluded"), [("91", False), ("92", True), ("93", True), ("12", True), ("", False)]
)
def test_only_91_can_be_an_enterprise(code, excluded):
    assert bool(legal_person_problem(code and code + "371002MA3T002870")) is excluded


@given(st.text(max_size=30))
def test_any_text_is_a_code_or_explained(typed):
    assert uscc_problem(typed) == "" or uscc_problem(typed).endswith("。")
    assert normalise_uscc(normalise_uscc(typed)) == normalise_uscc(typed)
    assert legal_person_problem(typed) == "" or "第十二条第1项" in legal_person_problem(typed)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13812341234", "13812341234"),
        ("138 1234 1234", "13812341234"),
        ("+86 138-1234-1234", "13812341234"),
        ("008613812341234", "13812341234"),
        ("１３８１２３４１２３４", "13812341234"),
        ("86138", "86138"),
    ],
)
def test_mobile_numbers_are_normalised(typed, number):
    assert normalise_mobile(typed) == number


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("13812341234", ""),
        ("19912341234", ""),
        ("", "请填写手机号码，11位数字。"),
        ("12812341234", "手机号码应为11位数字，以13至19开头，请核对。"),
        ("1381234123", "手机号码应为11位数字，以13至19开头，请核对。"),
        ("0631-5550123", "手机号码应为11位数字，以13至19开头，请核对。"),
    ],
)
def test_what_is_wrong_with_a_mobile_number_is_said(typed, sentence):
    assert mobile_problem(typed) == sentence


@given(st.text(max_size=20))
def test_any_text_is_a_mobile_number_or_explained(typed):
    assert mobile_problem(typed) == "" or mobile_problem(typed).endswith("。")
