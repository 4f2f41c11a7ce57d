from django.core.management.base import BaseCommand, CommandError

from core import events
from core.models import EventSeal


class Command(BaseCommand):
    help = "Verify the sealed chain of events; exits with an error when it is broken."

    def handle(self, *args, **options) -> None:
        faults = events.broken_seals()
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"封存链完整：{EventSeal.objects.count()} 个封存全部相符。")
