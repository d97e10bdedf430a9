"""What apps above add to a page of the admin: columns, filters, actions, and what happens around a save or a removal.

A page is registered once, by the app that owns the model. An app above says in its own `admin` what it adds, and the
page looks it up at each request (`ExtensibleAdmin`), so that the order in which the apps are loaded does not matter.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

Text = str | Promise
Rows = Callable[[QuerySet[Any]], QuerySet[Any]]
# An action of the list, called as Django calls its own: with the page, the request and the chosen rows.
Action = Callable[["ExtensibleAdmin", HttpRequest, QuerySet[Any]], HttpResponse | None]
# Called with the page, the request, the row, and what saves or removes it. Answers with a page instead of saving.
Around = Callable[["ExtensibleAdmin", HttpRequest, Any, Callable[[], object]], HttpResponse | None]


@dataclass
class _Extensions:
    rows: list[Rows] = field(default_factory=list)
    columns: list[Callable[[Any], Any]] = field(default_factory=list)
    filters: list[type[admin.SimpleListFilter]] = field(default_factory=list)
    actions: dict[str, tuple[Action, Text]] = field(default_factory=dict)
    save: Around | None = None
    delete: Around | None = None


_extensions: defaultdict[type[Model], _Extensions] = defaultdict(_Extensions)


def extend_rows(model: type[Model], rows: Rows) -> None:
    """Pass the rows of the model's page through `rows`, which annotates what the columns and filters need."""
    _extensions[model].rows.append(rows)


def add_column(model: type[Model], column: Callable[[Any], Any]) -> None:
    """Show what `column` (decorated with `admin.display`) says of a row, after the page's own columns."""
    _extensions[model].columns.append(column)


def add_filter(model: type[Model], chosen: type[admin.SimpleListFilter]) -> None:
    """Offer the filter after the page's own."""
    _extensions[model].filters.append(chosen)


def add_action(model: type[Model], name: str, action: Action, label: Text) -> None:
    """Offer the action, under `name` and with `label`, after the page's own."""
    _extensions[model].actions[name] = (action, label)


def wrap_save(model: type[Model], save: Around) -> None:
    """Let `save` save a changed row immediately or ask first. New rows are saved immediately."""
    _extensions[model].save = save


def wrap_delete(model: type[Model], delete: Around) -> None:
    """Let `delete` do what has to be done with the removal of a row, in the same transaction."""
    _extensions[model].delete = delete


class AnsweredInstead(Exception):
    """Nothing is saved: `page` is the answer. An exception, so that Django's transaction around the form rolls back."""

    def __init__(self, page: HttpResponse) -> None:
        super().__init__()
        self.page = page


class ExtensibleAdmin(admin.ModelAdmin):
    """A page with what apps above have added to it. Subclasses write `store` and `remove`, not `save_model`."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        for extend in _extensions[self.model].rows:
            found = extend(found)
        return found

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_display(request), *_extensions[self.model].columns]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_filter(request), *_extensions[self.model].filters]

    def get_actions(self, request: HttpRequest) -> Any:
        actions: dict[str, Any] = super().get_actions(request)
        if IS_POPUP_VAR not in request.GET:
            for name, (action, label) in _extensions[self.model].actions.items():
                actions[name] = (action, name, label)
        return actions

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form, or the page that an app above answers with instead of saving."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except AnsweredInstead as answered:
            return answered.page

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the row as the apps above want it. Raises AnsweredInstead when something has to be asked first."""
        around = _extensions[self.model].save if change else None
        if around is None:
            self.store(request, obj, form, change)
            return
        page = around(self, request, obj, lambda: self.store(request, obj, form, change))
        if page is not None:
            raise AnsweredInstead(page)

    def store(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the row: by the verb of its app, where there is one."""
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Remove the row, with what the apps above do about it."""
        around = _extensions[self.model].delete
        if around is None:
            self.remove(request, obj)
        else:
            around(self, request, obj, lambda: self.remove(request, obj))

    def remove(self, request: HttpRequest, obj: Any) -> None:
        """Remove the row: by the verb of its app, where there is one."""
        super().delete_model(request, obj)
