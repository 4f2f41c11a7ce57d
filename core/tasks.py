from celery import shared_task

from core import clock, documents, events, notify
from core.models import Document, Notification


@shared_task
def deliver_pending_notifications() -> int:
    """Mail what waits in the outbox; one that fails never stops the others. Returns how many went out."""
    outbox = Notification.objects.to_be_mailed(clock.now()).order_by("id")
    waiting = list(outbox.values_list("id", flat=True)[:500])
    if not waiting or not notify.mail_server_answers():
        return 0
    return sum(notify.deliver(pk) for pk in waiting)


@shared_task
def make_document(document_id: int) -> None:
    documents.make(document_id)


@shared_task
def make_waiting_documents() -> None:
    """Make what a crash or a missing broker left waiting."""
    for pk in Document.objects.filter(status=Document.Status.WAITING).values_list("id", flat=True)[:50]:
        documents.make(pk)


@shared_task
def seal_events() -> None:
    events.seal()
