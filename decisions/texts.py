"""The words of notices, drafted from the facts for an officer to edit. Dates as official writing has them."""

import re

from applications.models import Round
from core import clock
from core.wording import cn_datetime
from decisions.models import PublicNotice
from policy.dates import date_text
from policy.deadlines import publicity_window, re_review_due
from policy.models import CalendarDay

DAY = r"\d+年\d+月\d+日"
WINDOW_SENTENCE = re.compile(
    rf"公示期为{DAY}至{DAY}，共\d+个工作日。|公示期自{DAY}起\d+个工作日，截止日待国务院办公厅公布节假日安排后确定。|公示期待定。"
)


def publicity_title(round_: Round, batch: int) -> str:
    return f"关于{round_.year}年度{round_.measure.title_awarded}拟认定名单{_batch(batch)}的公示"


def announcement_title(round_: Round, batch: int) -> str:
    return f"关于公布{round_.year}年度{round_.measure.title_awarded}名单{_batch(batch)}的通知"


def _batch(number: int) -> str:
    """The second and later notices of a round bear their number, so that people can tell them apart."""
    return f"（第{number}批）" if number > 1 else ""


def re_review_title(round_: Round) -> str:
    return f"关于{round_.year}年度{round_.measure.title_awarded}复核结果的通报"


def body_of(notice: PublicNotice) -> str:
    """The text of a draft, paragraphs parted by an empty line; the list itself follows the text on the page."""
    writers = {
        PublicNotice.Kind.PUBLICITY: _publicity,
        PublicNotice.Kind.ANNOUNCEMENT: _announcement,
        PublicNotice.Kind.RE_REVIEW_RESULT: _re_review_result,
        PublicNotice.Kind.CALL: _call,
    }
    return "\n\n".join(writers[PublicNotice.Kind(notice.kind)](notice))


def with_its_days(notice: PublicNotice) -> str:
    """The text of a publicity as it stands, the drafted sentence of its period following its first day."""
    return WINDOW_SENTENCE.sub(_window_sentence(notice), notice.body)


def _publicity(notice: PublicNotice) -> list[str]:
    measure, meeting = notice.round.measure, notice.meeting
    held = f"（{date_text(meeting.held_on)}）" if meeting and meeting.held_on else ""
    return [
        f"根据《{measure.title}》（{measure.document_number}）第十六条、第十七条，经企业自愿申报、区市主管部门或行业协会推荐、"
        f"专家评审，{measure.awarding_body}党组会议{held}审议，{_named(notice)}拟认定为“{measure.title_awarded}”。现予公示。",
        _window_sentence(notice),
        "公示期间对名单有异议的，请以真实姓名提出，写明事实并附证据；以单位名义提出的，须加盖公章。"
        "可在本平台“提出异议”页面办理，也可将书面材料送达"
        f"{measure.awarding_body}。异议自收到次日起{notice.round.objection_working_days}个工作日内答复；异议人信息只供承办人员核实使用。"
        "未署名的来信登记为线索。",
    ]


def _window_sentence(notice: PublicNotice) -> str:
    if notice.starts_on is None:
        return "公示期待定。"
    days = notice.round.publicity_working_days
    window = publicity_window(notice.starts_on, days, CalendarDay.objects.calendar())
    if window.last_day is None:
        return f"公示期自{date_text(notice.starts_on)}起{days}个工作日，截止日待国务院办公厅公布节假日安排后确定。"
    return f"公示期为{date_text(notice.starts_on)}至{date_text(window.last_day)}，共{days}个工作日。"


def _announcement(notice: PublicNotice) -> list[str]:
    measure, publicity = notice.round.measure, notice.publicity
    paragraphs = [
        f"根据《{measure.title}》（{measure.document_number}）第十七条，经审议和公示，现认定{_named(notice)}为"
        f"“{measure.title_awarded}”，并授予牌匾。",
    ]
    omitted = notice.omissions.count()
    if publicity and omitted:
        paragraphs.append(
            f"公示名单中另有{omitted}家未列入本次名单：公示期间收到实名异议，核实中的在办结后另行公布。"
        )
    years = measure.re_review_interval_years
    due = date_text(re_review_due(clock.today(), years=years))
    paragraphs.append(
        f"示范企业每{years}年复核一次，如本通知于{date_text(clock.today())}发布，首次复核应于{due}前进行（第十八条）。"
        "牌匾编号可在本平台“核验牌匾”页面查询。"
    )
    return paragraphs


def _re_review_result(notice: PublicNotice) -> list[str]:
    measure = notice.round.measure
    passed = notice.entries.filter(remark="合格").count()
    failed = notice.entries.count() - passed
    paragraphs = [
        f"根据《{measure.title}》（{measure.document_number}）第十八条，对{measure.title_awarded}进行了复核，现将结果通报如下：",
        f"合格{passed}家，保留称号，下次复核为{measure.re_review_interval_years}年后。",
    ]
    if failed:
        paragraphs.append(f"不合格{failed}家，按第十九条办理。")
    return paragraphs


def _call(notice: PublicNotice) -> list[str]:
    round_ = notice.round
    measure = round_.measure
    what = "申报" if round_.kind == Round.Kind.RECOGNITION else "复核"
    return [
        f"根据《{measure.title}》（{measure.document_number}），现组织开展{round_.title}。",
        f"符合第十二条规定条件的制造业企业可自愿{what}，向所在区市主管部门或市工业和信息化局指导成立的行业协会提出，二者选一。",
        f"企业{what}：{cn_datetime(round_.opens_at)}至{cn_datetime(round_.enterprise_deadline)}。"
        f"区市、协会审核报送截止：{cn_datetime(round_.district_deadline)}。逾期不再受理。",
        "申报书和附件在本平台填写上传，可先用“条件自测”核对各项条件。",
    ]


def _named(notice: PublicNotice) -> str:
    """甲有限公司等12家企业, or the only one by name."""
    entries = list(notice.entries.order_by("position"))
    if not entries:
        return "下列企业"
    first = entries[0].enterprise_name
    return f"{first}等{len(entries)}家企业" if len(entries) > 1 else first
