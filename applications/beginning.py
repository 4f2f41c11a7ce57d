"""Beginning an application: who may, through which channel, and what is carried forward (第四条, 第十四条, 第十八条, 第二十条)."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Agency, Enterprise, User
from applications.conditions import moment_text
from applications.extensions import COLUMNS, as_seen_by, hold_deadlines, write_down
from applications.models import AnnualFigures, Application, AttachmentKind, Round, Section, SectionSave
from core import clock, events
from core.workflow import NotPossible
from policy.channel import HeldChannel, why_channel_taken, why_not_appointed
from policy.figures import ROW_BY_KEY
from policy.sanctions import why_barred

BASIC_CARRIED = ("main_mode_id", "operating_since", "contact_name", "contact_mobile", "contact_email")
SERVICE_UNIT_CARRIED = (
    "service_unit_kind",
    "service_unit_name",
    "service_unit_established_on",
    "service_unit_headcount",
    "service_unit_credit_code",
    "service_unit_share",
)


def channels_for(enterprise: Enterprise) -> list[Agency]:
    """The enterprise's own district first, then every association appointed today for its industry (第五条)."""
    associations = Agency.objects.associations().in_use()
    return [enterprise.district, *(one for one in associations if not why_not_through(enterprise, one))]


def closed_associations(enterprise: Enterprise) -> list[tuple[Agency, str]]:
    """Associations in use that cannot recommend this enterprise today, each with the sentence that says why."""
    found = Agency.objects.associations().in_use()
    return [(one, reason) for one in found if (reason := why_not_through(enterprise, one))]


def why_not_through(enterprise: Enterprise, association: Agency) -> str:
    return why_not_appointed(
        association.appointment(),
        industry_code=enterprise.industry_id,
        on=clock.today(),
    )


def why_not_begin(enterprise: Enterprise, round_: Round, *, at: datetime) -> list[str]:
    """Sentences that say why the enterprise cannot begin in this round; empty when it can."""
    taken = why_channel_taken(
        [
            HeldChannel(enterprise.credit_code, str(round_), str(one.channel))
            for one in enterprise.applications.live().in_round(round_).select_related("channel")
        ],
        uscc=enterprise.credit_code,
        round_name=str(round_),
    )
    return [*why_not_offered(enterprise, round_, at=at), *([taken] if taken else [])]


def why_not_offered(enterprise: Enterprise, round_: Round, *, at: datetime) -> list[str]:
    """Why a round is not for this enterprise, apart from what it has begun there already (no query)."""
    reasons = (
        _why_round_closed(round_, at),
        _why_wrong_kind(enterprise, round_),
        why_barred(enterprise.barred_until, on=clock.local(at).date()),
    )
    return [reason for reason in reasons if reason]


def begin(enterprise: Enterprise, round_: Round, channel: Agency, *, by: User) -> Application:
    """A draft with what the enterprise told before, to be confirmed. Raises NotPossible with sentences for people."""
    (seen,) = as_seen_by(Round.objects.filter(pk=round_.pk), agencies=[channel], enterprise=enterprise)
    if reasons := why_not_begin(enterprise, seen, at=clock.now()):
        raise NotPossible(reasons)
    if channel not in channels_for(enterprise):
        raise NotPossible([_choose_channel(enterprise, channel)])
    earlier = (
        enterprise.applications.exclude(submitted_at=None)
        .exclude(round=round_)
        .order_by("-submitted_at")
        .first()
    )
    try:
        with transaction.atomic():
            hold_deadlines(round_.pk)
            application = Application(
                round=round_,
                enterprise=enterprise,
                channel=channel,
                contact_name=enterprise.contact_name,
                contact_mobile=enterprise.contact_mobile,
                contact_email=enterprise.contact_email,
            )
            write_down(application)
            application.save()
            if earlier:
                _carry_forward(earlier, application, by=by)
            events.record(
                application,
                "begin",
                by=by,
                label="开始申报",
                to_state=application.state,
                channel=channel.name,
            )
    except IntegrityError as collision:  # a colleague was faster
        raise NotPossible(why_not_begin(enterprise, round_, at=clock.now())) from collision
    return application


def why_not_move(application: Application) -> str:
    if application.state == Application.State.DRAFT:
        return ""
    return (
        f"已提交给{application.channel}的申报不能更换渠道（第十四条）。"
        "可以撤回的，撤回后在申报截止前通过其他渠道重新申报。"
    )


def move_channel(application: Application, channel: Agency, *, by: User) -> Application:
    """Send a draft through another channel than the one chosen first (第十四条). Raises NotPossible.

    The commitment is addressed to the channel, so it is given anew, and what was signed for the former one is set aside.
    """
    with transaction.atomic():
        hold_deadlines(application.round_id)
        draft = Application.objects.select_for_update(of=("self",)).select_related(
            "channel", "enterprise__district", "round"
        )
        case = draft.get(pk=application.pk)
        if reason := why_not_move(case):
            raise NotPossible([reason])
        if channel not in channels_for(case.enterprise):
            raise NotPossible([_choose_channel(case.enterprise, channel)])
        if channel != case.channel:
            events.record(
                case,
                "move_channel",
                by=by,
                label="更换申报渠道",
                note=f"由{case.channel}改为{channel}",
            )
            case.channel, case.committed_by, case.committed_at = channel, None, None
            write_down(case)
            case.save(update_fields=["channel", "committed_by", "committed_at", *COLUMNS.values()])
            signed = case.attachments.current().filter(kind=AttachmentKind.COMMITMENT)
            signed.update(removed_at=clock.now())
    return case


def _choose_channel(enterprise: Enterprise, channel: Agency) -> str:
    if channel.kind == Agency.Kind.ASSOCIATION and channel.is_active:
        return why_not_through(enterprise, channel)
    return f"申报渠道应为企业所在地的{enterprise.district}，或一家行业协会（第十四条），请重新选择。"


def _carry_forward(earlier: Application, application: Application, *, by: User) -> None:
    """What the last application said, where the profile, which is confirmed every year, says nothing."""
    for name in (*BASIC_CARRIED, *SERVICE_UNIT_CARRIED):
        if getattr(application, name) in ("", None):
            setattr(application, name, getattr(earlier, name))
    application.save()
    application.other_modes.set(earlier.other_modes.all())
    sections = [Section.BASIC]
    if application.service_unit_kind:
        sections.append(Section.SERVICE_UNIT)
    if _carry_figures(earlier, application):
        sections.append(Section.FIGURES)
    SectionSave.objects.bulk_create(
        SectionSave(application=application, section=section, saved_by=by, carried_from=str(earlier.round))
        for section in sections
    )


def _carry_figures(earlier: Application, application: Application) -> bool:
    rows = earlier.figures.filter(year__in=application.round.years).prefetch_related("mode_revenues")
    for row in rows:
        carried = AnnualFigures.objects.create(
            application=application, year=row.year, **{name: getattr(row, name) for name in ROW_BY_KEY}
        )
        for one in row.mode_revenues.all():
            carried.mode_revenues.create(mode_id=one.mode_id, amount=one.amount)
    return bool(rows)


def _why_round_closed(round_: Round, at: datetime) -> str:
    if round_.state != Round.State.OPEN:
        return f"{round_}尚未发布申报通知，或已办结，现在不能申报。"
    if at < round_.opens_at:
        return f"{round_}的申报自{moment_text(round_.opens_at)}开始，请届时再来。"
    if at >= round_.enterprise_deadline:
        return f"{round_}的申报已于{moment_text(round_.enterprise_deadline)}截止，可在下一批次申报。"
    return ""


def is_for(enterprise: Enterprise, round_: Round) -> bool:
    """Holders are re-reviewed, the others apply for recognition (第十八条)."""
    return not _why_wrong_kind(enterprise, round_)


def _why_wrong_kind(enterprise: Enterprise, round_: Round) -> str:
    holder = enterprise.standing == Enterprise.Standing.HOLDER
    if round_.kind == Round.Kind.RE_REVIEW and not holder:
        return "复核只面向已认定的示范企业（第十八条），贵企业没有有效的称号。请在认定批次申报。"
    if round_.kind == Round.Kind.RECOGNITION and holder:
        return "贵企业已是威海市服务型制造示范企业，不需要再次申报认定；请按期参加复核（第十八条）。"
    return ""
