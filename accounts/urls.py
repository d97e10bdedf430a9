"""Addresses about oneself."""

from django.urls import path

from accounts.views import invitation, notifications, profile

urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/<int:pk>/", notifications.notification, name="notification"),
]
