"""Drawing experts: who can be drawn, that anyone gets the same names again, and that nothing is half done."""

import hashlib
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from accounts.models import Expert, ExpertTie
from accounts.roles import Role
from applications.models import Application
from core import clock, workflow
from core.events import APPEND_LOCK
from core.models import Event, Notification
from core.workflow import NotPermitted, NotPossible
from policy.models import ServiceMode
from review import documents, draw
from review.models import Assignment, Draw, PanelMember
from review.pool import times_drawn
from tests.background import wait_until
from tests.factories import a_tie, make_enterprise, make_expert, make_officer, make_round
from tests.meanwhile import somebody_waits_for_us
from tests.review import scenes

ROOT = Path(__file__).resolve().parents[2]
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
    assert draw.drawn(shuffled, digest="d", seed=seed, wanted=wanted) == (expected, [])


@given(names, st.text(min_size=1, max_size=8), st.integers(1, 5))
def test_nobody_is_drawn_twice_and_no_unit_sits_twice(pairs, seed, wanted):
    outcome, _ = draw.drawn(listed(pairs), digest="d", seed=seed, wanted=wanted)
    units = dict(pairs)
    assert len(set(outcome)) == len(outcome) == min(wanted, len(set(units.values())))
    assert len({units[one] for one in outcome}) == len(outcome)


@given(names, st.text("0123456789abcdef", min_size=4, max_size=8), st.integers(1, 4), st.integers(0, 3))
def test_fields_come_first_and_reserves_last_in_a_plain_reading(pairs, seed, wanted, reserves):
    """Everybody knows one of two fields; whoever comes first for a field sits, the rest go by lot."""
    rows = [row | {"modes": ["供应" if row["id"] % 3 else "共享"]} for row in listed(pairs)]
    lots = sorted(rows, key=lambda row: hashlib.sha256(f"{seed}:d:{row['id']}".encode()).hexdigest())
    expected: list[dict] = []

    def take(row):
        if row["unit"] not in {one["unit"] for one in expected}:
            expected.append(row)

    for field in ("供应", "共享"):
        for row in lots:
            is_known = any(field in one["modes"] for one in expected)
            if len(expected) < wanted and field in row["modes"] and not is_known:
                take(row)
    for row in lots:
        if len(expected) < wanted + reserves:
            take(row)
    found = draw.drawn(
        rows, digest="d", seed=seed, wanted=wanted, terms=draw.Terms(None, ("供应", "共享"), reserves)
    )
    ids = [row["id"] for row in expected]
    assert found == (ids[:wanted], ids[wanted:])


def test_everyone_has_about_the_same_chance():
    pairs = [(number, f"单位{number}") for number in range(1, 11)]
    counts = dict.fromkeys(range(1, 11), 0)
    for seed in range(2000):
        for one in draw.drawn(listed(pairs), digest="d", seed=str(seed), wanted=3)[0]:
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

        record = draw.draw_panel(panel, by=officer, witness=scenes.WITNESS)

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
        record = draw.draw_panel(
            scenes.compose(round_, scenes.accepted(round_)), by=officer, witness=scenes.WITNESS
        )
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

    def test_again_needs_a_reason_and_keeps_the_first(self):
        officer, round_ = scenes.handler(), make_round(panel_size=3)
        scenes.pool(8)
        panel = scenes.compose(round_, scenes.accepted(round_))
        first = draw.draw_panel(panel, by=officer, witness=scenes.WITNESS)
        with pytest.raises(NotPossible, match="重新抽取须写明原因（不少于 10 个字）"):
            draw.draw_panel(panel, by=officer, witness=scenes.WITNESS, reason="重抽")
        why = "抽取时漏登了三位专家的暂停情况。"
        second = draw.draw_panel(panel, by=officer, witness=scenes.WITNESS, reason=why)
        assert list(Draw.objects.values_list("pk", "reason")) == [(first.pk, ""), (second.pk, why)]
        assert list(panel.members.order_by("id").values_list("expert", flat=True)) == second.outcome
        assert draw.replay(first).is_same
        assert draw.replay(second).is_same
        recent, ever = times_drawn(clock.instant(date(2026, 1, 1), 0))
        assert recent == ever == dict.fromkeys(second.outcome, 1)
        assert documents.protocol_context(first)["is_superseded"]
        assert not documents.protocol_context(second)["is_superseded"]
        labels = Event.objects.filter(action="draw").order_by("id").values_list("action_label", "note")
        names = [
            "、".join(str(Expert.objects.get(pk=one)) for one in record.outcome) for record in (first, second)
        ]
        assert list(labels) == [
            ("抽取专家", f"抽出{names[0]}；监督人{scenes.WITNESS}"),
            ("重新抽取专家", f"抽出{names[1]}；监督人{scenes.WITNESS}。原因：{why}"),
        ]
        PanelMember.objects.filter(expert=second.outcome[0]).update(is_chair=True)
        workflow.perform(panel, "seat", by=officer)
        with pytest.raises(NotPossible, match="已经组成，抽取结果不能重来"):
            draw.draw_panel(panel, by=officer, witness=scenes.WITNESS, reason=why)

    def test_needs_a_witness(self):
        round_ = make_round()
        scenes.pool(5)
        panel = scenes.compose(round_, scenes.accepted(round_))
        with pytest.raises(NotPossible, match="请写明监督人的姓名和单位"):
            draw.draw_panel(panel, by=scenes.handler(), witness=" ")
        assert not Draw.objects.exists()

    def test_draws_reserves_along_and_calls_them_in_by_their_order(self):
        officer, round_ = scenes.handler(), make_round(panel_size=3)
        scenes.pool(6)
        (application,) = scenes.accepted(round_)
        panel = scenes.compose(round_, [application])
        terms = draw.Terms(reserves=2)
        record = draw.draw_panel(panel, by=officer, witness=scenes.WITNESS, terms=terms)
        assert (len(record.outcome), len(record.reserves)) == (3, 2)
        everybody, _ = draw.drawn(record.eligible, digest=record.digest, seed=record.seed, wanted=5)
        assert record.outcome + record.reserves == everybody
        assert draw.replay(record).is_same
        PanelMember.objects.filter(expert=record.outcome[0]).update(is_chair=True)
        panel = workflow.perform(panel, "seat", by=officer)
        case = panel.cases.get()
        with pytest.raises(NotPossible, match="没有缺额"):
            draw.call_reserve(case, by=officer)
        first, second = Expert.objects.in_bulk(record.reserves), record.reserves
        tied = first[second[0]]
        a_tie(tied, application.enterprise, ended_on=None)
        gone = case.assignments.order_by("id")[0]
        workflow.perform(gone, "recuse", by=gone.expert.user, note="亲属在该企业任职。", grounds=["KINSHIP"])
        called = draw.call_reserve(case, by=officer)
        assert called.expert_id == second[1]
        event = Event.objects.get(action="call_reserve")
        seated = f"{application.enterprise}：候补{called.expert}递补。在前的候补不能递补：{tied}："
        assert event.note.startswith(f"{seated}与申报企业{application.enterprise}有三年之内的关系")
        assert (event.details["draw"], event.details["expert"]) == (record.pk, second[1])
        assert Notification.objects.filter(key=f"assignment-{called.pk}-drawn").exists()
        workflow.perform(
            called, "recuse", by=called.expert.user, note="去年为其做过咨询。", grounds=["CONSULTING"]
        )
        with pytest.raises(NotPossible, match=r"候补都不能递补这一件（.*），请补抽专家。"):
            draw.call_reserve(case, by=officer)

    def test_who_was_drawn_often_enough_this_year_is_left_out_with_the_count(self):
        officer, round_ = scenes.handler(), make_round(panel_size=3)
        busy = scenes.pool(3)
        first = scenes.compose(round_, scenes.accepted(round_))
        draw.draw_panel(first, by=officer, witness=scenes.WITNESS)
        panel = scenes.compose(round_, scenes.accepted(round_), name="第二组")
        terms = draw.Terms(most_a_year=1)
        with pytest.raises(NotPossible) as refusal:
            draw.draw_panel(panel, by=officer, witness=scenes.WITNESS, terms=terms)
        assert "还缺 3 人" in refusal.value.reasons[0]
        assert f"{busy[0]}：今年已抽中 1 次，满 1 次" in refusal.value.reasons[0]
        free = [make_expert(unit=f"别的{number}所") for number in range(3)]
        record = draw.draw_panel(panel, by=officer, witness=scenes.WITNESS, terms=terms)
        assert set(record.outcome) == {one.pk for one in free}
        assert record.terms == {"most_a_year": 1}
        assert draw.replay(record).is_same

    def test_covers_every_main_mode_and_refuses_before_a_seed_when_nobody_knows_one(self):
        officer, round_ = scenes.handler(), make_round(panel_size=3)
        modes = list(ServiceMode.objects.all()[:2])
        cases = scenes.accepted(round_, 2)
        for case, mode in zip(cases, modes, strict=True):
            Application.objects.filter(pk=case.pk).update(main_mode=mode)
        panel = scenes.compose(round_, cases)
        assert draw.fields_of(panel) == (modes[0].name, modes[1].name)
        terms = draw.Terms(fields=draw.fields_of(panel))
        experts = scenes.pool(8)
        for one in experts:
            one.modes.set(modes[:1])
        with pytest.raises(NotPossible, match=f"没有人熟悉{modes[1].name}"):
            draw.draw_panel(panel, by=officer, witness=scenes.WITNESS, terms=terms)
        assert not Draw.objects.exists()
        experts[5].modes.set(modes[1:])
        record = draw.draw_panel(panel, by=officer, witness=scenes.WITNESS, terms=terms)
        assert experts[5].pk in record.outcome
        assert draw.replay(record).is_same
        assert documents.protocol_context(record)["uncovered"] == []

    def test_too_few_are_named_with_how_many_are_missing_and_why(self):
        officer, round_ = scenes.handler(), make_round()
        scenes.pool(3)
        lazy = make_expert(unit="暂停所", suspended_from=date(2026, 7, 1), suspension_reason="出国访学一年。")
        panel = scenes.compose(round_, scenes.accepted(round_))
        with pytest.raises(NotPossible) as refusal:
            draw.draw_panel(panel, by=officer, witness=scenes.WITNESS)
        assert refusal.value.reasons == [
            "要抽 5 人（每单位最多 1 人），可抽的只有 3 个单位的专家，还缺 2 人。"
            f"已排除 1 人：{lazy.user.name}：自2026年7月1日起暂停抽取：出国访学一年。"
        ]
        assert (Draw.objects.count(), PanelMember.objects.count()) == (0, 0)

    def test_is_the_handlers(self):
        round_ = make_round()
        panel = scenes.compose(round_, scenes.accepted(round_))
        with pytest.raises(NotPermitted, match="抽取专家由市工业和信息化局经办人办理"):
            draw.draw_panel(panel, by=make_officer(Role.MUNICIPAL_LEADER), witness=scenes.WITNESS)

    def test_record_cannot_be_changed_afterwards(self):
        round_ = make_round()
        scenes.pool(5)
        record = draw.draw_panel(
            scenes.compose(round_, scenes.accepted(round_)), by=scenes.handler(), witness=scenes.WITNESS
        )
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
            draw.draw_panel(panel, by=scenes.handler(), witness=scenes.WITNESS)
        assert (Draw.objects.count(), PanelMember.objects.count()) == (0, 0)

    def test_a_seed_from_outside_is_for_the_demonstration_only(self, settings):
        settings.DEMO_MODE = False
        round_ = make_round()
        scenes.pool(5)
        panel = scenes.compose(round_, scenes.accepted(round_))
        with pytest.raises(ValueError, match="demonstration only"):
            draw.draw_panel(panel, by=scenes.handler(), witness=scenes.WITNESS, seed="1")


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

    record = draw.draw_replacement(case, by=officer, witness=scenes.WITNESS)

    assert record.outcome == [fresh.pk]
    reasons = {one["id"]: one["reason"] for one in record.excluded}
    assert reasons[gone.expert_id] == "已指派过这一件（已回避）"
    assert f"同单位（{seated.expert.unit}）已有专家在组" in reasons.values()
    assert case.assignments.get(expert=fresh).state == Assignment.State.AWAITING
    told = fresh.user.notifications.get()
    assert told.subject == "2026年度认定 第一组：请声明利害关系并评分"
    with pytest.raises(NotPossible, match="没有缺额"):
        draw.draw_replacement(case, by=officer, witness=scenes.WITNESS)


WORKER = """
import django
django.setup()
from accounts.models import User
from review import draw
from review.models import Panel
draw.draw_panel(Panel.objects.get(pk={panel}), by=User.objects.get(pk={officer}), witness="林静")
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_draw_leaves_nothing():
    """It is held up at the event, after list, seed, result and members have been written, and killed there."""
    clock.move_to(scenes.AUGUST)
    officer, round_ = scenes.handler(), make_round()
    scenes.pool(7)
    panel = scenes.compose(round_, scenes.accepted(round_))
    code = WORKER.format(panel=panel.pk, officer=officer.pk)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [APPEND_LOCK])
        worker = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
        wait_until(lambda: somebody_waits_for_us() or worker.poll() is not None, what="The draw")
        assert worker.poll() is None
        worker.kill()
        worker.wait()
    wait_until(lambda: not others_at_work(), what="The end of the killed worker's session")
    assert (Draw.objects.count(), PanelMember.objects.count()) == (0, 0)
    record = draw.draw_panel(panel, by=officer, witness=scenes.WITNESS)
    assert list(PanelMember.objects.order_by("id").values_list("expert", flat=True)) == record.outcome


def others_at_work() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL)"
        )
        (found,) = cursor.fetchone()
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("august")
def test_the_protocol_is_made_as_pdf_for_the_bureau_and_the_auditor_alone():
    officer, round_ = scenes.handler(), make_round(panel_size=3)
    scenes.pool(4)
    terms = draw.Terms(reserves=1, most_a_year=4)
    panel = scenes.compose(round_, scenes.accepted(round_))
    record = draw.draw_panel(panel, by=officer, witness=scenes.WITNESS, terms=terms)
    made = documents.make_draw_protocol(record, documents.PROTOCOL, lambda percent: None)
    with made.opened() as content:
        text = "".join("".join(page.extract_text() for page in PdfReader(content).pages).split())
    names = {one["id"]: one["name"] for one in record.eligible}
    assert f"监督人{scenes.WITNESS}" in text
    assert "抽取人数3人，候补1人，每单位最多1人，每人每年最多抽中4次" in text
    assert all(names[one] in text for one in record.outcome + record.reserves)
    assert "重放，结果相同" in text
    for role, may in ((Role.AUDITOR, True), (Role.MUNICIPAL_LEADER, True), (Role.CHANNEL_LEADER, False)):
        assert documents.may_read_protocol(make_officer(role), record, documents.PROTOCOL) is may
    assert not documents.may_read_protocol(Expert.objects.first().user, record, documents.PROTOCOL)
