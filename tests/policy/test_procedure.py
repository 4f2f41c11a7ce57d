from datetime import date

import pytest

from policy.deadlines import PublicityWindow, publicity_window
from policy.procedure import (
    Approval,
    ListEntry,
    Publicity,
    differences,
    list_digest,
    why_not_announce,
    why_not_publicise,
)
from tests.policy.cases import calendar

A = ListEntry("91371002MA3T002870", "威海墨痕打印技术有限公司")
B = ListEntry("91371082MA3T000179", "荣成汐云渔具有限公司")
C = ListEntry("91371003MA3T00017U", "威海拓岭汽车底盘有限公司")
B_RENAMED = ListEntry(B.uscc, "荣成汐云智能渔具有限公司")
MEETING = Approval(date(2026, 9, 18), (A, B))
PUBLICITY = Publicity(publicity_window(date(2026, 9, 28), 5, calendar()), (A, B))


def test_the_digest_is_of_codes_and_names_and_nothing_else():
    assert list_digest([A, B]) == list_digest([B, A])
    assert len({list_digest(entries) for entries in ([A, B], [A], [A, B, C], [A, B_RENAMED], [])}) == 5


def test_differences_are_told_entry_by_entry():
    assert [(d.kind.value, d.text) for d in differences([A, B], [B_RENAMED, C])] == [
        ("LEFT_OUT", "威海墨痕打印技术有限公司（91371002MA3T002870）未列入"),
        ("ADDED", "威海拓岭汽车底盘有限公司（91371003MA3T00017U）不在原名单内"),
        ("RENAMED", "荣成汐云渔具有限公司（91371082MA3T000179）改列为荣成汐云智能渔具有限公司"),
    ]


def test_what_was_not_approved_cannot_be_explained_in():
    reasons = why_not_publicise(MEETING, [A, B, C], on=date(2026, 9, 28), explanations={C.uscc: "漏列"})
    assert reasons == [
        "公示名单与审议通过名单摘要不符：威海拓岭汽车底盘有限公司（91371003MA3T00017U）不在原名单内。"
        "未经审议通过的企业不能列入，请移出。"
    ]


def test_a_new_name_is_explained():
    assert len(why_not_publicise(MEETING, [A, B_RENAMED], on=date(2026, 9, 28))) == 1
    assert (
        len(why_not_publicise(MEETING, [A, B_RENAMED], on=date(2026, 9, 28), explanations={B.uscc: " "})) == 1
    )
    assert (
        why_not_publicise(MEETING, [A, B_RENAMED], on=date(2026, 9, 28), explanations={B.uscc: "已更名"})
        == []
    )


def test_an_empty_list_is_not_published():
    assert why_not_publicise(MEETING, [], on=date(2026, 9, 28)) == [
        "公示名单是空的，请至少列入一家审议通过的企业。"
    ]
    assert why_not_publicise(Approval(date(2026, 9, 18), ()), [], on=date(2026, 9, 28)) != []


def test_announcement_waits_for_publicity_and_its_end():
    assert why_not_announce(None, [A, B], on=date(2026, 10, 10)) == [
        "公示无异议后才能公布（第十七条），尚未公示。请先公示审议通过的名单。"
    ]
    assert why_not_announce(PUBLICITY, [A, B], on=date(2026, 10, 9)) == [
        "公示至2026年10月9日（含）届满，最早2026年10月10日公布（第十七条）。"
    ]
    assert why_not_announce(PUBLICITY, [A, B], on=date(2026, 10, 10)) == []


def test_announcement_into_an_unknown_year_waits_for_the_calendar():
    pending = Publicity(PublicityWindow(date(2026, 12, 29), None, None), (A, B))
    assert why_not_announce(pending, [A, B], on=date(2027, 3, 1)) == [
        "公示截止日待定：工作日历尚无所涉年度的放假安排，不能公布。请在国务院办公厅公布安排后补录工作日历。"
    ]


def test_one_contested_enterprise_never_holds_up_the_others():
    contested = {B.uscc}
    assert why_not_announce(PUBLICITY, [A, B], on=date(2026, 10, 10), open_objections=contested) == [
        "荣成汐云渔具有限公司的异议尚未办结，不能公布（第十七条）。请先将其从本次名单中暂缓，其余企业不受影响。"
    ]
    explained = {B.uscc: "异议尚未办结，暂缓公布"}
    assert (
        why_not_announce(
            PUBLICITY, [A], on=date(2026, 10, 10), open_objections=contested, explanations=explained
        )
        == []
    )


@pytest.mark.parametrize(("count", "held"), [(12, 1), (12, 11)])
def test_all_but_the_held_are_announced(count, held):
    everyone = [ListEntry(f"{number:018}", f"企业{number}") for number in range(count)]
    kept, waiting = everyone[held:], everyone[:held]
    reasons = why_not_announce(
        Publicity(PUBLICITY.window, tuple(everyone)),
        kept,
        on=date(2026, 10, 10),
        open_objections={entry.uscc for entry in waiting},
        explanations={entry.uscc: "异议成立，暂缓" for entry in waiting},
    )
    assert reasons == []
