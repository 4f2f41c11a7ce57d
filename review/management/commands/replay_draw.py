from django.core.management.base import BaseCommand, CommandError, CommandParser

from review.draw import replay
from review.models import Draw


class Command(BaseCommand):
    help = "Replay a recorded draw from its frozen list and seed, and compare."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("draw", type=int)

    def handle(self, *, draw: int, **options) -> None:
        record = Draw.objects.select_related("panel__round").filter(pk=draw).first()
        if record is None:
            raise CommandError(f"没有第 {draw} 号抽取记录。")
        again = replay(record)
        names = {one["id"]: f"{one['name']}（{one['unit']}）" for one in record.eligible}
        self.stdout.write(
            f"抽取 {record.pk}：{record.panel}，可抽 {len(record.eligible)} 人，抽 {record.wanted} 人"
        )
        self.stdout.write(f"名单摘要 {record.digest}{'' if again.digest_matches else '（与名单不符）'}")
        self.stdout.write(f"种子 {record.seed}")
        drawn = [*again.outcome, *again.reserves]
        for position, expert_id in enumerate(drawn, start=1):
            word = "" if position <= record.wanted else "候补 "
            self.stdout.write(f"{word}{position}. {names[expert_id]}")
        if not again.is_same:
            raise CommandError("重放的结果与记录不符。")
        self.stdout.write("重放的结果与记录相同。")
