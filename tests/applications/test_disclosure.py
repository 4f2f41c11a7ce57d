"""What an enterprise is told about what of its file is public."""

import pytest

from accounts.models import Enterprise
from applications.disclosure import Disclosure, disclosure_of
from applications.models import Application, Round
from tests import factories
from tests.applications.scenes import june, signed_in, submitted

State = Application.State
NOTHING = "这件申报现在没有任何内容公开。"
PUBLIC_LIST = "企业名称、所在区市、主要模式"
LATER = (
    "公布后列入公布通知、示范企业名录和牌匾核验页："
    f"{PUBLIC_LIST}、统一社会信用代码、牌匾编号、公布日期和应复核日期。"
)


def disclosed(state: str, *, kind: str = "RECOGNITION", standing: str = "NONE") -> Disclosure:
    return disclosure_of(
        Application(state=state, round=Round(kind=kind), enterprise=Enterprise(standing=standing))
    )


@pytest.mark.parametrize("state", [State.SUBMITTED, State.RETURNED, State.UNDER_REVIEW, State.APPROVED])
def test_nothing_is_public_before_the_publicity(state):
    assert disclosed(state) == Disclosure(
        NOTHING, f"局党组会议审议通过后公示：{PUBLIC_LIST}。{LATER}", is_public=False
    )


@pytest.mark.parametrize("state", [State.PUBLICIZED, State.CONTESTED])
def test_a_publicised_list_names_the_enterprise(state):
    assert disclosed(state) == Disclosure(f"公示名单正在公开：{PUBLIC_LIST}。", LATER, is_public=True)


@pytest.mark.parametrize("state", [State.RECOGNIZED, State.AWARDED])
def test_a_recognised_enterprise_is_in_the_directory(state):
    assert disclosed(state, standing="HOLDER").now == (
        "公布通知、示范企业名录和牌匾核验页正在公开："
        f"{PUBLIC_LIST}、统一社会信用代码、牌匾编号、公布日期和应复核日期。"
    )


def test_a_revoked_title_leaves_the_directory():
    assert disclosed(State.AWARDED, standing="REVOKED") == Disclosure(
        "称号已撤销，不再列入示范企业名录；公布通知、撤销决定和牌匾核验页仍可查看："
        f"{PUBLIC_LIST}、统一社会信用代码、牌匾编号。",
        "",
        is_public=True,
    )


@pytest.mark.parametrize(
    "state",
    [State.WITHDRAWN, State.NOT_RECOMMENDED, State.DECLINED, State.NOT_SELECTED, State.NOT_APPROVED],
)
def test_what_ended_before_the_publicity_is_never_public(state):
    assert disclosed(state) == Disclosure("这件申报没有任何内容公开，以后也不会公开。", "", is_public=False)


def test_a_publicised_list_stays_after_an_objection_was_upheld():
    assert disclosed(State.OBJECTION_UPHELD) == Disclosure(
        f"先前的公示名单仍可查看：{PUBLIC_LIST}。没有列入公布通知和示范企业名录。", "", is_public=True
    )


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (
            State.SUBMITTED,
            Disclosure(
                "这次复核现在没有任何内容公开；名录和牌匾核验页上仍是称号原有的信息。",
                f"有结论后以公告公布复核结果：{PUBLIC_LIST}和复核结论。",
                is_public=False,
            ),
        ),
        (
            State.WITHDRAWN,
            Disclosure(
                "这次复核没有任何内容公开；名录和牌匾核验页上仍是称号原有的信息。", "", is_public=False
            ),
        ),
        (
            State.RE_REVIEW_PASSED,
            Disclosure(f"以公告公布复核结果：{PUBLIC_LIST}和复核结论。", "", is_public=True),
        ),
    ],
)
def test_of_a_re_review_only_the_result_is_public(state, told):
    assert disclosed(state, kind="RE_REVIEW", standing="HOLDER") == told


def test_every_state_of_a_case_has_its_words():
    """A state that is added falls under one of the sentences on purpose, not by default."""
    unseen = {State.DRAFT, State.SUBMITTED, State.RETURNED, State.SENT_BACK, State.VETTED, State.FORWARDED}
    unseen |= {State.ACCEPTED, State.UNDER_REVIEW, State.REVIEWED, State.PROPOSED, State.APPROVED}
    assert {state for state in State if disclosed(state).now == NOTHING} == unseen | {
        State.RE_REVIEW_PASSED,
        State.RE_REVIEW_FAILED,
    }


@pytest.mark.django_db
def test_the_page_of_a_submitted_case_says_it():
    with june():
        enterprise = factories.make_enterprise()
        member = factories.make_member(enterprise)
        application = factories.make_application(enterprise=enterprise, member=member)
        factories.fill_in(application, by=member)
        submitted(Application.objects.get(pk=application.pk), by=member)
        page = signed_in(member).get(f"/applications/{application.pk}/").content.decode()
    assert NOTHING in page
    assert (
        "申报书、三年指标、附件、联系人、得分和审核评审意见始终不向社会公开，供审核、评审和监督人员办理使用；"
        "本批次设有评审反馈的，只反馈给本企业。"
    ) in page
    assert "持有回执的人凭编号和校验码" in page
