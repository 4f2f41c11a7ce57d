from django.core.management.base import BaseCommand, CommandError, CommandParser

from review.models import Ranking
from review.ranking_freeze import verify


class Command(BaseCommand):
    help = "Work every frozen ranking (or that of one round) out again and compare digest and places."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("round", type=int, nargs="?", help="id of a round; all when left out")

    def handle(self, *, round: int | None, **options) -> None:  # noqa: A002 (the argument's name)
        rankings = Ranking.objects.select_related("round__measure", "round__scheme").order_by("id")
        if round is not None:
            rankings = rankings.filter(round=round)
        found = list(rankings)
        if not found:
            raise CommandError("没有已冻结的排序。")
        broken = False
        for ranking in found:
            again = verify(ranking)
            self.stdout.write(f"{ranking}：{again.digest} {'不符' if again.faults else '相符'}")
            for fault in again.faults:
                self.stdout.write(f"  {fault}")
            broken = broken or bool(again.faults)
        if broken:
            raise CommandError("有排序与其依据不符。")
