"""New experts: by form with an invitation, and with their ties by table; no identity or bank number is kept."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import experts, joining
from accounts.models import Expert, Invitation, Membership, TableImport, User
from accounts.roles import Role
from core import clock
from core.models import Event, Notification
from core.workflow import NotPermitted
from policy.identifiers import private_number
from review import draw
from review.models import Panel
from tests.accounts.test_joining import PASSWORD
from tests.accounts.test_ratings import a_table, confirm, signed_in
from tests.factories import JUNE, a_tie, make_enterprise, make_expert, make_member, make_officer, make_round
from tests.meanwhile import meanwhile
from tests.review import scenes

pytestmark = pytest.mark.django_db
IDENTITY, CARD = "110101199003070011", "6222021234567890128"
NEW = {
    "name": "苗听澜",
    "mobile": "139 0631 0001",
    "email": "miao@example.com",
    "unit": "远帆机器人研究中心",
    "title": "研究员",
    "speciality": "机器人",
    "modes": ["integration"],
    "industries": ["34"],
}
ACCOUNT = {
    "mobile": "13906310001",
    "email": "miao@example.com",
    "login": "miao",
    "password": PASSWORD,
    "password_again": PASSWORD,
}
HEADS = [
    *("姓名", "手机", "邮箱", "工作单位", "职称", "专业领域", "熟悉的模式", "熟悉的行业大类"),
    *("关系类别", "企业名称", "统一社会信用代码", "职务或持股", "自", "至"),
]
CODE = "91371082MA3U00017U"
FACTS = ("miao@example.com", "远帆机器人研究中心", "研究员", "机器人", "供应链管理、总集成总承包服务", "34")
TIE = ("董事、监事或高管", "烟台远岬装备有限公司", CODE, "监事", "2024-03-01", "")
NO_TIE = ("",) * 6


@pytest.fixture(autouse=True)
def june():
    with clock.stopped_at(JUNE):
        yield


@pytest.fixture
def handler() -> Client:
    return signed_in(Role.MUNICIPAL_HANDLER)


def add(client: Client, **typed):
    return client.post(reverse("expert-create"), NEW | typed)


def link_of(expert: Expert) -> str:
    return joining.path_of(expert.invitations.first())


def standing(expert: Expert) -> str:
    return Expert.objects.with_standing(on=clock.today()).get(pk=expert.pk).standing


def excluded(panel: Panel) -> dict[str, str]:
    return {one["name"]: one["reason"] for one in draw.panel_candidates(panel).excluded}


class TestInvitation:
    def test_a_new_expert_is_invited_by_mail_and_drawn_only_after_accepting(self, handler):
        answer = add(handler)
        expert, round_ = Expert.objects.get(), make_round()
        panel = scenes.compose(round_, scenes.accepted(round_))
        assert answer["Location"] == reverse("expert", args=[expert.pk])
        assert (expert.unit, expert.industries, expert.user.mobile) == (
            "远帆机器人研究中心",
            ["34"],
            "13906310001",
        )
        (message,) = Notification.objects.filter(key__startswith="invitation-")
        assert (message.address, message.subject) == (
            "miao@example.com",
            f"{expert.invitations.get().invited_by}邀请您担任评审专家",
        )
        assert (standing(expert), excluded(panel)) == ("INVITED", {"苗听澜": "还没有接受邀请"})
        kept = expert.user_id
        stranger = Client()
        assert "担任评审专家" in stranger.get(link_of(expert)).content.decode()
        stranger.post(link_of(expert), ACCOUNT)
        expert.refresh_from_db()
        assert (expert.user.login, expert.user.name, expert.user.is_active) == ("miao", "苗听澜", True)
        assert not User.objects.filter(pk=kept).exists()
        hat = Membership.objects.get(expert=expert)
        assert (hat.user, hat.state) == (expert.user, "CONFIRMED")
        assert (standing(expert), excluded(panel)) == ("AVAILABLE", {})
        assert stranger.get(reverse("review-list")).status_code == 200
        told = Notification.objects.get(key=f"membership-{hat.pk}-accepted")
        assert (told.recipient, told.subject) == (expert.invitations.get().invited_by, "专家苗听澜已接受邀请")

    def test_an_enterprises_person_accepts_with_the_account_at_hand(self, handler):
        add(handler)
        expert = Expert.objects.get()
        member = make_member(make_enterprise(), name="苗听澜")
        client = Client()
        client.force_login(member, backend="accounts.backends.PortalBackend")
        client.post(link_of(expert))
        expert.refresh_from_db()
        assert (expert.user, standing(expert)) == (member, "AVAILABLE")

    @pytest.mark.parametrize(
        ("person", "sentence"),
        [
            (lambda: make_officer(Role.CHANNEL_HANDLER, name="苗听澜"), "不能同时担任评审专家"),
            (lambda: make_expert().user, "您登录的账号已在专家库"),
            (lambda: make_member(make_enterprise(), name="别人"), "这份邀请发给“苗听澜”"),
        ],
    )
    def test_others_do_not_take_the_place(self, handler, person, sentence):
        add(handler)
        expert = Expert.objects.get()
        client = Client()
        client.force_login(person(), backend="accounts.backends.PortalBackend")
        assert sentence in client.get(link_of(expert)).content.decode()
        client.post(link_of(expert))
        assert standing(expert) == "INVITED"

    def test_expires_and_is_sent_again_or_taken_back(self, handler):
        add(handler)
        expert = Expert.objects.get()
        page = reverse("expert", args=[expert.pk])
        early = handler.post(page, {"action": "invite"}, follow=True)
        assert "要重新邀请请先撤销这一份" in early.content.decode()
        old = link_of(expert)
        with clock.stopped_at(JUNE + timedelta(days=8)):
            assert Client().get(old).status_code == 410
            handler.post(page, {"action": "invite"})
            assert expert.invitations.count() == 2
            last = expert.invitations.first()
            revoked = handler.post(reverse("invitation-revoke", args=[last.pk]))
            assert revoked["Location"] == page
            assert Client().post(link_of(expert), ACCOUNT).status_code == 410
        assert standing(expert) == "INVITED"

    def test_is_void_when_who_invited_has_left_the_bureau(self, handler):
        add(handler)
        expert = Expert.objects.get()
        Membership.objects.filter(user=expert.invitations.get().invited_by).update(is_active=False)
        answer = Client().get(link_of(expert))
        assert answer.status_code == 410
        assert "请联系市工业和信息化局重新邀请" in answer.content.decode()

    def test_who_was_an_expert_comes_back_with_the_same_account(self, handler):
        expert = make_expert()
        User.objects.filter(pk=expert.user_id).update(mobile="13906310009")
        Membership.objects.filter(expert=expert).update(is_active=False)
        assert standing(expert) == "OUT"
        handler.post(reverse("expert", args=[expert.pk]), {"action": "invite"})
        assert standing(expert) == "INVITED"
        Client().post(link_of(expert), ACCOUNT)
        assert standing(expert) == "INVITED"
        own = Client()
        own.force_login(expert.user, backend="accounts.backends.PortalBackend")
        own.post(link_of(expert))
        assert (standing(expert), Expert.objects.get().user) == ("AVAILABLE", expert.user)

    def test_name_and_address_can_be_corrected_until_it_is_accepted(self, handler):
        add(handler)
        expert = Expert.objects.get()
        url = reverse("expert-edit", args=[expert.pk])
        revision = handler.get(url).context["revision"]
        handler.post(url, NEW | {"email": "right@example.com", "revision": revision})
        expert.user.refresh_from_db()
        assert expert.user.email == "right@example.com"
        Client().post(link_of(expert), ACCOUNT)
        assert "name" not in handler.get(url).context["form"].fields


class TestForm:
    @pytest.mark.parametrize(
        ("typed", "errors"),
        [
            ({"mobile": "1390631"}, {"mobile": ["手机号码应为11位数字，以13至19开头，请核对。"]}),
            ({"name": ""}, {"name": ["请填写姓名。"]}),
            (
                {"speciality": CARD},
                {"speciality": ["这里写有银行账号。平台不收集专家的身份证号码和银行账号，请删去后再保存。"]},
            ),
        ],
    )
    def test_bad_input_is_named(self, handler, typed, errors):
        page = add(handler, **typed)
        assert (page.status_code, page.context["form"].errors) == (422, errors)
        assert not Expert.objects.exists()

    def test_the_same_expert_is_added_once(self, handler):
        add(handler)
        page = add(handler, name="苗听岚", email="")
        assert page.status_code == 422
        assert page.context["form"].non_field_errors() == [
            "专家库已有手机号相同的专家苗听澜（远帆机器人研究中心），请核对，没有重复增加。"
        ]
        assert (Expert.objects.count(), Invitation.objects.count()) == (1, 1)

    def test_nobody_else_adds_or_invites(self):
        leader = make_officer(Role.MUNICIPAL_LEADER)
        with pytest.raises(NotPermitted, match="增加专家由市工业和信息化局经办人办理"):
            experts.add({"name": "甲", "mobile": "13906310001", "email": ""}, {}, by=leader)
        with pytest.raises(NotPermitted, match="专家由市工业和信息化局经办人邀请"):
            joining.invite(make_expert(), by=leader, name="甲", mobile="13906310001", email="")


@pytest.mark.django_db(transaction=True)
def test_two_handlers_at_once_add_one_expert():
    first, second = scenes.handler(), scenes.handler()
    person = {"name": "苗听澜", "mobile": "13906310001", "email": ""}
    facts = {"unit": "甲所", "title": "研究员", "speciality": "", "industries": [], "modes": []}
    with meanwhile(lambda: experts.add(person, facts, by=second), at=JUNE) as other:
        experts.add(person, facts, by=first)
        other.begins()
    assert other.refusal is not None
    assert "没有重复增加" in other.refusal.reasons[0]
    assert (Expert.objects.count(), Invitation.objects.count()) == (1, 1)


def upload(client: Client, *rows, heads=HEADS):
    return client.post(reverse("table-upload", args=["experts"]), {"sheet": a_table(*rows, heads=heads)})


def tried(client: Client, *rows):
    return client.get(upload(client, *rows)["Location"])


def lines(page) -> list[tuple]:
    return [(one.row, one.change, one.was, one.says) for one in page.context["reading"].lines]


class TestTable:
    def test_brings_in_experts_with_their_ties_and_invites_them(self, handler):
        firm = make_enterprise(name="威海澄泰数控机床有限公司")
        page = tried(
            handler,
            ["苗听澜", "13906310001", *FACTS, *TIE],
            [
                "苗听澜",
                13906310001,
                *("",) * 6,
                "任职",
                "",
                firm.credit_code,
                "",
                date(2019, 1, 1),
                "2021年6月30日",
            ],
            ["于砚秋", "13906310002", "", "甲所", "教授", "", "", "", *NO_TIE],
        )
        assert page.context["reading"].problems == []
        assert lines(page) == [
            (
                2,
                "NEW",
                "",
                "远帆机器人研究中心，研究员，机器人，供应链管理、总集成总承包服务，通用设备制造业",
            ),
            (2, "NEW", "", "烟台远岬装备有限公司，董事、监事或高管（监事），2024年3月1日至今"),
            (3, "NEW", "", "威海澄泰数控机床有限公司，任职，2019年1月1日至2021年6月30日"),
            (4, "NEW", "", "甲所，教授"),
        ]
        assert not Expert.objects.exists()
        answer = confirm(handler, page)
        assert answer["Location"] == "/directory-desk/?tab=experts"
        found = {one.user.name: one for one in Expert.objects.select_related("user")}
        assert {name: standing(one) for name, one in found.items()} == {
            "苗听澜": "INVITED",
            "于砚秋": "INVITED",
        }
        assert [one.code for one in found["苗听澜"].modes.all()] == ["supply-chain", "integration"]
        assert sorted(found["苗听澜"].ties.values_list("kind", flat=True)) == ["DIRECTORSHIP", "EMPLOYMENT"]
        assert Invitation.objects.count() == 2
        assert list(Notification.objects.filter(recipient=None).values_list("address", flat=True)) == [
            "miao@example.com"
        ]
        assert Event.objects.filter(action="add_tie").count() == 2

    def test_who_is_there_is_changed_only_where_the_table_says_so(self, handler):
        expert, firm = make_expert(speciality="机器人"), make_enterprise()
        User.objects.filter(pk=expert.user_id).update(mobile="13906310001", name="苗听澜")
        tie = a_tie(expert, firm, ended_on=None)
        row = ["苗听澜", "13906310001", "", "", "高级工程师", "", "", ""]
        its = ["任职", "", firm.credit_code, "工程师", "2012-03-01"]
        page = tried(handler, [*row, *its, "2026-05-31"])
        assert [(one[1], one[2].split("至")[-1], one[3].split("至")[-1]) for one in lines(page)] == [
            ("CHANGED", "鲁东装备技术研究院，研究员，机器人", "鲁东装备技术研究院，高级工程师，机器人"),
            ("CHANGED", "今", "2026年5月31日"),
        ]
        confirm(handler, page)
        expert.refresh_from_db()
        tie.refresh_from_db()
        assert (expert.title, expert.unit, tie.ended_on) == (
            "高级工程师",
            "鲁东装备技术研究院",
            date(2026, 5, 31),
        )
        assert not Invitation.objects.exists()
        again = tried(handler, [*row, *its, ""])
        assert [one[1] for one in lines(again)] == ["SAME", "SAME"]

    def test_every_wrong_cell_is_named_and_keeps_everything_out(self, handler):
        expert = make_expert()
        User.objects.filter(pk=expert.user_id).update(mobile="13906310005")
        page = tried(
            handler,
            ["苗听澜", "13906310001", *FACTS, *TIE],
            ["苗听岚", "13906310001", *("",) * 6, *TIE],
            ["于砚秋", "139", "不是邮箱", "", "教授", "", "魔法", "99", *NO_TIE],
            ["夏和光", "13906310003", "", "甲所", "教授", "", "", "", "亲属", "", "9137", "", "去年", ""],
            ["别人", "13906310005", *("",) * 6, *NO_TIE],
            ["苗听澜", "13906310001", *("",) * 6, *NO_TIE],
        )
        assert page.context["reading"].problems == [
            "A3：与同一专家的 A2 不同，请改成一样或留空。",
            "K3：与 K2 是同一条关系，请只保留一行。",
            "G4：“魔法”不在六种模式之中：供应链管理、共享制造服务、产品全生命周期管理、总集成总承包服务、"
            "定制化服务、信息增值服务。",
            "H4：“99”不在行业大类之中，可以写两位代码或名称。",
            "D4：请填写工作单位。",
            "B4：手机号码应为11位数字，以13至19开头，请核对。",
            "C4：邮箱格式不对，例如 name@example.com。",
            "I5：关系类别应为任职、董事、监事或高管、持有股份、亲属关系、有偿咨询、顾问、其他关系之一。",
            "K5：统一社会信用代码应为18位，现为4位，请对照营业执照补全。",
            "M5：自“去年”不是有效日期，请按 2021-09-06 的样子填写。",
            f"A6：手机号是专家库里{expert}的，姓名应为{expert}，请核对。",
            "B7：与 B2 是同一位专家，这一行又没有关系，请删去。",
        ]
        confirm(handler, page)
        assert Expert.objects.count() == 1

    @pytest.mark.parametrize(
        ("place", "value", "words"),
        [
            (5, IDENTITY, "F2 写有身份证号码"),
            (5, CARD, "F2 写有银行账号"),
            (5, f"卡 {CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}", "F2 写有银行账号"),
            (14, IDENTITY, "O2 写有身份证号码"),
            (14, int(CARD[:16] + "000"), "O2 写有身份证号码或银行账号"),
        ],
    )
    def test_an_identity_or_bank_number_in_any_cell_is_refused_and_not_kept(
        self, handler, place, value, words
    ):
        row: list = ["苗听澜", "13906310001", *FACTS, *TIE, ""]
        row[place] = value
        page = upload(handler, row, heads=[*HEADS, "备注"])
        assert page.status_code == 422
        (problem,) = page.context["form"].errors["sheet"]
        assert words in problem
        assert problem.endswith(
            "。平台不收集专家的身份证号码和银行账号，这份表格没有保存，请删去后重新上传。"
        )
        assert not TableImport.objects.exists()

    def test_a_head_that_asks_for_one_is_refused_too(self, handler):
        page = upload(handler, ["苗听澜", "13906310001", *FACTS, *TIE, ""], heads=[*HEADS, "开户行"])
        assert "O1 写有开户行" in page.context["form"].errors["sheet"][0]

    @pytest.mark.parametrize("role", [Role.MUNICIPAL_LEADER, Role.ADMINISTRATOR])
    def test_is_the_handlers_alone(self, role):
        assert upload(signed_in(role), ["苗听澜"]).status_code == 404

    def test_what_has_changed_since_the_dry_run_is_shown_again(self, handler):
        page = tried(handler, ["苗听澜", "13906310001", *FACTS, *NO_TIE])
        add(handler)
        answer = confirm(handler, page)
        assert answer.status_code == 422
        assert Expert.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (IDENTITY, "身份证号码"),
        ("号码11010119900307001x。", "身份证号码"),
        ("１１０１０１１９９００３０７００１１", "身份证号码"),
        (CARD, "银行账号"),
        ("6222 0212 3456 7890 128", "银行账号"),
        ("6222021234567890129", ""),
        ("13906310001", ""),
        ("91371082MA3U00017U", ""),
        ("0631-5200001、0631-5200002", ""),
        ("专利 2021 1034 5678", ""),
    ],
)
def test_private_numbers_are_found_in_any_text(text: str, found: str) -> None:
    assert private_number(text) == found
