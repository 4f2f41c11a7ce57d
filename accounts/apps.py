from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账号与单位"

    def ready(self) -> None:
        from accounts import permissions  # noqa: F401  (declares the rulebooks)
