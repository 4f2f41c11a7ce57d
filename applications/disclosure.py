"""What the public can see of a case where it stands now, what it will see later (第十七条), and what it never sees."""

from dataclasses import dataclass

from accounts.models import Enterprise
from applications.models import Application, Round

State = Application.State

ON_NOTICE = "企业名称、所在区市、主要模式"
ON_DIRECTORY = f"{ON_NOTICE}、统一社会信用代码、牌匾编号、公布日期和应复核日期"
NEVER = (
    "申报书、三年指标、附件、联系人、得分和审核评审意见始终不向社会公开，供审核、评审和监督人员办理使用；"
    "本批次设有评审反馈的，只反馈给本企业。"
)
RECEIPT = "持有回执的人凭编号和校验码，可以核对企业名称、统一社会信用代码、批次、渠道和提交时间。"


@dataclass(frozen=True)
class Disclosure:
    """Sentences for the enterprise: what is public now, and what will be; empty when nothing more will."""

    now: str
    later: str
    is_public: bool


def disclosure_of(application: Application) -> Disclosure:
    state = application.state
    if application.round.kind == Round.Kind.RE_REVIEW:
        return _of_re_review(state)
    announced = f"公布后列入公布通知、示范企业名录和牌匾核验页：{ON_DIRECTORY}。"
    if state in (State.PUBLICIZED, State.CONTESTED):
        return Disclosure(f"公示名单正在公开：{ON_NOTICE}。", announced, True)
    if state in (State.RECOGNIZED, State.AWARDED):
        if application.enterprise.standing == Enterprise.Standing.REVOKED:
            return Disclosure(
                f"称号已撤销，不再列入示范企业名录；公布通知、撤销决定和牌匾核验页仍可查看：{ON_NOTICE}、统一社会信用代码、牌匾编号。",
                "",
                True,
            )
        return Disclosure(f"公布通知、示范企业名录和牌匾核验页正在公开：{ON_DIRECTORY}。", "", True)
    if state == State.OBJECTION_UPHELD:
        return Disclosure(f"先前的公示名单仍可查看：{ON_NOTICE}。没有列入公布通知和示范企业名录。", "", True)
    if state in ENDED_UNSEEN:
        return Disclosure("这件申报没有任何内容公开，以后也不会公开。", "", False)
    return Disclosure(
        "这件申报现在没有任何内容公开。", f"局党组会议审议通过后公示：{ON_NOTICE}。{announced}", False
    )


ENDED_UNSEEN = (
    State.WITHDRAWN,
    State.NOT_RECOMMENDED,
    State.DECLINED,
    State.NOT_SELECTED,
    State.NOT_APPROVED,
)


def _of_re_review(state: str) -> Disclosure:
    standing = "名录和牌匾核验页上仍是称号原有的信息"
    if state == State.WITHDRAWN:
        return Disclosure(f"这次复核没有任何内容公开；{standing}。", "", False)
    result = f"以公告公布复核结果：{ON_NOTICE}和复核结论。"
    if state in (State.RE_REVIEW_PASSED, State.RE_REVIEW_FAILED):
        return Disclosure(result, "", True)
    return Disclosure(f"这次复核现在没有任何内容公开；{standing}。", f"有结论后{result}", False)
