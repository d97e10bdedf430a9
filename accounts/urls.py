"""Addresses about oneself."""

from django.urls import path

from accounts.views import notifications, profile

urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("notifications/", notifications.notifications, name="notifications"),
]
