"""Addresses of contacts, below /contacts/."""

from django.urls import path

from contacts.views import add, block, contact_list

app_name = "contacts"
urlpatterns = [
    path("", contact_list.contacts, name="list"),
    path("names/", contact_list.names, name="names"),
    path("add/", add.add, name="add"),
    path("add/<int:person>/", add.add_person, name="add_person"),
    path("blocked/", block.blocked, name="blocked"),
    path("block/<int:person>/", block.block, name="block"),
    path("unblock/<int:person>/", block.unblock, name="unblock"),
    path("<int:pk>/edit/", contact_list.edit, name="edit"),
]
