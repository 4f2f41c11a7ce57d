"""From submission to the bureau's acceptance, acted by enterprises, channels and the bureau (Art. 14, 15)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts import profile
from accounts.models import Agency
from applications import casework, recommending
from applications.models import (
    Application,
    ApplicationVersion,
    CorrectionItem,
    CorrectionRequest,
    Recommendation,
    Verdict,
    VettingOpinion,
)
from core import clock
from core.workflow import perform
from demo.cast import Cast
from demo.files import store

STEP = timedelta(minutes=17)


def submit(cast: Cast, applications: Sequence[Application], at: datetime) -> list[Application]:
    submitted = []
    for number, application in enumerate(applications):
        person, moment = cast.person_of(application.enterprise), at + number * STEP
        with clock.stopped_at(moment):
            profile.confirm(
                application.enterprise,
                seen=profile.digest_of(profile.facts_of(application.enterprise)),
                by=person,
            )
        submitted.append(_at(moment, application, "submit", by=person))
    return submitted


def withdraw(cast: Cast, application: Application, at: datetime, reason: str) -> Application:
    return _at(at, application, "withdraw", by=cast.person_of(application.enterprise), note=reason)


def give_opinion(
    cast: Cast, application: Application, at: datetime, *, validity: Verdict = Verdict.PASS
) -> None:
    officer = cast.handlers[application.channel.code]
    with clock.stopped_at(at):
        casework.take(application, by=officer)
    VettingOpinion.objects.create(
        version=_submitted(application),
        authenticity=Verdict.PASS,
        authenticity_note="财务数据与审计报告一致，合同原件已核对。",
        compliance=Verdict.PASS,
        compliance_note="信用报告无不良记录。",
        validity=validity,
        validity_note="材料齐全、在有效期内。" if validity == Verdict.PASS else "专项说明未盖章。",
        revision=1,
        vetted_by=officer,
        vetted_at=at,
    )


def pass_vetting(cast: Cast, applications: Sequence[Application], at: datetime) -> list[Application]:
    passed = []
    for number, application in enumerate(applications):
        moment = at + number * STEP
        give_opinion(cast, application, moment)
        passed.append(_at(moment, application, "pass_vetting", by=cast.handlers[application.channel.code]))
    return passed


def refuse(cast: Cast, application: Application, at: datetime, reason: str) -> Application:
    by = cast.handlers[application.channel.code]
    return _at(at, application, "refuse_recommendation", by=by, note=reason)


def return_items(
    cast: Cast,
    application: Application,
    at: datetime,
    items: Sequence[tuple[str, str, str]],
    *,
    due: datetime,
) -> Application:
    """Send back the named items (code, label, reason) for correction."""
    by = cast.handlers[application.channel.code]
    give_opinion(cast, application, at, validity=Verdict.DOUBT)
    request = CorrectionRequest.objects.create(application=application, version=_submitted(application))
    CorrectionItem.objects.bulk_create(
        CorrectionItem(request=request, item=item, label=label, reason=reason, flagged_by=by, flagged_at=at)
        for item, label, reason in items
    )
    return _at(at, application, "return_for_correction", by=by, due=due)


def correct(cast: Cast, application: Application, at: datetime, answer: str) -> Application:
    """Answer every returned item and submit again: a new version."""
    CorrectionItem.objects.filter(request__version=application.current_version_id).update(answer=answer)
    return _at(at, application, "submit", by=cast.person_of(application.enterprise))


def recommend(
    cast: Cast,
    agency: Agency,
    applications: Sequence[Application],
    at: datetime,
    letter_number: str,
    *,
    until: str = "forward",
) -> Recommendation:
    """Put vetted cases under one letter; ``until``: "draft", "sign" or "forward" it."""
    round_ = applications[0].round
    with clock.stopped_at(at):
        handler = cast.handlers[agency.code]
        draft = Recommendation(agency=agency, round=round_, letter_number=letter_number, prepared_by=handler)
        letter = recommending.prepare(draft, [(one, "") for one in applications], by=handler)
    if until == "draft":
        return letter
    signer = cast.leaders[agency.code]
    letter = _at(at + STEP, letter, "sign", by=signer, signer=signer)
    if until == "sign":
        return letter
    title = f"关于推荐{round_}企业的函"
    file = store(f"letters/{round_.year}", title, agency.name, (f"文号：{letter_number}（虚构）",))
    Recommendation.objects.filter(pk=letter.pk).update(
        sealed_letter=file.path, sealed_letter_name=f"{title}.pdf"
    )
    return _at(at + 2 * STEP, letter, "forward", by=cast.handlers[agency.code])


def recommend_all(cast: Cast, applications: Sequence[Application], at: datetime, serial: int) -> None:
    """One letter for each channel, in the order of the channels."""
    for agency in cast.agencies.values():
        batch = [one for one in applications if one.channel_id == agency.pk]
        if batch:
            recommend(cast, agency, batch, at, letter_number(agency, batch[0].round.year, serial))
            at += timedelta(hours=1)


def letter_number(agency: Agency, year: int, serial: int) -> str:
    return f"{agency.short_name.removesuffix('局').removesuffix('协会')}推字〔{year}〕{serial}号"


def accept(cast: Cast, applications: Sequence[Application], at: datetime) -> list[Application]:
    return [
        _at(at + number * STEP, application, "accept", by=cast.municipal)
        for number, application in enumerate(applications)
    ]


def send_back(cast: Cast, application: Application, at: datetime, reason: str) -> Application:
    return _at(at, application, "send_back", by=cast.municipal, note=reason)


def decline(cast: Cast, application: Application, at: datetime, reason: str) -> Application:
    return _at(at, application, "decline", by=cast.municipal, note=reason)


def _submitted(application: Application) -> ApplicationVersion:
    if application.current_version is None:
        raise ValueError("nothing has been submitted yet")
    return application.current_version


def _at(moment: datetime, subject, action: str, **details):
    with clock.stopped_at(moment):
        return perform(subject, action, **details)
