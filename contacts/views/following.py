"""Where a form leads when it is done."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def following(request: HttpRequest, default: str) -> str:
    """The page the form came from (`next`), if it is one of ours, else the view named `default`."""
    wanted = request.POST.get("next", "")
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return resolve_url(default)
