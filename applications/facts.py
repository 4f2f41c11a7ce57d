"""An application as the plain facts that the rules of 第十二条 take, and what the rules say of it."""

from collections.abc import Iterable

from accounts.models import EfficiencyRating
from applications.models import Application, Attachment, AttachmentKind, ConductAnswer
from core import clock
from policy.eligibility import (
    ApplicantFacts,
    Incident,
    ProjectFacts,
    ServiceUnitFacts,
    YearFigures,
    evaluate,
)
from policy.findings import Finding


def facts_of(application: Application) -> ApplicantFacts:
    """Everything the rules ask about; relations that were prefetched are not read again."""
    enterprise = application.enterprise
    answers = {one.question: one for one in application.conduct_answers.all()}
    kinds = {(one.kind, one.project_id) for one in current_attachments(application)}
    evidenced = {project for kind, project in kinds if kind == AttachmentKind.PROJECT_EVIDENCE and project}
    return ApplicantFacts(
        uscc=enterprise.credit_code,
        legal_form=enterprise.legal_form,
        is_registered_in_weihai=enterprise.is_registered_in_weihai,
        industry_code=enterprise.industry_id,
        founded_on=enterprise.founded_on,
        operating_since=application.operating_since,
        declared_sound=application.is_sound,
        accidents=_incident(answers.get(ConductAnswer.Question.ACCIDENTS)),
        violations=_incident(answers.get(ConductAnswer.Question.VIOLATIONS)),
        investigation=_incident(answers.get(ConductAnswer.Question.INVESTIGATION)),
        service_unit=ServiceUnitFacts(
            kind=application.service_unit_kind,
            name=application.service_unit_name,
            established_on=application.service_unit_established_on,
            headcount=application.service_unit_headcount,
            has_document=any(kind == AttachmentKind.FOUNDING_DOCUMENT for kind, _ in kinds),
            uscc=application.service_unit_credit_code,
            share_percent=application.service_unit_share,
        ),
        projects=tuple(
            ProjectFacts(one.name, one.started_on, one.ended_on, one.pk in evidenced)
            for one in application.projects.all()
        ),
        figures={
            one.year: YearFigures(one.main_revenue, one.service_revenue, one.total_profit)
            for one in application.figures.all()
        },
        barred_until=enterprise.barred_until,
    )


def findings_of(application: Application) -> list[Finding]:
    """What each clause of the round's measure says about the application as it stands."""
    return evaluate(
        facts_of(application),
        application.round.measure.condition_specs(),
        base_date=application.round.base_date,
        latest_year=application.round.latest_year,
        applied_on=clock.today(),
    )


def efficiency_category(credit_code: str, year: int) -> str | None:
    """The official 亩产效益 category of that year or, when not yet published, of the year before."""
    return efficiency_categories([credit_code], year).get(credit_code)


def efficiency_categories(credit_codes: Iterable[str], year: int) -> dict[str, str]:
    """The same for many enterprises by credit code (one query); who is not rated is left out."""
    ratings = EfficiencyRating.objects.filter(credit_code__in=list(credit_codes), year__in=[year, year - 1])
    return {one.credit_code: one.category for one in ratings.order_by("year")}


def current_attachments(application: Application) -> list[Attachment]:
    """The files that stand, from what was prefetched where it was."""
    return [one for one in application.attachments.all() if one.removed_at is None]


def _incident(answer: ConductAnswer | None) -> Incident:
    if answer is None:
        return Incident()
    return Incident(answer.answer, answer.level, answer.occurred_on, answer.document)
