"""Addresses about people, below /people/."""

from django.urls import path

from contacts.views.photo import photo

urlpatterns = [path("<int:pk>/photo", photo, name="photo")]
