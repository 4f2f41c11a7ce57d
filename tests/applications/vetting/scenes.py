"""What the tests of a district's desk share: another person at it, an opinion as it is posted, what the page says."""

from datetime import date

from django.test import Client

from accounts.roles import Role
from applications.models import Application, CorrectionItem
from core import clock
from tests.applications.scenes import signed_in
from tests.factories import make_officer

State = Application.State
JULY = clock.instant(date(2026, 7, 13), 10, 20)
PASSED = {
    "authenticity": "PASS",
    "authenticity_note": "已比对审计报告第 7 页与验证码，金额一致",
    "compliance": "PASS",
    "compliance_note": "",
    "validity": "PASS",
    "validity_note": "",
}


def another_desk(role: str = Role.CHANNEL_HANDLER, **fields) -> Client:
    return signed_in(make_officer(role, **fields))


def opinion_of(case: Application, revision: int = 0, **verdicts) -> dict:
    return {"version": case.current_version_id, "revision": revision, **PASSED, **verdicts}


def words(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def state_of(case: Application) -> str:
    return Application.objects.get(pk=case.pk).state


def flag(case: Application, by, item: str = "FIGURES", reason: str = "请附审计报告验证码。") -> None:
    CorrectionItem.objects.flag(case.current_version, item, label="三年指标", reason=reason, seen="", by=by)
