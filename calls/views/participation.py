"""Starting, joining, declining, leaving."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from accounts.requests import MemberRequest
from calls.access import device_of
from calls.actions.joining import join_call
from calls.actions.leaving import decline_call, leave_call
from calls.actions.starting import start_call
from calls.device import Device
from calls.models import Call
from calls.snapshots import snapshot
from worksbridge.errors import BadRequest
from worksbridge.live.rate_limits import Rate, limit
from worksbridge.ui.numbers import whole_number

RINGS = Rate(10, 60)
COMPANY_RINGS = Rate(600, 60)
ACTS = Rate(60, 60)


def kind_of(text: str) -> str:
    """`voice` or `video`. Raises BadRequest for anything else."""
    if text not in Call.Kind.values:
        raise BadRequest("“kind” must be “voice” or “video”.")
    return text


def _device(request: MemberRequest, *, camera: bool) -> Device:
    """The asking page and what it has switched on; `camera` is the default."""
    mic, seen = request.POST.get("mic", "1"), request.POST.get("camera", "1" if camera else "0")
    return Device(device_of(request.POST.get("device")), mic == "1", seen == "1")


@login_required
@require_POST
def start(request: MemberRequest) -> JsonResponse:
    """Call into a room."""
    room_id, kind = whole_number(request.POST.get("room", ""), "room"), kind_of(request.POST.get("kind", ""))
    device = _device(request, camera=kind == Call.Kind.VIDEO)
    limit(f"ring:{request.user.pk}", RINGS)
    limit(f"ring-company:{request.user.company_id}", COMPANY_RINGS)
    move = request.POST.get("move") == "1"
    call = start_call(member=request.user, room_id=room_id, kind=kind, device=device, move=move)
    return JsonResponse(snapshot(call))


@login_required
@require_POST
def join(request: MemberRequest, pk: int) -> JsonResponse:
    """Answer a call, or join a live one."""
    device = _device(request, camera=False)
    limit(f"join:{request.user.pk}", ACTS)
    move = request.POST.get("move") == "1"
    return JsonResponse(snapshot(join_call(member=request.user, call_id=pk, device=device, move=move)))


@login_required
@require_POST
def decline(request: MemberRequest, pk: int) -> HttpResponse:
    """Decline a ringing call."""
    limit(f"hang-up:{request.user.pk}", ACTS)
    decline_call(member=request.user, call_id=pk)
    return HttpResponse(status=204)


@login_required
@require_POST
def leave(request: MemberRequest, pk: int) -> HttpResponse:
    """Hang up; `closed=1` when the page only goes away, perhaps to be loaded again."""
    device = device_of(request.POST.get("device"))
    limit(f"hang-up:{request.user.pk}", ACTS)
    leave_call(member=request.user, call_id=pk, device=device, closed=request.POST.get("closed") == "1")
    return HttpResponse(status=204)
