"""Addresses of calls, below /calls/."""

from django.urls import path

from calls.views import doing, listing, reading, window

app_name = "calls"
urlpatterns = [
    path("", listing.calls, name="list"),
    path("check/", listing.check, name="check"),
    path("ice", reading.ice, name="ice"),
    path("new/", window.new, name="new"),
    path("start/", doing.start, name="start"),
    path("ringing/", reading.ringing, name="ringing"),
    path("room/<int:room>/", reading.room_call, name="room"),
    path("<int:pk>/", window.call, name="call"),
    path("<int:pk>/join", doing.join, name="join"),
    path("<int:pk>/decline", doing.decline, name="decline"),
    path("<int:pk>/leave", doing.leave, name="leave"),
    path("<int:pk>/state", reading.state, name="state"),
    path("<int:pk>/media", reading.media, name="media"),
]
