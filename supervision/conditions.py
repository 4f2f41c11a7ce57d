"""Named guards that supervision adds to titles."""

from core.workflow import Condition


@Condition
def ground_recorded(recognition) -> str:
    recorded = hasattr(recognition, "revocation")
    return "" if recorded else "请先记录撤销的情形和事实（第十九条）。"
