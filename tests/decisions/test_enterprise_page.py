"""The page of an enterprise with its years and titles, for those who answer for it."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications.models import Application
from tests.applications.scenes import signed_in
from tests.decisions.cases import announce, open_case, publicise
from tests.factories import (
    an_agency,
    make_application,
    make_association,
    make_enterprise,
    make_member,
    make_officer,
    make_round,
)
from tests.test_matrices import put

pytestmark = pytest.mark.django_db
State = Application.State


def test_an_enterprise_has_a_page_with_its_years_for_those_who_answer_for_it() -> None:
    case = open_case(1)
    publicity = publicise(case)
    announce(case, publicity)
    (application,) = case.applications
    association = make_association()
    round_ = make_round(year=2027, title="2027年度认定")
    elsewhere = make_application(
        enterprise=application.enterprise, state=State.SUBMITTED, channel=association, round=round_
    )
    address = reverse("enterprise-detail", args=[application.enterprise_id])

    def page(user):
        return signed_in(user).get(address)

    def cases(user):
        return [(one.pk, badge and badge[0]) for one, badge in page(user).context["cases"]]

    both = [(elsewhere.pk, "待审核"), (application.pk, "已公布")]
    for user in (case.handler, case.leader, make_officer(Role.AUDITOR)):
        assert cases(user) == both
    assert cases(make_officer(Role.CHANNEL_HANDLER)) == [(elsewhere.pk, None), (application.pk, "已公布")]
    vetting = make_officer(Role.CHANNEL_HANDLER, association)
    assert cases(vetting) == [(elsewhere.pk, "待审核"), (application.pk, None)]
    shown = page(vetting)
    assert [(one.plaque.serial, badge[0]) for one, badge in shown.context["titles"]] == [
        ("WHFWZZ-2026-001", "已公布")
    ]
    (title,) = [one for one, _ in shown.context["titles"]]
    supervised = reverse("re-review", args=[title.pk])
    assert f'href="{supervised}"' in page(case.handler).content.decode()
    assert f'href="{address}"' in signed_in(case.handler).get(supervised).content.decode()
    text = shown.content.decode()
    assert supervised not in text
    assert reverse("vetting", args=[elsewhere.pk]) in text
    assert reverse("vetting", args=[application.pk]) not in text
    assert application.enterprise.credit_code in text
    for stranger in (
        make_officer(Role.CHANNEL_HANDLER, an_agency("371002")),
        make_officer(Role.ADMINISTRATOR),
        make_member(application.enterprise),
    ):
        assert page(stranger).status_code == 404
    for user, name in ((case.handler, "directory-desk"), (vetting, "district-enterprises")):
        assert f'href="{address}"' in signed_in(user).get(reverse(name)).content.decode()


def test_the_mobile_of_an_enterprise_is_whole_for_those_who_may_have_to_call_it() -> None:
    enterprise = make_enterprise(contact_mobile="13906310088")
    association = make_association()
    case = make_application(
        enterprise=enterprise, state=State.SUBMITTED, channel=association, round=make_round()
    )
    address = reverse("enterprise-detail", args=[enterprise.pk])

    def mobile(user) -> tuple[bool, bool]:
        text = signed_in(user).get(address).content.decode()
        return "13906310088" in text, "139****0088" in text

    vetting = make_officer(Role.CHANNEL_HANDLER, association)
    assert mobile(vetting) == (True, False)
    put(case, State.NOT_SELECTED)
    assert mobile(vetting) == (False, True)
    for user in (
        make_officer(Role.CHANNEL_HANDLER),
        make_officer(Role.MUNICIPAL_HANDLER),
        make_officer(Role.AUDITOR),
    ):
        assert mobile(user) == (True, False)
