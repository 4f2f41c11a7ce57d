"""The division of labour within an agency: taken, handed over, put back; notes and presence of colleagues (第十五条)."""

import pytest
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import Role
from applications import casework, presence
from applications.models import Application, CaseNote
from core import clock
from core.models import Event, Notification
from core.workflow import NotPermitted, NotPossible
from tests.applications.scenes import signed_in
from tests.applications.vetting.scenes import JULY, another_desk, opinion_of, words
from tests.factories import make_application, make_association, make_member, make_officer

pytestmark = pytest.mark.django_db
State = Application.State


@pytest.fixture(autouse=True)
def july():
    with clock.stopped_at(JULY):
        yield


@pytest.fixture
def officer():
    return make_officer(Role.CHANNEL_HANDLER, name="于晓岚")


@pytest.fixture
def colleague():
    return make_officer(Role.CHANNEL_HANDLER, name="冷思远")


@pytest.fixture
def leader():
    return make_officer(Role.CHANNEL_LEADER, name="毕文舟")


@pytest.fixture
def case():
    return make_application(state=State.SUBMITTED)


def press(user, case: Application, value: str) -> list[str]:
    url = reverse("vetting-officer", args=[case.pk])
    asked = (
        {"officer": value} if value in ("take", "put_back") else {"officer": "hand_over", "colleague": value}
    )
    return words(signed_in(user).post(url, asked | {"show": "FIGURES"}, follow=True))


def officer_of(case: Application) -> str:
    found = Application.objects.select_related("officer").get(pk=case.pk).officer
    return found.name if found else ""


def done_to(case: Application) -> list[tuple[str, str, str]]:
    log = Event.objects.filter(subject_type="applications.Application", subject_id=case.pk).order_by("id")
    return [(one.action_label, one.actor.name, one.note) for one in log if one.action in casework.LABELS]


def test_a_case_is_taken_handed_over_and_put_back(officer, colleague, case):
    assert press(officer, case, "take") == ["这件由您经办。"]
    assert press(officer, case, str(colleague.pk)) == ["已由冷思远经办，并发消息告知。"]
    assert officer_of(case) == "冷思远"
    assert press(colleague, case, "put_back") == ["已放回，等待分工。"]
    assert officer_of(case) == ""
    assert done_to(case) == [
        ("接手经办", "于晓岚", "于晓岚"),
        ("转交经办", "于晓岚", "冷思远"),
        ("放回待分工", "冷思远", ""),
    ]
    told = Notification.objects.get()
    assert (told.recipient, told.subject, told.url) == (
        colleague,
        f"转交您经办：{case.enterprise}",
        f"/vetting/{case.pk}/",
    )


def test_what_a_colleague_works_on_is_the_colleagues_or_the_leaders_to_give(officer, colleague, leader, case):
    casework.take(case, by=officer)
    assert press(colleague, case, "take") == [
        "这件已由于晓岚经办。要由您经办的，请于晓岚或本单位负责人转交。"
    ]
    for value in (str(colleague.pk), "put_back"):
        assert press(colleague, case, value) == ["这件由于晓岚经办，由其本人或本单位负责人转交、放回。"]
    assert officer_of(case) == "于晓岚"
    assert press(leader, case, str(colleague.pk)) == ["已由冷思远经办，并发消息告知。"]
    assert officer_of(case) == "冷思远"


def test_the_case_of_somebody_who_left_is_free_to_be_taken(officer, colleague, case):
    casework.take(case, by=officer)
    Membership.objects.filter(user=officer).update(is_active=False)
    page = signed_in(colleague).get(reverse("vetting", args=[case.pk])).content.decode()
    assert "由 <b>于晓岚</b> 经办（已不在本单位）" in page
    assert press(colleague, case, "take") == ["这件由您经办。"]
    assert officer_of(case) == "冷思远"


def test_nobody_outside_the_agency_is_given_a_case_or_gives_one(officer, case):
    outsider = make_officer(Role.CHANNEL_HANDLER, agency=make_association(), name="孙静禾")
    assert press(officer, case, str(outsider.pk)) == ["请选择转交给哪位同事。"]
    with pytest.raises(NotPossible, match=r"不是.*现有的经办人或负责人"):
        casework.hand_over(case, outsider, by=officer)
    url = reverse("vetting-officer", args=[case.pk])
    assert signed_in(outsider).post(url, {"officer": "take"}).status_code == 404
    with pytest.raises(NotPermitted, match="您不是该单位的人员"):
        casework.take(case, by=outsider)
    assert officer_of(case) == ""


@pytest.mark.parametrize("value", ["", "0", "x", "99999999999999999999", "-1"])
def test_a_colleague_that_does_not_exist_is_asked_for_again(officer, case, value):
    assert press(officer, case, value) == ["请选择转交给哪位同事。"]


def test_a_case_that_has_left_the_agency_is_not_divided_any_more(officer):
    case = make_application(state=State.FORWARDED)
    assert press(officer, case, "take") == ["这件申报现为“已推荐”，不在本单位手中，不用再分工。"]
    page = signed_in(officer).get(reverse("vetting", args=[case.pk])).content.decode()
    assert "由我经办" not in page


def test_whoever_first_vets_or_flags_is_the_officer(officer, colleague, case):
    desk = signed_in(officer)
    desk.post(reverse("vetting-save", args=[case.pk]), opinion_of(case), headers={"x-autosave": "1"})
    assert officer_of(case) == "于晓岚"
    flagged = {"item": "FIGURES", "reason": "请附审计报告验证码。", "seen": ""}
    signed_in(colleague).post(reverse("vetting-flag", args=[case.pk]), flagged)
    assert officer_of(case) == "于晓岚"
    other = make_application(state=State.SUBMITTED)
    signed_in(colleague).post(reverse("vetting-flag", args=[other.pk]), flagged)
    assert officer_of(other) == "冷思远"
    Membership.objects.filter(user=colleague).update(is_active=False)
    desk.post(reverse("vetting-save", args=[other.pk]), opinion_of(other), headers={"x-autosave": "1"})
    assert officer_of(other) == "于晓岚"


def test_the_queue_shows_the_officer_and_finds_by_officer(officer, case):
    other = make_application(state=State.SUBMITTED)
    casework.take(case, by=officer)
    desk = signed_in(officer)

    def found(asked: str) -> list[tuple[int, str]]:
        page = desk.get(reverse("vetting-queue"), {"officer": asked})
        return [(row.application.pk, row.officer) for row in page.context["rows"]]

    assert found(str(officer.pk)) == [(case.pk, "于晓岚")]
    assert found("none") == [(other.pk, "")]
    assert sorted(found("")) == [(case.pk, "于晓岚"), (other.pk, "")]


def test_notes_are_for_the_colleagues_alone(officer, colleague, case):
    url = reverse("vetting-note", args=[case.pk])
    signed_in(officer).post(url, {"text": "已电话核实，等原件<b>", "show": "FIGURES"})
    page = signed_in(colleague).get(reverse("vetting", args=[case.pk]))
    assert [(one.text, one.author.name) for one in page.context["notes"]] == [
        ("已电话核实，等原件<b>", "于晓岚")
    ]
    assert "已电话核实，等原件&lt;b&gt;" in page.content.decode()
    member = signed_in(make_member(case.enterprise))
    bureau = another_desk(Role.MUNICIPAL_HANDLER)
    association = another_desk(agency=make_association())
    assert association.post(url, {"text": "外人"}).status_code == 404
    for reader in (member, bureau):
        for page in ("application-detail", "application-version"):
            args = [case.pk] if page == "application-detail" else [case.pk, 1]
            assert "已电话核实" not in reader.get(reverse(page, args=args)).content.decode()
        assert reader.post(url, {"text": "外人"}).status_code in (403, 404)
    assert CaseNote.objects.count() == 1


@pytest.mark.parametrize(("text", "sentence"), [("  ", "请写下要告诉同事的话。"), ("长" * 501, "500")])
def test_a_note_that_cannot_be_kept_stays_in_its_field(officer, case, text, sentence):
    page = signed_in(officer).post(reverse("vetting-note", args=[case.pk]), {"text": text})
    assert page.status_code == 422
    assert sentence in " ".join(page.context["note_form"].errors["text"])
    assert text.strip() in page.content.decode()
    assert CaseNote.objects.count() == 0


def test_colleagues_see_who_else_has_the_case_open(officer, colleague, case):
    url = reverse("vetting", args=[case.pk])
    assert signed_in(officer).get(url).context["others"] == []
    page = signed_in(colleague).get(url)
    assert page.context["others"] == ["于晓岚"]
    assert "于晓岚也开着这件" in page.content.decode()
    assert signed_in(officer).get(url).context["others"] == ["冷思远"]
    with clock.stopped_at(JULY + presence.STAYS):
        assert signed_in(officer).get(url).context["others"] == []


def test_the_history_of_a_case_tells_who_worked_on_it_but_not_to_its_enterprise(officer, case):
    casework.take(case, by=officer)
    page = signed_in(officer).get(reverse("vetting", args=[case.pk]))
    assert [one["title"] for one in page.context["history"]] == ["接手经办"]
    track = signed_in(make_member(case.enterprise)).get(reverse("application-detail", args=[case.pk]))
    assert "接手经办" not in track.content.decode()
