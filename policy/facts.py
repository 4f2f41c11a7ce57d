"""What is known of an applicant, as plain values. None or an empty text means: not filled in yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class LegalForm(StrEnum):
    """Kinds of registered enterprise. Branches, partnerships and sole proprietorships carry a 91 code too,
    so the code alone never tells whether there is a legal person (第十二条第1项)."""

    LIMITED_LIABILITY = "LIMITED_LIABILITY"
    JOINT_STOCK = "JOINT_STOCK"
    STATE_OWNED = "STATE_OWNED"
    COLLECTIVE = "COLLECTIVE"
    STOCK_COOPERATIVE = "STOCK_COOPERATIVE"
    OTHER_LEGAL_PERSON = "OTHER_LEGAL_PERSON"
    BRANCH = "BRANCH"
    PARTNERSHIP = "PARTNERSHIP"
    SOLE_PROPRIETORSHIP = "SOLE_PROPRIETORSHIP"
    INDIVIDUAL_BUSINESS = "INDIVIDUAL_BUSINESS"

    @property
    def label(self) -> str:
        return LEGAL_FORM_LABELS[self]

    @property
    def is_legal_person(self) -> bool:
        return self not in WITHOUT_LEGAL_PERSONALITY

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(form.value, form.label) for form in cls]


LEGAL_FORM_LABELS = {
    LegalForm.LIMITED_LIABILITY: "有限责任公司",
    LegalForm.JOINT_STOCK: "股份有限公司",
    LegalForm.STATE_OWNED: "全民所有制企业",
    LegalForm.COLLECTIVE: "集体所有制企业",
    LegalForm.STOCK_COOPERATIVE: "股份合作制企业",
    LegalForm.OTHER_LEGAL_PERSON: "其他企业法人",
    LegalForm.BRANCH: "分公司、分支机构",
    LegalForm.PARTNERSHIP: "合伙企业",
    LegalForm.SOLE_PROPRIETORSHIP: "个人独资企业",
    LegalForm.INDIVIDUAL_BUSINESS: "个体工商户",
}
WITHOUT_LEGAL_PERSONALITY = frozenset(
    {
        LegalForm.BRANCH,
        LegalForm.PARTNERSHIP,
        LegalForm.SOLE_PROPRIETORSHIP,
        LegalForm.INDIVIDUAL_BUSINESS,
    }
)


class Answer(StrEnum):
    """One of the three answers to each question of 第十二条第2项."""

    NONE = "NONE"
    HAPPENED = "HAPPENED"
    PENDING = "PENDING"

    @property
    def label(self) -> str:
        return {Answer.NONE: "没有", Answer.HAPPENED: "有", Answer.PENDING: "尚未结论"}[self]

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(answer.value, answer.label) for answer in cls]


class AccidentLevel(StrEnum):
    """Accident levels as official investigations grade them."""

    GENERAL = "GENERAL"
    CONSIDERABLE = "CONSIDERABLE"
    MAJOR = "MAJOR"
    EXCEPTIONAL = "EXCEPTIONAL"

    @property
    def label(self) -> str:
        return {
            AccidentLevel.GENERAL: "一般",
            AccidentLevel.CONSIDERABLE: "较大",
            AccidentLevel.MAJOR: "重大",
            AccidentLevel.EXCEPTIONAL: "特别重大",
        }[self]

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(level.value, level.label) for level in cls]


class ServiceUnitKind(StrEnum):
    DEPARTMENT = "DEPARTMENT"
    COMPANY = "COMPANY"
    NONE = "NONE"

    @property
    def label(self) -> str:
        return {
            ServiceUnitKind.DEPARTMENT: "专门的服务性部门",
            ServiceUnitKind.COMPANY: "独立的服务性公司",
            ServiceUnitKind.NONE: "尚未设立",
        }[self]

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(kind.value, kind.label) for kind in cls]


@dataclass(frozen=True)
class Incident:
    """The answer to one question of 第十二条第2项; when something happened, its level, date, document."""

    answer: str = ""
    level: str = ""
    occurred_on: date | None = None
    document: str = ""


@dataclass(frozen=True)
class ServiceUnitFacts:
    """The dedicated department or spun-off company. `has_document` None: not asked (self-check).

    `uscc` and `share_percent` are asked of a company only.
    """

    kind: str = ""
    name: str = ""
    established_on: date | None = None
    headcount: int | None = None
    has_document: bool | None = None
    uscc: str = ""
    share_percent: Decimal | None = None


@dataclass(frozen=True)
class ProjectFacts:
    """One service-manufacturing project. `ended_on` None: going on; `has_evidence` None: not asked."""

    name: str
    started_on: date | None
    ended_on: date | None = None
    has_evidence: bool | None = None


@dataclass(frozen=True)
class YearFigures:
    """One year's figures in 万元 with two decimals."""

    main_revenue: Decimal | None = None
    service_revenue: Decimal | None = None
    total_profit: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class ApplicantFacts:
    """Everything 第十二条 asks about.

    `declared_project_count` serves the self-check, where projects are counted but not listed.
    """

    uscc: str = ""
    legal_form: str = ""
    is_registered_in_weihai: bool | None = None
    industry_code: str = ""
    founded_on: date | None = None
    operating_since: date | None = None
    declared_sound: bool | None = None
    accidents: Incident = Incident()
    violations: Incident = Incident()
    investigation: Incident = Incident()
    service_unit: ServiceUnitFacts | None = None
    projects: tuple[ProjectFacts, ...] = ()
    declared_project_count: int | None = None
    figures: Mapping[int, YearFigures] = field(default_factory=dict)
    barred_until: date | None = None
