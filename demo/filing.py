"""Filling in applications the way an enterprise would, for many at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts.models import Agency, Enterprise
from applications.beginning import begin
from applications.models import (
    AnnualFigures,
    Application,
    Attachment,
    AttachmentKind,
    ConductAnswer,
    ModeRevenue,
    Round,
    Section,
    SectionSave,
    ServiceProject,
)
from core import clock
from demo import figures, wording
from demo.cast import Cast
from demo.enterprises import FIRMS, FIRST_NUMBER, Firm, credit_code
from demo.files import store
from policy.facts import Answer, ServiceUnitKind

REQUIRED: dict[str, int] = {
    AttachmentKind.BUSINESS_LICENCE: 1,
    AttachmentKind.AUDIT_REPORT: 2,
    AttachmentKind.SERVICE_REVENUE_AUDIT: 1,
    AttachmentKind.CREDIT_REPORT: 1,
    AttachmentKind.FOUNDING_DOCUMENT: 1,
    AttachmentKind.PROJECT_EVIDENCE: 2,
    AttachmentKind.COMMITMENT: 1,
}
SECTIONS_OF_A_SKETCH = (Section.BASIC, Section.SERVICE_UNIT)
FIRM_BY_CODE: dict[str, Firm] = {
    credit_code(firm.district, FIRST_NUMBER + number): firm for number, firm in enumerate(FIRMS)
}


@dataclass
class Filing:
    """One application to be filled in: whose, through which channel, begun when, and how far it has come."""

    enterprise: Enterprise
    channel: Agency
    begun_at: datetime
    is_committed: bool = True
    is_sketch: bool = False
    misses_share: bool = False
    leaves_out: frozenset[str] = field(default_factory=frozenset)


class Office:
    """Fills in applications; each enterprise keeps one series of figures through all rounds."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.dice = cast.dice
        self.series = {one.pk: figures.series(cast.dice) for one in cast.enterprises}

    def fill(self, round_: Round, filings: Sequence[Filing]) -> list[Application]:
        applications = []
        for filing in filings:
            with clock.stopped_at(filing.begun_at):
                applications.append(self._application(round_, filing))
        pairs = list(zip(filings, applications, strict=True))
        self._answers(pairs)
        self._figures(round_, pairs)
        self._projects_and_attachments(round_, pairs)
        SectionSave.objects.bulk_create(
            SectionSave(
                application=application,
                section=section,
                revision=1,
                saved_by=self.cast.person_of(filing.enterprise),
                saved_at=filing.begun_at + timedelta(hours=1),
            )
            for filing, application in pairs
            for section in (SECTIONS_OF_A_SKETCH if filing.is_sketch else Section)
            if filing.is_committed or section != Section.COMMITMENT
        )
        return applications

    def _application(self, round_: Round, filing: Filing) -> Application:
        enterprise, dice = filing.enterprise, self.dice
        firm = FIRM_BY_CODE[enterprise.credit_code]
        person = self.cast.person_of(enterprise)
        mode = self.cast.modes[firm.mode]
        headcount = dice.randint(8, 60)
        row = self._years(filing, round_)[round_.latest_year]
        share = f"{row['service_revenue'] / row['main_revenue']:.1%}"
        parts = (
            {}
            if filing.is_sketch
            else wording.narrative(enterprise.name, firm.product, mode, headcount, share)
        )
        holder_by_now = Enterprise.objects.select_related("district").get(pk=enterprise.pk)
        application = begin(holder_by_now, round_, filing.channel, by=person)
        # What was carried forward is told anew below.
        application.figures.all().delete()
        application.section_saves.all().delete()
        application.other_modes.clear()
        told = dict(
            main_mode=mode,
            operating_since=enterprise.founded_on,
            contact_name=person.name,
            contact_mobile=person.mobile,
            contact_email=person.email,
            is_sound=True,
            service_unit_kind=ServiceUnitKind.DEPARTMENT,
            service_unit_name=wording.UNIT_NAMES[firm.mode],
            service_unit_established_on=date(
                max(enterprise.founded_on.year + 1, round_.year - dice.randint(4, 8)), dice.randint(1, 12), 8
            ),
            service_unit_headcount=headcount,
            digitalisation="已建成生产管理和客户服务系统，关键设备联网。" if parts else "",
            intellectual_property=f"拥有专利{dice.randint(6, 60)}项，参与制定标准{dice.randint(0, 4)}项。"
            if parts
            else "",
            committed_by=person if filing.is_committed else None,
            committed_at=filing.begun_at + timedelta(hours=2) if filing.is_committed else None,
            **parts,
        )
        for name, value in told.items():
            setattr(application, name, value)
        application.save()
        return application

    def _years(self, filing: Filing, round_: Round) -> dict[int, figures.Year]:
        years = self.series[filing.enterprise.pk]
        return figures.near_miss(years, round_.latest_year) if filing.misses_share else years

    def _answers(self, pairs: list[tuple[Filing, Application]]) -> None:
        ConductAnswer.objects.bulk_create(
            ConductAnswer(application=application, question=question, answer=Answer.NONE)
            for _, application in pairs
            for question in ConductAnswer.Question
        )

    def _figures(self, round_: Round, pairs: list[tuple[Filing, Application]]) -> None:
        rows = AnnualFigures.objects.bulk_create(
            AnnualFigures(application=application, year=year, **self._years(filing, round_)[year])
            for filing, application in pairs
            for year in round_.years
            if not filing.is_sketch
        )
        ModeRevenue.objects.bulk_create(
            ModeRevenue(figures=row, mode=row.application.main_mode, amount=row.service_revenue)
            for row in rows
        )

    def _projects_and_attachments(self, round_: Round, pairs: list[tuple[Filing, Application]]) -> None:
        projects: dict[int, list[ServiceProject]] = {}
        wanted = [
            ServiceProject(
                application=application,
                row_key=f"demo{number + 1:04d}",
                name=f"{FIRM_BY_CODE[filing.enterprise.credit_code].product}{title}项目",
                mode=application.main_mode,
                client=f"{self.dice.choice('甲乙丙丁戊己')}公司等{self.dice.randint(3, 40)}家客户（虚构）",
                started_on=date(round_.latest_year - 1 + number, self.dice.randint(1, 12), 1),
                ended_on=None if number else date(round_.latest_year, 11, 30),
                amount=Decimal(self.dice.randint(8_000, 260_000)) / 100,
                description="按合同完成交付并通过客户验收（演示内容）。",
            )
            for filing, application in pairs
            if not filing.is_sketch
            for number, title in enumerate(wording.PROJECTS[FIRM_BY_CODE[filing.enterprise.credit_code].mode])
        ]
        for project in ServiceProject.objects.bulk_create(wanted):
            projects.setdefault(project.application_id, []).append(project)
        Attachment.objects.bulk_create(
            attachment
            for filing, application in pairs
            for attachment in self._attachments(round_, filing, application, projects.get(application.pk, []))
        )

    def _attachments(
        self, round_: Round, filing: Filing, application: Application, projects: list[ServiceProject]
    ) -> list[Attachment]:
        _name, latest = filing.enterprise.name, round_.latest_year
        titles: list[tuple[AttachmentKind, str, ServiceProject | None, int]] = [
            (AttachmentKind.BUSINESS_LICENCE, "营业执照", None, 1),
            (AttachmentKind.AUDIT_REPORT, f"{latest - 1}年度审计报告", None, 3),
            (AttachmentKind.AUDIT_REPORT, f"{latest}年度审计报告", None, 3),
            (AttachmentKind.SERVICE_REVENUE_AUDIT, f"{latest}年度服务性收入专项说明", None, 2),
            (AttachmentKind.CREDIT_REPORT, "公共信用报告", None, 1),
            (AttachmentKind.FOUNDING_DOCUMENT, f"关于设立{application.service_unit_name}的通知", None, 1),
            *((AttachmentKind.PROJECT_EVIDENCE, f"{project.name}合同", project, 2) for project in projects),
            (AttachmentKind.COMMITMENT, "真实性承诺", None, 1),
        ]
        if filing.is_sketch:
            titles = titles[:1]
        return [
            self._attachment(filing, application, kind, title, project, pages)
            for kind, title, project, pages in titles
            if kind not in filing.leaves_out and (filing.is_committed or kind != AttachmentKind.COMMITMENT)
        ]

    def _attachment(
        self,
        filing: Filing,
        application: Application,
        kind: AttachmentKind,
        title: str,
        project: ServiceProject | None,
        pages: int,
    ) -> Attachment:
        lines = (
            f"统一社会信用代码：{filing.enterprise.credit_code}（虚构）",
            f"材料类别：{kind.label}",
            f"批次：{application.round}",
        )
        file = store(
            f"attachments/{application.round.year}", title, filing.enterprise.name, lines, pages=pages
        )
        return Attachment(
            application=application,
            kind=kind,
            project=project,
            file=file.path,
            name=f"{title}.pdf",
            content_type="application/pdf",
            size=file.size,
            sha256=file.sha256,
            pages=file.pages,
            verification_code=f"演示{file.sha256[:8].upper()}" if kind == AttachmentKind.AUDIT_REPORT else "",
            uploaded_by=self.cast.person_of(filing.enterprise),
            uploaded_at=filing.begun_at + timedelta(minutes=30),
        )
