"""What follows from an action in the same transaction. Called only by the door."""

from django.db import connection

from applications import versions
from applications.models import Application, CorrectionRequest, Recommendation, Round
from core import clock, notify, workflow

RECEIPT_LOCK = 34_2021_14
RECEIPT_PREFIX = {Round.Kind.RECOGNITION: "SL", Round.Kind.RE_REVIEW: "FH"}


def freeze_submission(application: Application, *, by, note: str) -> None:
    """Give the receipt number, freeze the version, close the corrections that it answers."""
    if not application.receipt_number:
        application.receipt_number = _next_receipt_number(application)
        application.save(update_fields=["receipt_number"])
    versions.freeze(application, by=by)
    application.correction_requests.filter(answered_at=None).exclude(sent_at=None).update(
        answered_at=clock.now()
    )


def send_correction_request(application: Application, *, by, note: str, due) -> None:
    CorrectionRequest.objects.filter(version=application.current_version_id).update(sent_at=clock.now())


def leave_the_batch(application: Application, *, by, note: str) -> None:
    """A case that goes no further leaves a draft unseen, a signed batch with a trace: that one stays as it was signed."""
    listed = application.recommendation_entries.filter(withdrawn_at=None)
    listed.filter(recommendation__state=Recommendation.State.DRAFT).delete()
    listed.update(withdrawn_at=clock.now())


def freeze_batch(recommendation: Recommendation, *, by, note: str, signer) -> None:
    recommendation.digest = batch_digest(recommendation)
    recommendation.save(update_fields=["digest"])
    leave_the_leaders_desk(recommendation)


def leave_the_leaders_desk(recommendation: Recommendation, **_) -> None:
    """Nobody is asked to sign any more."""
    notify.settle(f"recommendation-{recommendation.pk}-prepared-")


def forward_batch(recommendation: Recommendation, *, by, note: str) -> None:
    """Every case of the batch goes with the letter, or none does."""
    entries = list(
        recommendation.entries.filter(withdrawn_at=None).select_related("application").order_by("position")
    )
    for entry in entries:
        workflow.perform(entry.application, "forward", by=by, note=recommendation.letter_number)
    recommendation.receipt_number = f"TJ-{recommendation.round.year}-{recommendation.pk:04d}"
    recommendation.save(update_fields=["receipt_number"])
    notify.settle(f"recommendation-{recommendation.pk}-")


def give_the_batch_up(recommendation: Recommendation, *, by, note: str) -> None:
    """The cases leave it with a trace and wait for another letter; nobody is asked to sign or forward it any more."""
    recommendation.entries.filter(withdrawn_at=None).update(withdrawn_at=clock.now())
    notify.settle(f"recommendation-{recommendation.pk}-")


def batch_digest(recommendation: Recommendation) -> str:
    """SHA-256 over the letter's number and, in order, each case's code, version digest and remark."""
    return versions.digest_of(
        {
            "agency": recommendation.agency.code,
            "letter": recommendation.letter_number,
            "entries": [
                list(entry)
                for entry in recommendation.entries.order_by("position").values_list(
                    "position",
                    "application__enterprise__credit_code",
                    "application__current_version__digest",
                    "remark",
                )
            ],
        }
    )


def _next_receipt_number(application: Application) -> str:
    """Others wait for a lock of its own: whoever puts a deadline off holds the round first and cases after it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RECEIPT_LOCK])
    round_ = application.round
    given = Application.objects.in_round(round_).exclude(receipt_number="").count()
    return f"{RECEIPT_PREFIX[Round.Kind(round_.kind)]}-{round_.year}-{given + 1:04d}"
