"""Every state × action × person, against tables written here and nowhere else.

A row says who may do an action, between which states it leads and which conditions guard it. Whatever no row allows is
refused. A permission or guard that is dropped, added or loosened in the code fails here until somebody changes the row too.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from accounts.models import Membership
from accounts.roles import Role
from applications.models import Application, Recommendation, Round
from core import clock, workflow
from core.models import Event, Stateful
from decisions.models import Meeting, Objection, PublicNotice, Recognition
from review.models import Assignment, Panel, ScoreSheet
from supervision.models import ReReview, SupportingPolicy
from tests import who
from tests.factories import JUNE, make_association, make_officer

pytestmark = pytest.mark.django_db

OWN_MEMBER = {"own member"}
ONESELF = {"somebody who asked to join"}
OWN_CHANNEL = {"own channel's handler", "own channel's leader", "own channel's leader who drafted"}
LEADERS_OF_THE_CHANNEL = OWN_CHANNEL - {"own channel's handler"}
ANOTHER_LEADER_OF_THE_CHANNEL = {"own channel's leader"}
BUREAU_HANDLER = {"municipal handler"}
BUREAU_LEADER = {"municipal leader", "municipal leader who drafted"}
ANOTHER_BUREAU_LEADER = {"municipal leader"}
THE_EXPERT = {"assigned expert"}


@dataclass(frozen=True)
class Row:
    action: str
    may: frozenset[str]
    source: str
    target: str
    guards: tuple[str, ...]


def row(action: str, may: set[str], arrow: str, *guards: str) -> list[Row]:
    sources, target = arrow.split(" → ")
    return [Row(action, frozenset(may), source, target, guards) for source in sources.split(" ")]


TABLE: dict[type[Stateful], list[list[Row]]] = {
    Membership: [
        row("confirm", OWN_MEMBER, "PENDING → CONFIRMED", "works_in_no_office"),
        row("refuse", OWN_MEMBER, "PENDING → REFUSED"),
        row("accept_invitation", ONESELF, "PENDING → CONFIRMED", "invited", "works_in_no_office"),
        row("retract", ONESELF, "PENDING → WITHDRAWN"),
        row("leave", ONESELF, "CONFIRMED → WITHDRAWN", "somebody_confirmed_remains"),
        row("remove", OWN_MEMBER, "CONFIRMED → WITHDRAWN", "somebody_confirmed_remains"),
        row("withdraw", OWN_CHANNEL, "CONFIRMED → WITHDRAWN"),
        # Of an agency's people only: see the test of who ends an officer's service.
        row("end_service", set(), "CONFIRMED → WITHDRAWN", "a_leader_remains"),
    ],
    Round: [
        row(
            "open",
            BUREAU_HANDLER,
            "PREPARING → OPEN",
            "measure_in_force",
            "dates_in_order",
            "still_time_to_apply",
            "attachments_asked_for",
            "figures_year_complete",
            "quotas_fit",
        ),
        row("close", BUREAU_HANDLER, "OPEN → CLOSED", "every_case_ended"),
    ],
    Application: [
        row(
            "submit",
            OWN_MEMBER,
            "DRAFT → SUBMITTED",
            "round_accepts_submission",
            "account_confirmed",
            "profile_confirmed_this_year",
            "all_sections_complete",
            "required_attachments_present",
            "conditions_of_article_12_met",
        ),
        row(
            "submit",
            OWN_MEMBER,
            "RETURNED → SUBMITTED",
            "round_accepts_submission",
            "every_correction_answered",
            "all_sections_complete",
            "required_attachments_present",
            "conditions_of_article_12_met",
        ),
        row("withdraw", OWN_MEMBER, "DRAFT SUBMITTED RETURNED → WITHDRAWN"),
        row(
            "return_for_correction",
            OWN_CHANNEL,
            "SUBMITTED SENT_BACK → RETURNED",
            "vetting_not_over",
            "returned_items_named",
            "doubts_explained",
        ),
        row(
            "refuse_recommendation",
            OWN_CHANNEL,
            "SUBMITTED SENT_BACK → NOT_RECOMMENDED",
            "doubts_explained",
        ),
        row("refuse_recommendation", OWN_CHANNEL, "RETURNED → NOT_RECOMMENDED", "correction_overdue"),
        row("refuse_recommendation", OWN_CHANNEL, "VETTED → NOT_RECOMMENDED", "reporting_over"),
        row(
            "pass_vetting",
            OWN_CHANNEL,
            "SUBMITTED SENT_BACK → VETTED",
            "three_verdicts_passed",
            "reconsidered",
        ),
        row("take_back_pass", OWN_CHANNEL, "VETTED → SUBMITTED", "in_no_letter"),
        row("forward", OWN_CHANNEL, "VETTED → FORWARDED", "listed_in_signed_letter"),
        row("accept", BUREAU_HANDLER, "FORWARDED → ACCEPTED", "came_with_its_letter"),
        row("send_back", BUREAU_HANDLER, "FORWARDED → SENT_BACK"),
        row("decline", BUREAU_HANDLER, "FORWARDED → DECLINED"),
        row("start_review", BUREAU_HANDLER, "ACCEPTED → UNDER_REVIEW", "panel_complete_for_case"),
        row(
            "conclude_review",
            BUREAU_HANDLER,
            "UNDER_REVIEW → REVIEWED",
            "every_sheet_submitted",
            "outliers_explained",
            "site_visit_settled",
        ),
        row("reopen_review", BUREAU_HANDLER, "REVIEWED → UNDER_REVIEW", "ranking_not_frozen"),
        row(
            "propose",
            BUREAU_HANDLER,
            "REVIEWED → PROPOSED",
            "is_recognition_round",
            "ranking_frozen",
            "placed_within_quota",
        ),
        row("leave_out", BUREAU_HANDLER, "REVIEWED → NOT_SELECTED", "is_recognition_round", "ranking_frozen"),
        row("pass_re_review", BUREAU_HANDLER, "REVIEWED → RE_REVIEW_PASSED", "is_re_review_round"),
        row("fail_re_review", BUREAU_HANDLER, "REVIEWED → RE_REVIEW_FAILED", "is_re_review_round"),
        row("approve", BUREAU_HANDLER, "PROPOSED → APPROVED", "approved_in_meeting"),
        row("reject", BUREAU_HANDLER, "PROPOSED → NOT_APPROVED", "rejected_in_meeting"),
        row("publicize", BUREAU_LEADER, "APPROVED → PUBLICIZED", "listed_in_released_publicity"),
        row("contest", BUREAU_HANDLER, "PUBLICIZED → CONTESTED"),
        row("dismiss_objection", BUREAU_HANDLER, "CONTESTED → PUBLICIZED"),
        row("uphold_objection", BUREAU_HANDLER, "CONTESTED → OBJECTION_UPHELD"),
        row(
            "recognize",
            BUREAU_LEADER,
            "PUBLICIZED → RECOGNIZED",
            "publicity_over",
            "listed_in_released_announcement",
            "no_objection_open",
            "no_title_in_force",
        ),
        row("award", BUREAU_HANDLER, "RECOGNIZED → AWARDED", "plaque_handed_over"),
    ],
    Recommendation: [
        row("sign", ANOTHER_LEADER_OF_THE_CHANNEL, "DRAFT → SIGNED", "batch_not_empty", "not_handed_back"),
        row("hand_back", ANOTHER_LEADER_OF_THE_CHANNEL, "DRAFT → DRAFT", "not_handed_back"),
        row(
            "forward",
            OWN_CHANNEL,
            "SIGNED → FORWARDED",
            "batch_not_empty",
            "sealed_letter_attached",
            "reported_in_time",
        ),
        row("discard", OWN_CHANNEL, "DRAFT → VOID"),
        row("void", LEADERS_OF_THE_CHANNEL, "SIGNED → VOID"),
    ],
    Panel: [
        row("seat", BUREAU_HANDLER, "FORMING → SEATED", "panel_is_odd_and_full", "every_case_planned"),
        row("conclude", BUREAU_HANDLER, "SEATED → CONCLUDED", "every_case_reviewed", "opinions_signed"),
        row("reopen", BUREAU_HANDLER, "CONCLUDED → SEATED"),
    ],
    Assignment: [
        row("declare_no_conflict", THE_EXPERT, "AWAITING → CLEAR", "no_real_conflict"),
        row("recuse", THE_EXPERT, "AWAITING CLEAR → RECUSED", "case_still_open"),
        row("exclude", BUREAU_HANDLER, "AWAITING CLEAR → RECUSED", "case_open_or_reopened"),
        row("release", BUREAU_HANDLER, "AWAITING CLEAR → RELEASED", "case_open_or_reopened"),
    ],
    ScoreSheet: [
        row(
            "submit",
            THE_EXPERT,
            "DRAFT → SUBMITTED",
            "review_has_started",
            "within_time",
            "every_criterion_scored",
            "reasons_given_where_required",
        ),
        row("ask_explanation", BUREAU_HANDLER, "SUBMITTED → SUBMITTED", "review_goes_on"),
        row("explain", THE_EXPERT, "SUBMITTED → SUBMITTED", "review_goes_on", "explanation_asked"),
        row("unlock", BUREAU_HANDLER, "SUBMITTED → DRAFT", "review_goes_on"),
        row("reopen", THE_EXPERT, "SUBMITTED → DRAFT", "review_goes_on", "discussion_is_open"),
    ],
    Meeting: [row("confirm", BUREAU_HANDLER, "DRAFT → CONFIRMED", "meeting_record_complete")],
    PublicNotice: [
        row(
            "send_for_signature",
            BUREAU_HANDLER,
            "DRAFT → DRAFT",
            "notice_complete",
            "text_names_its_days",
            "measure_in_force_on_release",
            "list_agrees_with_its_source",
        ),
        row("hand_back", ANOTHER_BUREAU_LEADER, "DRAFT → DRAFT", "sent_for_signature"),
        row(
            "release",
            ANOTHER_BUREAU_LEADER,
            "DRAFT → RELEASED",
            "sent_for_signature",
            "notice_complete",
            "text_names_its_days",
            "measure_in_force_on_release",
            "list_agrees_with_its_source",
        ),
    ],
    Objection: [
        row("accept", BUREAU_HANDLER, "RECEIVED → HANDLING", "under_real_name"),
        row("log_as_lead", BUREAU_HANDLER, "RECEIVED → LOGGED", "bears_no_name"),
        row("dismiss", BUREAU_HANDLER, "HANDLING → DISMISSED", "facts_answered"),
        row("uphold", BUREAU_HANDLER, "HANDLING → UPHELD", "facts_answered"),
    ],
    Recognition: [
        row("award", BUREAU_HANDLER, "ANNOUNCED → AWARDED", "plaque_ready"),
        row("revoke", BUREAU_LEADER, "ANNOUNCED AWARDED → REVOKED", "ground_recorded"),
    ],
    SupportingPolicy: [
        row("publish", ANOTHER_LEADER_OF_THE_CHANNEL, "DRAFT → PUBLISHED"),
        row("discard", OWN_CHANNEL, "DRAFT → WITHDRAWN"),
        row("withdraw", LEADERS_OF_THE_CHANNEL, "PUBLISHED → WITHDRAWN"),
    ],
    ReReview: [
        row("record_pass", BUREAU_HANDLER, "DUE → PASSED"),
        row("record_failure", BUREAU_HANDLER, "DUE → FAILED"),
    ],
}
MAKE = {
    Membership: who.a_membership,
    Round: lambda world: world.round,
    Application: lambda world: world.application,
    Recommendation: who.a_recommendation,
    Panel: who.a_panel,
    Assignment: who.an_assignment,
    ScoreSheet: who.a_sheet,
    Meeting: who.a_meeting,
    PublicNotice: who.a_notice,
    Objection: who.an_objection,
    Recognition: who.a_title,
    SupportingPolicy: who.a_policy,
    ReReview: who.a_re_review,
}
STATES = {
    Membership: "PENDING CONFIRMED REFUSED WITHDRAWN",
    Round: "PREPARING OPEN CLOSED",
    Application: "DRAFT SUBMITTED RETURNED NOT_RECOMMENDED WITHDRAWN VETTED FORWARDED SENT_BACK DECLINED ACCEPTED"
    " UNDER_REVIEW REVIEWED NOT_SELECTED PROPOSED NOT_APPROVED APPROVED PUBLICIZED CONTESTED OBJECTION_UPHELD"
    " RECOGNIZED AWARDED RE_REVIEW_PASSED RE_REVIEW_FAILED",
    Recommendation: "DRAFT SIGNED FORWARDED VOID",
    Panel: "FORMING SEATED CONCLUDED",
    Assignment: "AWAITING CLEAR RECUSED RELEASED",
    ScoreSheet: "DRAFT SUBMITTED",
    Meeting: "DRAFT CONFIRMED",
    PublicNotice: "DRAFT RELEASED",
    Objection: "RECEIVED HANDLING DISMISSED UPHELD LOGGED",
    Recognition: "ANNOUNCED AWARDED REVOKED",
    SupportingPolicy: "DRAFT PUBLISHED WITHDRAWN",
    ReReview: "DUE PASSED FAILED",
}


@pytest.fixture(autouse=True)
def in_june():
    with clock.stopped_at(JUNE):
        yield


every_model = pytest.mark.parametrize("model", TABLE, ids=lambda model: model.__name__)


def rows_of(model: Any) -> list[Row]:
    return [one for group in TABLE[model] for one in group]


def actions_of(model: Any) -> dict[str, frozenset[str]]:
    """Action → who may do it."""
    return {one.action: one.may for one in rows_of(model)}


def put(subject: Any, state: str) -> Any:
    """The subject in a state, as if it had come there through the door."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.door', 'open', true)")
        type(subject)._default_manager.filter(pk=subject.pk).update(state=state)
        cursor.execute("SELECT set_config('portal.door', '', true)")
    return type(subject)._default_manager.get(pk=subject.pk)


def test_every_kind_of_subject_has_its_table() -> None:
    assert set(TABLE) == set(MAKE) == set(STATES) == set(workflow.registered_models())


@every_model
def test_the_states_are_those_of_the_table(model: Any) -> None:
    assert model._meta.get_field("state").choices is not None
    assert [value for value, _ in model._meta.get_field("state").choices] == STATES[model].split()


@every_model
def test_no_arrow_and_no_guard_beyond_the_table(model: Any) -> None:
    added = workflow.rulebook_of(model).guards
    found = {
        (one.name, one.source, one.target): sorted(
            condition.__name__ for condition in [*one.conditions, *added.get(one.name, [])]
        )
        for one in model._meta.get_field("state").get_all_transitions(model)
    }
    assert found == {(one.action, one.source, one.target): sorted(one.guards) for one in rows_of(model)}


@every_model
def test_every_person_may_do_in_every_state_what_the_table_says(model: Any) -> None:
    world = who.make_world()
    subject = MAKE[model](world)
    may_whom = actions_of(model)
    arrows = {(one.source, one.action) for one in rows_of(model)}
    expected, found = {}, {}
    for state in STATES[model].split():
        subject = put(subject, state)
        for action, may in may_whom.items():
            for person, user in world.people.items():
                key = (state, action, person)
                expected[key] = person in may and (state, action) in arrows
                found[key] = (
                    workflow.can(user, action, subject)
                    and getattr(subject, action)._django_fsm.get_transition(state) is not None
                )
            assert not workflow.can(AnonymousUser(), action, subject)
    assert {key for key in expected if expected[key] != found[key]} == set()


@every_model
def test_the_door_refuses_everybody_else_and_records_it(model: Any) -> None:
    world = who.make_world()
    subject = MAKE[model](world)
    sources = {one.action: one.source for one in rows_of(model)}
    expected = []
    for action, may in actions_of(model).items():
        subject = put(subject, sources[action])
        for person, user in world.people.items():
            if person in may:
                continue
            with pytest.raises(workflow.NotPermitted):
                workflow.perform(subject, action, by=user)
            expected.append((action, user.pk if user else None, sources[action], "", "REFUSED"))
        assert type(subject)._default_manager.get(pk=subject.pk).state == sources[action]
    refusals = Event.objects.filter(subject_type=model._meta.label, subject_id=subject.pk).order_by("id")
    assert list(refusals.values_list("action", "actor", "from_state", "to_state", "outcome")) == expected


@every_model
def test_the_door_leads_nowhere_from_a_state_without_an_arrow(model: Any) -> None:
    world = who.make_world()
    subject = MAKE[model](world)
    arrows = {(one.source, one.action) for one in rows_of(model)}
    for state in STATES[model].split():
        subject = put(subject, state)
        for action, may in actions_of(model).items():
            if (state, action) in arrows or not may:
                continue
            with pytest.raises(workflow.NotPossible) as refusal:
                workflow.perform(subject, action, by=world.people[min(may)])
            assert refusal.value.reasons == [
                f"当前状态为“{subject.get_state_display()}”，不能{workflow.action_label(model, action)}。"
                "请刷新页面查看最新进展。"
            ]
        assert type(subject)._default_manager.get(pk=subject.pk).state == state
    assert not Event.objects.filter(subject_type=model._meta.label).exists()


@every_model
def test_each_guard_alone_keeps_the_door_shut(model: Any, monkeypatch) -> None:
    world = who.make_world()
    subject = MAKE[model](world)
    added = workflow.rulebook_of(model).guards
    holding: list[str] = []
    conditions = {
        condition.__name__: condition
        for one in model._meta.get_field("state").get_all_transitions(model)
        for condition in [*one.conditions, *added.get(one.name, [])]
    }
    for name, condition in conditions.items():
        monkeypatch.setattr(condition, "reason", lambda subject, name=name: name if name in holding else "")
    for one in rows_of(model):
        subject = put(subject, one.source)
        for guard in one.guards if one.may else ():
            holding[:] = [guard]
            with pytest.raises(workflow.NotPossible) as refusal:
                workflow.perform(subject, one.action, by=world.people[min(one.may)])
            assert refusal.value.reasons == [guard]
        holding[:] = set(conditions) - set(one.guards)
        assert workflow.why_not(subject, one.action) == []


def who_may(world: who.World, action: str, membership: Membership) -> set[str]:
    return {person for person, user in world.people.items() if workflow.can(user, action, membership)}


def test_where_nobody_is_confirmed_the_district_vouches_and_the_association_if_it_was_chosen() -> None:
    world = who.make_world()
    association = make_association()
    world.people["association's handler"] = make_officer(Role.CHANNEL_HANDLER, association)
    membership = who.a_membership(world)
    put(Membership.objects.get(user=world.people["own member"]), "WITHDRAWN")
    assert who_may(world, "confirm", membership) == who_may(world, "refuse", membership) == OWN_CHANNEL
    world.enterprise.association = association
    world.enterprise.save()
    membership = Membership.objects.get(pk=membership.pk)
    for action in ("confirm", "refuse", "withdraw"):
        assert who_may(world, action, membership) == OWN_CHANNEL | {"association's handler"}


def test_an_officer_who_also_asked_to_join_does_not_vouch_for_oneself() -> None:
    world = who.make_world()
    officer = world.people["own channel's handler"]
    put(Membership.objects.get(user=world.people["own member"]), "WITHDRAWN")
    membership = Membership.objects.create(user=officer, role=Role.ENTERPRISE, enterprise=world.enterprise)
    colleagues = {"own channel's leader", "own channel's leader who drafted"}
    assert who_may(world, "confirm", membership) == who_may(world, "refuse", membership) == colleagues


def test_an_officers_service_is_ended_by_the_leaders_and_the_administrator_who_does_not_end_the_own() -> None:
    world = who.make_world()
    leaders = LEADERS_OF_THE_CHANNEL
    for person, led_by in (
        ("municipal handler", BUREAU_LEADER),
        ("municipal leader", BUREAU_LEADER),
        ("own channel's handler", leaders),
        ("own channel's leader", leaders),
        ("another agency's handler", {"another agency's leader"}),
        ("assigned expert", set()),
        ("auditor", set()),
    ):
        membership = Membership.objects.get(user=world.people[person])
        for action in workflow.actions_of(Membership):
            expected = {"withdraw": {"administrator"}, "end_service": led_by}.get(action, set())
            assert who_may(world, action, membership) == expected, (person, action)
    own = Membership.objects.get(user=world.people["administrator"])
    assert who_may(world, "withdraw", own) == set()


def test_the_portal_itself_logs_an_unsigned_letter_but_no_signed_one() -> None:
    world = who.make_world()
    signed = who.an_objection(world)
    assert not workflow.can(workflow.SYSTEM, "log_as_lead", signed)
    signed.kind = Objection.Kind.LEAD
    may = [person for person, user in world.people.items() if workflow.can(user, "log_as_lead", signed)]
    assert may == ["municipal handler", "nobody"]


def test_an_expert_who_left_the_case_has_no_sheet_any_more() -> None:
    world = who.make_world()
    sheet = who.a_sheet(world)
    for state in ("AWAITING", "RECUSED", "RELEASED"):
        put(sheet.assignment, state)
        sheet = ScoreSheet.objects.get(pk=sheet.pk)
        for action in ("submit", "explain"):
            assert not workflow.can(world.expert.user, action, sheet)


@pytest.mark.parametrize("action", ["delete", "save", "", "grant_everything"])
def test_what_stands_in_no_table_is_refused_to_everybody(action: str) -> None:
    world = who.make_world()
    allowed = {
        person for person, user in world.people.items() if workflow.can(user, action, world.application)
    }
    assert allowed == set()


def test_a_dropped_permission_or_guard_would_be_seen(monkeypatch) -> None:
    """The tables are alive: each loosening below fails the test that stands beside it."""
    book = workflow.rulebook_of(Application)
    with monkeypatch.context() as patch:
        patch.setattr(book, "permissions", {**book.permissions, "accept": lambda user, subject: True})
        with pytest.raises(AssertionError):
            test_every_person_may_do_in_every_state_what_the_table_says(Application)
    with monkeypatch.context() as patch:
        patch.setitem(book.guards, "recognize", [])
        with pytest.raises(AssertionError):
            test_no_arrow_and_no_guard_beyond_the_table(Application)
