"""Measure the assignment of applications to experts: `python -m benchmarks.assignment --cases 300 --experts 60`.

The flow alone, as a worker solves it, over made-up fields and conflicts.
"""

import argparse
import sys
import time
from collections import Counter
from random import Random

from review.matching import match

SECONDS = 5.0
EACH = 5
CONFLICTS = 0.03  # of all pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--experts", type=int, default=60)
    options = parser.parse_args()
    chance = Random(2021)
    cases, experts = range(options.cases), range(options.experts)
    costs = {
        (case, expert): chance.choice((0, 1, 2, 4, 5))
        for case in cases
        for expert in experts
        if chance.random() > CONFLICTS
    }
    began = time.perf_counter()
    pairs = match(cases, experts, each=EACH, costs=costs)
    took = time.perf_counter() - began
    loads = Counter(expert for _, expert in pairs).values()
    print(
        f"{len(pairs)} pairs in {took:.1f} s, loads {min(loads)} to {max(loads)}, "
        f"cost {sum(costs[pair] for pair in pairs)}"
    )
    sys.exit(took > SECONDS)


if __name__ == "__main__":
    main()
