"""The map of all addresses."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(url="/messages/")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("", include("accounts.urls")),
    path("contacts/", include("contacts.urls")),
    path("people/", include("contacts.urls_people")),
    path("messages/", include("messaging.urls")),
    path("calls/", include("calls.urls")),
]

handler404 = "worksbridge.ui.views.not_found"
handler403 = "worksbridge.ui.views.forbidden"
handler500 = "worksbridge.ui.views.server_error"
