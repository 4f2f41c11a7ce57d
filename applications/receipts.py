"""What makes a receipt checkable: its number with a code that only the receipt shows."""

from django.urls import reverse

from applications.models import ApplicationVersion

CODE_LENGTH = 16


def code_of(version: ApplicationVersion) -> str:
    """The beginning of the version's digest."""
    return version.digest[:CODE_LENGTH]


def receipt_address(version: ApplicationVersion) -> str:
    """The page that checks the receipt of this version."""
    return reverse("receipt-check-answer", args=[version.application.receipt_number, code_of(version)])


def version_of(number: str, code: str) -> ApplicationVersion | None:
    """The version that a receipt with this number and code was given for."""
    return (
        ApplicationVersion.objects.filter(application__receipt_number=number, digest__startswith=code)
        .select_related("application__round", "application__channel", "application__current_version")
        .first()
    )
