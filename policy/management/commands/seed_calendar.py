"""Write the years the library knows into the calendar, leaving the bureau's own changes as they are."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from policy.library_calendar import LibraryDay, library_days
from policy.models import CalendarDay, CalendarSource

FIRST_YEAR = 2021


class Command(BaseCommand):
    help = "写入程序库已知年度的工作日历；市局调整过的日子不动。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--first", type=int, default=FIRST_YEAR, help="起始年度")
        parser.add_argument("--last", type=int, default=None, help="截止年度；不填则到程序库已知的最后一年")

    def handle(self, *args: Any, **options: Any) -> None:
        year, last = options["first"], options["last"]
        if not 1900 <= year <= 2200 or (last is not None and not year <= last <= 2200):
            raise CommandError("年度应在1900至2200之间，截止年度不早于起始年度。")
        while last is None or year <= last:
            days = library_days(year)
            if days is None:
                self.stdout.write(f"{year}年：程序库尚无安排，保持待定。")
                if last is None:
                    return
            else:
                self.stdout.write(f"{year}年：写入{write_days(days)}天。")
            year += 1


@transaction.atomic
def write_days(days: list[LibraryDay]) -> int:
    """Write what is new or has changed in the library; returns how many rows that was."""
    known = CalendarDay.objects.select_for_update().in_bulk([day.date for day in days])
    changed = [
        CalendarDay(date=day.date, is_working=day.is_working, name=day.name, source=CalendarSource.LIBRARY)
        for day in days
        if day.date not in known or _has_changed(known[day.date], day)
    ]
    CalendarDay.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["date"], update_fields=["is_working", "name"]
    )
    return len(changed)


def _has_changed(row: CalendarDay, day: LibraryDay) -> bool:
    if row.source == CalendarSource.BUREAU:
        return False
    return (row.is_working, row.name) != (day.is_working, day.name)
