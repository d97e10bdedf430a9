"""Moving a member or a department may take away external connection: the form shows what ends before it saves."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from federation.admin.preview import Asked, confirmed


def ask_before_moving(
    page: ModelAdmin, request: HttpRequest, row: Any, save: Callable[[], object]
) -> HttpResponse | None:
    """Save a member or a department when that ends nothing, or just what was agreed to; else the page that asks.

    With "yes" all that was typed is sent again, and by the same button.
    """
    ours = ("csrfmiddlewaretoken", "shown")
    typed = [(name, value) for name, values in request.POST.lists() if name not in ours for value in values]
    options = page.opts
    asked = Asked(
        title=_("Move %s?") % row,
        confirm=_("Move now"),
        back=request.get_full_path(),
        hidden=typed,
        crumbs=[
            (
                capfirst(str(options.verbose_name_plural)),
                reverse(f"admin:{options.app_label}_{options.model_name}_changelist"),
            )
        ],
        undoable=False,
        about=f"{row.pk} to {_place(row)}",
    )
    return confirmed(request, row.company, save, asked, page.admin_site.each_context(request))


def _place(row: Any) -> int | None:
    """The id of the department above a member or a department."""
    found: int | None = row.department_id if hasattr(row, "department_id") else row.parent_id
    return found
