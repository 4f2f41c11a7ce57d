"""Associations recommend within their industries as long as the bureau has appointed them (第五条, 第十四条)."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.models import Agency
from accounts.roles import Role
from applications import beginning
from core import clock
from core.models import Event
from core.workflow import NotPossible
from policy.channel import Appointment, why_not_appointed
from tests.accounts.test_ratings import signed_in
from tests.factories import JUNE, make_association, make_enterprise, make_member, make_round

pytestmark = pytest.mark.django_db
TYPED = {
    "appointed_from": "2026-06-01",
    "appointed_until": "2028-05-31",
    "industries": ["34", "35"],
    "ground": "关于指定协会办理推荐申报的通知，威工信字〔2026〕8号。",
}


@pytest.fixture(autouse=True)
def june():
    with clock.stopped_at(JUNE):
        yield


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, ""),
        (
            {"since": None},
            "市工业和信息化局尚未指定渔具协会办理推荐申报（第五条）。请改由所在区市主管部门办理。",
        ),
        (
            {"since": date(2026, 6, 2)},
            "渔具协会自2026年6月2日起办理推荐申报（第五条），现在还不能选。请改由所在区市主管部门办理。",
        ),
        ({"since": date(2026, 6, 1), "until": date(2026, 6, 1)}, ""),
        (
            {"until": date(2026, 5, 31)},
            "渔具协会办理推荐申报的指定已于2026年5月31日到期（第五条）。请改由所在区市主管部门办理。",
        ),
        (
            {"divisions": frozenset({"24"})},
            "渔具协会只推荐行业内的企业（第五条），贵企业的行业 C3464 不在其中。"
            "请改由所在区市主管部门办理。行业登记有误的，请先更正企业信息。",
        ),
    ],
)
def test_an_association_recommends_in_its_time_and_its_industries(changes: dict, sentence: str) -> None:
    given = {"name": "渔具协会", "since": date(2021, 9, 1), "until": None, "divisions": frozenset({"34"})}
    said = why_not_appointed(Appointment(**given | changes), industry_code="3464", on=date(2026, 6, 1))
    assert said == sentence


def test_an_enterprise_is_offered_the_appointed_and_told_why_not_the_others() -> None:
    enterprise, offered, other = make_enterprise(), make_association("甲协会"), make_association("乙协会")
    Agency.objects.filter(pk=other.pk).update(industries=["24"])
    assert beginning.channels_for(enterprise) == [enterprise.district, offered]
    other.refresh_from_db()
    sentence = (
        "乙协会只推荐行业内的企业（第五条），贵企业的行业 C3464 不在其中。请改由所在区市主管部门办理。"
        "行业登记有误的，请先更正企业信息。"
    )
    assert beginning.closed_associations(enterprise) == [(other, sentence)]
    member, round_ = make_member(enterprise), make_round()
    with pytest.raises(NotPossible) as refusal:
        beginning.begin(enterprise, round_, other, by=member)
    assert refusal.value.reasons == [sentence]
    client = signed_in(Role.ADMINISTRATOR)
    client.force_login(member, backend="accounts.backends.PortalBackend")
    page = client.post(reverse("application-start", args=[round_.pk]), {"channel": other.pk})
    assert page.context["reasons"] == [sentence]
    assert not enterprise.applications.exists()


def test_the_bureau_appoints_an_association_and_it_is_recorded() -> None:
    agency = make_association()
    signed_in(Role.MUNICIPAL_HANDLER).post(reverse("association-appoint", args=[agency.pk]), TYPED)
    agency.refresh_from_db()
    assert (agency.industries, agency.appointed_from, agency.appointed_until) == (
        ["34", "35"],
        date(2026, 6, 1),
        date(2028, 5, 31),
    )
    event = Event.objects.get(action="appoint")
    assert (event.note, event.details) == (
        TYPED["ground"],
        {"industries": ["34", "35"], "since": "2026-06-01", "until": "2028-05-31"},
    )


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"industries": ["99"]}, {"industries": ["推荐的行业大类中没有这一项，请重新选择。"]}),
        ({"industries": []}, {"industries": ["请选择推荐的行业大类。"]}),
        ({"appointed_until": "2026-05-01"}, {"appointed_until": ["指定至的日期早于指定自的日期，请核对。"]}),
        ({"ground": ""}, {"ground": ["请填写指定依据。"]}),
    ],
)
def test_an_appointment_needs_days_industries_and_its_ground(typed: dict, errors: dict) -> None:
    agency = make_association()
    page = signed_in(Role.MUNICIPAL_HANDLER).post(
        reverse("association-appoint", args=[agency.pk]), TYPED | typed
    )
    assert page.status_code == 422
    assert page.context["form"].errors == errors
    assert Agency.objects.get(pk=agency.pk).appointed_from == date(2021, 9, 1)


def test_the_bureau_adds_an_association_and_goes_on_to_appoint_it() -> None:
    handler, address = signed_in(Role.MUNICIPAL_HANDLER), reverse("association-create")
    assert f'href="{address}"' in handler.get(reverse("associations")).content.decode()
    for role in (Role.MUNICIPAL_LEADER, Role.AUDITOR):
        assert f'href="{address}"' not in signed_in(role).get(reverse("associations")).content.decode()
    typed = {"code": "WH-YJXH", "name": "渔具协会（虚构）", "short_name": "渔具协会", "kind": "DISTRICT"}
    answer = handler.post(address, typed)
    made = Agency.objects.get(code="WH-YJXH")
    assert answer["Location"] == reverse("association-appoint", args=[made.pk])
    assert (made.kind, made.name, made.appointed_from) == ("ASSOCIATION", "渔具协会（虚构）", None)
    assert Event.objects.get(action="create_agency").subject_id == made.pk
    again = handler.post(address, typed)
    assert (again.status_code, again.context["form"].errors) == (
        422,
        {"code": ["代码已有相同的，请换一个。"], "name": ["名称已有相同的，请换一个。"]},
    )
    assert Agency.objects.filter(kind="ASSOCIATION").count() == 1
