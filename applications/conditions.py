"""Named guards of rounds, applications and recommendations. Each gives its reason in a sentence, or nothing."""

from django.db.models import Count, Window

from accounts import profile
from accounts.people import confirmed_members_exist
from applications.channels import channels
from core import clock
from core.wording import cn_date
from core.workflow import Condition
from policy.dates import date_text
from policy.findings import blocking_findings
from policy.quotas import why_quotas_do_not_fit
from policy.schedule import latest_year_problem, order_problems
from policy.validity import why_not_valid

NAMED_AT_MOST = 3


def moment_text(moment) -> str:
    """6月30日17:00, as a deadline is named in a sentence; of another year than this one 2027年6月30日17:00."""
    return f"{cn_date(moment, 'bare')}{clock.local(moment):%H:%M}"


@Condition
def dates_in_order(round_) -> str:
    return "".join(order_problems(round_.schedule).values())


@Condition
def still_time_to_apply(round_) -> str:
    if clock.now() < round_.enterprise_deadline:
        return ""
    return f"企业申报截止{moment_text(round_.enterprise_deadline)}已过，企业来不及申报，请更正日期。"


@Condition
def attachments_asked_for(round_) -> str:
    """第十四条: enterprises must be told what to hand in."""
    if round_.attachment_requirements.all():
        return ""
    return "还没有列出必备附件，企业不知道要交什么（第十四条）。"


@Condition
def figures_year_complete(round_) -> str:
    return latest_year_problem(round_.latest_year, round_.base_date)


@Condition
def quotas_fit(round_) -> str:
    """Shares of the channels beside the total; a re-review has no seats (第十八条)."""
    if round_.kind == round_.Kind.RE_REVIEW:
        return ""
    given = {one.agency_id: one.number for one in round_.channel_quotas.all()}
    if not given:
        return ""
    return why_quotas_do_not_fit(round_.quota, {one.pk: given.get(one.pk) for one in channels()})


@Condition
def measure_in_force(round_) -> str:
    """第二十五条: a round dated outside its measure's validity is refused until a renewal is recorded."""
    validity = round_.measure.validity()
    days = (clock.local(round_.opens_at).date(), round_.base_date)
    return next((reason for day in days if (reason := why_not_valid(validity, on=day, act="开展批次"))), "")


@Condition
def every_case_ended(round_) -> str:
    """A draft that nobody submitted is no case; what has been announced is decided, its plaque may follow."""
    if clock.now() < (deadline := round_.last_enterprise_deadline):
        return f"申报截止时间为{moment_text(deadline)}，未到，不能办结批次。"
    cases = round_.applications.under_way().select_related("enterprise").order_by("id")
    open_ones = list(cases.annotate(number=Window(Count("pk")))[:NAMED_AT_MOST])
    if not open_ones:
        return ""
    count = open_ones[0].number
    names = "、".join(f"{one.enterprise}（{one.get_state_display()}）" for one in open_ones)
    more = "等" if count > len(open_ones) else ""
    return f"还有 {count} 件没有结论：{names}{more}。全部有结论后才能办结批次。"


@Condition
def round_accepts_submission(application) -> str:
    round_ = application.round
    at = clock.now()
    if round_.state != round_.State.OPEN or at < round_.opens_at:
        return f"{round_}尚未开始申报，或已办结。草稿已保留。"
    until = application.correction_due or application.enterprise_deadline
    if at >= until:
        what = "补正截止时间" if application.correction_due else "申报截止时间"
        return f"{what}为{moment_text(until)}，已过。草稿已保留。如需补报请联系{application.channel.name}。"
    return ""


@Condition
def account_confirmed(application) -> str:
    if confirmed_members_exist(application.enterprise):
        return ""
    return f"企业账号待{application.enterprise.registrar}确认，确认后即可提交，已填内容都会保留。"


@Condition
def profile_confirmed_this_year(application) -> str:
    year = profile.year_to_confirm(application.enterprise)
    if year is None:
        return ""
    return f"本企业的{year}年度企业信息还没有确认。请到“企业信息”页核对并确认后提交，已填内容都会保留。"


@Condition
def all_sections_complete(application) -> str:
    from applications.completeness import section_statuses

    statuses = section_statuses(application)
    faulty = [one.label for one in statuses if one.faults]
    missing = [one.label for one in statuses if one.missing and not one.faults]
    reasons = [f"{len(faulty)} 个部分需更正：{'、'.join(faulty)}"] if faulty else []
    reasons += [f"{len(missing)} 个部分未完成：{'、'.join(missing)}"] if missing else []
    return f"还有{'；'.join(reasons)}。" if reasons else ""


@Condition
def required_attachments_present(application) -> str:
    from applications.completeness import missing_attachments

    missing = missing_attachments(application)
    return f"缺少必备材料：{'、'.join(missing)}。" if missing else ""


@Condition
def conditions_of_article_12_met(application) -> str:
    from applications.facts import findings_of

    blocking = blocking_findings(findings_of(application))
    waiting = [finding.title for finding in blocking if finding.missing]
    failing = "".join(finding.sentence for finding in blocking if not finding.missing)
    return failing + (f"第十二条还不能核验，待填写：{'、'.join(waiting)}。" if waiting else "")


@Condition
def every_correction_answered(application) -> str:
    from applications.corrections import open_items

    open_ones = [item.label for item in open_items(application) if not item.answer]
    return f"请逐项写明补正情况，还缺：{'、'.join(open_ones)}。" if open_ones else ""


@Condition
def vetting_not_over(application) -> str:
    """A case that the bureau has sent back is bound by the start of the review, no longer by the district's deadline."""
    deadline = application.vetting_until
    if clock.now() < deadline:
        return ""
    what = "重新审核截止时间" if application.sent_back_until else "报送截止时间"
    return f"{what}为{moment_text(deadline)}，已过，不能再退回补正。请审核通过或不予推荐。"


@Condition
def correction_overdue(application) -> str:
    """What was returned in time can still be corrected; only what was not may be given up."""
    due = application.correction_due or application.vetting_until
    if clock.now() >= due:
        return ""
    return f"企业可在{moment_text(due)}前补正重报，届时仍未重报的，才能不予推荐。"


@Condition
def reporting_over(application) -> str:
    """What has passed can be given up only once it can no longer be reported (第十五条: 在规定时间内), lest it never end."""
    deadline = application.district_deadline
    if application.sent_back_until:
        return "市局退回重新审核的，报送截止后也可以补报，请列入推荐函报送。"
    if clock.now() < deadline:
        return f"审核通过的可在{moment_text(deadline)}前报送，届时仍未报送的，才能不予推荐。"
    return ""


@Condition
def returned_items_named(application) -> str:
    from applications.models import CorrectionItem

    named = CorrectionItem.objects.filter(request__version=application.current_version_id)
    return "" if named.exists() else "请先列出要补正的项目，并逐项写明原因。"


def _opinion_of(application):
    """The opinion on the version being vetted, None before anything has been saved."""
    return getattr(application.current_version, "opinion", None)


@Condition
def three_verdicts_passed(application) -> str:
    from applications.models import CorrectionItem, Verdict

    opinion = _opinion_of(application)
    verdicts = (
        {"真实性": opinion.authenticity, "合规性": opinion.compliance, "有效性": opinion.validity}
        if opinion
        else dict.fromkeys(("真实性", "合规性", "有效性"), "")
    )
    open_ones = [name for name, verdict in verdicts.items() if not verdict]
    if open_ones:
        return f"第十五条要求审核真实性、合规性、有效性，尚未审核：{'、'.join(open_ones)}。"
    doubted = [name for name, verdict in verdicts.items() if verdict != Verdict.PASS]
    if doubted:
        return f"不能通过：{'、'.join(doubted)}未审核为“通过”。"
    items = CorrectionItem.objects.filter(request__version=application.current_version_id).count()
    return f"不能通过：还有 {items} 项要退回补正，请退回或先撤下。" if items else ""


@Condition
def doubts_explained(application) -> str:
    """第十五条: who reads the verdict later must see what it rests on."""
    from applications.models import Verdict

    opinion = _opinion_of(application)
    if opinion is None:
        return ""
    notes = {
        "真实性": (opinion.authenticity, opinion.authenticity_note),
        "合规性": (opinion.compliance, opinion.compliance_note),
        "有效性": (opinion.validity, opinion.validity_note),
    }
    doubted = (Verdict.DOUBT, Verdict.FAIL)
    bare = [name for name, (verdict, note) in notes.items() if verdict in doubted and not note.strip()]
    return f"审核为“存疑”“不通过”的，请在核对栏写明理由：{'、'.join(bare)}（第十五条）。" if bare else ""


@Condition
def reconsidered(application) -> str:
    """What the bureau sent back is vetted anew: an opinion saved since, which says what was compared."""
    if application.state != application.State.SENT_BACK:
        return ""
    opinion = _opinion_of(application)
    if opinion and opinion.vetted_at > application.state_since:
        notes = (opinion.authenticity_note, opinion.compliance_note, opinion.validity_note)
        if any(note.strip() for note in notes):
            return ""
    return "市局退回后还没有重新审核：请针对退回的问题核对，写明核对情况并保存，再审核通过。"


@Condition
def is_recognition_round(application) -> str:
    round_ = application.round
    return "" if round_.kind == round_.Kind.RECOGNITION else "复核批次只有合格、不合格两种结论（第十八条）。"


@Condition
def is_re_review_round(application) -> str:
    round_ = application.round
    return "" if round_.kind == round_.Kind.RE_REVIEW else "只有复核批次才作复核结论（第十八条）。"


@Condition
def publicity_over(application) -> str:
    ends_on = application.publicity_ends_on
    if ends_on is None:
        return "公示截止日待定（工作日历尚未登记该年度安排），不能公布。"
    if clock.today() <= ends_on:
        return f"公示至{date_text(ends_on)}届满，届满后才能公布（第十七条）。"
    return ""


@Condition
def batch_not_empty(recommendation) -> str:
    entries = recommendation.entries.filter(withdrawn_at=None).select_related("application")
    if not entries:
        return "本批还没有企业，请先选入审核通过的企业。"
    wrong = [
        str(one.application.enterprise)
        for one in entries
        if one.application.state != one.application.State.VETTED
    ]
    return f"以下企业已不在“审核通过”状态，请先移出：{'、'.join(wrong)}。" if wrong else ""


@Condition
def in_no_letter(application) -> str:
    listed = application.recommendation_entries.filter(withdrawn_at=None).select_related("recommendation")
    if not (entry := listed.first()):
        return ""
    letter = entry.recommendation
    is_draft = letter.state == letter.State.DRAFT
    way = "从名单中移出，或作废这份拟稿" if is_draft else "由本单位负责人作废这份推荐函"
    return f"已列入推荐函{letter.letter_number}（{letter.get_state_display()}），请先{way}。"


@Condition
def not_handed_back(recommendation) -> str:
    return "已退回拟稿人，修改保存后再签发。" if recommendation.handed_back_at else ""


@Condition
def sealed_letter_attached(recommendation) -> str:
    return "" if recommendation.sealed_letter else "请先上传盖章的推荐函扫描件。"


@Condition
def reported_in_time(recommendation) -> str:
    """At the district's deadline it is over; only cases that the bureau sent back may follow later."""
    deadline = recommendation.district_deadline
    if clock.now() < deadline:
        return ""
    late = recommendation.entries.filter(withdrawn_at=None, application__sent_back_until=None)
    names = [str(one.application.enterprise) for one in late.select_related("application__enterprise")]
    if not names:
        return ""
    return (
        f"报送截止时间为{moment_text(deadline)}，已过，不能再报送：{'、'.join(names)}。"
        "截止后只能补报市局退回重新审核的企业，其余的请在审核页不予推荐。如有疑问请联系市工业和信息化局。"
    )


@Condition
def listed_in_signed_letter(application) -> str:
    """第十五条: a case reaches the bureau only with the signed letter of its channel."""
    from applications.models import Recommendation

    signed = application.recommendation_entries.filter(
        withdrawn_at=None,
        recommendation__state__in=[Recommendation.State.SIGNED, Recommendation.State.FORWARDED],
    )
    return "" if signed.exists() else "须先列入已签发的推荐函，才能报送市局（第十五条）。"


@Condition
def came_with_its_letter(application) -> str:
    """第十五条: the bureau takes up what stands in the signed and sealed letter of its own round and channel."""
    entries = [one for one in application.recommendation_entries.all() if one.withdrawn_at is None]
    if not entries:
        return "不在任何一批推荐文件的名单里（第十五条），请退回推荐单位重新报送。"
    letter = entries[0].recommendation
    if (letter.round_id, letter.agency_id) != (application.round_id, application.channel_id):
        return f"列在{letter}里，与本件的批次或申报渠道不符（第十五条），请退回推荐单位更正。"
    if not letter.signed_by_id or not letter.sealed_letter:
        return f"{letter}没有签发人或盖章扫描件（第十五条），请退回推荐单位补齐。"
    return ""
