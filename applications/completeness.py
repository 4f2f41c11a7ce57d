"""What each section of the 申报书 still lacks, in words, for the task list and the check before submission."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from applications.facts import current_attachments
from applications.models import Application, AttachmentKind, ConductAnswer, Section
from policy.facts import ServiceUnitKind
from policy.figures import ROW_BY_KEY, FigureProblem, Year, figure_problems, mode_problem

NARRATIVE_PARTS = {
    "narrative_overview": "基本情况",
    "narrative_practice": "模式与做法",
    "narrative_innovation": "创新点",
    "narrative_results": "成效",
    "narrative_demonstration": "示范带动",
    "narrative_plan": "下一步计划",
}
NARRATIVE_SOFT_LIMIT = 5000
SKIPPED = "选填，不填不影响提交"


@dataclass(frozen=True)
class SectionStatus:
    """One line of the task list: what is missing and what is wrong, in words; complete when there is neither."""

    section: Section
    label: str
    summary: str
    missing: tuple[str, ...]
    faults: tuple[str, ...]
    is_started: bool

    @property
    def is_complete(self) -> bool:
        return not self.missing and not self.faults

    @property
    def is_skipped(self) -> bool:
        """Nothing has been written where nothing has to be."""
        return self.summary == SKIPPED


def section_statuses(application: Application) -> list[SectionStatus]:
    """All eight sections in the order of the task list; relations that were prefetched are not read again."""
    saves = {one.section: one for one in application.section_saves.all()}
    statuses = []
    for section, check in CHECKS.items():
        summary, missing = check(application)
        save = saves.get(section)
        faults = list(dict.fromkeys(one["why"] for one in save.rejected.values())) if save else []
        if section == Section.FIGURES:
            faults += figure_faults(application)
        if save and save.carried_from:
            missing.append(f"核对沿用自{save.carried_from}的内容")
        started = bool(save) or not missing
        statuses.append(
            SectionStatus(section, section.label, summary, tuple(missing), tuple(faults), started)
        )
    return statuses


def figures_of(application: Application) -> dict[int, Year]:
    """The years of the round with their figures in 万元, oldest first; a year without a row is all empty."""
    rows = {one.year: one for one in application.figures.all()}
    return {
        year: {name: getattr(rows[year], name) if year in rows else None for name in ROW_BY_KEY}
        for year in application.round.years
    }


def problems_in_figures(application: Application) -> list[FigureProblem]:
    """Impossible and suspicious figures of the rows and of the amounts by mode."""
    found = figure_problems(figures_of(application))
    for row in application.figures.all():
        by_mode = {str(one.mode_id): one.amount for one in row.mode_revenues.all()}
        if sentence := mode_problem(row.year, row.service_revenue, by_mode):
            found.append(FigureProblem(row.year, "by_mode", sentence))
    return found


def figure_faults(application: Application) -> list[str]:
    return [one.sentence for one in problems_in_figures(application) if one.is_error]


def missing_attachments(
    application: Application, kinds: Collection[str] = frozenset(AttachmentKind)
) -> list[str]:
    """Required kinds, out of these, of which there are too few files, with how many are still wanted."""
    present = Counter(one.kind for one in current_attachments(application))
    missing = []
    for requirement in application.round.attachment_requirements.all():
        short = requirement.minimum - present[requirement.kind]
        if short > 0 and requirement.kind in kinds:
            missing.append(
                requirement.get_kind_display() + (f"还差 {short} 份" if requirement.minimum > 1 else "")
            )
    return missing


def narrative_length(application: Application) -> int:
    """Characters of all six parts, spaces and line breaks left out."""
    return sum(len("".join(getattr(application, name).split())) for name in NARRATIVE_PARTS)


def _basic(application: Application) -> tuple[str, list[str]]:
    answered = {one.question for one in application.conduct_answers.all()}
    wanted = {
        "主要模式": application.main_mode_id,
        "正常经营起始日期": application.operating_since,
        "联系人": application.contact_name,
        "联系手机": application.contact_mobile,
        "组织机构和财务状况": application.is_sound is not None,
        "近两年情况": answered == set(ConductAnswer.Question.values),
    }
    return (str(application.main_mode) if application.main_mode else ""), _absent(wanted)


def _figures(application: Application) -> tuple[str, list[str]]:
    missing = []
    for year, row in figures_of(application).items():
        empty = [ROW_BY_KEY[key].label for key, value in row.items() if value is None]
        if len(empty) == len(row):
            missing.append(f"{year}年各项")
        elif empty:
            more = f"等 {len(empty)} 项" if len(empty) > 2 else ""
            missing.append(f"{year}年{'、'.join(empty[:2])}{more}")
    return f"{application.round.years[0]}—{application.round.years[-1]} 年", missing


def _service_unit(application: Application) -> tuple[str, list[str]]:
    kind = application.service_unit_kind
    wanted: dict[str, object] = {"形式": kind}
    if kind in (ServiceUnitKind.DEPARTMENT, ServiceUnitKind.COMPANY):
        wanted |= {
            "名称": application.service_unit_name,
            "成立日期": application.service_unit_established_on,
            "专职人数": application.service_unit_headcount,
        }
    if kind == ServiceUnitKind.COMPANY:
        wanted |= {
            "服务公司信用代码": application.service_unit_credit_code,
            "持股比例": application.service_unit_share,
        }
    headcount = application.service_unit_headcount
    name = application.service_unit_name
    return (f"{name}，{headcount} 人" if name and headcount else name), _absent(wanted)


def _projects(application: Application) -> tuple[str, list[str]]:
    count = len(application.projects.all())
    return f"已填 {count} 个", [] if count else ["服务型制造项目"]


def _capability(application: Application) -> tuple[str, list[str]]:
    filled = sum(
        bool(one)
        for one in (application.digitalisation, application.intellectual_property, application.honours)
    )
    return f"选填，已填 {filled} 项" if filled else SKIPPED, []


def _narrative(application: Application) -> tuple[str, list[str]]:
    texts = {label: getattr(application, name).strip() for name, label in NARRATIVE_PARTS.items()}
    return f"已写 {narrative_length(application):,} 字", _absent(texts)


def _attachments(application: Application) -> tuple[str, list[str]]:
    missing = missing_attachments(application, set(AttachmentKind) - {AttachmentKind.COMMITMENT})
    return f"已传 {len(current_attachments(application))} 份", missing


def _commitment(application: Application) -> tuple[str, list[str]]:
    missing = missing_attachments(application, {AttachmentKind.COMMITMENT})
    return "已确认" if application.committed_at else "", [
        *([] if application.committed_at else ["确认真实性承诺"]),
        *(f"上传{one}" for one in missing),
    ]


CHECKS: dict[Section, Callable[[Application], tuple[str, list[str]]]] = {
    Section.BASIC: _basic,
    Section.FIGURES: _figures,
    Section.SERVICE_UNIT: _service_unit,
    Section.PROJECTS: _projects,
    Section.CAPABILITY: _capability,
    Section.NARRATIVE: _narrative,
    Section.ATTACHMENTS: _attachments,
    Section.COMMITMENT: _commitment,
}


def _absent(wanted: dict) -> list[str]:
    return [label for label, value in wanted.items() if not value and value != 0]
