from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "decisions"
    verbose_name = "审议、公示与公布"

    def ready(self) -> None:
        from decisions import documents, duties, holdings, permissions, titles  # noqa: F401  (declare what the room adds)
