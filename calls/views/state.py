"""Ringing calls, a room's live call, the state of a call, and its media servers."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.requests import MemberRequest
from calls import janus, turn
from calls.access import call_of, device_of, feed_of, has_feed, live_call_in, shown_in
from calls.call_log import rings_for
from calls.models import Call, Participant
from calls.snapshots import snapshot
from contacts.policies import names_for
from messaging.access import room_of
from worksbridge.errors import NotFound
from worksbridge.live.rate_limits import Rate, limit
from worksbridge.transactions import give_back_connection

State = Participant.State
LOOK_RATE = Rate(120, 60)


@login_required
@require_GET
def ringing(request: MemberRequest) -> HttpResponse:
    """The calls ringing for the member."""
    rings, names = rings_for(request.user)
    return render(request, "calls/_ringing.html", {"rings": rings, "names": names})


@login_required
@require_GET
def room_call(request: MemberRequest, room: int) -> HttpResponse:
    """A room's live call, with its participants."""
    found = room_of(request.user, room)
    call = live_call_in(found) if found.kind == found.Kind.GROUP else None
    people = shown_in(call, request.user) if call is not None else []
    inside = any(person.pk == request.user.pk for person in people)
    names = names_for(request.user, [person.pk for person in people])
    shown = call if people else None
    context = {"call": shown, "room_id": found.pk, "people": people, "inside": inside, "names": names}
    return render(request, "calls/_room_call.html", context)


@login_required
@require_GET
def state(request: MemberRequest, pk: int) -> JsonResponse:
    """The state of the call."""
    limit(f"call-state:{request.user.pk}", LOOK_RATE)
    return JsonResponse(snapshot(call_of(request.user.pk, pk)))


@login_required
@require_GET
def media(request: MemberRequest, pk: int) -> JsonResponse:
    """The ICE servers for a page that is in the call."""
    call = call_of(request.user.pk, pk)
    device = device_of(request.GET.get("device"))
    limit(f"media:{request.user.pk}", LOOK_RATE)
    feed = feed_of(call, request.user, device)
    through = None
    if call.mode == Call.Mode.SFU:
        give_back_connection()
        if "again" in request.GET:
            # The page has lost its connection, of which Janus may not know yet.
            janus.expel(call.pk, feed)
        through = janus.access(call.pk, request.user.pk, feed)
        if not has_feed(call, request.user, device, feed):
            # Put out while Janus let them in.
            janus.expel(call.pk, feed)
            raise NotFound
    return JsonResponse(_ways(request.user) | {"janus": through})


@login_required
@require_GET
def ice(request: MemberRequest) -> JsonResponse:
    """The same without a call: for the check of devices and network, and for a page that is about to call."""
    limit(f"media:{request.user.pk}", LOOK_RATE)
    return JsonResponse(_ways(request.user))


def _ways(member: User) -> dict[str, object]:
    return {"iceServers": turn.ice_servers(member), "relayOnly": turn.relay_only(member)}
