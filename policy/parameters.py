"""What the portal applies of a measure, in words: each rule, its numbers with their bounds, the articles of the procedure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from policy.amounts import number_text
from policy.facts import AccidentLevel
from policy.sanctions import Ground


@dataclass(frozen=True)
class Parameter:
    """One number of a rule with its bounds; with ``choices`` it is a choice of several instead."""

    key: str
    label: str
    unit: str = ""
    least: int = 1
    most: int = 20
    is_decimal: bool = False
    choices: tuple[tuple[str, str], ...] = ()

    def words(self, value: Any) -> str:
        """The value as people read it: 15%, 2年, 重大、特别重大."""
        if self.choices:
            return "、".join(label for key, label in self.choices if key in (value or ())) or "没有"
        if value is None:
            return "没有"
        return f"{number_text(Decimal(str(value)))}{self.unit}"


@dataclass(frozen=True)
class Procedure:
    """What the portal does by one article of the procedure; ``parameters`` are numbers of the measure itself."""

    article: int
    title: str
    text: str
    parameters: tuple[Parameter, ...] = ()


YEARS = Parameter("years", "回溯", "年")
PERCENT = Parameter("percent", "不低于", "%", most=100, is_decimal=True)
LEVELS = tuple((level.value, level.label) for level in AccidentLevel)
GROUNDS = tuple((ground.value, ground.label) for ground in Ground)

RULE_TEXTS = {
    "registered_in_weihai": "按企业填写判断，以营业执照为证；不从信用代码推断区市。",
    "manufacturing": "行业代码的大类在所列范围内（GB/T 4754门类C）。",
    "independent_legal_person": "按企业类型和信用代码判断；分支机构、合伙企业、个人独资企业不是法人。",
    "years_in_operation": "从成立（或正常经营起始）之日起，至基准日满所列年数，满当日即可。",
    "sound_organisation": "企业自述，附审计报告，由审核和专家判断，平台不作结论。",
    "no_major_accident": "基准日往前所列年数内，没有所列等级的事故；其他等级提示审核判断。",
    "no_violation": "基准日往前所列年数内，没有违法行为。",
    "not_under_investigation": "没有涉嫌违法正在接受审查。",
    "service_unit": "有专门的服务性部门或独立的服务性公司，附设立文件。",
    "projects_in_window": "实施期与基准日往前所列年数有重叠、附证明材料的项目，不少于所列个数。",
    "service_revenue_share": "最近一年服务性收入 ÷ 主营业务收入，精确计算，含本数。",
    "main_revenue_growth": "最近一年主营业务收入比上年增长，精确计算，含本数；上年不大于零的无法计算。",
    "profit_growth": "最近一年利润总额比上年增长，精确计算，含本数；上年不大于零的无法计算。",
    "not_barred": "提交之日不在撤销称号后的限制期内，随统一社会信用代码。",
}

RULE_PARAMETERS: Mapping[str, tuple[Parameter, ...]] = {
    "manufacturing": (
        Parameter("first_division", "大类自", most=99),
        Parameter("last_division", "大类至", most=99),
    ),
    "years_in_operation": (Parameter("years", "满", "年"),),
    "no_major_accident": (YEARS, Parameter("levels", "不得有的事故等级", choices=LEVELS)),
    "no_violation": (YEARS,),
    "projects_in_window": (YEARS, Parameter("projects", "不少于", "个")),
    "service_revenue_share": (PERCENT,),
    "main_revenue_growth": (PERCENT,),
    "profit_growth": (PERCENT,),
}

PROCEDURE = (
    Procedure(4, "每年一次", "同类批次每年一个，重复的不能建立。"),
    Procedure(5, "申报渠道", "一家企业一个批次只经一个渠道申报：所在区市，或指导成立的协会。"),
    *(Procedure(number, "服务型制造模式", "申报时选为主要模式，或其他模式之一。") for number in range(6, 12)),
    Procedure(13, "同分先后", "均分（两位小数）相同的，亩产效益A、B类在前，A、B不分先后；仍并列的由人决定。"),
    Procedure(14, "申报", "截止时刻和必备附件由批次规定，缺附件或过时不能提交。"),
    Procedure(15, "审核推荐", "真实性、合规性、有效性逐项审核；推荐文件由另一人签发后报送。"),
    Procedure(
        16, "评审和公示", "五份以上的专家评分去掉最高最低；党组会议审议通过后才能公示，公示工作日由批次规定。"
    ),
    Procedure(
        17,
        "公布和授牌",
        "公示届满且无未办结异议，才能公布并授予牌匾。",
        (Parameter("title_awarded", "授予称号"), Parameter("awarding_body", "认定机关")),
    ),
    Procedure(
        18,
        "复核",
        "自公布之日（以后自上次复核）起，每隔所列年数复核一次。",
        (Parameter("re_review_interval_years", "复核间隔", "年"),),
    ),
    Procedure(19, "撤销", "六种情形，逐件载明所依据的一项。"),
    Procedure(
        20,
        "不得重新申请",
        "因所列情形撤销的，自决定之日起所列年数内不得重新申请。",
        (
            Parameter("bar_years", "限制", "年"),
            Parameter(
                "barring_grounds", "适用情形", choices=tuple((key, f"（{key}）") for key, _ in GROUNDS)
            ),
        ),
    ),
    Procedure(
        21,
        "变更备案",
        "自办结手续次日起计算；逾期的仍受理，注明逾期。",
        (Parameter("change_filing_working_days", "期限", "个工作日", most=250),),
    ),
    Procedure(25, "有效期", "首尾两日都在内；批次和公告的日期不在有效期内的，先登记延续文件或接替办法。"),
)


def words_of(parameter: Parameter, values: Mapping[str, Any]) -> str:
    """The value of a parameter in words; what is text already stays as it is."""
    value = values.get(parameter.key)
    return value if isinstance(value, str) and not parameter.unit else parameter.words(value)


def out_of_bounds(parameter: Parameter) -> str:
    unit = f" {parameter.unit}" if parameter.unit else ""
    return f"应在 {parameter.least} 至 {parameter.most}{unit}之间，请核对。"


def parameter_problems(rule: str, numbers: Mapping[str, Any]) -> dict[str, str]:
    """By parameter the sentence that refuses its value; empty when the rule can work with all of them."""
    problems = {}
    for one in RULE_PARAMETERS.get(rule, ()):
        value = numbers.get(one.key)
        if one.choices:
            if not value:
                problems[one.key] = f"{one.label}至少选一项，否则这条规则不起作用。"
        elif value is None:
            problems[one.key] = f"请填写{one.label}。"
        elif not one.least <= value <= one.most:
            problems[one.key] = out_of_bounds(one)
    if not problems and rule == "manufacturing" and numbers["first_division"] > numbers["last_division"]:
        problems["last_division"] = "末个大类不能小于首个大类，请核对。"
    return problems


def why_groups_do_not_hold(grouped: Sequence[str], used: Collection[str]) -> str:
    """The sentence that refuses a group of which one suffices; empty when it is none or has at least two members."""
    members = [rule for rule in grouped if rule in used]
    return (
        "满足其一即可的至少要有两项；只有一项的，请不要勾选，它就是必须满足的。" if len(members) == 1 else ""
    )
