"""A letter as people prepare, sign and forward it on the pages."""

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.models import Recommendation
from core import clock
from tests.applications.scenes import signed_in
from tests.factories import a_pdf

JULY = clock.instant(date(2026, 7, 13), 10, 20)
NUMBER = "荣工信〔2026〕15号"


def batch_of(cases, **changes) -> dict:
    typed = {"letter_number": NUMBER}
    for position, case in enumerate(cases, start=1):
        typed |= {f"case-{case.pk}-chosen": "on", f"case-{case.pk}-position": str(position)}
    return typed | changes


def prepare(user, cases, **changes) -> Recommendation:
    signed_in(user).post(reverse("recommendation-create"), batch_of(cases, **changes))
    return Recommendation.objects.get()


def sign(user, batch: Recommendation, digest: str = ""):
    client = signed_in(user)
    url = reverse("recommendation-detail", args=[batch.pk])
    digest = digest or client.get(url).context["digest"]
    return client.post(reverse("recommendation-sign", args=[batch.pk]), {"digest": digest}, follow=True)


def upload(user, batch: Recommendation, name: str = "盖章推荐函.pdf", content: bytes | None = None):
    file = SimpleUploadedFile(name, a_pdf() if content is None else content)
    url = reverse("recommendation-letter-upload", args=[batch.pk])
    return signed_in(user).post(url, {"letter": file}, follow=True)


def forward(user, batch: Recommendation):
    return signed_in(user).post(reverse("recommendation-forward", args=[batch.pk]), follow=True)


def words(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def state_of(subject) -> str:
    return type(subject).objects.get(pk=subject.pk).state
