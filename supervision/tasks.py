from celery import shared_task

from supervision import reminders


@shared_task
def remind_due_re_reviews() -> int:
    """Remind holders whose re-review falls due; running it twice changes nothing."""
    return reminders.remind_due_re_reviews()
