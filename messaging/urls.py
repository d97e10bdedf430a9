"""Addresses of message rooms, below /messages/."""

from django.urls import path

from messaging.views import conversation, new, sending

app_name = "messaging"
urlpatterns = [
    path("", conversation.home, name="home"),
    path("list/", conversation.room_list, name="list"),
    path("new/", new.new, name="new"),
    path("with/<int:person>/", new.with_person, name="with"),
    path("<int:pk>/", conversation.room, name="room"),
    path("<int:pk>/header/", conversation.header, name="header"),
    path("<int:pk>/foot/", conversation.foot, name="foot"),
    path("<int:pk>/timeline", conversation.timeline, name="timeline"),
    path("<int:pk>/changes", conversation.changes, name="changes"),
    path("<int:pk>/send", sending.send, name="send"),
    path("<int:pk>/read", sending.read, name="read"),
    path("<int:pk>/reconnect", sending.reconnect, name="reconnect"),
]
