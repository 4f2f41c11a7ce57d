"""What a person of a district or association has in hand: cases being vetted, drafts of letters, letters to be forwarded."""

from collections.abc import Iterator, Mapping
from functools import partial

from django.db.models import Count

from accounts.models import Agency, User
from applications import casework, listing
from applications.models import Application, CorrectionItem, Recommendation
from applications.recommending import announce_draft
from core import events
from core.counting import number_of
from core.holdings import Piece, Source, add_source

State = Recommendation.State
IN_HAND = (State.DRAFT, State.SIGNED)


def _cases(user: User, agency: Agency) -> Iterator[Piece]:
    unsent = CorrectionItem.objects.filter(request__sent_at=None)
    cases = Application.objects.filter(channel=agency, officer=user, state__in=listing.WORKING)
    cases = cases.select_related("enterprise").annotate(to_return=number_of(unsent, "request__application"))
    for case in cases.order_by("id"):
        flags = f"，已列退回 {case.to_return} 项尚未发出" if case.to_return else ""
        yield Piece(
            key=f"case-{case.pk}",
            kind="经办的申报",
            label=str(case.enterprise),
            url=f"/vetting/{case.pk}/",
            give=partial(casework.pass_on, case, user),
            note=f"{case.get_state_display()}{flags}",
            may_wait=True,
        )


def _letters(user: User, agency: Agency) -> Iterator[Piece]:
    letters = Recommendation.objects.filter(agency=agency, prepared_by=user, state__in=IN_HAND)
    for letter in letters.order_by("id"):
        is_draft = letter.state == State.DRAFT
        state = "退回拟稿，待修改" if letter.handed_back_at else "待签发"
        yield Piece(
            key=f"letter-{letter.pk}",
            kind="推荐函拟稿" if is_draft else "待报送的推荐函",
            label=letter.letter_number,
            url=f"/recommendations/{letter.pk}/",
            give=partial(_pass_on, letter, user),
            note=f"{state}，接手的人即为拟稿人，不能再签发" if is_draft else "已签发，待上传盖章扫描件并报送",
            may_wait=not is_draft,
        )


def _pass_on(letter: Recommendation, leaver: User, to: User | None, *, by: User) -> None:
    """Whoever takes a draft over has prepared it from now on, and so cannot sign it; who prepared a signed one stays."""
    locked = Recommendation.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if to is None or locked.prepared_by_id != leaver.pk:
        return
    if locked.state == State.DRAFT:
        locked.prepared_by = to
        locked.save(update_fields=["prepared_by"])
    note = f"{leaver.name}转交{to.name}"
    event = events.record(locked, "hand_over_letter", by=by, label="转交推荐函", note=note)
    if locked.state == State.DRAFT and locked.handed_back_at is None:
        announce_draft(event, locked)


def _numbers_of_cases(agency: Agency) -> Mapping[int, int]:
    held = Application.objects.filter(channel=agency, state__in=listing.WORKING).exclude(officer=None)
    return dict(held.order_by().values_list("officer").annotate(Count("pk")))


def _numbers_of_letters(agency: Agency) -> Mapping[int, int]:
    held = Recommendation.objects.filter(agency=agency, state__in=IN_HAND)
    return dict(held.order_by().values_list("prepared_by").annotate(Count("pk")))


add_source(Source(_cases, _numbers_of_cases))
add_source(Source(_letters, _numbers_of_letters))
