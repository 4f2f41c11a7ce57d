from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.create import create, exists


class Command(BaseCommand):
    help = "Create the demonstration data, in demo mode only; done already, it changes nothing."

    def handle(self, *args, **options) -> None:
        if not settings.DEMO_MODE:
            raise CommandError(
                "演示数据只能在演示模式下生成。请设置环境变量 DEMO_MODE=1 后重试；正式环境请不要使用。"
            )
        if exists():
            self.stdout.write("演示数据已经有了，没有改动。")
            return
        create(tell=lambda what: self.stdout.write(f"  正在生成：{what}…"))
        self.stdout.write("演示数据已生成，企业、人员和数据均为虚构。")
