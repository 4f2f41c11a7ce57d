"""A few supporting policies of districts, all of them fictional: in force, run out, and one that waits for its leader."""

import hashlib
from dataclasses import dataclass
from datetime import date

from applications.uploads import PDF, Inspected
from demo.cast import Cast
from demo.files import pdf
from supervision import supporting
from supervision.models import SupportingPolicy


@dataclass(frozen=True)
class Issued:
    district: str
    title: str
    number: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    summary: str
    support: str
    enterprises: str
    is_published: bool = True


ISSUED = (
    Issued(
        "371082",
        "荣成市支持服务型制造发展若干措施（演示，内容虚构）",
        "荣政办演字〔2025〕3号",
        date(2025, 3, 10),
        date(2025, 4, 1),
        date(2028, 3, 31),
        "对首次获得市级认定的示范企业给予一次性奖补，对服务平台建设给予设备补助。",
        "首次认定的一次性奖补 20 万元；服务平台设备投入补助 10%，最高 50 万元。金额均为演示。",
        "在荣成市注册、称号有效的威海市服务型制造示范企业。",
    ),
    Issued(
        "371002",
        "环翠区制造业服务化培育办法（演示，内容虚构）",
        "威环工信演字〔2022〕6号",
        date(2022, 5, 20),
        date(2022, 6, 1),
        date(2025, 5, 31),
        "建立服务型制造培育库，入库企业优先安排诊断服务。",
        "免费诊断一次；入库企业的项目贷款贴息 1 个百分点，最长两年。数字均为演示。",
        "在环翠区注册、有意申报的制造业企业。",
    ),
    Issued(
        "371082",
        "荣成市海洋装备服务化示范推广方案（演示，内容虚构）",
        "荣工信演字〔2026〕9号",
        date(2026, 6, 8),
        date(2026, 7, 1),
        None,
        "组织示范企业现场交流，编印典型案例。",
        "每年两场现场交流；案例编印、展位费用由区市承担。安排均为演示。",
        "荣成市海洋装备行业的示范企业和培育企业。",
        is_published=False,
    ),
)


def publish(cast: Cast) -> None:
    for one in ISSUED:
        agency = cast.agencies[one.district]
        content = pdf(one.title, agency.name)
        original = Inspected(f"{one.number}.pdf", content, PDF, 1, hashlib.sha256(content).hexdigest())
        policy = SupportingPolicy(
            agency=agency,
            title=one.title,
            document_number=one.number,
            issued_on=one.issued_on,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            summary=one.summary,
            support=one.support,
            enterprises=one.enterprises,
        )
        supporting.prepare(policy, original, by=cast.handlers[one.district])
        if one.is_published:
            supporting.publish(policy, seen=policy.digest(), by=cast.leaders[one.district])
