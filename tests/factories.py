"""Plain functions that make what tests need. All people, firms and figures are fictional.

Everything is dated around 2026-06: the default round takes applications until 2026-06-30 17:00, and ``JUNE`` is a moment at
which it is open (use it with ``clock.stopped_at``).
"""

import hashlib
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.db import models
from pypdf import PdfWriter
from stdnum.cn import uscc

from accounts import profile
from accounts.models import Agency, Enterprise, Expert, ExpertTie, Membership, ProfileConfirmation, User
from accounts.roles import Role
from applications import versions
from applications.models import (
    AnnualFigures,
    Application,
    Attachment,
    AttachmentKind,
    AttachmentRequirement,
    ConductAnswer,
    ModeRevenue,
    Round,
    ServiceProject,
)
from core import clock
from policy.channel import MANUFACTURING
from policy.models import Industry, Measure, ScoringScheme, ServiceMode

JUNE = clock.instant(date(2026, 6, 12), 9)
numbers = count(1)
BATCH = 2000

REQUIRED = {
    AttachmentKind.BUSINESS_LICENCE: 1,
    AttachmentKind.AUDIT_REPORT: 2,
    AttachmentKind.SERVICE_REVENUE_AUDIT: 1,
    AttachmentKind.CREDIT_REPORT: 1,
    AttachmentKind.FOUNDING_DOCUMENT: 1,
    AttachmentKind.PROJECT_EVIDENCE: 2,
}


def a_credit_code(district: str = "371082") -> str:
    stem = f"91{district}MA3T{next(numbers):05d}"
    return stem + uscc.calc_check_digit(stem)


def bulk(rows: Iterable[models.Model]) -> list[Any]:
    rows = list(rows)
    if rows:
        type(rows[0])._default_manager.bulk_create(rows, batch_size=BATCH)
    return rows


def copies(row: models.Model, **changes: Any) -> Any:
    """The row once more under a new id."""
    kept = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in changes
    }
    return type(row)(**kept | changes)


def make_user(name: str = "", **fields) -> User:
    number = next(numbers)
    user = User(login=f"user{number}", name=name or f"人员{number}", **fields)
    user.set_unusable_password()
    user.save()
    return user


def an_agency(code: str = "371082") -> Agency:
    """The fixture's agency of this code: 371082 荣成市, 371000 the bureau."""
    return Agency.objects.get(code=code)


def make_association(name: str = "威海市渔具行业协会（虚构）") -> Agency:
    return Agency.objects.create(
        kind=Agency.Kind.ASSOCIATION,
        code=f"XH{next(numbers)}",
        name=name,
        short_name=name[:20],
        industries=MANUFACTURING,
        appointed_from=date(2021, 9, 1),
    )


def make_officer(role: str, agency: Agency | None = None, **fields) -> User:
    """Someone with a role in an agency; municipal roles, auditors and administrators default to the bureau."""
    user = make_user(**fields)
    if agency is None:
        channel = role in (Role.CHANNEL_HANDLER, Role.CHANNEL_LEADER)
        agency = an_agency() if channel else an_agency("371000")
    Membership.objects.create(user=user, role=role, agency=agency, state=Membership.State.CONFIRMED)
    return user


def make_expert(**fields) -> Expert:
    user = make_user()
    expert = Expert.objects.create(user=user, **({"unit": "鲁东装备技术研究院", "title": "研究员"} | fields))
    Membership.objects.create(user=user, role=Role.EXPERT, expert=expert, state=Membership.State.CONFIRMED)
    return expert


def a_tie(expert: Expert, enterprise: Enterprise, **fields) -> ExpertTie:
    """Employed there long ago, unless ``fields`` say otherwise."""
    known = {"kind": ExpertTie.Kind.EMPLOYMENT, "post": "工程师", "ended_on": date(2015, 12, 31)}
    return ExpertTie.objects.create(
        expert=expert,
        credit_code=enterprise.credit_code,
        organisation=enterprise.name,
        **{"started_on": date(2012, 3, 1)} | known | fields,
    )


def make_enterprise(**fields) -> Enterprise:
    number = next(numbers)
    defaults = {
        "credit_code": a_credit_code(),
        "name": f"荣成试验{number:05d}号装备有限公司",  # in the order of their making, however many there are
        "legal_form": "LIMITED_LIABILITY",
        "founded_on": date(2015, 3, 2),
        "district": an_agency(),
        "industry": Industry.objects.get(code="3464"),
        "address": "荣成市虚构路 1 号",
        "employees": 210,
    }
    return Enterprise.objects.create(**(defaults | fields))


def make_member(enterprise: Enterprise, *, confirmed: bool = True, **fields) -> User:
    """Someone who acts for the enterprise: confirmed, or the one who registered it and waits."""
    return add_member(enterprise, make_user(**fields), confirmed=confirmed)


def add_member(enterprise: Enterprise, user: User, *, confirmed: bool = True) -> User:
    state = Membership.State.CONFIRMED if confirmed else Membership.State.PENDING
    Membership.objects.create(
        user=user, role=Role.ENTERPRISE, enterprise=enterprise, state=state, is_registrant=not confirmed
    )
    return user


def make_applicant(enterprise: Enterprise, **fields) -> User:
    """Someone who asked to join and waits."""
    user = make_user(**fields)
    Membership.objects.create(user=user, role=Role.ENTERPRISE, enterprise=enterprise)
    return user


def make_measure(**fields) -> Measure:
    """An earlier measure than the fixture's, with the same articles and conditions; no round has used it."""
    latest = Measure.objects.latest("effective_from")
    earlier = {
        "document_number": "威工信发〔2016〕30号",
        "issued_on": date(2016, 7, 20),
        "effective_from": date(2016, 9, 1),
        "effective_until": date(2021, 8, 31),
    }
    measure = copies(latest, **(earlier | fields))
    measure.save()
    for rows in (latest.articles.all(), latest.conditions.all()):
        bulk(copies(row, measure=measure) for row in rows)
    return measure


def make_round(**fields) -> Round:
    defaults = {
        "kind": Round.Kind.RECOGNITION,
        "year": 2026,
        "title": "2026年度认定",
        "measure": Measure.objects.latest("effective_from"),
        "scheme": ScoringScheme.objects.get(),
        "state": Round.State.OPEN,
        "opens_at": clock.instant(date(2026, 5, 18), 9),
        "enterprise_deadline": clock.instant(date(2026, 6, 30), 17),
        "district_deadline": clock.instant(date(2026, 7, 17), 17),
        "review_starts_on": date(2026, 7, 27),
        "review_ends_on": date(2026, 8, 14),
        "publicity_starts_on": date(2026, 8, 24),
        "latest_year": 2025,
    }
    one = Round.objects.create(**(defaults | fields))
    AttachmentRequirement.objects.bulk_create(
        [AttachmentRequirement(round=one, kind=kind, minimum=minimum) for kind, minimum in REQUIRED.items()]
    )
    return one


def make_application(
    *, state: str = Application.State.DRAFT, complete: bool | None = None, **fields
) -> Application:
    """An application as a row in the given state; complete (it could be submitted) unless it is a draft.

    Beyond DRAFT it has its receipt number and version 1. History is not written: walk the door for that.
    """
    enterprise = fields.pop("enterprise", None) or make_enterprise()
    member = fields.pop("member", None) or _somebody_of(enterprise)
    round_ = (
        fields.pop("round", None) or Round.objects.filter(kind=Round.Kind.RECOGNITION).first() or make_round()
    )
    beyond_draft = state not in (Application.State.DRAFT, Application.State.WITHDRAWN)
    application = Application.objects.create(
        round=round_,
        enterprise=enterprise,
        channel=fields.pop("channel", enterprise.district),
        state=state,
        submitted_at=JUNE if beyond_draft else None,
        receipt_number=f"SL-{round_.year}-T{next(numbers)}" if beyond_draft else "",
        **fields,
    )
    if beyond_draft if complete is None else complete:
        fill_in(application, by=member)
    if beyond_draft:
        versions.freeze(application, by=member)
    return application


def fill_in(application: Application, *, by: User) -> Application:
    """Fill in everything, so that the application can be submitted; meets all of 第十二条."""
    modes = list(ServiceMode.objects.all()[:2])
    for name, value in {
        "main_mode": modes[0],
        "operating_since": date(2015, 6, 1),
        "contact_name": "林晓雯",
        "contact_mobile": "13100002046",
        "is_sound": True,
        "service_unit_kind": "DEPARTMENT",
        "service_unit_name": "设备运维服务中心",
        "service_unit_established_on": date(2021, 9, 6),
        "service_unit_headcount": 46,
        "digitalisation": "云运维平台接入机组一千余台。",
        "narrative_overview": "公司制造冷链装备。",
        "narrative_practice": "由卖设备转为交付可用的冷库。",
        "narrative_innovation": "按可用时长计费。",
        "narrative_results": "服务收入逐年提高，带动主营业务收入增长。",
        "narrative_demonstration": "做法已在行业内推广。",
        "narrative_plan": "继续扩大远程运维。",
        "committed_by": by,
        "committed_at": JUNE,
    }.items():
        setattr(application, name, value)
    application.save()
    confirm_profile(application.enterprise, by=by)
    ConductAnswer.objects.bulk_create(
        [
            ConductAnswer(application=application, question=one, answer="NONE")
            for one in ConductAnswer.Question
        ]
    )
    fill_in_figures(application)
    projects = ServiceProject.objects.bulk_create(
        [
            ServiceProject(
                application=application,
                name="远洋渔船冷冻设备远程运维",
                mode=modes[0],
                started_on=date(2023, 10, 1),
            ),
            ServiceProject(
                application=application,
                name="水产冷库全生命周期托管",
                mode=modes[0],
                started_on=date(2024, 6, 1),
                ended_on=date(2026, 3, 31),
            ),
        ]
    )
    Attachment.objects.bulk_create(
        [
            a_file(
                application,
                kind,
                by=by,
                project=projects[index] if kind == AttachmentKind.PROJECT_EVIDENCE else None,
                name=f"{kind.label}{index + 1}.pdf",
            )
            for kind, minimum in REQUIRED.items()
            for index in range(minimum)
        ]
    )
    return application


def confirm_profile(enterprise: Enterprise, *, by: User) -> ProfileConfirmation:
    """Confirmed for 2026 as it stands, whatever is missing."""
    enterprise.confirmed_year = JUNE.year
    enterprise.save(update_fields=["confirmed_year"])
    return ProfileConfirmation.objects.create(
        enterprise=enterprise,
        year=JUNE.year,
        facts=profile.facts_of(enterprise),
        confirmed_by=by,
        confirmed_at=JUNE,
    )


def fill_in_figures(application: Application, *, main=("12480", "13450", "14960"), service="2512.60") -> None:
    mode = ServiceMode.objects.first()
    profits = ("1402.35", "1580", "1706.40")
    rows = AnnualFigures.objects.bulk_create(
        [
            AnnualFigures(
                application=application,
                year=year,
                total_assets=Decimal("22960.78"),
                total_liabilities=Decimal("10882.45"),
                operating_revenue=Decimal(revenue) + 500,
                main_revenue=Decimal(revenue),
                service_revenue=Decimal(service),
                total_profit=Decimal(profit),
                net_profit=Decimal(profit) - 200,
                taxes=Decimal("801.93"),
                research=Decimal("702.35"),
            )
            for year, revenue, profit in zip(application.round.years, main, profits, strict=True)
        ]
    )
    ModeRevenue.objects.bulk_create(
        [ModeRevenue(figures=row, mode=mode, amount=Decimal(service)) for row in rows]
    )


def attach(
    application: Application, kind: str, *, by: User, name: str = "材料.pdf", project=None
) -> Attachment:
    attachment = a_file(application, kind, by=by, name=name, project=project)
    attachment.save()
    return attachment


def a_file(application: Application, kind: str, *, by: User, name: str, project=None) -> Attachment:
    """An attachment that lies in storage and has not been saved yet."""
    content = a_pdf()
    attachment = Attachment(
        application=application,
        kind=kind,
        project=project,
        name=name,
        content_type="application/pdf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        pages=1,
        uploaded_by=by,
        uploaded_at=JUNE,
    )
    attachment.file.save("file.pdf", ContentFile(content), save=False)
    return attachment


def a_pdf(pages: int = 1) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    writer.add_metadata({"/Title": f"{next(numbers)}"})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _somebody_of(enterprise: Enterprise) -> User:
    hat = Membership.objects.filter(enterprise=enterprise, is_active=True).first()
    return hat.user if hat else make_member(enterprise)
