"""Where a test of supervision begins: titles as rows, due on given days."""

from datetime import date

from accounts.models import Enterprise, User
from accounts.roles import Role
from applications.models import Application, Round
from core import clock
from decisions.models import Meeting, Plaque, PublicNotice, Recognition
from tests.factories import make_application, make_enterprise, make_member, make_officer, make_round

JUNE = clock.instant(date(2026, 6, 12), 9)


def handler() -> User:
    return make_officer(Role.MUNICIPAL_HANDLER, name="市局经办人")


def leader() -> User:
    return make_officer(Role.MUNICIPAL_LEADER, name="市局负责人")


def re_review_round(**fields) -> Round:
    return make_round(kind=Round.Kind.RE_REVIEW, title="2026年度复核", **fields)


def announcement(by: User) -> PublicNotice:
    """A released announcement of 2024, under which titles are written."""
    round_ = make_round(year=2024, title="2024年度认定", state=Round.State.CLOSED)
    meeting = Meeting.objects.create(round=round_, number="2024年第11次局党组会议")
    publicity = PublicNotice.objects.create(
        kind="PUBLICITY", round=round_, meeting=meeting, title="公示", body="公示。", drafted_by=by
    )
    return PublicNotice.objects.create(
        kind="ANNOUNCEMENT", round=round_, publicity=publicity, title="公布", body="公布。", drafted_by=by
    )


def make_title(notice: PublicNotice, *, due: date, enterprise: Enterprise | None = None) -> Recognition:
    enterprise = enterprise or make_enterprise()
    number = Recognition.objects.count() + 1
    make_member(enterprise)
    application = Application.objects.create(
        round=notice.round, enterprise=enterprise, channel=enterprise.district, state="AWARDED"
    )
    title = Recognition.objects.create(
        enterprise=enterprise,
        application=application,
        announcement=notice,
        announced_on=date(due.year - 2, due.month, due.day),
        re_review_due_on=due,
        state=Recognition.State.AWARDED,
    )
    Plaque.objects.create(
        recognition=title,
        serial=f"WHFWZZ-2024-{number:03d}",
        title="威海市服务型制造示范企业",
        awarding_body="威海市工业和信息化局",
        dated=title.announced_on,
    )
    Enterprise.objects.filter(pk=enterprise.pk).update(standing=Enterprise.Standing.HOLDER)
    return title


def reviewed_case(title: Recognition, round_: Round) -> Application:
    return make_application(
        round=round_, enterprise=title.enterprise, state="REVIEWED", score="84.50", complete=False
    )
