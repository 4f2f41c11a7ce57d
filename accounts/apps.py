from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账号与单位"

    def ready(self) -> None:
        from accounts import expert_table, organisations, permissions, ratings  # noqa: F401  (declare the rulebooks and the tables)
        from accounts.backends import note_sign_in

        # Django's own note of the last sign-in asks the machine's clock, not the portal's.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_sign_in, dispatch_uid="update_last_login")
