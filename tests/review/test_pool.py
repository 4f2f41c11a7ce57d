"""The pool of experts as the bureau keeps it: what it knows, ties, suspensions, how often drawn and how late."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import experts
from accounts.models import Expert, ExpertTie
from accounts.roles import Role
from core import clock, workflow
from core.conflicts import TOLD
from core.models import Event
from core.workflow import NotPermitted, NotPossible
from review import draw, scores
from review.models import Assignment
from review.pool import Load, loads_of
from tests.factories import a_tie, make_enterprise, make_expert, make_officer, make_round
from tests.meanwhile import meanwhile
from tests.review import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
REASON = "出国访学一年，其间不能参加评审。"
IDENTITY = "110101199003070011"
CARD = "6222021234567890128"


@pytest.fixture
def handler(client) -> Client:
    return sign_in(client, Role.MUNICIPAL_HANDLER)


def sign_in(client: Client, role: str) -> Client:
    client.force_login(make_officer(role), backend="accounts.backends.PortalBackend")
    return client


def address(expert: Expert) -> str:
    return reverse("expert", args=[expert.pk])


def post(client: Client, expert: Expert, action: str, seen: str | None = None, **typed):
    seen = experts.revision_of(expert) if seen is None else seen
    return client.post(address(expert), {"action": action, "seen": seen} | typed)


def suspend(client: Client, expert: Expert, **typed):
    return post(client, expert, "suspend", **{"since": "2026-08-03", "reason": REASON} | typed)


def said(page) -> str:
    return " ".join(page.content.decode().split())


def done(expert: Expert) -> list[tuple[str, str]]:
    events = Event.objects.filter(subject_type="accounts.Expert", subject_id=expert.pk, outcome="DONE")
    return list(events.order_by("id").values_list("action", "note"))


class TestSuspension:
    def test_keeps_an_expert_out_of_every_draw_with_its_reason_until_resumed(self, handler):
        expert, officer = make_expert(unit="访学所"), scenes.handler()
        scenes.pool(5)
        assert suspend(handler, expert)["Location"] == address(expert)
        panel = scenes.compose(make_round(), scenes.accepted(make_round(year=2025)))
        record = draw.draw_panel(panel, by=officer, witness=scenes.WITNESS)
        assert record.excluded == [
            {
                "id": expert.pk,
                "name": expert.user.name,
                "unit": "访学所",
                "reason": "自2026年8月3日起暂停抽取：出国访学一年，其间不能参加评审",
            }
        ]
        again = post(handler, expert, "resume", since="2026-08-10", reason="提前回国，可以参加评审。")
        assert again.status_code == 302
        found = draw.panel_candidates(panel)
        assert [one["id"] for one in found.excluded] == [expert.pk]
        with clock.stopped_at(scenes.AUGUST + timedelta(days=7)):
            assert draw.panel_candidates(panel).excluded == []
        assert done(expert) == [
            ("suspend", f"2026年8月3日起。{REASON}"),
            ("resume", "2026年8月10日起。提前回国，可以参加评审。"),
        ]

    def test_that_begins_later_excludes_from_its_first_day_on(self, handler):
        expert = make_expert()
        suspend(handler, expert, since="2026-08-05")
        expert.refresh_from_db()
        days = [date(2026, 8, 4), date(2026, 8, 5)]
        assert [expert.is_suspended_on(day) for day in days] == [False, True]
        standings = [Expert.objects.with_standing(on=day).get().standing for day in days]
        assert standings == ["AVAILABLE", "SUSPENDED"]

    def test_leaves_what_is_assigned(self, handler):
        panel = scenes.panel_at_work()
        expert = panel.members.first().expert
        suspend(handler, expert)
        assert Assignment.objects.get(expert=expert).state == "CLEAR"
        post(handler, expert, "resume", since="2026-08-03", reason="登记有误，没有出国访学。")
        page = said(handler.get(address(expert)))
        assert "在手</dt><dd>1 件" in page
        assert 'value="suspend"' in page

    @pytest.mark.parametrize(
        ("typed", "errors"),
        [
            ({"reason": ""}, {"reason": ["请填写原因。"]}),
            ({"reason": "出国"}, {"reason": ["原因至少写 10 个字，现为 2 个字，请写清事实和依据。"]}),
            ({"since": ""}, {"since": ["请填写从哪一天起，例如 2026-06-30。"]}),
            ({"since": "2126-08-03"}, {"since": ["日期应在今天前后 3 年之内，请核对。"]}),
            (
                {"reason": f"身份证 {IDENTITY} 有误，暂停。"},
                {"reason": ["这里写有身份证号码。平台不收集专家的身份证号码和银行账号，请删去后再保存。"]},
            ),
        ],
    )
    def test_says_what_is_missing_and_keeps_what_was_typed(self, handler, typed, errors):
        expert = make_expert()
        page = suspend(handler, expert, **typed)
        assert (page.status_code, page.context["suspension"].errors) == (422, errors)
        shown = {"since": "2026-08-03", "reason": REASON} | typed
        assert {name: page.context["suspension"][name].value() for name in shown} == shown
        assert done(expert) == []

    def test_is_not_resumed_before_it_began_and_not_twice(self, handler):
        expert = make_expert()
        nothing = post(handler, expert, "resume", since="2026-08-03", reason="可以参加评审了，恢复。")
        assert nothing.context["suspension"].non_field_errors() == [f"{expert}没有暂停抽取，不需要恢复。"]
        suspend(handler, expert)
        early = post(handler, expert, "resume", since="2026-08-01", reason="可以参加评审了，恢复。")
        assert early.context["suspension"].non_field_errors() == [
            "恢复日期早于暂停开始的2026年8月3日，没有改动，请核对。"
        ]
        twice = suspend(handler, expert)
        assert twice.context["suspension"].non_field_errors() == [
            f"{expert}自2026年8月3日起暂停抽取，没有重复办理。"
        ]
        assert [action for action, _ in done(expert)] == ["suspend"]

    def test_a_page_that_has_become_old_decides_nothing(self, handler):
        expert = make_expert()
        seen = experts.revision_of(expert)
        suspend(handler, expert)
        for action in ("suspend", "resume"):
            page = post(handler, expert, action, seen=seen, since="2026-08-03", reason="另一位经办人的原因。")
            assert "在您打开这一页之后有过变动，这次没有办理" in said(page)
            assert "另一位经办人的原因。" in said(page)
        assert [action for action, _ in done(expert)] == ["suspend"]


@pytest.mark.django_db(transaction=True)
def test_two_handlers_at_once_suspend_once():
    expert, (first, second) = make_expert(), (scenes.handler(), scenes.handler())
    day = date(2026, 8, 3)
    act = {"since": day, "reason": REASON, "seen": ""}
    with meanwhile(lambda: experts.suspend(expert, **act, by=second), at=scenes.AUGUST) as other:
        experts.suspend(expert, **act, by=first)
        other.begins()
    assert other.refusal is not None
    assert "有过变动，这次没有办理" in other.refusal.reasons[0]
    assert [action for action, _ in done(expert)] == ["suspend"]


class TestTies:
    TYPED = {
        "kind": "DIRECTORSHIP",
        "post": "独立董事",
        "started_on": "2024-05-10",
        "ended_on": "",
        "organisation": "",
    }

    def test_is_entered_ended_and_taken_back_with_events(self, handler):
        expert, firm = make_expert(), make_enterprise(name="威海澄泰数控机床有限公司")
        post(handler, expert, "tie", **self.TYPED, credit_code=firm.credit_code.lower())
        tie = ExpertTie.objects.get()
        assert (tie.expert, tie.organisation, tie.credit_code) == (expert, firm.name, firm.credit_code)
        post(handler, expert, "end-tie", tie=tie.pk, ended_on="2026-07-31", reason="")
        tie.refresh_from_db()
        assert tie.ended_on == date(2026, 7, 31)
        post(handler, expert, "remove-tie", tie=tie.pk, reason="同名同姓，不是本人担任。")
        assert not ExpertTie.objects.exists()
        text = "威海澄泰数控机床有限公司，董事、监事或高管（独立董事），2024年5月10日至"
        assert done(expert) == [
            ("add_tie", f"{text}今"),
            ("end_tie", f"{text}2026年7月31日"),
            ("remove_tie", f"{text}2026年7月31日。原因：同名同姓，不是本人担任。"),
        ]

    def test_keeps_its_expert_out_of_that_enterprises_panel(self, handler):
        expert, firm = make_expert(unit="有关所"), make_enterprise()
        panel = scenes.compose(make_round(), scenes.accepted(make_round(year=2025), enterprise=firm))
        assert draw.panel_candidates(panel).excluded == []
        post(handler, expert, "tie", **self.TYPED, credit_code=firm.credit_code)
        assert [one["id"] for one in draw.panel_candidates(panel).excluded] == [expert.pk]

    @pytest.mark.parametrize(
        ("typed", "errors"),
        [
            (
                {"credit_code": "913710"},
                {"credit_code": ["统一社会信用代码应为18位，现为6位，请对照营业执照补全。"]},
            ),
            ({"kind": "FRIENDSHIP"}, {"kind": ["类别中没有这一项，请重新选择。"]}),
            (
                {"started_on": ""},
                {"started_on": ["请填写开始日期，例如 2021-09-06；记不清的填最早可能的一天。"]},
            ),
            ({"ended_on": "2024-05-09"}, {"ended_on": ["结束日期早于开始日期，请核对。"]}),
            (
                {"post": f"董事，卡号 {CARD}"},
                {"post": ["这里写有银行账号。平台不收集专家的身份证号码和银行账号，请删去后再保存。"]},
            ),
        ],
    )
    def test_wrong_facts_are_named(self, handler, typed, errors):
        expert, firm = make_expert(), make_enterprise()
        page = post(handler, expert, "tie", **self.TYPED | {"credit_code": firm.credit_code} | typed)
        assert (page.status_code, page.context["add"].errors) == (422, errors)
        assert not ExpertTie.objects.exists()

    def test_an_unknown_enterprise_needs_its_name_and_the_same_tie_stands_once(self, handler):
        expert, code = make_expert(), "91371082MA3U00017U"
        page = post(handler, expert, "tie", **self.TYPED, credit_code=code)
        assert page.context["add"].errors == {"organisation": ["请填写单位名称：这个代码还没有在平台登记。"]}
        named = self.TYPED | {"organisation": "烟台远岬装备有限公司", "credit_code": code}
        assert post(handler, expert, "tie", **named).status_code == 302
        twice = post(handler, expert, "tie", **named)
        assert twice.status_code == 422
        assert "没有重复登记" in said(twice)
        assert ExpertTie.objects.count() == 1

    def test_ending_and_taking_back_need_a_day_and_a_reason(self, handler):
        expert = make_expert()
        tie = a_tie(expert, make_enterprise(), ended_on=None)
        cases = [
            ("end-tie", {"ended_on": ""}, {"ended_on": ["请填写结束日期，例如 2026-06-30。"]}),
            ("remove-tie", {}, {"reason": ["撤销登记须写明哪里有误，原因会记入办理记录。"]}),
        ]
        for action, typed, errors in cases:
            page = post(handler, expert, action, tie=tie.pk, **typed)
            assert (page.status_code, dict(page.context["ties"])[tie].errors) == (422, errors)
        early = post(handler, expert, "end-tie", tie=tie.pk, ended_on="2011-01-01")
        assert "结束日期早于开始日期2012年3月1日" in said(early)
        assert done(expert) == []

    def test_anothers_tie_is_not_reached_through_this_page(self, handler):
        expert = make_expert()
        tie = a_tie(make_expert(), make_enterprise())
        for action in ("end-tie", "remove-tie"):
            typed = {"tie": tie.pk, "ended_on": "2026-07-31", "reason": "这条登记有误，现予撤销。"}
            assert post(handler, expert, action, **typed).status_code == 404
        assert post(handler, expert, "promote").status_code == 404
        assert ExpertTie.objects.get().ended_on == date(2015, 12, 31)


class TestFacts:
    TYPED = {
        "unit": "海岬大学机械工程学院",
        "title": "教授",
        "speciality": "",
        "modes": ["supply-chain"],
        "industries": ["34", "35"],
    }

    def edit(self, client: Client, expert: Expert, revision: str = "", **typed):
        url = reverse("expert-edit", args=[expert.pk])
        revision = revision or client.get(url).context["revision"]
        return client.post(url, self.TYPED | typed | {"revision": revision})

    def test_are_edited_with_what_they_were(self, handler):
        expert = make_expert()
        assert self.edit(handler, expert)["Location"] == address(expert)
        expert.refresh_from_db()
        assert (expert.unit, expert.title, expert.industries) == (
            "海岬大学机械工程学院",
            "教授",
            ["34", "35"],
        )
        assert [one.code for one in expert.modes.all()] == ["supply-chain"]
        (event,) = Event.objects.filter(action="edit_expert")
        assert event.note == "工作单位、职称、熟悉的模式、熟悉的行业大类"
        assert event.details["changes"][0] == ["工作单位", "鲁东装备技术研究院", "海岬大学机械工程学院"]
        self.edit(handler, expert)
        assert Event.objects.filter(action="edit_expert").count() == 1

    def test_a_second_writer_sees_both_texts(self, handler):
        expert = make_expert()
        revision = handler.get(reverse("expert-edit", args=[expert.pk])).context["revision"]
        self.edit(handler, expert, unit="第一研究所")
        page = self.edit(handler, expert, revision, unit="第二研究所")
        assert page.status_code == 409
        assert TOLD in said(page)
        assert page.context["differences"] == [("工作单位", "第一研究所", "第二研究所")]
        expert.refresh_from_db()
        assert expert.unit == "第一研究所"

    def test_bad_input_is_named(self, handler):
        page = self.edit(
            handler, make_expert(), unit="", title=IDENTITY, modes=["magic"], industries=["34", "99"]
        )
        assert (page.status_code, page.context["form"].errors) == (
            422,
            {
                "unit": ["请填写工作单位。"],
                "title": ["这里写有身份证号码。平台不收集专家的身份证号码和银行账号，请删去后再保存。"],
                "modes": ["熟悉的模式中没有这一项，请重新选择。"],
                "industries": ["熟悉的行业大类中没有这一项，请重新选择。"],
            },
        )


class TestUse:
    def test_draws_are_counted_by_year_and_sheets_that_came_late_in_all(self):
        officer = scenes.handler()
        scenes.pool(3)
        with clock.stopped_at(scenes.AUGUST - timedelta(days=365)):
            round_ = make_round(year=2025, panel_size=3)
            draw.draw_panel(
                scenes.compose(round_, scenes.accepted(round_)), by=officer, witness=scenes.WITNESS
            )
        panel = scenes.panel_at_work(2, experts=3, by=officer)
        draw_of_panel = scenes.compose(
            make_round(year=2024, panel_size=3), scenes.accepted(make_round(year=2023))
        )
        Expert.objects.exclude(panel_memberships__panel=panel).update(
            suspended_from=date(2026, 8, 1), suspension_reason=REASON
        )
        draw.draw_panel(draw_of_panel, by=officer, witness=scenes.WITNESS)
        first, second, third = (one.expert for one in panel.members.order_by("id"))
        for one in Assignment.objects.filter(case__panel=panel, expert=first):
            workflow.perform(scenes.fill(one), "submit", by=first.user)
        late_day = scenes.DUE + timedelta(days=1)
        with clock.stopped_at(late_day):
            scores.extend(panel, late_day + timedelta(days=5), by=officer, reason="专家出差，延期一周。")
            one = Assignment.objects.filter(case__panel=panel, expert=second).first()
            workflow.perform(scenes.fill(one), "submit", by=second.user)
            found = loads_of([first, second, third], at=late_day)
        assert found == {first.pk: Load(1, 1, 0, 0), second.pk: Load(1, 1, 1, 2), third.pk: Load(1, 1, 2, 2)}
        others = Expert.objects.exclude(pk__in=found)
        assert set(loads_of(list(others), at=late_day).values()) == {Load(0, 1, 0, 0)}

    def test_a_sheet_unlocked_after_its_day_does_not_count_as_late(self):
        officer = scenes.handler()
        panel = scenes.panel_at_work(1, experts=3, by=officer)
        scenes.score_all(panel)
        one = Assignment.objects.filter(case__panel=panel).first()
        later = scenes.DUE - timedelta(hours=1)
        with clock.stopped_at(later):
            workflow.perform(one.sheet, "unlock", by=officer, note="更正笔误。", was={})
        with clock.stopped_at(scenes.DUE + timedelta(days=1)):
            scores.extend(panel, scenes.DUE + timedelta(days=3), by=officer, reason="更正笔误需要时间。")
            workflow.perform(scenes.fill(one), "submit", by=one.expert.user)
            assert loads_of([one.expert], at=clock.now())[one.expert_id] == Load(0, 0, 0, 0)


class TestPages:
    def test_the_list_shows_state_and_use_and_keeps_its_filters(self, handler):
        away, ready = make_expert(unit="甲所"), make_expert(unit="乙所")
        suspend(handler, away)
        url = reverse("directory-desk") + "?tab=experts&standing=SUSPENDED&q=所"
        page = handler.get(url)
        assert [one for one, _, _ in page.context["rows"]] == [away]
        assert 'value="SUSPENDED" selected' in said(page)
        assert address(away) in said(page)
        everybody = handler.get(reverse("directory-desk") + "?tab=experts")
        assert {one: badge[0] for one, badge, _ in everybody.context["rows"]} == {
            away: "暂停抽取",
            ready: "可抽取",
        }

    def test_an_experts_page_shows_counts_and_no_scores(self, handler):
        panel = scenes.panel_at_work(2, experts=3)
        scenes.score_all(panel)
        expert = panel.members.first().expert
        page = handler.get(address(expert))
        (work,) = page.context["work"]
        assert (work.panel, work.awaiting, work.to_score, work.submitted, work.gone, work.late) == (
            panel,
            0,
            0,
            2,
            0,
            0,
        )
        assert not re.search(r"\b86(\.00)?\b", re.sub(r"<[^>]*>", " ", said(page).split("<main")[1]))

    @pytest.mark.parametrize("role", [Role.MUNICIPAL_LEADER, Role.AUDITOR])
    def test_leader_and_auditor_read_and_write_nothing(self, client, role):
        expert = make_expert()
        tie = a_tie(expert, make_enterprise())
        reader = sign_in(client, role)
        page = said(reader.get(address(expert)))
        assert tie.organisation in page
        assert 'name="action"' not in page
        for action in ("tie", "end-tie", "remove-tie", "suspend", "resume"):
            typed = TestTies.TYPED | {"tie": tie.pk, "since": "2026-08-03", "reason": REASON}
            assert post(reader, expert, action, **typed).status_code == 403
        assert reader.get(reverse("expert-edit", args=[expert.pk])).status_code == 404
        assert done(expert) == []
        assert Event.objects.filter(outcome="REFUSED", subject_id=expert.pk).count() == 5

    def test_who_left_the_pool_is_told_apart(self, handler):
        expert = make_expert()
        hat = expert.memberships.get()
        workflow.perform(hat, "withdraw", by=make_officer(Role.ADMINISTRATOR), note="调离本行业。")
        page = handler.get(address(expert))
        assert page.context["badge"][0] == "不在专家库"


def test_the_acts_are_the_handlers_wherever_they_come_from():
    expert, leader = make_expert(), make_officer(Role.MUNICIPAL_LEADER)
    with pytest.raises(NotPermitted, match="暂停抽取由市工业和信息化局经办人办理"):
        experts.suspend(expert, date(2026, 8, 3), REASON, seen="", by=leader)
    with pytest.raises(NotPossible):
        experts.suspend(expert, date(2026, 8, 3), REASON, seen="9", by=scenes.handler())
    assert done(expert) == []
