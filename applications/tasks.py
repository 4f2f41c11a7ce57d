from celery import shared_task

from applications import reminders


@shared_task
def remind_of_deadlines() -> int:
    """Remind those whose deadline comes near; running it twice changes nothing."""
    return reminders.remind_of_deadlines()
