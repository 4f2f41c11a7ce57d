from celery import shared_task

from review import reminders


@shared_task
def remind_experts() -> int:
    """Remind experts whose date comes near or is over; running it twice changes nothing."""
    return reminders.remind_experts()
