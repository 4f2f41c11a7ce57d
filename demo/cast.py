"""The people and organisations of the demonstration: associations, officials, experts, enterprises and who acts for them."""

import random
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.hashers import make_password

from accounts.demo import DEMO_ACCOUNTS, DEMO_PASSWORD, OTHER_EXPERTS
from accounts.models import Agency, EfficiencyRating, Enterprise, Expert, ExpertTie, Membership, User
from accounts.roles import Role
from core import clock
from core.workflow import perform
from demo.enterprises import FIRMS, FIRST_NUMBER, credit_code
from policy.models import ServiceMode

FAMILY_NAMES = "丛于毕姜宋邹连苗鞠岳初谷隋曲汤戚慕容夏顾陶"
GIVEN_NAMES = [
    "望舒",
    "予安",
    "青禾",
    "柏年",
    "怀谦",
    "知夏",
    "砚秋",
    "明照",
    "一鸣",
    "晓禾",
    "闻溪",
    "景行",
    "思远",
    "若水",
    "清越",
    "书澜",
    "承泽",
    "念安",
    "疏影",
    "知行",
    "云帆",
    "亦舟",
    "静姝",
    "嘉树",
    "远岫",
    "南乔",
    "听澜",
    "松吟",
    "泊言",
    "沐辰",
    "安澜",
    "如练",
    "星野",
    "禾苗",
    "修远",
    "和光",
    "既明",
    "采薇",
    "长庚",
    "子衿",
]
ASSOCIATIONS = (
    ("WH-DJXH", "威海市钓具行业协会（演示）", "钓具协会", ("17", "24", "35")),
    ("WH-YLQX", "威海市医疗器械协会（演示）", "医械协会", ("27", "30", "35")),
    ("WH-ZBZZ", "威海市装备制造业协会（演示）", "装备协会", ("33", "34", "35", "36", "37", "38", "39", "40")),
)
EXPERT_UNITS = (
    ("鲁东装备技术研究院（演示）", "研究员", "智能制造", ("life-cycle", "integration")),
    ("海岬大学机械工程学院（演示）", "教授", "制造系统", ("shared-manufacturing", "customisation")),
    ("海岬大学管理学院（演示）", "教授", "供应链管理", ("supply-chain",)),
    ("胶东工业设计研究院（演示）", "高级工程师", "工业设计", ("customisation",)),
    ("明岸会计师事务所（演示）", "注册会计师", "财务审计", ("supply-chain", "information")),
    ("潮间带数据科技研究所（演示）", "高级工程师", "工业互联网", ("information",)),
    ("半岛标准化研究所（演示）", "高级工程师", "标准与质量", ("life-cycle",)),
    ("海屿船舶设计院（演示）", "研究员", "船舶与海工", ("integration",)),
    ("白露医疗器械检验中心（演示）", "主任技师", "医疗器械", ("life-cycle",)),
    ("霜岛纺织工程学会（演示）", "高级工程师", "纺织服装", ("customisation", "supply-chain")),
    ("望洋食品科学研究所（演示）", "研究员", "食品装备", ("supply-chain", "integration")),
    ("北礁职业技术学院（演示）", "副教授", "数控技术", ("shared-manufacturing",)),
    ("青屿生产力促进中心（演示）", "高级经济师", "产业经济", ("information", "supply-chain")),
    ("长汐知识产权事务所（演示）", "专利代理师", "知识产权", ("customisation",)),
    ("石岬新材料研究院（演示）", "研究员", "复合材料", ("customisation", "life-cycle")),
    ("东汀节能环保研究所（演示）", "高级工程师", "绿色制造", ("integration", "life-cycle")),
    ("澜川经济研究所（演示）", "研究员", "企业管理", ("supply-chain", "customisation")),
    ("远帆机器人研究中心（演示）", "教授", "机器人", ("integration", "information")),
)
# expert's place in the list above, place of the enterprise in FIRMS, kind, post, from, until
TIES = (
    (1, 14, ExpertTie.Kind.EMPLOYMENT, "技术顾问室主任", date(2018, 3, 1), date(2024, 8, 31)),
    (4, 42, ExpertTie.Kind.DIRECTORSHIP, "独立董事", date(2023, 5, 10), None),
    (5, 40, ExpertTie.Kind.SHAREHOLDING, "持股 1.2%", date(2022, 1, 20), None),
    (7, 1, ExpertTie.Kind.EMPLOYMENT, "总工程师", date(2011, 6, 1), date(2019, 12, 31)),
    (9, 22, ExpertTie.Kind.DIRECTORSHIP, "监事", date(2024, 4, 2), None),
    (11, 14, ExpertTie.Kind.EMPLOYMENT, "工艺工程师", date(2020, 9, 1), date(2025, 6, 30)),
)
RATED_YEARS = range(2020, 2026)
FOUNDED_ENTERPRISE_TYPES = ("LIMITED_LIABILITY", "LIMITED_LIABILITY", "LIMITED_LIABILITY", "JOINT_STOCK")


@dataclass
class Cast:
    """Everybody the history is acted by; each person's memberships are loaded once."""

    dice: random.Random
    password: str = field(default_factory=lambda: make_password(DEMO_PASSWORD))
    agencies: dict[str, Agency] = field(default_factory=dict)
    handlers: dict[str, User] = field(default_factory=dict)
    leaders: dict[str, User] = field(default_factory=dict)
    enterprises: list[Enterprise] = field(default_factory=list)
    people: dict[int, User] = field(default_factory=dict)
    experts: dict[int, Expert] = field(default_factory=dict)
    modes: dict[str, ServiceMode] = field(default_factory=dict)
    spare_names: list[str] = field(default_factory=list)

    @property
    def municipal(self) -> User:
        return self.handlers["371000"]

    @property
    def municipal_leader(self) -> User:
        return self.leaders["371000"]

    def person_of(self, enterprise: Enterprise) -> User:
        return self.people[enterprise.pk]


def assemble(dice: random.Random) -> Cast:
    """Create everybody. Nobody wants mail yet: history would flood the boxes (see ``open_the_mailboxes``)."""
    cast = Cast(dice)
    cast.spare_names = [family + given for family in FAMILY_NAMES for given in GIVEN_NAMES]
    taken = {account.name for account in DEMO_ACCOUNTS}
    cast.spare_names = [name for name in cast.spare_names if name not in taken]
    dice.shuffle(cast.spare_names)
    cast.modes = {mode.code: mode for mode in ServiceMode.objects.order_by("position")}
    _create_associations()
    cast.agencies = {agency.code: agency for agency in Agency.objects.order_by("position", "id")}
    _create_officials(cast)
    _create_experts(cast)
    _create_enterprises(cast)
    _create_ties_and_ratings(cast)
    return cast


def open_the_mailboxes() -> None:
    """From now on the people of the sign-in table get mail."""
    User.objects.filter(login__in=[account.login for account in DEMO_ACCOUNTS]).update(wants_mail=True)


def _create_associations() -> None:
    Agency.objects.bulk_create(
        [
            Agency(
                kind=Agency.Kind.ASSOCIATION,
                code=code,
                name=name,
                short_name=short,
                industries=list(divisions),
                appointed_from=date(2021, 9, 1),
                position=200 + number,
            )
            for number, (code, name, short, divisions) in enumerate(ASSOCIATIONS)
        ]
    )


def _create_officials(cast: Cast) -> None:
    known = {(account.code, account.role): account for account in DEMO_ACCOUNTS}
    for code, agency in cast.agencies.items():
        municipal = agency.kind == Agency.Kind.MUNICIPAL
        roles = (
            (Role.MUNICIPAL_HANDLER, Role.MUNICIPAL_LEADER, Role.AUDITOR, Role.ADMINISTRATOR)
            if municipal
            else (Role.CHANNEL_HANDLER, Role.CHANNEL_LEADER)
        )
        for role in roles:
            account = known.get((code, role))
            word = role.value.split("_")[-1].lower()
            user = create_user(
                cast,
                account.login if account else f"{code.lower()}-{word}",
                account.name if account else "",
            )
            Membership.objects.create(user=user, role=role, agency=agency, state=Membership.State.CONFIRMED)
            if role in (Role.CHANNEL_HANDLER, Role.MUNICIPAL_HANDLER):
                cast.handlers[code] = user
            elif role in (Role.CHANNEL_LEADER, Role.MUNICIPAL_LEADER):
                cast.leaders[code] = user


def _create_experts(cast: Cast) -> None:
    account = next(one for one in DEMO_ACCOUNTS if one.role == Role.EXPERT)
    logins = (account.login, *OTHER_EXPERTS)
    for login, (unit, title, speciality, modes) in zip(logins, EXPERT_UNITS, strict=True):
        user = create_user(cast, login, account.name if login == account.login else "")
        expert = Expert.objects.create(user=user, unit=unit, title=title, speciality=speciality)
        expert.modes.set([cast.modes[code] for code in modes])
        Membership.objects.create(
            user=user, role=Role.EXPERT, expert=expert, state=Membership.State.CONFIRMED
        )
        cast.experts[expert.pk] = expert


def _create_enterprises(cast: Cast) -> None:
    accounts = {one.code: one for one in DEMO_ACCOUNTS if one.role == Role.ENTERPRISE}
    for number, firm in enumerate(FIRMS):
        code = credit_code(firm.district, FIRST_NUMBER + number)
        account = accounts.get(code)
        login = account.login if account else f"enterprise-{number + 1:02d}"
        user = create_user(cast, login, account.name if account else "")
        district = cast.agencies[firm.district]
        enterprise = Enterprise.objects.create(
            credit_code=code,
            name=firm.name,
            legal_form=cast.dice.choice(FOUNDED_ENTERPRISE_TYPES),
            founded_on=date(
                cast.dice.randint(1996, 2016), cast.dice.randint(1, 12), cast.dice.randint(1, 28)
            ),
            district=district,
            industry_id=firm.industry,
            address=f"{district.region}演示路{cast.dice.randint(1, 399)}号（虚构）",
            legal_representative=cast.spare_names.pop(),
            employees=cast.dice.randint(60, 1800),
            contact_name=user.name,
            contact_mobile=user.mobile,
            contact_email=user.email,
        )
        membership = Membership.objects.create(user=user, role=Role.ENTERPRISE, enterprise=enterprise)
        perform(membership, "confirm", by=cast.handlers[firm.district])
        cast.enterprises.append(enterprise)
        cast.people[enterprise.pk] = user


def create_user(cast: Cast, login: str, name: str) -> User:
    return User.objects.create(
        login=login,
        name=name or cast.spare_names.pop(),
        mobile=f"1{cast.dice.choice((38, 39, 50, 58, 86))}0000{cast.dice.randint(0, 9999):04d}",
        email=f"{login}@example.com",
        password=cast.password,
        wants_mail=False,
        created_at=clock.now(),
    )


def _create_ties_and_ratings(cast: Cast) -> None:
    experts = list(cast.experts.values())
    ExpertTie.objects.bulk_create(
        [
            ExpertTie(
                expert=experts[expert],
                kind=kind,
                credit_code=cast.enterprises[firm].credit_code,
                organisation=cast.enterprises[firm].name,
                post=post,
                started_on=start,
                ended_on=end,
            )
            for expert, firm, kind, post, start, end in TIES
        ]
    )
    EfficiencyRating.objects.bulk_create(
        [
            EfficiencyRating(
                credit_code=enterprise.credit_code,
                year=year,
                category=cast.dice.choice("AABBBBCCD"),
                source=f"{year}年度亩产效益评价结果（演示）",
            )
            for enterprise in cast.enterprises
            for year in RATED_YEARS
            if cast.dice.random() < 0.9
        ]
    )
