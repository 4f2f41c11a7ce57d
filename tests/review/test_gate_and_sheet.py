"""What an expert can open and save over HTTP: nothing before the declaration, only own sheets, no scores that cannot be."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import ExpertTie
from accounts.roles import Role
from applications.models import Application, Attachment
from core import workflow
from review.models import Assignment, ScoreSheet
from tests.factories import make_expert, make_officer, make_round
from tests.review import scenes
from tests.review.scenes import texts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
BACKEND = "accounts.backends.PortalBackend"
KEYS = ("foundation", "innovation", "capability", "benefit", "demonstration")


@pytest.fixture
def seated():
    """A seated panel of five with one case; nobody has declared yet."""
    officer, round_ = scenes.handler(), make_round()
    return scenes.seat(scenes.compose(round_, scenes.accepted(round_)), scenes.pool(5), by=officer)


@pytest.fixture
def at_work():
    return scenes.panel_at_work()


def sign_in(client, expert) -> None:
    client.force_login(expert.user, backend=BACKEND)


def page(name: str, assignment: Assignment) -> str:
    return reverse(name, args=[assignment.pk])


def typed(points=scenes.FULL, *, revision: int = 0, reason: str = "已核对。", **more) -> dict:
    marks = {f"points_{key}": str(mark) for key, mark in zip(KEYS, points, strict=True)}
    return (
        marks | {f"reason_{key}": reason for key in KEYS} | {"revision": str(revision), "comment": ""} | more
    )


class TestGate:
    def test_stands_before_the_sheet_the_files_and_every_application_page(self, client, seated):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        application = assignment.case.application
        assert client.get(page("review-sheet", assignment)).url == page("review-declare", assignment)
        assert client.post(page("review-save", assignment), typed()).status_code == 404
        assert client.post(page("review-submit", assignment), typed()).status_code == 404
        for attachment in Attachment.objects.filter(application=application):
            assert client.get(reverse("attachment-file", args=[attachment.pk])).status_code == 404
        for name in ("application-detail", "site-visit"):
            assert client.get(reverse(name, args=[application.pk])).status_code == 404
        assert client.get(reverse("application-version", args=[application.pk, 1])).status_code == 404
        gate = client.get(page("review-declare", assignment)).content.decode()
        assert application.enterprise.credit_code in gate
        for hidden in ("由卖设备转为交付可用的冷库", "14,960.00", "13100002046", "远洋渔船冷冻设备远程运维"):
            assert hidden not in gate

    def test_opens_when_the_expert_declares_that_there_is_none(self, client, seated):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        answer = client.post(page("review-declare", assignment), {"answer": "none"}, follow=True)
        assert answer.redirect_chain[-1][0] == page("review-sheet", assignment)
        content = answer.content.decode()
        assert "由卖设备转为交付可用的冷库" in content
        assert "14,960.00" in content
        assert "13100002046" not in content
        attachment = Attachment.objects.first()
        file = client.get(reverse("attachment-file", args=[attachment.pk]))
        assert (file.status_code, b"".join(file.streaming_content)[:4]) == (200, b"%PDF")

    def test_shows_a_tie_on_record_with_its_evidence_and_cannot_be_talked_away(self, client, seated):
        assignment = Assignment.objects.first()
        enterprise = assignment.case.application.enterprise
        ExpertTie.objects.create(
            expert=assignment.expert,
            kind="EMPLOYMENT",
            credit_code=enterprise.credit_code,
            organisation=enterprise.name,
            post="副总工程师",
            started_on=date(2019, 4, 1),
            ended_on=date(2024, 2, 29),
        )
        sign_in(client, assignment.expert)
        shown = client.get(page("review-declare", assignment))
        content = shown.content.decode()
        assert "系统发现疑似：三年之内的任职" in content
        assert "2019年4月1日至2024年2月29日" in content
        assert "2027年2月28日 满三年" in content
        assert f"统一社会信用代码相同（{enterprise.credit_code}）" in content
        assert shown.context["form"].initial["grounds"] == ["EMPLOYMENT"]
        refused = client.post(
            page("review-declare", assignment), {"answer": "none", "explanation": "那是同名"}
        )
        assert "有三年之内的关系" in texts(refused)[0]
        assert "那是同名" in refused.content.decode()
        assert Assignment.objects.get(pk=assignment.pk).state == Assignment.State.AWAITING

    def test_takes_a_recusal_with_grounds_and_explanation(self, client, seated):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        short = client.post(page("review-declare", assignment), {"answer": "recuse"})
        assert short.context["form"].errors == {
            "grounds": ["请选择至少一种回避情形。"],
            "explanation": ["请简要说明情况，如任职时间和职务。"],
        }
        done = {"answer": "recuse", "grounds": ["CONSULTING", "KINSHIP"], "explanation": "配偶任职"}
        assert client.post(page("review-declare", assignment), done).url == reverse("review-list")
        assignment = Assignment.objects.get(pk=assignment.pk)
        assert (assignment.state, assignment.recusal.grounds) == ("RECUSED", ["CONSULTING", "KINSHIP"])
        assert client.get(page("review-sheet", assignment)).status_code == 404
        assert "配偶任职" in client.get(page("review-declare", assignment)).content.decode()
        again = client.post(page("review-declare", assignment), done)
        assert texts(again)[0].startswith("当前状态为“已回避”，不能回避。")

    def test_a_ground_and_no_conflict_contradict_each_other(self, client, seated):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        both = {"answer": "none", "grounds": ["KINSHIP"], "explanation": ""}
        answer = client.post(page("review-declare", assignment), both)
        assert answer.context["form"].errors == {
            "answer": [
                "您勾选了“与负责人或主要股东有亲属关系”，又选择了没有利害关系。请回避，或取消勾选后再声明。"
            ]
        }
        assert Assignment.objects.get(pk=assignment.pk).state == "AWAITING"

    def test_invented_grounds_are_refused(self, client, seated):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        bad = {"answer": "recuse", "grounds": ["NOBODY"], "explanation": "x"}
        assert "grounds" in client.post(page("review-declare", assignment), bad).context["form"].errors


class TestStrangers:
    @pytest.mark.parametrize("name", ["review-declare", "review-sheet"])
    def test_another_experts_page_does_not_exist(self, client, at_work, name):
        first, second = Assignment.objects.order_by("id")[:2]
        sign_in(client, second.expert)
        assert client.get(page(name, first)).status_code == 404

    @pytest.mark.parametrize("name", ["review-save", "review-submit", "review-explain", "review-declare"])
    def test_another_experts_sheet_cannot_be_written(self, client, at_work, name):
        first, second = Assignment.objects.order_by("id")[:2]
        sign_in(client, second.expert)
        assert client.post(page(name, first), typed() | {"answer": "none"}).status_code == 404
        assert ScoreSheet.objects.get(assignment=first).revision == 0

    @pytest.mark.parametrize("role", [Role.MUNICIPAL_HANDLER, Role.AUDITOR, Role.CHANNEL_HANDLER])
    def test_officers_have_no_expert_pages(self, client, at_work, role):
        client.force_login(make_officer(role), backend=BACKEND)
        assert client.get(page("review-sheet", Assignment.objects.first())).status_code == 404
        assert client.get(reverse("review-list")).status_code == 404

    def test_experts_have_no_officers_pages(self, client, at_work):
        sign_in(client, Assignment.objects.first().expert)
        round_ = at_work.round_id
        for name, args in (
            ("panel-list", []),
            ("panel-detail", [at_work.pk]),
            ("score-matrix", [round_]),
            ("score-xlsx", [round_]),
            ("ranking", [round_]),
            ("site-visit", [Application.objects.get().pk]),
        ):
            assert client.get(reverse(name, args=args)).status_code == 404

    def test_an_expert_of_no_panel_has_an_empty_list(self, client, at_work):
        sign_in(client, make_expert(unit="别的所"))
        assert "现在没有分给您评审的企业" in client.get(reverse("review-list")).content.decode()


class TestSheet:
    def test_is_saved_as_one_types(self, client, at_work):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        points = ("14", "", "", "", "")
        answer = client.post(
            page("review-save", assignment), typed(points, reason=""), headers={"X-Autosave": "1"}
        )
        assert (answer.status_code, answer["X-Revision"], answer["X-Saved-At"]) == (204, "1", "09:00")
        sheet = ScoreSheet.objects.get(assignment=assignment)
        assert sheet.scores.get(criterion__key="foundation").points == Decimal("14.00")
        listed = client.get(reverse("review-list")).content.decode()
        assert "1/5 项" in listed
        assert "暂计 14" in listed

    def test_saved_as_it_was_is_no_change(self, client, at_work):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        empty = typed(("", "", "", "", ""), reason="")
        assert client.post(page("review-submit", assignment), empty).status_code == 422
        assert ScoreSheet.objects.get(assignment=assignment).revision == 0
        client.post(page("review-save", assignment), typed())
        client.post(page("review-save", assignment), typed(revision=1))
        assert ScoreSheet.objects.get(assignment=assignment).revision == 1

    def test_from_another_window_is_told_and_nothing_is_lost(self, client, at_work):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        client.post(page("review-save", assignment), typed())
        quiet = client.post(page("review-save", assignment), typed(), headers={"X-Autosave": "1"})
        assert quiet.status_code == 409
        assert quiet.content.decode().startswith("另一个窗口已保存过这张评分表")
        loud = client.post(page("review-save", assignment), typed((9, 9, 9, 9, 9), reason="另一套"))
        assert loud.status_code == 409
        assert "另一套" in loud.content.decode()
        assert 'name="revision" value="1"' in loud.content.decode()
        assert ScoreSheet.objects.get(assignment=assignment).scores.first().points == Decimal("14.00")

    @pytest.mark.parametrize(
        ("raw", "sentence"),
        [
            ("15.5", "“基础条件”的评分超出范围，应为0至15分，每0.5分一档。"),
            ("-1", "“基础条件”的评分超出范围，应为0至15分，每0.5分一档。"),
            ("1e9", "“基础条件”的评分超出范围，应为0至15分，每0.5分一档。"),
            ("NaN", "“基础条件”的评分超出范围，应为0至15分，每0.5分一档。"),
            ("Infinity", "“基础条件”的评分超出范围，应为0至15分，每0.5分一档。"),
            ("13.3", "“基础条件”的评分13.3不在档上，应为0至15分，每0.5分一档。"),
            ("1E-9999", "“基础条件”的评分不在档上，应为0至15分，每0.5分一档。"),
            ("十四", "“基础条件”填的“十四”不是分数，应为0至15分，每0.5分一档。"),
        ],
    )
    def test_refuses_what_is_no_score_and_keeps_what_was_typed(self, client, at_work, raw, sentence):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        form = typed((raw, 21, 17, 21, 13), reason="打字打到一半")
        for name in ("review-save", "review-submit"):
            answer = client.post(page(name, assignment), form)
            assert answer.status_code == 422
            assert answer.context["errors"] == [sentence]
            assert answer.content.decode().count("打字打到一半") >= 5
            assert f'value="{raw}"' in answer.content.decode()
        quiet = client.post(page("review-save", assignment), form, headers={"X-Autosave": "1"})
        assert (quiet.status_code, quiet.content.decode()) == (422, sentence)

    def test_as_one_types_the_rest_is_saved_beside_what_is_no_score(self, client, at_work):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        form = typed((99, 21, 17, 21, 13), reason="佐证充分") | {"comment": "服务模式清晰。"}
        by_button = client.post(page("review-save", assignment), form)
        sheet = ScoreSheet.objects.get(assignment=assignment)
        assert (by_button.status_code, sheet.revision, sheet.comment) == (422, 0, "")
        quiet = client.post(page("review-save", assignment), form, headers={"X-Autosave": "1"})
        assert (quiet.status_code, quiet["X-Revision"], quiet["X-Saved-At"]) == (422, "1", "09:00")
        sheet = ScoreSheet.objects.get(assignment=assignment)
        assert (sheet.revision, sheet.comment) == (1, "服务模式清晰。")
        saved = sheet.scores.order_by("criterion__position").values_list("points", "reason")
        assert [*saved] == [(None, ""), *((Decimal(one), "佐证充分") for one in (21, 17, 21, 13))]
        long = form | {"points_foundation": "12", "comment": "长" * 2001, "revision": "1"}
        quiet = client.post(page("review-save", assignment), long, headers={"X-Autosave": "1"})
        sheet = ScoreSheet.objects.get(assignment=assignment)
        assert (quiet.status_code, sheet.revision, sheet.comment) == (422, 2, "服务模式清晰。")
        assert sheet.scores.get(criterion__key="foundation").points == 12

    def test_too_long_a_reason_is_refused_with_its_length(self, client, at_work):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        answer = client.post(page("review-save", assignment), typed(reason="长" * 501))
        assert answer.context["errors"][0] == "“基础条件”的理由有 501 字，请不超过 500 字。"

    def test_is_submitted_locks_and_leads_to_the_next_one(self, client):
        scenes.panel_at_work(2)
        first = Assignment.objects.first()
        second = Assignment.objects.filter(expert=first.expert).exclude(pk=first.pk).get()
        sign_in(client, first.expert)
        told = client.post(page("review-submit", first), typed())
        assert told.context["confirming"]
        assert ScoreSheet.objects.get(assignment=first).state == ScoreSheet.State.DRAFT
        seen = {"confirmed": told.context["confirming"]}
        changed = client.post(page("review-submit", first), typed((15, 21, 17, 21, 13), revision=1) | seen)
        assert texts(changed) == ["评分在确认之前又有改动，请核对后再确认提交。"]
        assert ScoreSheet.objects.get(assignment=first).state == ScoreSheet.State.DRAFT
        assert changed.context["confirming"] != seen["confirmed"]
        answer = client.post(page("review-submit", first), typed(revision=2) | seen)
        assert answer.url == page("review-sheet", second)
        assert ScoreSheet.objects.get(assignment=first).total == Decimal("86.00")
        locked = client.post(page("review-save", first), typed((1, 1, 1, 1, 1), revision=3), follow=True)
        assert texts(locked)[-1:] == ["评分已提交并锁定，不能再改。如有错误请联系市工业和信息化局。"]
        quiet = client.post(page("review-save", first), typed(revision=3), headers={"X-Autosave": "1"})
        assert quiet.status_code == 409
        replayed = client.post(page("review-submit", first), typed(revision=3) | seen, follow=True)
        assert texts(replayed)[-1] == "这一件的评分已经提交。"
        assert ScoreSheet.objects.get(assignment=first).total == Decimal("86.00")
        shown = client.get(page("review-sheet", second)).content.decode()
        assert "您 1 家均分 <b>86.00</b>" in shown
        told = client.post(page("review-submit", second), typed())
        seen = {"confirmed": told.context["confirming"]}
        last = client.post(page("review-submit", second), typed(revision=1) | seen)
        assert last.url == reverse("review-list")

    def test_without_a_reason_where_one_is_required_stays_a_saved_draft(self, client, at_work):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        answer = client.post(page("review-submit", assignment), typed((15, 21, 17, 21, 13), reason=""))
        assert answer.status_code == 422
        assert answer.context["errors"] == ["“基础条件”评15分，属最高档，请写明理由。"]
        assert [(line.key, line.points) for line in answer.context["lines"] if line.error] == [
            ("foundation", Decimal(15))
        ]
        assert answer.context["total"] == "87"
        sheet = ScoreSheet.objects.get(assignment=assignment)
        assert (sheet.state, sheet.revision) == (ScoreSheet.State.DRAFT, 1)

    def test_everything_that_is_wrong_is_told_at_once(self, client, at_work):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        form = typed(("15", "21", "99", "", "13"), reason="", comment="长" * 2001)
        answer = client.post(page("review-submit", assignment), form)
        assert answer.status_code == 422
        assert answer.context["errors"] == [
            "“基础条件”评15分，属最高档，请写明理由。",
            "“服务能力与组织保障”的评分超出范围，应为0至20分，每0.5分一档。",
            "“经济社会效益”尚未评分，请填0至25分，每0.5分一档。",
            "总体意见有 2001 字，请不超过 2000 字。",
        ]
        assert [line.points for line in answer.context["lines"]] == [15, 21, None, None, 13]
        assert (answer.context["total"], ScoreSheet.objects.get(assignment=assignment).revision) == ("49", 0)

    def test_can_be_filled_but_not_submitted_before_the_review_begins(self, client, seated):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        workflow.perform(assignment, "declare_no_conflict", by=assignment.expert.user)
        answer = client.post(page("review-submit", assignment), typed(), follow=True)
        assert texts(answer) == ["该件现为“已受理”，评审开始后才能提交评分。已填内容都会保留。"]
        (row,) = client.get(reverse("review-list")).context["page"].object_list
        assert row.note == "评审还没有开始，可以先评分，开始后提交"

    @pytest.mark.parametrize("revision", ["", "x", "-1", "99999999999999", "²"])
    def test_a_forged_revision_is_a_stale_one(self, client, at_work, revision):
        assignment = Assignment.objects.first()
        sign_in(client, assignment.expert)
        assert (
            client.post(page("review-save", assignment), typed() | {"revision": revision}).status_code == 409
        )

    def test_an_explanation_is_given_once_asked_and_the_score_stays(self, client, at_work):
        assignment = Assignment.objects.first()
        sheet = workflow.perform(scenes.fill(assignment, comment=""), "submit", by=assignment.expert.user)
        sign_in(client, assignment.expert)
        workflow.perform(sheet, "ask_explanation", by=scenes.handler())
        assert "请补充评分说明" in client.get(page("review-sheet", assignment)).content.decode()
        assert "补充说明" in client.get(reverse("review-list")).content.decode()
        answer = client.post(page("review-explain", assignment), {"explanation": " "}, follow=True)
        assert texts(answer) == ["请写明这样评分的理由，评分本身不改动。"]
        for words, sentence in (
            ("短", "这样评分的理由至少写 10 个字，现为 1 个字，请写清事实和依据。评分本身不改动。"),
            ("长" * 501, "说明最多 500 字，现为 501 字，请删减 1 字。"),
        ):
            refused = client.post(page("review-explain", assignment), {"explanation": words})
            assert (refused.status_code, texts(refused)) == (422, [sentence])
            assert f"{words}</textarea>" in refused.content.decode()
        why = "项目二没有验收材料，只有口头证明。"
        client.post(page("review-explain", assignment), {"explanation": why})
        sheet = ScoreSheet.objects.get(assignment=assignment)
        assert (sheet.explanation, sheet.total) == (why, Decimal("86.00"))

    def test_an_explanation_nobody_asked_for_is_given_back(self, client, at_work):
        assignment = Assignment.objects.first()
        workflow.perform(scenes.fill(assignment), "submit", by=assignment.expert.user)
        sign_in(client, assignment.expert)
        typed = "项目二没有验收材料，只有口头证明。"
        refused = client.post(page("review-explain", assignment), {"explanation": typed})
        assert (refused.status_code, texts(refused)) == (
            422,
            ["市局没有请您补充说明，评分表已提交，不必再写。"],
        )
        assert (
            f'没有提交的说明</h2></div><div class="box-body"><p class="keep-lines mb-0">{typed}'
            in refused.content.decode()
        )
        assert ScoreSheet.objects.get(assignment=assignment).explanation == ""
