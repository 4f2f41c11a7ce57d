"""A whole application as a person fills it in and an officer finds it in order, by whichever hands."""

from applications.models import Application, AttachmentKind
from policy.models import ServiceMode

FILES = (
    (AttachmentKind.BUSINESS_LICENCE, ("营业执照.pdf",)),
    (AttachmentKind.AUDIT_REPORT, ("2024年审计报告.pdf", "2025年审计报告.pdf")),
    (AttachmentKind.SERVICE_REVENUE_AUDIT, ("服务性收入专项审计.pdf",)),
    (AttachmentKind.CREDIT_REPORT, ("公共信用报告.pdf",)),
    (AttachmentKind.FOUNDING_DOCUMENT, ("设立服务中心的通知.pdf",)),
    (AttachmentKind.PROJECT_EVIDENCE, ("远洋运维合同.pdf", "冷库托管验收单.pdf")),
)
NARRATIVE = {
    "narrative_overview": "公司制造冷链装备，服务本地渔港。",
    "narrative_practice": "由卖设备转为交付可用的冷库，按合同约定长期运维。",
    "narrative_innovation": "按可用时长计费，故障由远程平台先行判断。",
    "narrative_results": "服务收入逐年提高，带动主营业务收入和利润增长。",
    "narrative_demonstration": "合同范本已被同行采用。",
    "narrative_plan": "把远程运维扩大到全部在用冷库。",
}


def fill_in_whole(person, application: Application, files) -> None:
    """All eight sections with their files; ``files(name)`` gives a real PDF of that name."""
    page = f"/applications/{application.pk}/sections"
    mode = ServiceMode.objects.first()
    assert mode is not None

    fill_section(
        person,
        f"{page}/basic/",
        {
            "main_mode": str(mode.pk),
            "operating_since": "2018-06-01",
            "is_sound": "yes",
            "ACCIDENTS_answer": "NONE",
            "VIOLATIONS_answer": "NONE",
            "INVESTIGATION_answer": "NONE",
            "contact_name": "林晓雯",
            "contact_mobile": "13100002046",
        },
    )
    fill_section(person, f"{page}/figures/", figures(mode))
    person.keep("journey-figures")
    fill_section(
        person,
        f"{page}/service_unit/",
        {
            "service_unit_kind": "DEPARTMENT",
            "service_unit_name": "设备运维服务中心",
            "service_unit_established_on": "2021-09-06",
            "service_unit_headcount": "46",
        },
    )
    add_projects(person, f"{page}/projects/", mode)
    fill_section(person, f"{page}/capability/", {"digitalisation": "云运维平台接入机组一千余台。"})
    fill_section(person, f"{page}/narrative/", NARRATIVE)
    for kind, names in FILES:
        for name in names:
            person.go(f"{page}/attachments/")
            person.attach_in(kind, files(name))
    person.go(f"{page}/commitment/")
    person.tick("commit")
    person.press("确认承诺")


def fill_section(person, address: str, values: dict[str, str]) -> None:
    person.go(address)
    for name, value in values.items():
        person.fill(name, value)
    person.press("保存并填写下一部分")


def figures(mode: ServiceMode) -> dict[str, str]:
    rows = {
        "total_assets": ("18240.50", "20115.32", "22,960.78"),
        "total_liabilities": ("8905.14", "9640.27", "10882.45"),
        "operating_revenue": ("12846.20", "13920.55", "15486.90"),
        "main_revenue": ("12480", "13450", "14960"),
        "service_revenue": ("1458.40", "1849.10", "2512.60"),
        f"mode_{mode.pk}": ("1458.40", "1849.10", "2512.60"),
        "total_profit": ("1402.35", "1580", "1706.40"),
        "net_profit": ("1205.18", "1361.27", "1472.06"),
        "taxes": ("688.72", "735.40", "801.93"),
        "research": ("512.60", "604.18", "702.35"),
    }
    return {
        f"{name}_{year}": value
        for name, values in rows.items()
        for year, value in zip((2023, 2024, 2025), values, strict=True)
    }


def add_projects(person, address: str, mode: ServiceMode) -> None:
    for number, (name, started) in enumerate(
        (("远洋渔船冷冻设备远程运维", "2023-10-01"), ("水产冷库托管", "2024-06-01"))
    ):
        person.go(address)
        if number:
            person.press("再添加一个项目")
        row = person.last_row()
        person.fill(f"row-{row}-name", name)
        person.fill(f"row-{row}-mode", str(mode.pk))
        person.fill(f"row-{row}-started_on", started)
        person.press("保存")


def vet(officer, application: Application) -> None:
    """Three verdicts with what they rest on, then passed (第十五条)."""
    address = f"/vetting/{application.pk}/"
    for file in application.attachments.all():
        officer.go(f"{address}?show=a{file.pk}")
    officer.go(address)
    for verdict, note in (
        ("authenticity", "已比对原件。"),
        ("compliance", "已查询公示系统。"),
        ("validity", "证照在有效期内。"),
    ):
        officer.fill(verdict, "PASS")
        officer.fill(f"{verdict}_note", note)
    officer.press("保存并看下一件")
    officer.go(address)
    officer.keep("journey-vetting")
    officer.press("审核通过")
