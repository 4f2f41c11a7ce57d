"""A world whose rows can be multiplied: behind every page stands one of everything that it lists, then three, then fifty."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import Model
from django.urls import reverse

from accounts.models import Agency, EfficiencyRating, Enterprise, Invitation, Membership, TableImport, User
from accounts.roles import Role
from accounts.working_calendar import ACTION as CALENDAR
from applications.models import (
    Application,
    ApplicationVersion,
    ChannelQuota,
    CorrectionItem,
    CorrectionRequest,
    Extension,
    Recommendation,
    RecommendationEntry,
    Round,
    RoundFile,
    RoundQuestion,
    Section,
    ServiceProject,
    VettingOpinion,
)
from applications.models.form import new_row_key
from core import events
from core.models import DemoMail, Notification
from decisions.models import (
    AgendaItem,
    Meeting,
    NoticeEntry,
    Objection,
    Omission,
    Plaque,
    PublicNotice,
    Recognition,
)
from policy.models import Measure, MeasureRenewal
from policy.sanctions import Ground
from review.models import (
    Assignment,
    CriterionScore,
    Panel,
    PanelCase,
    PanelMember,
    Ranking,
    RankingEntry,
    Recusal,
    ScoreSheet,
    SiteVisit,
)
from supervision.models import ReReview, Revocation, SupportingPolicy
from tests.factories import (
    JUNE,
    a_credit_code,
    add_member,
    an_agency,
    bulk,
    copies,
    make_application,
    make_enterprise,
    make_expert,
    make_member,
    make_round,
    numbers,
)
from tests.routes import make_sites

State = Application.State
years = count(1990, -1)
FRESH: dict[type[Model], dict[str, Callable[[], Any]]] = {
    User: {"login": lambda: f"crowd{next(numbers)}"},
    Enterprise: {"credit_code": a_credit_code},
    Agency: {name: lambda: f"协会{next(numbers)}" for name in ("code", "name")},
    EfficiencyRating: {"credit_code": a_credit_code},
    Round: {"year": lambda: next(years)},
    Application: {"receipt_number": lambda: f"SL-2026-C{next(numbers)}", "current_version": lambda: None},
    ApplicationVersion: {"number": lambda: next(numbers)},
    ServiceProject: {"row_key": new_row_key},
    Panel: {"name": lambda: f"第{next(numbers)}组"},
    Meeting: {"number": lambda: f"第{next(numbers)}次"},
    Objection: {"receipt_number": lambda: f"YY-2026-C{next(numbers)}"},
    Plaque: {"serial": lambda: f"WHFWZZ-2026-C{next(numbers)}"},
    ReReview: {"due_on": lambda: date(next(years), 6, 1)},
    Notification: {"key": lambda: f"crowd:{next(numbers)}"},
    Measure: {
        "document_number": lambda: f"威工信发〔2010〕{next(numbers)}号",
        "issued_on": lambda: date(2010, 7, 20),
    },
    SupportingPolicy: {"document_number": lambda: f"荣政办发〔2026〕{next(numbers)}号"},
    MeasureRenewal: {"document_number": lambda: f"威工信〔2026〕{next(numbers)}号"},
}


class Crowd:
    """Rows in the order in which they can be copied, each with what its copies refer to instead of what it refers to."""

    def __init__(self) -> None:
        self.sites = make_sites()
        self.rows: list[tuple[Model, list[str]]] = []
        self.others: list[tuple[str, str, str]] = []

    def also(self, route: str, query: str = "", by: str = "", **kwargs: object) -> None:
        """Another address of the route: of an object in another state, or with something asked; or asked by somebody else."""
        self.others.append((route, reverse(route, kwargs=kwargs or self.sites.kwargs[route]) + query, by))

    def add(self, row: Model, along: str = "") -> Any:
        """From now on this row is multiplied; each copy has a copy of its own of what the fields ``along`` name."""
        self.rows.append((row, along.split()))
        return row

    def grow(self, by: int) -> None:
        """So many more copies of every row.

        The planner is told how many there are: autovacuum cannot see what no transaction has committed, and for tables that it
        takes for empty it may choose nested loops that last minutes.
        """
        made: dict[Model, list[Any]] = {}
        for row, along in self.rows:
            fresh = FRESH.get(type(row), {})
            made[row] = bulk(
                copies(
                    row,
                    **{name: make() for name, make in fresh.items()},
                    **{name: made[getattr(row, name)][number] for name in along},
                )
                for number in range(by)
            )
            if isinstance(row, ApplicationVersion) and along:
                cases = made[row.application]
                for case, version in zip(cases, made[row], strict=True):
                    case.current_version = version
                Application.objects.bulk_update(cases, ["current_version"])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def make_crowd() -> Crowd:
    """Beside the sites: the same in the other states in which pages show it."""
    crowd = Crowd()
    _people(crowd)
    _own_cases(crowd)
    _cases_of_the_round(crowd)
    _recommended(crowd)
    _reviewed(crowd)
    _decided(crowd)
    _supervised(crowd)
    _told(crowd)
    return crowd


def _people(crowd: Crowd) -> None:
    """Colleagues, applicants, officers; the member's other enterprises; who registered one and waits."""
    world = crowd.sites.world
    member = world.people["own member"]
    for name in ("own member", "somebody who asked to join", "own channel's handler"):
        crowd.add(world.people[name])
        crowd.add(Membership.objects.get(user=world.people[name]), "user")
    for confirmed in (True, False):
        hat = Membership.objects.get(user=make_member(make_enterprise(), confirmed=confirmed))
        crowd.add(hat.enterprise)
        crowd.add(hat.user)
        crowd.add(hat, "user enterprise")
        add_member(hat.enterprise, member, confirmed=confirmed)
        crowd.add(Membership.objects.get(user=member, enterprise=hat.enterprise), "enterprise")
    invitation = crowd.add(Invitation.objects.get())
    leader = world.people["own channel's leader"]
    asked = copies(
        invitation, enterprise=None, agency=an_agency(), role=Role.CHANNEL_HANDLER, invited_by=leader
    )
    asked.save()
    crowd.add(asked)
    crowd.add(Agency.objects.get(kind=Agency.Kind.ASSOCIATION))
    crowd.add(
        EfficiencyRating.objects.create(credit_code=a_credit_code(), year=2025, category="A", source="名单")
    )
    crowd.add(copies(TableImport.objects.get(), confirmed_at=JUNE)).save()
    crowd.also("district-enterprises", f"?q={world.enterprise.name}")
    crowd.also("directory-desk", f"?q={world.enterprise.name}")


def _case(crowd: Crowd, state: str, round_: Round | None = None) -> Application:
    """Another enterprise's case with its version; its copies are other enterprises' cases."""
    case = make_application(
        state=state,
        round=round_ or crowd.sites.world.round,
        state_since=JUNE - timedelta(days=5),
        score=86 if state == State.REVIEWED else None,
    )
    _follow(crowd, case)
    return case


def _follow(crowd: Crowd, case: Application) -> None:
    crowd.add(case.enterprise)
    crowd.add(case, "enterprise")
    crowd.add(case.current_version, "application")


def _returned(crowd: Crowd, case: Application, along: str) -> None:
    """Sent back by the channel for two items."""
    officer = crowd.sites.world.people["own channel's handler"]
    request = crowd.add(
        CorrectionRequest.objects.create(application=case, version=case.current_version, sent_at=JUNE), along
    )
    for one in (Section.NARRATIVE, Section.PROJECTS):
        item = CorrectionItem(
            request=request, item=one, label=one.label, reason="请补充。", flagged_by=officer
        )
        item.save()
        crowd.add(item, "request")


def _own_cases(crowd: Crowd) -> None:
    """The enterprise's cases of many rounds, the many parts of one, and rounds in which it has not begun."""
    draft = _own_case(crowd, 2025, State.DRAFT)
    crowd.sites.put("application-check application-carry application-channel", pk=draft.pk)
    returned = _own_case(crowd, 2024, State.RETURNED)
    crowd.add(returned.current_version, "application")
    _returned(crowd, returned, "application version")
    for case in (draft, returned):
        crowd.also("application-detail", pk=case.pk)
        for section in Section:
            crowd.also("application-section", pk=case.pk, section=section.lower())
    not_begun = crowd.add(make_round(year=2023, title="2023年度认定", latest_year=2022))
    crowd.also("application-start", round_pk=not_begun.pk)
    submitted = crowd.sites.world.application
    for case in (draft, returned, submitted):
        crowd.add(case.attachments.first())
        crowd.add(case.projects.first())
    crowd.add(submitted.current_version)
    _returned(crowd, submitted, "version")


def _own_case(crowd: Crowd, year: int, state: str) -> Application:
    round_ = crowd.add(make_round(year=year, title=f"{year}年度认定", latest_year=year - 1))
    enterprise = crowd.sites.world.enterprise
    return crowd.add(
        make_application(state=state, complete=True, round=round_, enterprise=enterprise), "round"
    )


def _cases_of_the_round(crowd: Crowd) -> None:
    world = crowd.sites.world
    officer = world.people["own channel's handler"]
    world.application.officer = officer
    world.application.save()
    _follow(crowd, world.application)
    case = _case(crowd, State.RETURNED)
    _returned(crowd, case, "application version")
    crowd.also("vetting-correction", pk=case.pk)
    case = _case(crowd, State.VETTED)
    crowd.add(VettingOpinion.objects.create(version=case.current_version, vetted_by=officer), "version")
    _case(crowd, State.ACCEPTED)
    _case(crowd, State.SENT_BACK)
    crowd.add(
        Extension.objects.create(
            round=world.round,
            deadline=Extension.Deadline.ENTERPRISE,
            agency=world.application.channel,
            before=world.round.enterprise_deadline,
            until=world.round.enterprise_deadline + timedelta(days=1),
            reason="审计报告尚未出具。",
            extended_by=world.people["municipal handler"],
        )
    )
    preparing = crowd.add(Round.objects.get(state=Round.State.PREPARING))
    crowd.add(ChannelQuota.objects.create(round=preparing, agency=an_agency("371082"), number=1), "round")
    crowd.also("round-board", pk=preparing.pk)
    for step in ("dates", "requirements", "review"):
        crowd.also("round-step", pk=preparing.pk, step=step)
    crowd.add(RoundFile.objects.get())
    crowd.add(RoundQuestion.objects.get())
    earlier = crowd.add(Measure.objects.earliest("effective_from"))
    for name in ("articles", "basics"):
        crowd.also("measure-edit", pk=earlier.pk, part=name)
    crowd.add(
        MeasureRenewal.objects.create(
            measure=Measure.objects.latest("effective_from"),
            document_number="威工信〔2026〕0号",
            title="延续",
            issued_on=date(2026, 6, 1),
            valid_until=date(2031, 8, 31),
        )
    )


def _recommended(crowd: Crowd) -> None:
    """Letters in every state with many entries each, and many letters."""
    forwarded = RecommendationEntry.objects.get()
    _follow(crowd, forwarded.application)
    crowd.add(forwarded, "application")
    entries = [forwarded]
    for state in (Recommendation.State.DRAFT, Recommendation.State.SIGNED):
        letter = copies(
            forwarded.recommendation, state=state, letter_number=state, forwarded_at=None, sealed_letter=""
        )
        letter.save()
        entry = copies(forwarded, recommendation=letter, application=_case(crowd, State.VETTED))
        entry.save()
        crowd.add(entry, "application")
        entries.append(entry)
        crowd.also("recommendation-detail", pk=letter.pk)
        if state == Recommendation.State.DRAFT:
            crowd.sites.put("recommendation-edit", pk=letter.pk)
    crowd.also("recommendation-detail", by="municipal handler", pk=letter.pk)
    for entry in entries:
        crowd.add(entry.recommendation)
        crowd.add(entry.application.enterprise)
        crowd.add(entry.application, "enterprise")
        crowd.add(entry.application.current_version, "application")
        crowd.add(entry, "recommendation application")


def _reviewed(crowd: Crowd) -> None:
    """A panel that is forming and one at work, each with many cases and many experts; a live and a frozen ranking."""
    world = crowd.sites.world
    handler = world.people["municipal handler"]
    forming = Panel.objects.get()
    crowd.add(forming.draws.get())
    seated = Panel.objects.create(
        round=world.round, name="第二组", due_at=forming.due_at, state=Panel.State.SEATED
    )
    ended = Panel.objects.create(
        round=world.round, name="第三组", due_at=forming.due_at, state=Panel.State.CONCLUDED
    )
    recused = make_expert()
    PanelMember.objects.create(panel=seated, expert=world.expert)
    case = PanelCase.objects.create(panel=seated, application=_case(crowd, State.UNDER_REVIEW))
    over = PanelCase.objects.create(panel=ended, application=_case(crowd, State.REVIEWED))
    for one in (case, over):
        visit = SiteVisit.objects.create(
            application=one.application, is_needed=False, reason="材料足以判断。", recorded_by=handler
        )
        crowd.add(one, "application")
        crowd.add(visit, "application")
    assigned = [
        Assignment.objects.get(case__panel=forming),
        Assignment.objects.create(case=case, expert=world.expert, state=Assignment.State.CLEAR),
        Assignment.objects.create(case=over, expert=world.expert, state=Assignment.State.CLEAR),
        Assignment.objects.create(case=case, expert=recused, state=Assignment.State.RECUSED),
    ]
    for one in assigned[1:3]:
        sheet = ScoreSheet.objects.create(assignment=one, state=ScoreSheet.State.SUBMITTED, total=86)
        for criterion in world.round.scheme.criteria.all():
            CriterionScore.objects.create(sheet=sheet, criterion=criterion, points=10, reason="已核对。")
    Recusal.objects.create(assignment=assigned[-1], grounds=["OTHER"], explanation="同乡")
    crowd.add(assigned[0].case, "application")
    for one in assigned:
        _assigned(crowd, one, "case")
    for expert in (world.expert, recused):
        crowd.add(expert.user)
        crowd.add(expert, "user")
        crowd.add(Membership.objects.get(expert=expert), "user expert")
        for row in expert.panel_memberships.all():
            crowd.add(row, "expert")
        for one in assigned:
            if one.expert == expert:
                _assigned(crowd, one, "expert")
    for panel in (forming, seated, ended):
        crowd.add(panel)
    crowd.also("panel-detail", pk=seated.pk)
    crowd.also("panel-list", "?tab=all")
    crowd.also("score-matrix", f"?panel={seated.pk}&cell={assigned[1].pk}")
    crowd.also("review-list", "?past=1")
    crowd.also("review-sheet", assignment_pk=assigned[1].pk)
    crowd.also("site-visit", application_pk=case.application_id)
    closed = make_round(
        year=2021, title="2021年度认定", latest_year=2020, enterprise_deadline=JUNE - timedelta(days=1)
    )
    _case(crowd, State.SUBMITTED, closed)
    crowd.also("round-board", pk=closed.pk)
    frozen = Ranking.objects.create(round=closed, frozen_by=handler, inputs=[], digest="0" * 64, quota=1)
    listed = _case(crowd, State.REVIEWED, closed)
    crowd.add(
        RankingEntry.objects.create(ranking=frozen, application=listed, rank=1, score=86), "application"
    )
    crowd.also("ranking", pk=closed.pk)


def _assigned(crowd: Crowd, assignment: Assignment, along: str) -> None:
    crowd.add(assignment, along)
    if hasattr(assignment, "recusal"):
        crowd.add(assignment.recusal, "assignment")
    if hasattr(assignment, "sheet"):
        crowd.add(assignment.sheet, "assignment")
        for score in assignment.sheet.scores.all():
            crowd.add(score, "sheet")


def _decided(crowd: Crowd) -> None:
    """Meetings, notices of every kind with long lists, each in draft and released, and objections."""
    world = crowd.sites.world
    title = Recognition.objects.get()
    announcement = title.announcement
    publicity = announcement.publicity
    _follow(crowd, world.application)
    NoticeEntry.objects.create(
        notice=announcement, application=world.application, position=1, enterprise_name=world.enterprise.name
    )
    for entry in NoticeEntry.objects.all():
        crowd.add(entry, "application")
    crowd.add(title, "enterprise application")
    crowd.add(title.plaque, "recognition")
    objection = Objection.objects.get()
    for kind in (Objection.Kind.PERSON, Objection.Kind.LEAD):
        one = objection if kind == objection.kind else copies(objection, kind=kind, receipt_number=kind)
        one.save()
        crowd.add(one)
        if kind == Objection.Kind.PERSON:
            crowd.add(one.objector, "objection")
    _on_agenda(crowd, publicity.meeting, _case(crowd, State.PROPOSED), "application")
    _case(crowd, State.PROPOSED)
    waiting = crowd.add(make_round(year=2020, title="2020年度认定", latest_year=2019))
    crowd.add(_case(crowd, State.PROPOSED, waiting), "enterprise round")
    confirmed = _confirmed(waiting)
    _on_agenda(crowd, confirmed, _case(crowd, State.APPROVED, waiting), "application")
    crowd.also("meeting", pk=confirmed.pk)
    crowd.add(confirmed)
    _on_agenda(crowd, confirmed, _case(crowd, State.APPROVED, waiting), "meeting application")
    _notices(crowd, announcement, waiting)
    ended = crowd.add(
        make_round(year=2020, kind=Round.Kind.RE_REVIEW, title="2020年度复核", latest_year=2019)
    )
    crowd.add(_case(crowd, State.RE_REVIEW_PASSED, ended), "enterprise round")
    crowd.also("notice-desk", "?tab=drafts", by="municipal leader")
    crowd.also("objection-desk", "?tab=all")
    crowd.also("objection-desk", "?tab=leads")
    crowd.also("directory-desk", "?tab=experts")


def _confirmed(round_: Round) -> Meeting:
    return Meeting.objects.create(
        round=round_,
        number=f"第{next(numbers)}次",
        state=Meeting.State.CONFIRMED,
        held_on=date(2026, 6, 1),
    )


def _notices(crowd: Crowd, first: PublicNotice, round_: Round) -> None:
    kinds = PublicNotice.Kind
    earlier = {"starts_on": date(2026, 5, 6), "ends_on": date(2026, 5, 12)}
    later = {"starts_on": date(2026, 6, 15), "ends_on": date(2026, 6, 19)}
    released = {
        "state": PublicNotice.State.RELEASED,
        "released_by": first.released_by,
        "released_at": JUNE,
    }
    for kind, state, fields in (
        (kinds.PUBLICITY, State.PUBLICIZED, released | earlier),
        (kinds.PUBLICITY, State.APPROVED, later),
        (kinds.ANNOUNCEMENT, State.PUBLICIZED, {}),
        (kinds.RE_REVIEW_RESULT, State.RE_REVIEW_PASSED, released),
        (kinds.RE_REVIEW_RESULT, State.RE_REVIEW_FAILED, {}),
        (kinds.CALL, State.ACCEPTED, {}),
    ):
        follows = {"publicity": first.publicity} if kind == kinds.ANNOUNCEMENT else {}
        notice = PublicNotice.objects.create(
            kind=kind,
            round=round_,
            meeting=crowd.add(_confirmed(round_)),
            title=kind.label,
            body="正文",
            drafted_by=first.drafted_by,
            **fields,
            **follows,
        )
        crowd.also("notice-edit", pk=notice.pk)
        crowd.also("notice-release", by="municipal leader", pk=notice.pk)
        case = _case(crowd, state, round_)
        entry = NoticeEntry.objects.create(
            notice=notice, application=case, position=1, enterprise_name=case.enterprise.name
        )
        crowd.add(entry, "application")
        if follows:  # of one publicity there is one draft at most
            left_out = _case(crowd, State.PUBLICIZED, round_)
            omission = Omission.objects.create(notice=notice, application=left_out, reason="异议")
            crowd.add(omission, "application")
        else:
            crowd.add(notice, "meeting")
            crowd.add(entry, "notice")


def _on_agenda(crowd: Crowd, meeting: Meeting, case: Application, along: str) -> None:
    item = AgendaItem.objects.create(
        meeting=meeting,
        application=case,
        position=next(numbers),
        enterprise_name=case.enterprise.name,
        decision=AgendaItem.Decision.APPROVED,
    )
    crowd.add(item, along)


def _supervised(crowd: Crowd) -> None:
    """Titles that fall due, with and without a case; revoked ones that bar; the enterprise's own of earlier years."""
    world = crowd.sites.world
    own = Recognition.objects.get()
    again = make_round(kind=Round.Kind.RE_REVIEW, title="2026年度复核")
    for due_on, state, fields in (
        (date(2026, 6, 20), State.REVIEWED, {}),
        (date(2026, 6, 1), "", {}),
        (date(2028, 6, 1), "", {"state": Recognition.State.REVOKED}),
    ):
        case = _case(crowd, State.AWARDED)
        title = copies(own, enterprise=case.enterprise, application=case, re_review_due_on=due_on, **fields)
        title.save()
        plaque = copies(own.plaque, recognition=title, serial=f"WHFWZZ-2026-S{next(numbers)}")
        plaque.save()
        crowd.add(title, "enterprise application")
        crowd.add(plaque, "recognition")
        if state:
            case = make_application(state=state, enterprise=case.enterprise, round=again)
            crowd.add(case, "enterprise")
            crowd.add(case.current_version, "application")
            re_review = ReReview.objects.create(recognition=title, application=case, due_on=due_on)
            crowd.add(re_review, "recognition application")
        if fields:
            case.enterprise.barred_until = date(2029, 6, 12)
            case.enterprise.save()
            crowd.add(_revocation(title, world.people["municipal leader"]), "recognition")
        crowd.also("re-review", pk=title.pk)
    for box in ("due", "holders", "revoked", "barred"):
        crowd.also("supervision-board", f"?box={box}")
    for policy in SupportingPolicy.objects.all():
        crowd.add(policy)
        crowd.also("policy", pk=policy.pk)
    earlier = crowd.add(make_round(year=2019, title="2019年度认定", latest_year=2018))
    case = crowd.add(
        make_application(state=State.AWARDED, enterprise=world.enterprise, round=earlier), "round"
    )
    crowd.add(case.current_version, "application")
    title = copies(own, application=case, state=Recognition.State.REVOKED)
    title.save()
    plaque = copies(own.plaque, recognition=title, serial="WHFWZZ-2019-001")
    plaque.save()
    crowd.add(title, "application")
    crowd.add(plaque, "recognition")
    crowd.add(_revocation(title, world.people["municipal leader"]), "recognition")
    past = ReReview.objects.create(
        recognition=own, due_on=date(2024, 6, 1), state=ReReview.State.PASSED, concluded_on=date(2024, 6, 1)
    )
    crowd.add(past)


def _revocation(title: Recognition, by: User) -> Revocation:
    return Revocation.objects.create(
        recognition=title,
        ground=Ground.OTHER,
        reason="其他情形。",
        decided_on=JUNE.date(),
        barred_until=date(2029, 6, 12),
        decided_by=by,
    )


def _told(crowd: Crowd) -> None:
    """Messages to everybody, and what happened to each subject that tells of it."""
    world = crowd.sites.world
    by = world.people["municipal handler"]
    crowd.add(
        Notification.objects.create(
            recipient=world.people["own member"],
            key="crowd",
            subject="提醒",
            body="请办理。",
            created_at=JUNE,
            mail_status="FAILED",
        )
    )
    crowd.add(
        DemoMail.objects.create(sent_at=JUNE, sender="a", recipients="b", subject="提醒", body="请办理。")
    )
    subjects = [
        *Application.objects.filter(enterprise=world.enterprise),
        *Application.objects.filter(round__kind=Round.Kind.RE_REVIEW),
        *Recommendation.objects.all(),
        *Objection.objects.all(),
        *PublicNotice.objects.all(),
    ]
    for subject in subjects:
        crowd.add(events.record(subject, "send_back", by=by, label="退回", note="请核实。"))
    crowd.add(events.record(world.round.measure, CALENDAR, by=by, label="修改工作日历"))
