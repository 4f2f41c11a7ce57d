"""The enterprise's own cases, those of the round, and letters with many entries."""

from datetime import date, timedelta

from applications.models import (
    Application,
    ChannelQuota,
    CorrectionItem,
    CorrectionRequest,
    Extension,
    Recommendation,
    RecommendationEntry,
    Round,
    RoundFile,
    RoundQuestion,
    Section,
    VettingOpinion,
)
from policy.models import Measure, MeasureRenewal
from tests.crowd.rows import Crowd, another_case, follow
from tests.factories import JUNE, an_agency, copies, make_application, make_round

State = Application.State


def add_own_cases(crowd: Crowd) -> None:
    """The enterprise's cases of many rounds, the many parts of one, and rounds in which it has not begun."""
    draft = _own_case(crowd, 2025, State.DRAFT)
    crowd.sites.put("application-check application-carry application-channel", pk=draft.pk)
    returned = _own_case(crowd, 2024, State.RETURNED)
    crowd.add(returned.current_version, "application")
    _returned(crowd, returned, "application version")
    for case in (draft, returned):
        crowd.also("application-detail", pk=case.pk)
        for section in Section:
            crowd.also("application-section", pk=case.pk, section=section.lower())
    not_begun = crowd.add(make_round(year=2023, title="2023年度认定", latest_year=2022))
    crowd.also("application-start", round_pk=not_begun.pk)
    submitted = crowd.sites.world.application
    for case in (draft, returned, submitted):
        crowd.add(case.attachments.first())
        crowd.add(case.projects.first())
    crowd.add(submitted.current_version)
    _returned(crowd, submitted, "version")


def _own_case(crowd: Crowd, year: int, state: str) -> Application:
    round_ = crowd.add(make_round(year=year, title=f"{year}年度认定", latest_year=year - 1))
    enterprise = crowd.sites.world.enterprise
    return crowd.add(
        make_application(state=state, complete=True, round=round_, enterprise=enterprise), "round"
    )


def add_cases_of_the_round(crowd: Crowd) -> None:
    """Others' cases in the states of the desk, an extension, a round in preparation, files, questions, measures."""
    world = crowd.sites.world
    officer = world.people["own channel's handler"]
    world.application.officer = officer
    world.application.save()
    follow(crowd, world.application)
    case = another_case(crowd, State.RETURNED)
    _returned(crowd, case, "application version")
    crowd.also("vetting-correction", pk=case.pk)
    case = another_case(crowd, State.VETTED)
    crowd.add(VettingOpinion.objects.create(version=case.current_version, vetted_by=officer), "version")
    another_case(crowd, State.ACCEPTED)
    another_case(crowd, State.SENT_BACK)
    crowd.add(
        Extension.objects.create(
            round=world.round,
            deadline=Extension.Deadline.ENTERPRISE,
            agency=world.application.channel,
            before=world.round.enterprise_deadline,
            until=world.round.enterprise_deadline + timedelta(days=1),
            reason="审计报告尚未出具。",
            extended_by=world.people["municipal handler"],
        )
    )
    preparing = crowd.add(Round.objects.get(state=Round.State.PREPARING))
    crowd.add(ChannelQuota.objects.create(round=preparing, agency=an_agency("371082"), number=1), "round")
    crowd.also("round-board", pk=preparing.pk)
    for step in ("dates", "requirements", "review"):
        crowd.also("round-step", pk=preparing.pk, step=step)
    crowd.add(RoundFile.objects.get())
    crowd.add(RoundQuestion.objects.get())
    earlier = crowd.add(Measure.objects.earliest("effective_from"))
    for name in ("articles", "basics"):
        crowd.also("measure-edit", pk=earlier.pk, part=name)
    crowd.add(
        MeasureRenewal.objects.create(
            measure=Measure.objects.latest("effective_from"),
            document_number="威工信〔2026〕0号",
            title="延续",
            issued_on=date(2026, 6, 1),
            valid_until=date(2031, 8, 31),
        )
    )


def _returned(crowd: Crowd, case: Application, along: str) -> None:
    """Sent back by the channel for two items."""
    officer = crowd.sites.world.people["own channel's handler"]
    request = crowd.add(
        CorrectionRequest.objects.create(application=case, version=case.current_version, sent_at=JUNE), along
    )
    for one in (Section.NARRATIVE, Section.PROJECTS):
        item = CorrectionItem(
            request=request, item=one, label=one.label, reason="请补充。", flagged_by=officer
        )
        item.save()
        crowd.add(item, "request")


def add_recommended(crowd: Crowd) -> None:
    """Letters in every state with many entries each, and many letters."""
    forwarded = RecommendationEntry.objects.get()
    follow(crowd, forwarded.application)
    crowd.add(forwarded, "application")
    entries = [forwarded]
    for state in (Recommendation.State.DRAFT, Recommendation.State.SIGNED):
        letter = copies(
            forwarded.recommendation, state=state, letter_number=state, forwarded_at=None, sealed_letter=""
        )
        letter.save()
        entry = copies(forwarded, recommendation=letter, application=another_case(crowd, State.VETTED))
        entry.save()
        crowd.add(entry, "application")
        entries.append(entry)
        crowd.also("recommendation-detail", pk=letter.pk)
        if state == Recommendation.State.DRAFT:
            crowd.sites.put("recommendation-edit", pk=letter.pk)
    crowd.also("recommendation-detail", by="municipal handler", pk=letter.pk)
    for entry in entries:
        crowd.add(entry.recommendation)
        crowd.add(entry.application.enterprise)
        crowd.add(entry.application, "enterprise")
        crowd.add(entry.application.current_version, "application")
        crowd.add(entry, "recommendation application")
