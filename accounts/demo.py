"""The accounts that the demonstration offers by one click; they exist in demo mode only, and every person is fictional.

``manage.py create_demo`` makes them; the sign-in page and ``manage.py demo_accounts`` list them, the other experts by their names.
"""

from dataclasses import dataclass

from accounts.roles import Role

DEMO_PASSWORD = "demo-weihai-2026"


@dataclass(frozen=True)
class DemoAccount:
    """A line of the sign-in page: who one becomes, and what to try.

    ``code`` is that of the agency or of the enterprise; an expert belongs to none.
    """

    login: str
    role: Role
    name: str
    organisation: str
    code: str
    purpose: str


DEMO_ACCOUNTS = (
    DemoAccount(
        "enterprise",
        Role.ENTERPRISE,
        "林晓雯",
        "荣成鲸湾冷链装备有限公司",
        "91371082MA3T0101XL",
        "填完 2026 年度申报书草稿并提交；确认同事的加入申请",
    ),
    DemoAccount(
        "enterprise-returned",
        Role.ENTERPRISE,
        "连知夏",
        "荣成沛屿船舶工程有限公司",
        "91371082MA3T01028L",
        "按退回意见逐项补正，重新提交",
    ),
    DemoAccount(
        "holder",
        Role.ENTERPRISE,
        "丛海宁",
        "荣成岬石电机有限公司",
        "91371082MA3T01036F",
        "示范企业：看牌匾、复核到期日和提醒，参加复核；代表两家企业，可以切换",
    ),
    DemoAccount(
        "district",
        Role.CHANNEL_HANDLER,
        "于晓岚",
        "荣成市工业和信息化局",
        "371082",
        "审核、退回补正、拟推荐函、确认账号",
    ),
    DemoAccount(
        "district-leader", Role.CHANNEL_LEADER, "毕文舟", "荣成市工业和信息化局", "371082", "签发推荐函"
    ),
    DemoAccount(
        "association",
        Role.CHANNEL_HANDLER,
        "孙静禾",
        "威海市钓具行业协会（演示）",
        "WH-DJXH",
        "审核行业内企业的申报",
    ),
    DemoAccount(
        "association-leader",
        Role.CHANNEL_LEADER,
        "邹怀谦",
        "威海市钓具行业协会（演示）",
        "WH-DJXH",
        "签发协会的推荐函",
    ),
    DemoAccount(
        "municipal",
        Role.MUNICIPAL_HANDLER,
        "宋知远",
        "威海市工业和信息化局",
        "371000",
        "受理、组专家组、排序、记录会议、办理异议和复核",
    ),
    DemoAccount(
        "municipal-leader",
        Role.MUNICIPAL_LEADER,
        "姜予安",
        "威海市工业和信息化局",
        "371000",
        "签发公示、公布（不能是拟稿人本人）",
    ),
    DemoAccount("expert", Role.EXPERT, "周敬之", "鲁东装备技术研究院（演示）", "", "声明利害关系、评分"),
    DemoAccount(
        "auditor",
        Role.AUDITOR,
        "鞠明岫",
        "威海市工业和信息化局",
        "371000",
        "查看全部材料和办理记录，不能改动",
    ),
    DemoAccount(
        "administrator",
        Role.ADMINISTRATOR,
        "毕清和",
        "威海市工业和信息化局",
        "371000",
        "建立账号、收回授权",
    ),
)

# The rest of the pool, as many as ``demo.cast`` gives units: whoever composes panels and has experts drawn needs them all.
OTHER_EXPERTS = tuple(f"expert-{number:02d}" for number in range(2, 19))
