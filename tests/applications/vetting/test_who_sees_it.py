"""One agency never sees another's cases; its own enterprises and words are those of a district or of an association."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications import progress
from applications.models import Application, VettingOpinion
from core import workflow
from tests.applications.vetting.scenes import PASSED, another_desk, opinion_of, state_of
from tests.factories import an_agency, make_application, make_association, make_member

pytestmark = pytest.mark.django_db
State = Application.State


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("vetting", "get"),
        ("vetting-save", "post"),
        ("vetting-flag", "post"),
        ("vetting-return", "get"),
        ("vetting-return", "post"),
        ("vetting-refuse", "post"),
        ("vetting-pass", "post"),
    ],
)
def test_another_agencys_case_does_not_exist(case, name, method):
    stranger = another_desk(agency=an_agency("371002"))
    answer = getattr(stranger, method)(
        reverse(name, args=[case.pk]), opinion_of(case) if method == "post" else {}
    )
    assert answer.status_code == 404
    assert state_of(case) == State.SUBMITTED
    assert not VettingOpinion.objects.exists()


def test_the_district_does_not_see_a_case_that_came_through_an_association(desk):
    association = make_association()
    case = make_application(state=State.SUBMITTED, channel=association)
    assert desk.get(reverse("vetting", args=[case.pk])).status_code == 404
    assert another_desk(agency=association).get(reverse("vetting", args=[case.pk])).status_code == 200


def test_a_draft_cannot_be_opened(desk):
    draft = make_application()
    assert desk.get(reverse("vetting", args=[draft.pk])).status_code == 404


def test_the_districts_enterprises_are_listed_with_their_last_case(desk, case):
    page = desk.get(reverse("district-enterprises"))
    assert [(row[0], row[2]) for row in page.context["rows"]] == [(case.enterprise, case)]


def test_an_association_lists_those_that_came_through_it(case):
    association = make_association()
    through = make_application(state=State.SUBMITTED, channel=association)
    page = another_desk(agency=association).get(reverse("district-enterprises"))
    assert [row[0] for row in page.context["rows"]] == [through.enterprise]


@pytest.mark.parametrize("role", [Role.MUNICIPAL_HANDLER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_other_roles_have_no_such_desk(case, role):
    client = another_desk(role)
    assert client.get(reverse("vetting-queue")).status_code == 404
    assert client.get(reverse("vetting", args=[case.pk])).status_code == 404


def test_an_associations_pages_speak_of_no_district():
    association = make_association()
    case = make_application(state=State.SUBMITTED, channel=association)
    client = another_desk(agency=association)
    page = client.get(reverse("district-enterprises"))
    places = [one.label for one in page.context["frame"].places]
    assert places == ["审核申报", "推荐上报", "申报企业", "确认账号"]
    assert "辖区" not in page.content.decode()
    assert reverse("policy-desk") not in page.content.decode()
    assert progress.step_labels(case)[1] == "协会审核"
    district = another_desk().get(reverse("district-enterprises"))
    assert district.context["frame"].places[2].label == "辖区企业"
    assert f'href="{reverse("policy-desk")}"' in district.content.decode()


def test_a_visitor_is_asked_to_sign_in(client, case):
    answer = client.get(reverse("vetting", args=[case.pk]))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("login"))


def test_an_enterprise_that_applied_through_an_association_is_not_called_idle(desk, case):
    association = make_association()
    elsewhere = make_application(state=State.SUBMITTED, channel=association)
    text = desk.get(reverse("district-enterprises")).content.decode()
    assert f"{elsewhere.round.year}年度经{association.short_name}申报" in text
    assert "未申报" not in text


def test_who_looks_into_a_case_sees_the_verdicts_and_everything_done_to_it(case, officer):
    VettingOpinion.objects.record(case.current_version, by=officer, revision=0, **PASSED)
    workflow.perform(case, "pass_vetting", by=officer)
    url = reverse("application-version", args=[case.pk, 1])
    for role in (Role.AUDITOR, Role.MUNICIPAL_HANDLER, Role.CHANNEL_HANDLER):
        page = another_desk(role).get(url)
        assert [(one["title"], one["who"]) for one in page.context["history"]] == [
            ("审核通过", officer.signature())
        ]
        assert PASSED["authenticity_note"] in page.content.decode()
    own = Client()
    own.force_login(make_member(case.enterprise), backend="accounts.backends.PortalBackend")
    page = own.get(url)
    assert (page.context["history"], page.context["opinion"]) == ([], None)
    assert PASSED["authenticity_note"] not in page.content.decode()
