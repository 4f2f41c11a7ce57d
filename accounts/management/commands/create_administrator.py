import os

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Agency, Membership, User
from accounts.roles import Role


class Command(BaseCommand):
    help = (
        "Create the first administrator of a new installation. The password is read from the environment variable "
        "ADMINISTRATOR_PASSWORD; there is no default."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("login")
        parser.add_argument("name")
        parser.add_argument("--email", default="")

    def handle(self, *args, **options) -> None:
        password = os.environ.get("ADMINISTRATOR_PASSWORD", "")
        if User.objects.filter(login=User.objects.normalise(options["login"])).exists():
            raise CommandError(f"登录名“{options['login']}”已存在。")
        try:
            validate_password(password, User(login=options["login"], name=options["name"]))
        except ValidationError as problem:
            raise CommandError("ADMINISTRATOR_PASSWORD：" + "".join(problem.messages)) from problem
        bureau = Agency.objects.filter(kind=Agency.Kind.MUNICIPAL).first()
        if bureau is None:
            raise CommandError("尚无市工业和信息化局，请先执行 loaddata fixtures/60_agencies.json。")
        with transaction.atomic():
            user = User.objects.create_user(
                options["login"], password, name=options["name"], email=options["email"]
            )
            Membership.objects.create(
                user=user, role=Role.ADMINISTRATOR, agency=bureau, state=Membership.State.CONFIRMED
            )
        self.stdout.write(f"已建立系统管理员 {user.login}。")
