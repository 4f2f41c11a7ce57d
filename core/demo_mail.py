from django.core.mail.backends.base import BaseEmailBackend

from core import clock
from core.models import DemoMail


class DemoMailBackend(BaseEmailBackend):
    """Keep each mail in the database, where the demonstration's mail page shows it."""

    def send_messages(self, email_messages) -> int:
        for message in email_messages:
            DemoMail.objects.create(
                sent_at=clock.now(),
                sender=message.from_email,
                recipients="、".join(message.to),
                subject=message.subject,
                body=message.body,
            )
        return len(email_messages)
