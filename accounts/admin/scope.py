"""The Django admin, scoped: administrators see their own company, operators all of them."""

import re
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse

from accounts.admin.extensions import ExtensibleAdmin
from accounts.department_tree import in_tree_order, indented
from accounts.models import Company, Department, User
from accounts.requests import member_of
from worksbridge.errors import NotFound, WorksBridgeError

NUMBER = re.compile(r"[0-9]{1,18}")


class DepartmentChoice(ModelChoiceField):
    """Departments as a tree; with several companies each one's name is before it."""

    def label_from_instance(self, obj: Any) -> str:
        """The label in the list of choices."""
        company = f"{obj.company}: " if "company" in obj._state.fields_cache else ""  # noqa: SLF001
        return company + indented(obj)


class OwnCompany(ExtensibleAdmin):
    """What an administrator may do with rows of their own company, and only with those."""

    company_path = "company"
    # One sentence under the title of the list and the forms: the people who read it are not developers.
    explanation: Any = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows of the administrator's company; an operator gets all."""
        found = super().get_queryset(request)
        return (
            found if request.user.is_superuser else found.filter(**{self.company_path: member_of(request).company_id})
        )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the filters the list offers: arbitrary lookups would let hidden fields be guessed."""
        offered: set[str] = set()
        for one in self.get_list_filter(request) if request else ():
            if isinstance(one, str):
                offered |= {one, f"{one}__exact", f"{one}__isnull"}
            else:
                offered |= {str(getattr(one, "parameter_name", "")), *(name for name, *_ in getattr(one, "fields", ()))}
        return lookup in offered

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if ACTION_CHECKBOX_NAME in request.POST:
            # What is no number is no row; Django would ask the database with it.
            sent = request.POST.copy()
            chosen = [text for text in sent.getlist(ACTION_CHECKBOX_NAME) if NUMBER.fullmatch(text)]
            sent.setlist(ACTION_CHECKBOX_NAME, chosen)
            request.POST = sent  # type: ignore[assignment]
        return super().changelist_view(request, self._explained(extra_context))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        return super().changeform_view(request, object_id, form_url, self._explained(extra_context))

    def _explained(self, extra_context: dict[str, Any] | None) -> dict[str, Any]:
        return {"explanation": self.explanation, **(extra_context or {})}

    def _own(self, request: HttpRequest, row: Model | None) -> bool:
        if request.user.is_superuser:
            return True
        if not request.user.is_staff:
            return False
        return row is None or self.get_queryset(request).filter(pk=row.pk).exists()

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Not found, as everywhere. Django's own sends to the front page, with a notice that looks like success."""
        raise NotFound

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._own(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._own(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choices only from the administrator's company."""
        if not request.user.is_superuser:
            field = "pk" if db_field.related_model is Company else "company"
            if db_field.related_model in (Company, Department, User):
                kwargs["queryset"] = db_field.related_model.objects.filter(**{field: member_of(request).company_id})
        if db_field.related_model is Department:
            kwargs["form_class"] = DepartmentChoice
            kwargs["queryset"] = in_tree_order(kwargs.get("queryset", Department.objects.select_related("company")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Without the pop-up links beside form fields."""
        found = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(found, "widget", None)
        for action in ("add", "change", "view", "delete"):
            if hasattr(widget, f"can_{action}_related"):
                setattr(widget, f"can_{action}_related", False)
        return found


class OperatorOnly(OwnCompany):
    """Rows that only an operator sees and changes; to an administrator none of them exists."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """All rows for an operator, none for anybody else."""
        found = ExtensibleAdmin.get_queryset(self, request)
        return found if request.user.is_superuser else found.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)


class TypedIsKept(OwnCompany):
    """Shows an action's refusal as a form error and keeps everything that was typed."""

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return _refusing(form, refusal) if refusal else form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form; an action's refusal becomes one of its errors."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except WorksBridgeError as error:
            if request.method != "POST":
                raise
            # The same request once more, with a form that cannot be saved.
            request.refusal = str(error)  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)


def _refusing(form: Any, refusal: str) -> Any:
    class Refusing(form):
        def full_clean(self) -> None:
            super().full_clean()
            if self.is_bound:
                self.add_error(None, refusal)

    return Refusing
