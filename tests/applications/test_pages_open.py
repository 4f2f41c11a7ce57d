import pytest
from django.urls import reverse

from accounts.roles import Role
from applications.models import Section
from tests import factories
from tests.applications.scenes import june, returned, signed_in, submitted

pytestmark = pytest.mark.django_db


def test_every_page_opens():
    with june():
        application = factories.make_application(complete=True)
        member = application.enterprise.memberships.get().user
        client = signed_in(member)

        def look():
            for url in [
                reverse("enterprise-home"),
                reverse("enterprise-profile"),
                reverse("application-list"),
                reverse("application-start", args=[application.round_id]),
                reverse("application-detail", args=[application.pk]),
                *(reverse("application-section", args=[application.pk, one.lower()]) for one in Section),
                reverse("application-check", args=[application.pk]),
                reverse("application-receipt", args=[application.pk]),
                reverse("application-withdraw", args=[application.pk]),
            ]:
                r = client.get(url)
                assert r.status_code in (200, 302), url

        look()
        submitted(application, by=member)
        look()
        officer = factories.make_officer(Role.CHANNEL_HANDLER)
        application = type(application).objects.get(pk=application.pk)
        returned(
            application,
            items={"NARRATIVE": "写清增长来源", "ATTACHMENTS:CREDIT_REPORT": "换成 PDF"},
            by=officer,
        )
        look()
        for url in [
            reverse("application-version", args=[application.pk, 1]),
            reverse("application-compare", args=[application.pk]),
        ]:
            assert client.get(url).status_code == 200, url
