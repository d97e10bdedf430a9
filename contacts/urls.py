"""Addresses of contacts, below /contacts/."""

from django.urls import path

from contacts.views import add, block, listing

app_name = "contacts"
urlpatterns = [
    path("", listing.contacts, name="list"),
    path("names/", listing.names, name="names"),
    path("add/", add.add, name="add"),
    path("add/<int:person>/", add.add_person, name="add_person"),
    path("blocked/", block.blocked, name="blocked"),
    path("block/<int:person>/", block.block, name="block"),
    path("unblock/<int:person>/", block.unblock, name="unblock"),
    path("<int:pk>/edit/", listing.edit, name="edit"),
]
