"""Identifiers as people type them: normalised, checked, and explained when wrong."""

import re
import unicodedata

from stdnum import luhn
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength

USCC_LENGTH = 18
LETTERS_NEVER_USED = "IOSVZ"
INDIVIDUAL_BUSINESS_PREFIX = "92"
ENTERPRISE_PREFIX = "91"
HALF_WIDTH = {ord("！") + offset: ord("!") + offset for offset in range(94)}
MOBILE = re.compile(r"1[3-9]\d{9}")
LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d(?:[ \-]?\d){14,18}[Xx]?(?![0-9A-Za-z])")
IDENTITY = re.compile(r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
BANK_DIGITS = range(16, 20)


def _plain(raw: str) -> str:
    """Full-width forms made half-width; spaces, separators and invisible characters dropped."""
    text = raw.translate(HALF_WIDTH)
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc", "Pd"))


def normalise_uscc(raw: str) -> str:
    """The code as it is stored: half-width, upper case, no spaces or hyphens. Valid or not."""
    return uscc.compact(_plain(raw))


def uscc_problem(raw: str) -> str:
    """Why this is not a unified social credit code under GB 32100-2015; empty when it is one."""
    code = normalise_uscc(raw)
    if not code:
        return "请填写统一社会信用代码，见营业执照，共18位。"
    try:
        uscc.validate(code)
    except InvalidLength:
        return f"统一社会信用代码应为{USCC_LENGTH}位，现为{len(code)}位，请对照营业执照补全。"
    except InvalidFormat:
        wrong = sorted({c for c in code if c in LETTERS_NEVER_USED})
        if wrong:
            return (
                f"统一社会信用代码不使用字母{'、'.join(LETTERS_NEVER_USED)}，您填写的含{'、'.join(wrong)}，"
                "请对照营业执照，看是否应为形状相近的数字。"
            )
        return "统一社会信用代码前8位为数字，其余为数字或大写字母，请对照营业执照更正。"
    except InvalidChecksum:
        return (
            f"统一社会信用代码校验码（最后一位“{code[-1]}”）与前17位不符，"
            "通常是其中某一位写错，请对照营业执照逐位核对。"
        )
    return ""


def legal_person_problem(raw: str) -> str:
    """Why a holder of this code can be no enterprise legal person (第十二条第1项).

    Empty when the code does not exclude it, which proves nothing: branches and partnerships have a 91 code
    too, so the type is asked.
    """
    code = normalise_uscc(raw)
    if code.startswith(INDIVIDUAL_BUSINESS_PREFIX):
        return (
            "统一社会信用代码以92开头的是个体工商户，没有独立法人资格，不符合第十二条第1项。"
            "请以企业法人的代码申报。"
        )
    if code and not code.startswith(ENTERPRISE_PREFIX):
        return (
            f"统一社会信用代码以{code[:2]}开头，不是企业的代码（企业以91开头），不符合第十二条第1项。"
            "请核对后以企业法人的代码申报。"
        )
    return ""


def normalise_mobile(raw: str) -> str:
    """Eleven digits where they can be read, a leading +86 or 0086 dropped."""
    digits = _plain(raw).lstrip("+")
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 11:
            return digits.removeprefix(prefix)
    return digits


def mobile_problem(raw: str) -> str:
    """Why this is not a mainland mobile number; empty when it is one."""
    number = normalise_mobile(raw)
    if not number:
        return "请填写手机号码，11位数字。"
    if not MOBILE.fullmatch(number):
        return "手机号码应为11位数字，以13至19开头，请核对。"
    return ""


def private_number(text: str) -> str:
    """What number a text holds that is never asked for: an identity card's or a bank account's; empty when there is none."""
    for found in LONG_NUMBER.findall(unicodedata.normalize("NFKC", text)):
        number = re.sub(r"[ \-]", "", found).upper()
        if len(number) == USCC_LENGTH and uscc.is_valid(number):
            continue
        if IDENTITY.fullmatch(number):
            return "身份证号码"
        if len(number) in BANK_DIGITS and luhn.is_valid(number):
            return "银行账号"
    return ""
