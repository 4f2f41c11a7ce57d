"""Seats of a round and how they are shared out among the channels (第十六条: 择优确定)."""

from collections.abc import Mapping


def why_quotas_do_not_fit(total: int | None, shares: Mapping[int, int | None]) -> str:
    """The sentence that refuses the shares; empty when they fit. A channel without a share is bound by the total alone."""
    given = [share for share in shares.values() if share is not None]
    if not given:
        return ""
    if total is None:
        return "分配到渠道的名额须有总名额，请先填写名额。"
    if sum(given) > total:
        return f"各渠道名额合计 {sum(given)} 家，超过总名额 {total} 家，请调整。"
    if len(given) == len(shares) and sum(given) < total:
        return f"各渠道名额合计 {sum(given)} 家，少于总名额 {total} 家，请分配完，或留空不单列的渠道。"
    return ""
