from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.demo import DEMO_ACCOUNTS, DEMO_PASSWORD, OTHER_EXPERTS
from demo.create import exists


class Command(BaseCommand):
    help = "List the demonstration's accounts by role."

    def handle(self, *args, **options) -> None:
        if not settings.DEMO_MODE:
            raise CommandError("演示账号只在演示模式下存在（环境变量 DEMO_MODE=1）。")
        if not exists():
            raise CommandError("还没有演示数据，请先运行 manage.py create_demo。")
        self.stdout.write(f"演示账号（密码都是 {DEMO_PASSWORD}，登录页也可一键登录）：\n")
        rows = [("角色", "登录名", "姓名", "单位", "可以试试")]
        rows += [
            (str(one.role.label), one.login, one.name, one.organisation, one.purpose) for one in DEMO_ACCOUNTS
        ]
        widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
        self.stdout.write(f"\n其他专家：{OTHER_EXPERTS[0]} 至 {OTHER_EXPERTS[-1]}，姓名见登录页。")


def _width(text: str) -> int:
    """Columns on a terminal, where a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
