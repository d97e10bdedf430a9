"""Who is moved within the company may lose external connection by it: the form shows what ends before it saves."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from federation.admin.preview import Asked, confirmed


class ToBeAgreed(Exception):
    """Saving would end something: nothing is saved, and `page` asks first."""

    def __init__(self, page: HttpResponse) -> None:
        super().__init__()
        self.page = page


class AsksBeforeMoves(admin.ModelAdmin):
    """A form that asks before a move ends something."""

    # What says where in the company a row stands.
    place = "department_id"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form; or the page that asks, when saving it would end something."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ToBeAgreed as asked:
            return asked.page

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save it when that ends nothing, or just what was agreed to. Raises ToBeAgreed."""
        save = partial(super().save_model, request, obj, form, change)
        if not change:
            save()
            return
        asked = self._asked_to_move(request, obj)
        page = confirmed(request, obj.company, save, asked, self.admin_site.each_context(request))
        if page is not None:
            # Through Django's transaction, before it writes to the history and says that it was saved.
            raise ToBeAgreed(page)

    def _asked_to_move(self, request: HttpRequest, row: Any) -> Asked:
        """How to ask; with "yes" all that was typed is sent again, and by the same button."""
        ours = ("csrfmiddlewaretoken", "shown")
        typed = [(name, value) for name, values in request.POST.lists() if name not in ours for value in values]
        rows = capfirst(str(self.opts.verbose_name_plural))
        return Asked(
            title=_("Move %s?") % row,
            confirm=_("Move now"),
            back=request.get_full_path(),
            hidden=typed,
            crumbs=[(rows, reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))],
            undoable=False,
            about=f"{row.pk} to {getattr(row, self.place)}",
        )
