from django.urls import include, path

urlpatterns = [
    path("", include("core.urls")),
    path("", include("policy.urls")),
    path("", include("accounts.urls")),
    path("", include("applications.urls")),
    path("", include("review.urls")),
    path("", include("decisions.urls")),
    path("", include("supervision.urls")),
]
