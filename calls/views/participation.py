"""Starting, joining, declining, leaving."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from accounts.requests import MemberRequest
from calls.access import device_of
from calls.actions.joining import join_call
from calls.actions.leaving import decline_call, leave_call
from calls.actions.starting import start_call
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


def _switched(request: MemberRequest, **usual: str) -> dict[str, bool]:
    """What the page has switched on, by name; `usual` is what counts when it does not say."""
    return {name: request.POST.get(name, value) == "1" for name, value in usual.items()}


@login_required
@require_POST
def start(request: MemberRequest) -> JsonResponse:
    """Call into a room."""
    room_id, kind = whole_number(request.POST.get("room", ""), "room"), kind_of(request.POST.get("kind", ""))
    device = device_of(request.POST.get("device"))
    limit(f"ring:{request.user.pk}", RINGS)
    limit(f"ring-company:{request.user.company_id}", COMPANY_RINGS)
    switched = _switched(request, mic="1", camera="1" if kind == Call.Kind.VIDEO else "0")
    move = request.POST.get("move") == "1"
    call = start_call(member=request.user, room_id=room_id, kind=kind, device=device, move=move, **switched)
    return JsonResponse(snapshot(call))


@login_required
@require_POST
def join(request: MemberRequest, pk: int) -> JsonResponse:
    """Answer a call, or join one that goes on."""
    device = device_of(request.POST.get("device"))
    limit(f"join:{request.user.pk}", ACTS)
    switched = _switched(request, mic="1", camera="0")
    move = request.POST.get("move") == "1"
    return JsonResponse(snapshot(join_call(member=request.user, call_id=pk, device=device, move=move, **switched)))


@login_required
@require_POST
def decline(request: MemberRequest, pk: int) -> HttpResponse:
    """Not take the call that rings."""
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
