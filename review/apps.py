from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "review"
    verbose_name = "专家评审"

    def ready(self) -> None:
        from review import documents, duties, feedback, permissions  # noqa: F401  (declare what the room adds)
