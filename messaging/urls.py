"""Addresses of message rooms, below /messages/."""

from django.urls import path

from messaging.views import conversation, details, members, new, searching, sending

app_name = "messaging"
urlpatterns = [
    path("", conversation.home, name="home"),
    path("list/", conversation.room_list, name="list"),
    path("search/", searching.search, name="search"),
    path("new/", new.new, name="new"),
    path("new/create/", new.create, name="create"),
    path("with/<int:person>/", new.with_person, name="with"),
    path("<int:pk>/", conversation.room, name="room"),
    path("<int:pk>/header/", conversation.header, name="header"),
    path("<int:pk>/foot/", conversation.foot, name="foot"),
    path("<int:pk>/timeline", conversation.timeline, name="timeline"),
    path("<int:pk>/changes", conversation.changes, name="changes"),
    path("<int:pk>/send", sending.send, name="send"),
    path("<int:pk>/read", sending.read, name="read"),
    path("<int:pk>/reconnect", sending.reconnect, name="reconnect"),
    path("<int:pk>/details/", details.details, name="details"),
    path("<int:pk>/edit/", details.edit, name="edit"),
    path("<int:pk>/photo", details.photo, name="photo"),
    path("<int:pk>/settings/", details.settings, name="settings"),
    path("<int:pk>/members/", details.members, name="members"),
    path("<int:pk>/members/add/", members.add, name="add_members"),
    path("<int:pk>/members/<int:member>/remove", members.remove, name="remove_member"),
    path("<int:pk>/masters/<int:member>/", members.master, name="make_master"),
    path("<int:pk>/masters/<int:member>/hand-over", members.handover, name="hand_over"),
    path("<int:pk>/masters/step-down", members.stepping_down, name="step_down"),
    path("<int:pk>/leave", members.leave, name="leave"),
]
