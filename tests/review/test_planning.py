"""Applications assigned to the experts of a large panel: balanced, without conflicts, as fitting as can be, explained."""

import io
from collections import Counter
from datetime import date
from itertools import combinations, product
from random import Random

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.roles import Role
from core import clock, documents, workflow
from core.models import Document, Event
from core.workflow import NotPermitted, NotPossible
from review import draw, planning
from review.matching import NoMatch, match
from review.models import Assignment, Panel, PlannedPair
from tests.factories import a_tie, make_expert, make_officer, make_round
from tests.review import scenes

BACKEND = "accounts.backends.PortalBackend"
tables = st.integers(1, 4).flatmap(
    lambda cases: st.integers(2, 4).flatmap(
        lambda experts: st.dictionaries(
            st.tuples(st.integers(1, cases), st.integers(1, experts)), st.integers(0, 5), min_size=1
        ).map(lambda costs: (list(range(1, cases + 1)), list(range(1, experts + 1)), costs))
    )
)


def is_even(pairs, experts) -> bool:
    counted = Counter(dict.fromkeys(experts, 0))
    counted.update(expert for _, expert in pairs)
    return max(counted.values()) - min(counted.values()) <= 1


@given(tables, st.integers(1, 2))
def test_the_match_is_the_best_of_all_balanced_ones(table, each):
    """A second, plain implementation: try every choice of experts for every case."""
    cases, experts, costs = table
    choices = [list(combinations([one for one in experts if (case, one) in costs], each)) for case in cases]
    balanced = []
    for chosen in product(*choices):
        pairs = {(case, one) for case, group in zip(cases, chosen, strict=True) for one in group}
        if is_even(pairs, experts):
            balanced.append(sum(costs[one] for one in pairs))
    try:
        found = match(cases, experts, each=each, costs=costs)
    except NoMatch:
        assert balanced == []
    else:
        assert sum(costs[one] for one in found) == min(balanced)


@given(st.integers(3, 12), st.integers(3, 9), st.data())
def test_loads_differ_by_at_most_one_and_no_conflicted_pair_is_used(cases, experts, data):
    every = [(case, expert) for case in range(cases) for expert in range(experts)]
    conflicted = data.draw(st.sets(st.sampled_from(every), max_size=len(every) // 4))
    costs = {pair: data.draw(st.integers(0, 5)) for pair in every if pair not in conflicted}
    try:
        found = match(range(cases), range(experts), each=3, costs=costs)
    except NoMatch:
        return
    assert found.isdisjoint(conflicted)
    assert is_even(found, range(experts))
    assert Counter(case for case, _ in found) == dict.fromkeys(range(cases), 3)
    turned = dict(sorted(costs.items(), reverse=True))
    assert match(range(cases)[::-1], range(experts)[::-1], each=3, costs=turned) == found


@pytest.fixture
def august():
    with clock.stopped_at(scenes.AUGUST):
        yield


def plan(panel: Panel, by) -> Document:
    asked = planning.ask_plan(panel, by=by)
    documents.make(asked.pk)
    return Document.objects.get(pk=asked.pk)


@pytest.mark.django_db
@pytest.mark.usefixtures("august")
class TestPlan:
    def test_is_balanced_fits_the_fields_and_keeps_conflicts_apart(self):
        officer = scenes.handler()
        panel = scenes.large_panel(8, size=7, by=officer)
        tied = panel.members.order_by("id")[2].expert
        case = panel.cases.order_by("id")[0]
        a_tie(tied, case.application.enterprise, kind="CONSULTING", ended_on=None)
        made = plan(panel, officer)
        assert (made.status, made.filename) == ("READY", "评审分配方案_第一组.xlsx")
        pairs = list(PlannedPair.objects.select_related("case__application__main_mode", "expert"))
        assert sorted(planning.loads(panel).values()) == [3, 3, 3, 3, 4, 4, 4]
        assert Counter(one.case_id for one in pairs) == dict.fromkeys(
            panel.cases.values_list("pk", flat=True), 3
        )
        assert (case.pk, tied.pk) not in {(one.case_id, one.expert_id) for one in pairs}
        fitting = [one for one in pairs if one.case.application.main_mode in one.expert.modes.all()]
        assert len(fitting) >= 21
        assert fitting[0].why == f"熟悉主要模式{fitting[0].case.application.main_mode}"
        with made.file.open() as content:
            sheet = load_workbook(io.BytesIO(content.read())).active
        assert [cell.value for cell in sheet[2]][3:] == ["专家", "工作单位", "理由"]
        assert sheet.max_row == 2 + 24

    @pytest.mark.parametrize("seed", range(4))
    def test_never_pairs_who_was_paid_there_within_three_years(self, seed):
        """The rule once more, plainly: a tie that lasts, or ended on 2023-08-04 or later, keeps the expert out of the case."""
        dice, officer = Random(seed), scenes.handler()
        panel = scenes.large_panel(9, size=7, by=officer)
        cases = list(panel.cases.select_related("application__enterprise").order_by("id"))
        out = set()
        for case in cases:
            for member in dice.sample(list(panel.members.order_by("id")), 2):
                ended = dice.choice(
                    [None, date(2026, 1, 31), date(2023, 8, 4), date(2023, 8, 3), date(2019, 5, 1)]
                )
                a_tie(member.expert, case.application.enterprise, kind="CONSULTING", ended_on=ended)
                if ended is None or ended >= date(2023, 8, 4):
                    out.add((case.pk, member.expert_id))
        assert plan(panel, officer).status == "READY"
        pairs = set(PlannedPair.objects.values_list("case", "expert"))
        assert (len(pairs), pairs & out) == (27, set())
        assert sorted(planning.loads(panel).values()) == [3, 4, 4, 4, 4, 4, 4]

    def test_becomes_the_assignments_when_the_panel_is_seated(self):
        officer = scenes.handler()
        panel = scenes.large_panel(4, size=5, by=officer)
        with pytest.raises(NotPossible, match="还有 4 件没有分配满 3 名专家，请先分配申报"):
            workflow.perform(panel, "seat", by=officer)
        plan(panel, officer)
        workflow.perform(panel, "seat", by=officer)
        assigned = set(Assignment.objects.values_list("case", "expert"))
        assert assigned == set(PlannedPair.objects.values_list("case", "expert"))
        assert len(assigned) == 12
        with pytest.raises(NotPossible, match="已经组成，分配不能再改"):
            planning.ask_plan(panel, by=officer)

    def test_is_changed_by_hand_with_a_reason_and_checked(self):
        officer = scenes.handler()
        panel = scenes.large_panel(4, size=5, by=officer)
        plan(panel, officer)
        case = panel.cases.order_by("id")[0]
        pair = case.planned.order_by("id")[0]
        on_it = case.planned.order_by("id")[1].expert
        free, tied = panel.members.exclude(expert__in=case.planned.values("expert")).order_by("id")
        a_tie(tied.expert, case.application.enterprise, kind="CONSULTING", ended_on=None)
        stranger = make_expert(unit="别所")
        for expert, reason, sentence in (
            (free.expert, "", "请写明调整的原因"),
            (on_it, "换人", "已经在评"),
            (tied.expert, "换人", "有三年之内的关系.*第十六条"),
            (stranger, "换人", "不是本组专家"),
        ):
            with pytest.raises(NotPossible, match=sentence):
                planning.change_pair(pair, expert, by=officer, reason=reason)
        with pytest.raises(NotPermitted):
            planning.change_pair(pair, free.expert, by=make_officer(Role.MUNICIPAL_LEADER), reason="换人")
        before = pair.expert
        changed = planning.change_pair(pair, free.expert, by=officer, reason="更熟悉数控机床")
        assert (changed.expert, changed.changed_by) == (free.expert, officer)
        assert changed.why.startswith("人工调整：更熟悉数控机床（")
        event = Event.objects.get(action="change_plan", outcome="DONE")
        assert event.note == (
            f"{case.application.enterprise}：{before}改为{free.expert}。原因：更熟悉数控机床"
        )

    def test_that_cannot_be_balanced_says_where_it_fails_and_leaves_the_old_one(self):
        officer = scenes.handler()
        panel = scenes.large_panel(3, size=5, by=officer)
        plan(panel, officer)
        kept = set(PlannedPair.objects.values_list("case", "expert"))
        case = panel.cases.select_related("application__enterprise").order_by("id")[1]
        for member in panel.members.order_by("id")[:3]:
            a_tie(member.expert, case.application.enterprise, kind="CONSULTING", ended_on=None)
        failed = plan(panel, officer)
        assert failed.status == "FAILED"
        assert failed.error.startswith(
            f"不能均衡分配：{case.application.enterprise}等 1 件可评的专家不足 3 人（其余有利害关系）。"
        )
        assert set(PlannedPair.objects.values_list("case", "expert")) == kept

    def test_takes_into_a_large_panel_whom_only_some_cases_exclude(self):
        round_ = make_round(panel_size=3)
        cases = scenes.accepted(round_, 2)
        tied = make_expert(unit="有关所")
        a_tie(tied, cases[0].enterprise, kind="CONSULTING", ended_on=None)
        panel = scenes.compose(round_, cases)
        assert [one["id"] for one in draw.panel_candidates(panel).eligible] == []
        panel.size = 5
        assert [one["id"] for one in draw.panel_candidates(panel).eligible] == [tied.pk]
        a_tie(tied, cases[1].enterprise, kind="CONSULTING", ended_on=None, started_on=date(2020, 1, 1))
        assert [one["id"] for one in draw.panel_candidates(panel).eligible] == []

    def test_is_asked_for_read_and_changed_on_its_page(self, client):
        officer = scenes.handler()
        panel = scenes.large_panel(4, size=5, by=officer)
        client.force_login(officer, backend=BACKEND)
        address = reverse("panel-plan", args=[panel.pk])
        assert "尚未分配" in client.get(address).content.decode()
        client.post(address)
        assert "正在生成" in client.get(address).content.decode()
        documents.make(Document.objects.get(kind=planning.PLAN).pk)
        shown = client.get(address).content.decode()
        assert "每人 2–3 件" in shown
        case = panel.cases.order_by("id")[0]
        pair = case.planned.order_by("id")[0]
        free = panel.members.exclude(expert__in=case.planned.values("expert")).order_by("id")[0].expert
        typed = {"action": "change", "pair": pair.pk, "expert": free.pk, "reason": "长" * 101}
        refused = client.post(address, typed)
        assert refused.status_code == 422
        assert "长" * 101 in refused.content.decode()
        done = client.post(address, typed | {"reason": "更熟悉该领域"}, follow=True).content.decode()
        assert f"已改由{free}评审，原因留存。" in done
        assert "原因：更熟悉该领域" in done
        assert client.post(address, {"action": "change", "pair": "x"}).status_code == 422


@pytest.mark.django_db
@pytest.mark.usefixtures("august")
@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ("6", "专家人数应为单数，6 是双数，请改为 5 或 7。"),
        ("3", "每件由 5 人评审，专家人数应在 5 至 99 之间。"),
        ("101", "每件由 5 人评审，专家人数应在 5 至 99 之间。"),
    ],
)
def test_an_even_a_too_small_or_an_immense_panel_is_refused(client, size, sentence):
    client.force_login(scenes.handler(), backend=BACKEND)
    round_ = make_round()
    (application,) = scenes.accepted(round_)
    typed = {"round": round_.pk, "name": "第一组", "due_at": "2026-08-14T17:00", "cases": [application.pk]}
    refused = client.post(reverse("panel-create"), typed | {"size": size})
    assert refused.context["form"].errors == {"size": [sentence]}
    assert not Panel.objects.exists()
