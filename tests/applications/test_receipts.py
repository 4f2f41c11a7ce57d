"""A receipt can be checked by whoever holds it, and by nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application, ApplicationVersion
from applications.receipts import code_of, receipt_address, version_of
from tests import factories
from tests.applications.scenes import june, returned, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_june():
    with june():
        yield


@pytest.fixture
def version() -> ApplicationVersion:
    application = factories.make_application(complete=True)
    member = application.enterprise.memberships.get().user
    return submitted(application, by=member).submitted_version


def page(address: str, **asked: str) -> str:
    answer = Client().get(address, asked, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_number_and_code_of_the_paper_show_that_it_is_genuine(version):
    case = version.application
    found = page(receipt_address(version))
    assert "回执有效" in found
    assert case.enterprise.name in found
    assert case.contact_mobile not in found
    code = f" {code_of(version)[:8].upper()}-{code_of(version)[8:]} "
    answer = Client().get(reverse("receipt-check"), {"number": case.receipt_number.lower(), "code": code})
    assert (answer.status_code, answer.url) == (302, receipt_address(version))


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", ""),
        ("SL-2026-0001", "0" * 16),
        ("²", "²"),
        ("\x00", "x"),
        ("SL" * 50, "g" * 99),
        ("<script>", "1"),
    ],
)
def test_without_the_code_nothing_is_learned(version, number, code):
    found = page(reverse("receipt-check"), number=number, code=code)
    assert "查无此回执" in found
    assert version.application.enterprise.name not in found
    assert "<script>" not in found.split("</head>")[1]


def test_a_number_does_not_answer_to_another_receipts_code(version):
    other = factories.make_application(complete=True, round=version.application.round)
    later = submitted(other, by=other.enterprise.memberships.get().user).submitted_version
    assert version_of(version.application.receipt_number, code_of(version)) == version
    assert version_of(version.application.receipt_number, code_of(later)) is None


def test_the_receipt_of_a_replaced_version_says_so(version):
    case = version.application
    member = case.enterprise.memberships.get().user
    officer = factories.make_officer("CHANNEL_HANDLER")
    case = returned(case, items={"NARRATIVE": "写清增长来源"}, by=officer)
    case.correction_requests.get().items.update(answer="已写清")
    submitted(Application.objects.get(pk=case.pk), by=member)
    found = page(receipt_address(version))
    assert "回执真实，所列版本已有更新" in found
    assert "对应第 1 版；企业补正后已提交第 2 版。" in found
