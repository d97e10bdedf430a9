"""The administrators' site: Django's admin with the product's sign-in, menu and front page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.dashboard_registry import dashboard
from accounts.menu import menu_of
from accounts.requests import member_of
from worksbridge.errors import Code, WorksBridgeError

Answer = Callable[..., HttpResponse]
NOT_OURS = {Group, EmailAddress}


class Site(admin.AdminSite):
    """One door, one menu, and a front page with the company's figures."""

    site_header = "WorksBridge"
    site_title = "WorksBridge"
    index_title = _("Dashboard")
    site_url = settings.LOGIN_REDIRECT_URL
    # The menu is the product's own: the same on every page, and without a script.
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Leaves out the admins of Django and allauth, which are not scoped to companies."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        ours = [model for model in models if model not in NOT_OURS]
        super().register(ours, admin_class, **options)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the frame of every page needs: also the menu."""
        context = super().each_context(request)
        return context | {"menu": menu_of(self, request, context["available_apps"])}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The dashboard: of the administrator's company, or of the whole deployment for an operator."""
        context = {
            **self.each_context(request),
            "title": self.index_title,
            **dashboard(member_of(request), request.GET.get("page", "")),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/index.html", context)

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The parts of the code mean nothing to administrators: to the front page, which has the same menu."""
        if not self.get_app_list(request, app_label):
            raise Http404
        return redirect("admin:index")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Django's, for addresses that a database can be asked with."""
        inner: Answer = super().admin_view(view, cacheable)

        @wraps(inner)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if "%00" in request.META.get("QUERY_STRING", ""):
                raise WorksBridgeError(_("This address contains an invalid character."), code=Code.BAD_ADDRESS)
            return inner(request, *args, **kwargs)

        return asked

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Django's, but a field that has no choices to offer is refused like one that does not exist."""
        try:
            return super().autocomplete_view(request)
        except AttributeError as error:
            raise PermissionDenied from error

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One door: the sign-in page with its limits, not Django's own form, which has none."""
        return cast("Answer", secure_admin_login(super().login))(request, extra_context)

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The product's own page asks once more, and signs out."""
        return redirect("account_logout")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The product's own page."""
        return redirect("account_change_password")

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """As above."""
        return redirect("account_change_password")
