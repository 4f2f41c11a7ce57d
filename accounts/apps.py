from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账号与单位"

    def ready(self) -> None:
        from accounts import organisations, permissions, ratings  # noqa: F401  (declare the rulebooks and the tables)
