from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = "申报与审核"

    def ready(self) -> None:
        from applications import (  # noqa: F401  (declare what the room adds)
            case_tables,
            documents,
            duties,
            holdings,
            permissions,
        )
