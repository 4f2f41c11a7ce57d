from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    verbose_name = "监督管理"

    def ready(self) -> None:
        from supervision import holdings, permissions  # noqa: F401  (declare what the room adds)
