"""The scenarios of the domain that rest on rules alone, with whole findings and sentences asserted."""

from datetime import date
from decimal import Decimal

from policy.channel import HeldChannel, why_channel_taken
from policy.deadlines import PublicityWindow, change_filing_due, is_late, publicity_window
from policy.findings import Finding, Verdict
from policy.identifiers import legal_person_problem, normalise_uscc, uscc_problem
from policy.procedure import Approval, ListEntry, list_digest, why_not_publicise
from policy.ranking import Entry, Outcome, rank
from policy.sanctions import Ground, barred_until, may_apply_from, why_barred
from policy.validity import Renewal, Validity, why_not_valid
from tests.policy.cases import applicant, blocking_keys, calendar, findings, project, year


def limb(
    rule: str, number: str, title: str, verdict: Verdict, measured: str, percent: str, advice: str
) -> Finding:
    return Finding(
        key=rule,
        clause=f"第十二条第3项（{number}）",
        article=12,
        title=title,
        verdict=verdict,
        measured=measured,
        threshold=f"≥ {percent}%（含）",
        advice=advice,
        blocking=False,
        group="limbs",
    )


def test_scenario_01_fifteen_percent_exactly_is_met_and_a_hair_less_is_never_shown_as_met() -> None:
    share = "服务性收入占主营业务收入比重"
    met = findings(applicant(figures={2025: year("10000.00", "1500.00")}))
    assert met["service_revenue_share"] == limb(
        "service_revenue_share",
        "1",
        share,
        Verdict.MET,
        "1,500.00 ÷ 10,000.00 = 15.00%",
        "15",
        "合计应与专项审计或说明一致。",
    )
    assert not met["group:limbs"].blocks

    unmet = findings(
        applicant(figures={2024: year("9900", None, "1"), 2025: year("10000.00", "1499.60", "1")})
    )
    assert unmet["service_revenue_share"] == limb(
        "service_revenue_share",
        "1",
        share,
        Verdict.UNMET,
        "1,499.60 ÷ 10,000.00 = 14.996%",
        "15",
        "按主营业务收入10,000.00万元，服务性收入达到1,500.00万元才符合。",
    )
    assert unmet["group:limbs"] == Finding(
        key="group:limbs",
        clause="第十二条第3项",
        article=12,
        title="三项指标，满足其中一项即可",
        verdict=Verdict.UNMET,
        measured="已满足0项",
        threshold="满足其中一项",
        advice="三项指标都未达到。请核对数据；无误的，达到其中一项后可在以后批次申报。",
        blocking=True,
        group="limbs",
        is_summary=True,
    )


def test_scenario_02_revenue_growth_of_exactly_ten_percent_is_met() -> None:
    title = "主营业务收入比上年增长"
    met = findings(applicant(figures={2024: year("1011.00"), 2025: year("1112.10", "0")}))
    assert met["main_revenue_growth"] == limb(
        "main_revenue_growth",
        "2",
        title,
        Verdict.MET,
        "1,011.00 → 1,112.10，增长10.00%",
        "10",
        "请在申报正文中说明增长如何来自服务型制造，由专家评判。",
    )
    unmet = findings(applicant(figures={2024: year("1011.00", "0", "1"), 2025: year("1112.09", "0", "1")}))
    assert unmet["main_revenue_growth"] == limb(
        "main_revenue_growth",
        "2",
        title,
        Verdict.UNMET,
        "1,011.00 → 1,112.09，增长9.999%",
        "10",
        "2025年主营业务收入达到1,112.10万元才符合。",
    )
    assert unmet["group:limbs"].blocks


def test_scenario_03_growth_from_a_loss_is_not_computable_and_another_limb_suffices() -> None:
    title = "利润比上年增长"
    for latest, change in (("300", "−500.00 → 300.00"), ("-1000", "−500.00 → −1,000.00")):
        figures = {2024: year("9900", None, "-500"), 2025: year("10000", "1500", latest)}
        told = "本年扭亏为盈，可写进申报正文的“成效”。" if latest == "300" else "本年亏损扩大。"
        found = findings(applicant(figures=figures))
        assert found["profit_growth"] == limb(
            "profit_growth",
            "3",
            title,
            Verdict.NOT_COMPUTABLE,
            change,
            "10",
            f"上年利润总额不大于零，增长率无法计算，不能算作符合。{told}已有一项满足，不影响申报。",
        )
        assert blocking_keys(found.values()) == set()

        alone = findings(applicant(figures=figures | {2025: year("10000", "100", latest)}))
        assert blocking_keys(alone.values()) == {"group:limbs"}


def test_scenario_04_two_full_years_at_the_base_date() -> None:
    met = findings(applicant(founded_on=date(2024, 6, 30)))["years_in_operation"]
    assert met == Finding(
        key="years_in_operation",
        clause="第十二条第1项",
        article=12,
        title="正常经营两年（含）以上",
        verdict=Verdict.MET,
        measured="2024年6月30日成立，至基准日2年0个月",
        threshold="至2026年6月30日满2年（含）",
        advice="",
    )
    unmet = findings(applicant(founded_on=date(2024, 7, 1)))
    assert unmet["years_in_operation"] == Finding(
        key="years_in_operation",
        clause="第十二条第1项",
        article=12,
        title="正常经营两年（含）以上",
        verdict=Verdict.UNMET,
        measured="2024年7月1日成立，至基准日1年11个月",
        threshold="至2026年6月30日满2年（含）",
        advice=(
            "至2026年7月1日才满2年，晚于本批次基准日2026年6月30日。"
            "请核对日期；无误的，可在基准日不早于2026年7月1日的批次申报。"
        ),
    )
    assert blocking_keys(unmet.values()) == {"years_in_operation"}


def test_scenario_05_one_project_is_not_enough_and_two_within_the_window_are() -> None:
    first = project("远程运维", date(2023, 7, 1), date(2023, 7, 1))
    last = project("冷库托管", date(2026, 6, 30))
    one = findings(applicant(projects=(first,)))
    assert one["projects_in_window"] == Finding(
        key="projects_in_window",
        clause="第十二条第3项",
        article=12,
        title="近三年服务型制造项目",
        verdict=Verdict.UNMET,
        measured="1个",
        threshold="不少于2个，实施期与2023年7月1日至2026年6月30日有重叠",
        advice="还差1个。请补充近三年内实施的项目及其合同、验收等证明材料。",
    )
    assert blocking_keys(one.values()) == {"projects_in_window"}

    two = findings(applicant(projects=(first, last)))
    assert two["projects_in_window"].verdict is Verdict.MET
    assert two["projects_in_window"].measured == "2个"
    assert blocking_keys(two.values()) == set()

    too_early = project("早年项目", date(2022, 1, 1), date(2023, 6, 30))
    unproved = project("无凭据项目", date(2025, 1, 1), has_evidence=False)
    not_yet = project("未来项目", date(2026, 7, 1))
    others = findings(applicant(projects=(first, too_early, unproved, not_yet)))["projects_in_window"]
    assert others.measured == (
        "1个（未计入：“早年项目”在2023年7月1日前已结束；“无凭据项目”缺证明材料；“未来项目”于基准日之后才开始）"
    )
    assert others.verdict is Verdict.UNMET


def test_scenario_06_a_code_is_normalised_checked_and_explained() -> None:
    assert normalise_uscc("91371002ma3t 002870") == "91371002MA3T002870"
    assert uscc_problem("91371002ma3t 002870") == ""
    assert uscc_problem("91371002ma3t 002871") == (
        "统一社会信用代码校验码（最后一位“1”）与前17位不符，通常是其中某一位写错，请对照营业执照逐位核对。"
    )
    assert legal_person_problem("92371002MA3T002874") == (
        "统一社会信用代码以92开头的是个体工商户，没有独立法人资格，不符合第十二条第1项。请以企业法人的代码申报。"
    )
    refused = findings(applicant(uscc="92371002MA3T002874"))
    assert blocking_keys(refused.values()) == {"independent_legal_person"}
    assert refused["independent_legal_person"].clause == "第十二条第1项"


def test_scenario_07_a_second_channel_is_refused_naming_the_first() -> None:
    held = [HeldChannel("91371082MA3T000179", "2026年度认定", "荣成市工业和信息化局")]
    assert why_channel_taken(held, uscc="91371082ma3t 000179", round_name="2026年度认定") == (
        "本企业已通过荣成市工业和信息化局申报“2026年度认定”，"
        "第十四条的“区市主管部门（协会）”择一办理，一家企业一个批次只办一件。"
        "请继续办理原申报。确需更换渠道的，草稿可以直接更换；已提交、尚未审核通过的，可先撤回，再重新申报。"
    )
    assert why_channel_taken(held, uscc="91371002MA3T002870", round_name="2026年度认定") == ""
    assert why_channel_taken(held, uscc="91371082MA3T000179", round_name="2027年度认定") == ""


def test_scenario_10_preference_only_at_equality_and_ties_stay_ties() -> None:
    entries = [
        Entry("甲", Decimal("88.00"), "C"),
        Entry("乙", Decimal("86.50"), "D"),
        Entry("丙", Decimal("86.50"), "B"),
        Entry("丁", Decimal("86.50"), "A"),
        Entry("戊", Decimal("86.49"), "A"),
    ]
    ranking = rank(entries, quota=3)
    assert [(p.key, p.rank, p.is_tied, p.outcome) for p in ranking.placements] == [
        ("甲", 1, False, Outcome.WITHIN),
        ("丁", 2, True, Outcome.WITHIN),
        ("丙", 2, True, Outcome.WITHIN),
        ("乙", 4, False, Outcome.BEYOND),
        ("戊", 5, False, Outcome.BEYOND),
    ]
    assert set(ranking.within) == {"甲", "丙", "丁"}
    assert ranking.tied_at_line == []
    assert ranking.placements[3].note == "第十三条：3家同分，D类不优先"


def test_scenario_11_publicity_waits_for_the_meeting_and_matches_its_list() -> None:
    approved = (
        ListEntry("91371002MA3T002870", "威海听涛医疗器械有限公司"),
        ListEntry("91371082MA3T000179", "荣成汐云渔具有限公司"),
    )
    assert why_not_publicise(None, approved, on=date(2026, 9, 28)) == [
        "局党组会议审议通过后才能公示（第十六条），尚无会议记录。"
        "请先录入党组会议及逐家决定，再公示审议通过的名单。"
    ]
    approval = Approval(date(2026, 9, 18), approved)
    assert why_not_publicise(approval, approved, on=date(2026, 9, 17)) == [
        "公示日期2026年9月17日早于党组会议日期2026年9月18日（第十六条）。请将公示日期改为会议当日或之后。"
    ]
    assert why_not_publicise(approval, tuple(reversed(approved)), on=date(2026, 9, 18)) == []
    assert list_digest(approved) == list_digest(reversed(approved))

    missing = approved[:1]
    assert list_digest(missing) != list_digest(approved)
    assert why_not_publicise(approval, missing, on=date(2026, 9, 28)) == [
        "公示名单与审议通过名单摘要不符：荣成汐云渔具有限公司（91371082MA3T000179）未列入。"
        "请改为一致，或逐家写明原因。"
    ]
    explained = {"91371082MA3T000179": "正办理吸收合并，暂缓公示"}
    assert why_not_publicise(approval, missing, on=date(2026, 9, 28), explanations=explained) == []


def test_scenario_12_publicity_of_five_working_days_over_the_national_day() -> None:
    assert publicity_window(date(2026, 9, 28), 5, calendar()) == PublicityWindow(
        first_day=date(2026, 9, 28), last_day=date(2026, 10, 9), announcement_from=date(2026, 10, 10)
    )


def test_scenario_14_a_change_is_due_thirty_working_days_later_and_late_ones_are_marked() -> None:
    due = change_filing_due(date(2026, 9, 1), calendar())
    assert due == date(2026, 10, 19)
    assert not is_late(date(2026, 10, 19), due)
    assert is_late(date(2026, 10, 20), due)


def test_scenario_15_only_the_named_grounds_bar_and_the_last_day_is_still_barred() -> None:
    decided = date(2026, 12, 10)
    assert barred_until(Ground.FAILED_RE_REVIEW, decided) is None
    assert why_barred(None, on=date(2027, 1, 1)) == ""

    until = barred_until(Ground.MISSED_RE_REVIEW, decided)
    assert until == date(2029, 12, 10)
    assert may_apply_from(until) == date(2029, 12, 11)
    assert why_barred(until, on=date(2029, 12, 11)) == ""

    barred = findings(applicant(barred_until=until), applied_on=date(2029, 12, 10))["not_barred"]
    assert (barred.clause, barred.verdict, barred.measured) == (
        "第二十条",
        Verdict.UNMET,
        "至2029年12月10日（含）不得重新申请",
    )
    assert barred.advice == why_barred(until, on=date(2029, 12, 10))
    free = findings(applicant(barred_until=until), applied_on=date(2029, 12, 11))["not_barred"]
    assert (free.verdict, free.measured) == (Verdict.MET, "限制已于2029年12月10日届满")


def test_scenario_16_a_round_after_the_measure_ended_asks_for_the_renewal_or_successor() -> None:
    validity = Validity("威工信发〔2021〕34号", date(2021, 9, 1), date(2026, 8, 31))
    assert why_not_valid(validity, on=date(2026, 11, 23), act="开展批次") == (
        "威工信发〔2021〕34号有效期至2026年8月31日（第二十五条），2026年11月23日不能据此开展批次。"
        "请先登记延续有效期的文件（文号、印发日期、有效期至），或选用新办法。"
    )

    renewed = Validity(
        validity.document_number,
        validity.effective_from,
        validity.effective_until,
        (Renewal("威工信发〔2026〕21号", date(2026, 8, 28), date(2031, 8, 31)),),
    )
    assert why_not_valid(renewed, on=date(2026, 11, 23), act="开展批次") == ""
