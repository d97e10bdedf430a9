from django.http import HttpResponse
from django.urls import path

from tests.benchmarks.tutorial_chat.views import messages

urlpatterns = [
    path("healthz", lambda _request: HttpResponse("ok")),
    path("chat/<int:room>/messages", messages),
]
