"""Drawing experts: who can be drawn, that anyone gets the same names again, and that nothing is half done."""

import hashlib
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import ExpertTie
from accounts.roles import Role
from core import clock, workflow
from core.models import Event
from core.workflow import NotPermitted, NotPossible
from review import draw
from review.models import Assignment, Draw, PanelMember
from tests.factories import make_enterprise, make_expert, make_officer, make_round
from tests.review import scenes

names = st.lists(
    st.tuples(st.integers(1, 10**6), st.sampled_from(["甲所", "乙院", "丙大学", "丁公司", "戊中心"])),
    unique_by=lambda pair: pair[0],
    max_size=30,
)


def listed(pairs) -> list[dict]:
    return [{"id": number, "name": f"专家{number}", "unit": unit} for number, unit in pairs]


@given(names, st.text("0123456789abcdef", min_size=8, max_size=8), st.integers(1, 7), st.randoms())
def test_a_draw_is_the_plain_reading_of_its_rule(pairs, seed, wanted, random):
    """A second, plain implementation: hash every lot, sort, take one of each unit."""
    lots = sorted(
        (hashlib.sha256(f"{seed}:d:{number}".encode()).hexdigest(), number, unit) for number, unit in pairs
    )
    expected, units = [], set()
    for _, number, unit in lots:
        if unit not in units and len(expected) < wanted:
            expected.append(number)
            units.add(unit)
    shuffled = listed(pairs)
    random.shuffle(shuffled)
    assert draw.drawn(shuffled, digest="d", seed=seed, wanted=wanted) == expected


@given(names, st.text(min_size=1, max_size=8), st.integers(1, 5))
def test_nobody_is_drawn_twice_and_no_unit_sits_twice(pairs, seed, wanted):
    outcome = draw.drawn(listed(pairs), digest="d", seed=seed, wanted=wanted)
    units = dict(pairs)
    assert len(set(outcome)) == len(outcome) == min(wanted, len(set(units.values())))
    assert len({units[one] for one in outcome}) == len(outcome)


def test_everyone_has_about_the_same_chance():
    pairs = [(number, f"单位{number}") for number in range(1, 11)]
    counts = dict.fromkeys(range(1, 11), 0)
    for seed in range(2000):
        for one in draw.drawn(listed(pairs), digest="d", seed=str(seed), wanted=3):
            counts[one] += 1
    assert all(500 < count < 700 for count in counts.values())


@pytest.fixture
def august():
    with clock.stopped_at(scenes.AUGUST):
        yield


@pytest.mark.django_db
@pytest.mark.usefixtures("august")
class TestPanel:
    def test_excludes_with_reasons_and_freezes_list_seed_and_outcome(self):
        officer, round_ = scenes.handler(), make_round()
        enterprise = make_enterprise(name="威海澄泰数控机床有限公司")
        panel = scenes.compose(round_, scenes.accepted(round_, enterprise=enterprise))
        free = scenes.pool(5)
        suspended = make_expert(
            unit="暂停所", suspended_from=date(2026, 7, 1), suspension_reason="出国访学一年。"
        )
        tied = make_expert(unit="有关所")
        ExpertTie.objects.create(
            expert=tied,
            kind="EMPLOYMENT",
            credit_code=enterprise.credit_code,
            organisation=enterprise.name,
            post="技术中心副总工程师",
            started_on=date(2019, 4, 1),
            ended_on=date(2024, 2, 29),
        )
        own = make_expert(unit="威海澄泰数控机床有限公司")
        long_ago = make_expert(unit="旧友所")
        ExpertTie.objects.create(
            expert=long_ago,
            kind="EMPLOYMENT",
            credit_code=enterprise.credit_code,
            organisation=enterprise.name,
            started_on=date(2015, 1, 1),
            ended_on=date(2023, 8, 3),
        )

        record = draw.draw_panel(panel, by=officer)

        assert [one["id"] for one in record.eligible] == [*(one.pk for one in free), long_ago.pk]
        assert {one["id"]: one["reason"] for one in record.excluded} == {
            suspended.pk: "自2026年7月1日起暂停抽取：出国访学一年",
            tied.pk: "与申报企业威海澄泰数控机床有限公司有三年之内的关系："
            "2019年4月1日至2024年2月29日，威海澄泰数控机床有限公司，技术中心副总工程师",
            own.pk: "工作单位即申报企业威海澄泰数控机床有限公司",
        }
        assert len(record.outcome) == 5
        assert list(panel.members.values_list("expert_id", flat=True)) == record.outcome
        assert (len(record.seed), len(record.digest)) == (64, 64)
        event = Event.objects.get(action="draw")
        assert (event.actor, event.details["digest"]) == (officer, record.digest)

    def test_is_replayed_by_one_command_and_a_changed_record_is_told(self):
        officer, round_ = scenes.handler(), make_round()
        scenes.pool(9)
        record = draw.draw_panel(scenes.compose(round_, scenes.accepted(round_)), by=officer)
        out = StringIO()
        call_command("replay_draw", str(record.pk), stdout=out)
        assert out.getvalue().splitlines()[-1] == "重放的结果与记录相同。"
        names = {one["id"]: one["name"] for one in record.eligible}
        assert [
            line.split(". ")[1].split("（")[0] for line in out.getvalue().splitlines() if ". " in line
        ] == [names[one] for one in record.outcome]
        record.outcome = list(reversed(record.outcome))
        assert not draw.replay(record).is_same
        record.eligible = record.eligible[:-1]
        assert not draw.replay(record).digest_matches
        with pytest.raises(CommandError, match="没有第 999999 号抽取记录"):
            call_command("replay_draw", "999999")

    def test_cannot_be_drawn_again(self):
        officer, round_ = scenes.handler(), make_round()
        scenes.pool(8)
        panel = scenes.compose(round_, scenes.accepted(round_))
        draw.draw_panel(panel, by=officer)
        with pytest.raises(NotPossible, match="抽取结果不能重来"):
            draw.draw_panel(panel, by=officer)
        assert Draw.objects.count() == 1

    def test_too_few_are_named_with_how_many_are_missing_and_why(self):
        officer, round_ = scenes.handler(), make_round()
        scenes.pool(3)
        lazy = make_expert(unit="暂停所", suspended_from=date(2026, 7, 1), suspension_reason="出国访学一年。")
        panel = scenes.compose(round_, scenes.accepted(round_))
        with pytest.raises(NotPossible) as refusal:
            draw.draw_panel(panel, by=officer)
        assert refusal.value.reasons == [
            "要抽 5 人（每单位最多 1 人），可抽的只有 3 个单位的专家，还缺 2 人。"
            f"已排除 1 人：{lazy.user.name}：自2026年7月1日起暂停抽取：出国访学一年。"
        ]
        assert (Draw.objects.count(), PanelMember.objects.count()) == (0, 0)

    def test_is_the_handlers(self):
        round_ = make_round()
        panel = scenes.compose(round_, scenes.accepted(round_))
        with pytest.raises(NotPermitted, match="抽取专家由市工业和信息化局经办人办理"):
            draw.draw_panel(panel, by=make_officer(Role.MUNICIPAL_LEADER))

    def test_record_cannot_be_changed_afterwards(self):
        round_ = make_round()
        scenes.pool(5)
        record = draw.draw_panel(scenes.compose(round_, scenes.accepted(round_)), by=scenes.handler())
        with pytest.raises(DatabaseError), transaction.atomic():
            Draw.objects.filter(pk=record.pk).update(seed="0" * 64)
        with pytest.raises(DatabaseError), transaction.atomic():
            record.delete()

    def test_that_fails_half_way_leaves_nothing(self, monkeypatch):
        round_ = make_round()
        scenes.pool(5)
        panel = scenes.compose(round_, scenes.accepted(round_))

        def fail(*args, **kwargs):
            raise RuntimeError("the worker died")

        monkeypatch.setattr(draw.events, "record", fail)
        with pytest.raises(RuntimeError):
            draw.draw_panel(panel, by=scenes.handler())
        assert (Draw.objects.count(), PanelMember.objects.count()) == (0, 0)

    def test_a_seed_from_outside_is_for_the_demonstration_only(self, settings):
        settings.DEMO_MODE = False
        round_ = make_round()
        scenes.pool(5)
        panel = scenes.compose(round_, scenes.accepted(round_))
        with pytest.raises(ValueError, match="demonstration only"):
            draw.draw_panel(panel, by=scenes.handler(), seed="1")


@pytest.mark.django_db
@pytest.mark.usefixtures("august")
def test_a_replacement_is_never_one_who_has_been_on_the_case_or_of_a_seated_unit():
    officer = scenes.handler()
    panel = scenes.panel_at_work(by=officer)
    case = panel.cases.get()
    gone = case.assignments.first()
    workflow.perform(gone, "recuse", by=gone.expert.user, note="曾任顾问", grounds=["CONSULTING"])
    seated = case.assignments.exclude(pk=gone.pk).first()
    make_expert(unit=seated.expert.unit)
    fresh = make_expert(unit="新来的研究所")

    record = draw.draw_replacement(case, by=officer)

    assert record.outcome == [fresh.pk]
    reasons = {one["id"]: one["reason"] for one in record.excluded}
    assert reasons[gone.expert_id] == "已指派过这一件（已回避）"
    assert f"同单位（{seated.expert.unit}）已有专家在组" in reasons.values()
    assert case.assignments.get(expert=fresh).state == Assignment.State.AWAITING
    told = fresh.user.notifications.get()
    assert told.subject == "2026年度认定 第一组：请声明利害关系并评分"
    with pytest.raises(NotPossible, match="没有缺额"):
        draw.draw_replacement(case, by=officer)
