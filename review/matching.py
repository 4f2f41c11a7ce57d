"""Who reviews which case, as one minimum-cost flow: loads as even as can be, fields fitting as well as can be (第十六条)."""

from collections import Counter
from collections.abc import Mapping, Sequence

Pair = tuple[int, int]


class NoMatch(Exception):
    """There is no balanced assignment. ``short`` names cases with too few experts, ``thin`` experts with too few cases."""

    def __init__(self, short: Sequence[int], thin: Sequence[int]) -> None:
        self.short, self.thin = short, thin
        super().__init__()


def match(cases: Sequence[int], experts: Sequence[int], *, each: int, costs: Mapping[Pair, int]) -> set[Pair]:
    """Pairs (case, expert) in which every case has ``each`` experts and loads differ by at most one, at the least sum of costs.

    ``costs`` holds the pairs that are allowed, and no others are used. Raises NoMatch.
    """
    import networkx as nx

    places = len(cases) * each
    least = places // len(experts)
    most = least + (places % len(experts) > 0)
    per_case, per_expert = Counter(case for case, _ in costs), Counter(expert for _, expert in costs)
    flow = nx.DiGraph()
    for case in sorted(cases):
        flow.add_node(("case", case), demand=-each)
    for expert in sorted(experts):
        flow.add_node(("expert", expert), demand=least)
        flow.add_edge(("expert", expert), "rest", capacity=most - least, weight=0)
    flow.add_node("rest", demand=places - least * len(experts))
    for (case, expert), cost in sorted(costs.items()):
        flow.add_edge(("case", case), ("expert", expert), capacity=1, weight=cost)
    try:
        found = nx.min_cost_flow(flow)
    except nx.NetworkXUnfeasible as problem:
        raise NoMatch(
            [one for one in cases if per_case[one] < each],
            [one for one in experts if per_expert[one] < least],
        ) from problem
    return {(case, expert) for case, expert in costs if found["case", case]["expert", expert]}
