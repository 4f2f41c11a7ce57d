"""Applications in bulk: rows written directly, copied from one that is filled in whole, without events or history.

Two thirds of the cases stand in the round that is open now, so that its board, queues and lists are as long as they get; a tenth
is under review in the round before, in panels of 30 cases and five experts; the rest are holders and those left out of
earlier years.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

from django.db import transaction
from guardian.shortcuts import assign_perm

from accounts.models import Agency, Enterprise, Expert, Membership, User
from accounts.roles import CHANNEL, Role, agencies_of
from applications.models import (
    Application,
    CorrectionItem,
    CorrectionRequest,
    ModeRevenue,
    Recommendation,
    RecommendationEntry,
    Round,
    VettingOpinion,
)
from core import clock
from core.models import Event, Notification
from decisions.models import Meeting, NoticeEntry, Plaque, PublicNotice, Recognition
from review.models import Assignment, CriterionScore, Panel, PanelCase, PanelMember, ScoreSheet
from tests import factories
from tests.factories import bulk, copies

State = Application.State
NOW_OPEN = (
    [State.RETURNED] * 2
    + [State.SUBMITTED] * 7
    + [State.VETTED] * 3
    + [State.FORWARDED] * 3
    + [State.ACCEPTED] * 2
    + [State.DRAFT] * 2
    + [State.NOT_RECOMMENDED]
)
EARLIER = [State.AWARDED, State.NOT_SELECTED, State.NOT_SELECTED, State.NOT_RECOMMENDED]
PANEL_CASES, PANEL_EXPERTS, LARGE_PANEL_CASES = 30, 5, 300
LISTED = 40


@dataclass
class Seeded:
    """The people who look, and the objects that they open."""

    people: dict[str, User]
    kwargs: dict[str, dict[str, Any]]
    queries: dict[str, str]


@transaction.atomic
def seed(applications: int) -> Seeded:
    now, year = clock.now(), clock.today().year
    districts = list(Agency.objects.districts())
    people = _people(districts[0])
    rounds = {
        kind: factories.make_round(
            year=year - back,
            title=f"{year - back}年度认定",
            latest_year=year - back - 1,
            opens_at=now - timedelta(days=40 + 365 * back),
            enterprise_deadline=now + timedelta(days=10 - 365 * back),
            district_deadline=now + timedelta(days=25 - 365 * back),
            state=Round.State.OPEN if back < 2 else Round.State.CLOSED,
        )
        for kind, back in (("open", 0), ("reviewed", 1), ("earlier", 2), ("oldest", 3))
    }
    model = factories.make_application(round=rounds["oldest"], state=State.NOT_SELECTED)
    enterprises = _enterprises(model.enterprise, districts, applications, people["member"])
    shares = {"open": applications * 2 // 3, "reviewed": applications // 10}
    shares["earlier"] = shares["oldest"] = (applications - sum(shares.values())) // 2
    states = {"open": NOW_OPEN, "reviewed": [State.UNDER_REVIEW], "earlier": EARLIER, "oldest": EARLIER}
    cases = {
        name: _cases(model, rounds[name], islice(cycle(enterprises[start:]), shares[name]), states[name])
        for start, name in enumerate(rounds)
    }
    every = [case for group in cases.values() for case in group]
    _contents(model, every)
    _vetting(people, every)
    _history(people, every)
    forwarded = [case for case in cases["open"] if case.state in (State.FORWARDED, State.ACCEPTED)]
    batch = _recommendations(people, rounds["open"], forwarded)
    panel, large, assignment = _reviews(people, rounds["reviewed"], cases["reviewed"])
    notice = _decisions(people, rounds["earlier"], [*cases["earlier"], *cases["oldest"]])
    first = districts[0].pk
    own = next(case for case in cases["open"] if case.state == State.SUBMITTED and case.channel_id == first)
    round_ = {"pk": rounds["open"].pk}
    reviewed = {"pk": rounds["reviewed"].pk}
    return Seeded(
        people,
        {
            "application-detail": {"pk": cases["open"][0].pk},
            "application-check": {"pk": cases["open"][0].pk},
            "application-section": {"pk": cases["open"][0].pk, "section": "narrative"},
            "vetting": {"pk": own.pk},
            "application-version": {"pk": own.pk, "number": 1},
            "recommendation-detail": {"pk": batch.pk},
            "acceptance": {"recommendation_pk": batch.pk},
            "round-board": round_,
            "round-charts": round_,
            "round-cases": round_,
            "score-matrix": reviewed,
            "score-matrix:large": reviewed,
            "ranking": reviewed,
            "panel-detail": {"pk": panel.pk},
            "site-visit": {"application_pk": cases["reviewed"][0].pk},
            "review-sheet": {"assignment_pk": assignment.pk},
            "review-save": {"assignment_pk": assignment.pk},
            "notice-edit": {"pk": notice.pk},
            "notice": {"pk": notice.pk},
        },
        {"score-matrix:large": f"?panel={large.pk}"},
    )


def _people(district: Agency) -> dict[str, User]:
    bureau = factories.an_agency("371000")
    return {
        "handler": factories.make_officer(Role.MUNICIPAL_HANDLER, bureau),
        "leader": factories.make_officer(Role.MUNICIPAL_LEADER, bureau),
        "auditor": factories.make_officer(Role.AUDITOR, bureau),
        "administrator": factories.make_officer(Role.ADMINISTRATOR, bureau),
        "district": factories.make_officer(Role.CHANNEL_HANDLER, district),
        "district leader": factories.make_officer(Role.CHANNEL_LEADER, district),
        "member": factories.make_user("企业经办人"),
    }


def _enterprises(
    model: Enterprise, districts: list[Agency], applications: int, member: User
) -> list[Enterprise]:
    """As many as the open round has cases; the first belongs to the member."""
    rows = bulk(
        copies(
            model,
            name=f"威海第{number}装备制造有限公司",
            credit_code=factories.a_credit_code(),
            district_id=districts[number % len(districts)].pk,
        )
        for number in range(applications * 2 // 3 + 4)
    )
    Membership.objects.create(
        user=member, role=Role.ENTERPRISE, enterprise=rows[0], state=Membership.State.CONFIRMED
    )
    bulk(
        Membership(
            user=member,
            role=Role.ENTERPRISE,
            enterprise=one,
            state=Membership.State.CONFIRMED,
            is_active=False,
        )
        for one in rows[1:]
    )
    return rows


def _cases(
    model: Application, round_: Round, enterprises: Iterator[Enterprise], states: Sequence[str]
) -> list[Application]:
    since = clock.now() - timedelta(days=30)
    rows = [
        copies(
            model,
            round_id=round_.pk,
            enterprise=one,
            channel_id=one.district_id,
            state=states[number % len(states)],
            receipt_number=f"SL-{round_.year}-{number:06d}",
            current_version_id=None,
            submitted_at=None if states[number % len(states)] == State.DRAFT else since,
            state_since=since + timedelta(minutes=number),
            created_at=since,
            correction_due=clock.now() + timedelta(days=3),
        )
        for number, one in enumerate(enterprises)
    ]
    return bulk(rows)


def _contents(model: Application, cases: list[Application]) -> None:
    """Figures, projects, answers, files and the first version of each."""
    years = list(model.figures.all())
    figures = bulk(
        copies(row, application_id=case.pk, year=case.round.years[index])
        for case in cases
        for index, row in enumerate(years)
    )
    revenue = ModeRevenue.objects.filter(figures=years[0]).get()
    bulk(copies(revenue, figures_id=row.pk) for row in figures)
    model.attachments.update(project=None)
    for related in (model.conduct_answers, model.projects):
        rows = list(related.all())
        bulk(copies(row, application_id=case.pk) for case in cases for row in rows)
    files = list(model.attachments.all())
    bulk(
        copies(one, application_id=case.pk, sha256=f"{case.pk:032x}{one.pk:032x}")
        for case in cases
        for one in files
    )
    first = model.versions.get()
    versions = bulk(
        copies(
            first,
            application_id=case.pk,
            snapshot=first.snapshot
            | {"basic": first.snapshot["basic"] | {"enterprise_name": case.enterprise.name}},
            submitted_at=case.submitted_at,
        )
        for case in cases
        if case.state != State.DRAFT
    )
    of_case = {one.application_id: one for one in versions}
    for case in cases:
        case.current_version = of_case.get(case.pk)
    Application.objects.bulk_update(cases, ["current_version"], batch_size=factories.BATCH)


def _vetting(people: dict[str, User], cases: list[Application]) -> None:
    officer = people["district"]
    vetted = [case for case in cases if case.state not in (State.DRAFT, State.SUBMITTED, State.RETURNED)]
    for case in vetted:
        case.officer = officer
    Application.objects.bulk_update(vetted, ["officer"], batch_size=factories.BATCH)
    verdicts = {"authenticity": "PASS", "compliance": "PASS", "validity": "PASS"}
    bulk(VettingOpinion(version=case.current_version, vetted_by=officer, **verdicts) for case in vetted)
    requests = bulk(
        CorrectionRequest(application=case, version=case.current_version, sent_at=clock.now())
        for case in cases
        if case.state == State.RETURNED
    )
    bulk(
        CorrectionItem(request=one, item=item, label=item, reason="请补充说明。", flagged_by=officer)
        for one in requests
        for item in ("NARRATIVE", "ATTACHMENTS:CREDIT_REPORT")
    )


def _history(people: dict[str, User], cases: list[Application]) -> None:
    """Three events of each case, and messages for everybody who looks."""
    at = clock.now() - timedelta(days=20)
    bulk(
        Event(
            at=at + timedelta(hours=index),
            actor=people["district"],
            actor_label="荣成市工业和信息化局经办人",
            action=action,
            action_label=label,
            subject_type="applications.Application",
            subject_id=case.pk,
            subject_label=str(case),
            from_state=origin,
            to_state=target,
        )
        for case in cases
        for index, (action, label, origin, target) in enumerate(
            [
                ("submit", "提交申报书", "DRAFT", "SUBMITTED"),
                ("return_for_correction", "退回补正", "SUBMITTED", "RETURNED"),
                ("submit", "提交申报书", "RETURNED", "SUBMITTED"),
            ]
        )
    )
    bulk(
        Notification(
            recipient=person,
            key=f"seeded:{number}",
            subject=f"第{number}件申报已提交",
            body="请办理。",
            created_at=at,
            mail_status="NOT_WANTED",
        )
        for person in people.values()
        for number in range(min(len(cases), 500))
    )


def _recommendations(people: dict[str, User], round_: Round, cases: list[Application]) -> Recommendation:
    """Forwarded letters of 40 cases at most for each channel; gives one of the district's."""
    of_channel: dict[int, list[Application]] = {}
    for case in cases:
        of_channel.setdefault(case.channel_id, []).append(case)
    for channel in of_channel:
        listed = of_channel[channel]
        for number, start in enumerate(range(0, len(listed), 40)):
            letter = Recommendation.objects.create(
                agency_id=channel,
                round=round_,
                letter_number=f"函〔{round_.year}〕{number}号",
                prepared_by=people["district"],
                signed_by=people["district leader"],
                signed_at=clock.now(),
                forwarded_at=clock.now(),
                state=Recommendation.State.FORWARDED,
            )
            bulk(
                RecommendationEntry(recommendation=letter, application=case, position=position)
                for position, case in enumerate(listed[start : start + 40], start=1)
            )
    return Recommendation.objects.filter(agency__in=agencies_of(people["district"], *CHANNEL)).latest("pk")


def _reviews(
    people: dict[str, User], round_: Round, cases: list[Application]
) -> tuple[Panel, Panel, Assignment]:
    """Panels of 30 cases and five experts, and a large divided one whose cases have five of its experts each.

    All have declared; four of five have handed in their sheets. Gives the first, the large one, the first assignment.
    """
    large = min(LARGE_PANEL_CASES, len(cases) // 2)
    small = cases[: len(cases) - large]
    experts: list[Expert] = []
    panels: list[Panel] = []
    first: list[Assignment] = []
    for number, start in enumerate(range(0, len(small), PANEL_CASES)):
        if number < 12:
            experts += [factories.make_expert(unit=f"第{number}-{one}研究所") for one in range(PANEL_EXPERTS)]
        members = [experts[(number * PANEL_EXPERTS + one) % len(experts)] for one in range(PANEL_EXPERTS)]
        panel, assignments = _panel(round_, f"第{number + 1}组", small[start : start + PANEL_CASES], members)
        panels.append(panel)
        first = first or assignments
    people["expert"] = first[0].expert.user
    for case in small[:PANEL_CASES]:
        assign_perm("applications.review_application", people["expert"], case)
    divided, _ = _panel(round_, "大组", cases[len(small) :], experts)
    return panels[0], divided, first[0]


def _panel(
    round_: Round, name: str, cases: list[Application], members: list[Expert]
) -> tuple[Panel, list[Assignment]]:
    panel = Panel.objects.create(
        round=round_,
        name=name,
        size=len(members) if len(members) > PANEL_EXPERTS else None,
        due_at=clock.now() + timedelta(days=5),
        state=Panel.State.SEATED,
    )
    bulk(PanelMember(panel=panel, expert=one, is_chair=one is members[0]) for one in members)
    inside = bulk(PanelCase(panel=panel, application=case) for case in cases)
    assignments = bulk(
        Assignment(case=case, expert=members[(number + step) % len(members)], state=Assignment.State.CLEAR)
        for number, case in enumerate(inside)
        for step in range(PANEL_EXPERTS)
    )
    late = members[0].pk
    sheets = bulk(
        ScoreSheet(
            assignment=one,
            state=ScoreSheet.State.SUBMITTED if one.expert_id != late else ScoreSheet.State.DRAFT,
            comment="材料齐全。",
            total=Decimal(86) if one.expert_id != late else None,
        )
        for one in assignments
    )
    points = [Decimal(14), Decimal(21), Decimal(17), Decimal(21), Decimal(13)]
    criteria = list(round_.scheme.criteria.all())
    bulk(
        CriterionScore(sheet=sheet, criterion=criterion, points=mark, reason="已核对。")
        for sheet in sheets
        for criterion, mark in zip(criteria, points, strict=True)
    )
    return panel, assignments


def _decisions(people: dict[str, User], round_: Round, cases: list[Application]) -> PublicNotice:
    """One publicity and announcement for all holders of earlier years."""
    meeting = Meeting.objects.create(
        round=round_, number=f"{round_.year}年第14次局党组会议", state=Meeting.State.CONFIRMED
    )
    signed = {
        "round": round_,
        "body": "现予公布。",
        "drafted_by": people["handler"],
        "released_by": people["leader"],
        "released_at": clock.now() - timedelta(days=300),
        "state": PublicNotice.State.RELEASED,
    }
    publicity = PublicNotice.objects.create(
        kind=PublicNotice.Kind.PUBLICITY,
        title="公示",
        meeting=meeting,
        starts_on=date(round_.year, 10, 9),
        ends_on=date(round_.year, 10, 15),
        **signed,
    )
    announcement = PublicNotice.objects.create(
        kind=PublicNotice.Kind.ANNOUNCEMENT, title="公布", publicity=publicity, **signed
    )
    holders = {case.enterprise_id: case for case in cases if case.state == State.AWARDED}
    earlier = PublicNotice.objects.create(
        kind=PublicNotice.Kind.ANNOUNCEMENT, title="历年公布", publicity=publicity, **signed
    )
    bulk(
        NoticeEntry(
            notice=announcement, application=case, position=position, enterprise_name=case.enterprise.name
        )
        for position, case in enumerate(list(holders.values())[:LISTED], start=1)
    )
    titles = bulk(
        Recognition(
            enterprise=case.enterprise,
            application=case,
            announcement=announcement if position < LISTED else earlier,
            announced_on=date(round_.year, 10, 20),
            state=Recognition.State.AWARDED,
            re_review_due_on=date(round_.year + 2, 10, 20),
        )
        for position, case in enumerate(holders.values())
    )
    bulk(
        Plaque(
            recognition=title,
            serial=f"WHFX{round_.year}{number:05d}",
            title="威海市服务型制造示范企业",
            awarding_body="威海市工业和信息化局",
            dated=date(round_.year, 10, 1),
            awarded_on=date(round_.year, 11, 1),
        )
        for number, title in enumerate(titles)
    )
    Enterprise.objects.filter(pk__in=holders).update(standing=Enterprise.Standing.HOLDER)
    return announcement
