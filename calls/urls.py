"""Addresses of calls, below /calls/."""

from django.urls import path

from calls.views import call_log, participation, state, window

app_name = "calls"
urlpatterns = [
    path("", call_log.calls, name="list"),
    path("check/", call_log.check, name="check"),
    path("ice", state.ice, name="ice"),
    path("new/", window.new, name="new"),
    path("start/", participation.start, name="start"),
    path("ringing/", state.ringing, name="ringing"),
    path("room/<int:room>/", state.room_call, name="room"),
    path("<int:pk>/", window.call, name="call"),
    path("<int:pk>/join", participation.join, name="join"),
    path("<int:pk>/decline", participation.decline, name="decline"),
    path("<int:pk>/leave", participation.leave, name="leave"),
    path("<int:pk>/state", state.state, name="state"),
    path("<int:pk>/media", state.media, name="media"),
]
