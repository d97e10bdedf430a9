"""The External connection page: one company's side and its partners."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import OwnCompany
from accounts.requests import member_of
from federation.actions.asking import accept_request, ask_partner, decline_request, withdraw_request
from federation.actions.links import policy_of
from federation.actions.side import change_side
from federation.actions.undoing import undo_closing, undoable_closings
from federation.addresses import side_page
from federation.admin.checker import checker
from federation.admin.forms import AskForm, SideForm
from federation.admin.partners import MAX_ROWS, links_of, partner_rows
from federation.admin.preview import Asked, confirmed
from federation.impact import figures, read_impact
from federation.models import UNDO, Availability, Closing, ExternalPolicy, MemberGrant, PartnerRequest
from worksbridge.errors import NotFound, TooMany, WorksBridgeError
from worksbridge.ui.numbers import whole_number

# So many chosen members and departments are named on the page.
CHOSEN = 100

ANSWERS: dict[str, Callable[..., object]] = {
    "accept": accept_request,
    "decline": decline_request,
    "withdraw": withdraw_request,
}
UNDONE = gettext_lazy("Undone. Rooms and contacts are restored where the other company still allows it. Calls are not.")
Page = Callable[[HttpRequest, ExternalPolicy], HttpResponse]


@admin.register(ExternalPolicy)
class ExternalPolicyAdmin(OwnCompany):
    """One page for each company; every change goes through the actions."""

    list_display = ["company", "allows", "grant_to", "partner_rule", "changed_at"]
    list_select_related = ["company"]
    search_fields = ["company__name"]
    ordering = ["company__name"]
    explanation = gettext_lazy(
        "Each company's settings: whether it allows external connection, for whom and with whom."
    )
    menu_order = 12
    menu_icon = "arrow-right-to-line"
    menu_section = gettext_lazy("External connection")
    menu_extra = [
        (gettext_lazy("Why can't they talk?"), "federation_externalpolicy_check", "search"),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The page of a company is there from the beginning."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The pages of one company's side, before those of Django's admin."""
        view = self.admin_site.admin_view
        one = "<path:object_id>/"
        return [
            path("check/", view(partial(checker, self)), name="federation_externalpolicy_check"),
            path(f"{one}undo/", view(self._own_page(self.undo)), name="federation_externalpolicy_undo"),
            path(f"{one}ask/", view(self._own_page(self.ask)), name="federation_externalpolicy_ask"),
            path(f"{one}answer/", view(self._own_page(self.answer)), name="federation_externalpolicy_answer"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """An administrator has one company: straight to its page."""
        company = member_of(request).company
        if request.user.is_superuser or company is None:
            return super().changelist_view(request, extra_context)
        return redirect(side_page(policy_of(company).pk))

    def _own_page(self, page: Page) -> Callable[..., HttpResponse]:
        """The page for the policy of one's own company; what is foreign is answered like what does not exist."""

        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            policy = self.get_object(request, unquote(object_id))
            if policy is None:
                raise NotFound
            return page(request, policy)

        return view

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """See and change the side of one company."""
        return self._own_page(self.side)(request, object_id)

    def side(self, request: HttpRequest, policy: ExternalPolicy) -> HttpResponse:
        """The form; what ends something is shown before, and done when it is agreed to."""
        query = request.GET.get("q", "").replace("\0", "").strip()
        links = links_of(policy.company_id, query)
        form = SideForm(request.POST or None, policy=policy, links=links[:MAX_ROWS])
        if request.method == "POST" and form.is_valid():
            return self._save(request, policy, form)
        context = self._side_context(request, policy, form) | {"query": query, "more": links.count() > MAX_ROWS}
        return TemplateResponse(request, "admin/federation/side.html", context, status=400 if form.errors else 200)

    def _save(self, request: HttpRequest, policy: ExternalPolicy, form: SideForm) -> HttpResponse:
        values = form.cleaned_data
        act = partial(
            change_side,
            company=policy.company,
            actor=member_of(request),
            allows=values["allows"],
            grant_to=values["grant_to"],
            partner_rule=values["partner_rule"],
            decisions=form.decisions(),
        )
        asked = Asked(
            title=_("Close external connection?"),
            confirm=_("Close now"),
            back=side_page(policy.pk),
            hidden=[(name, value) for name in form.fields for value in request.POST.getlist(name)],
            crumbs=[(str(self.opts.verbose_name).capitalize(), side_page(policy.pk))],
        )
        page = confirmed(request, policy.company, act, asked, self.admin_site.each_context(request))
        if page is None:
            messages.success(request, _("Saved. Changes apply immediately."))
            return redirect(side_page(policy.pk))
        return page

    def _side_context(self, request: HttpRequest, policy: ExternalPolicy, form: SideForm) -> dict[str, Any]:
        company = policy.company
        grants = MemberGrant.objects.filter(company=company).select_related("member", "department")
        # Departments first, because each includes many members.
        grants = grants.order_by(F("member__name").asc(nulls_first=True), "department__name")
        waiting = PartnerRequest.objects.filter(answer="", company__is_active=True).select_related("company", "made_by")
        return {
            **self.admin_site.each_context(request),
            "title": _("External connection"),
            "explanation": _(
                "Whether members of %(company)s can communicate with external users. Both companies must allow it, "
                "and either can end it at any time."
            )
            % {"company": company.name},
            "policy": policy,
            "form": form,
            "rows": partner_rows(form),
            "chosen": [grant.member or grant.department for grant in grants[:CHOSEN]],
            "chosen_count": grants.count(),
            "available": Availability.objects.live().filter(member__company=company).count(),
            "members": company.members.filter(is_active=True).count(),
            "asked_us": waiting.filter(domain__in=company.domains.values("name")).exclude(company=company),
            "asked": waiting.filter(company=company),
            "closings": [_closing_row(one) for one in _undoable(policy)],
        }

    def undo(self, request: HttpRequest, policy: ExternalPolicy) -> HttpResponse:
        """Undo a closing of this company; what that would end in its turn is shown before."""
        page: HttpResponse | None = None
        if request.method == "POST":
            asked = Asked(
                title=_("Undo, and end this?"),
                confirm=_("Undo now"),
                back=side_page(policy.pk),
                hidden=[("closing", request.POST.get("closing", ""))],
                undoable=False,
            )
            with _saying_why_not(request):
                number = _number(request, "closing")
                act = partial(undo_closing, company=policy.company, closing_id=number, actor=member_of(request))
                page = confirmed(request, policy.company, act, asked, self.admin_site.each_context(request))
                if page is None:
                    messages.success(request, UNDONE)
        return page or redirect(side_page(policy.pk))

    def ask(self, request: HttpRequest, policy: ExternalPolicy) -> HttpResponse:
        """Ask another company for a connection."""
        form = AskForm(request.POST or None)
        if not policy.allows:
            messages.warning(
                request, _("Your company's external connection is off. No link opens until you switch it on.")
            )
        refusal: WorksBridgeError | None = None
        if request.method == "POST" and form.is_valid():
            try:
                asked = ask_partner(company=policy.company, actor=member_of(request), **form.cleaned_data)
            except WorksBridgeError as error:
                form.add_error("domain", str(error))
                refusal = error
            else:
                messages.success(
                    request,
                    _("If a company with the domain %s uses WorksBridge, its administrators have been asked.")
                    % asked.domain,
                )
                return redirect(side_page(policy.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Ask a company to connect"),
            "explanation": _(
                "Its administrators see your company's name, your name and your message. By asking, you allow the "
                "link on your side. It opens as soon as they accept."
            ),
            "crumbs": [(str(self.opts.verbose_name).capitalize(), side_page(policy.pk))],
            "form": form,
            "back": side_page(policy.pk),
        }
        page = TemplateResponse(request, "admin/federation/ask.html", context, status=400 if form.errors else 200)
        if isinstance(refusal, TooMany):
            page.status_code = refusal.status
            page.headers["Retry-After"] = str(refusal.retry_after)
        return page

    def answer(self, request: HttpRequest, policy: ExternalPolicy) -> HttpResponse:
        """Accept or decline what another company asks, or withdraw what one's own asked."""
        act = ANSWERS.get(request.POST.get("answer", ""))
        if act is accept_request and not policy.allows:
            messages.warning(
                request, _("Your company's external connection is off. No link opens until you switch it on.")
            )
        if request.method == "POST" and act is not None:
            with _saying_why_not(request):
                act(company=policy.company, request_id=_number(request, "request"), actor=member_of(request))
                withdrawn = act is withdraw_request
                done = _("Done. The other company's administrators have been told.")
                messages.success(request, _("Request withdrawn.") if withdrawn else done)
        return redirect(side_page(policy.pk))


def _number(request: HttpRequest, name: str) -> int:
    """A number of the form; raises WorksBridgeError when it is none."""
    return whole_number(request.POST.get(name, ""), name)


@contextmanager
def _saying_why_not(request: HttpRequest) -> Iterator[None]:
    """What cannot be done inside is said on the next page."""
    try:
        yield
    except NotFound:
        messages.error(request, _("This is no longer there. Someone else may have dealt with it."))
    except WorksBridgeError as error:
        messages.error(request, str(error))


def _undoable(policy: ExternalPolicy) -> list[Closing]:
    """The newest one: an earlier one can be undone after it."""
    return list(undoable_closings(policy.company).select_related("actor")[:1])


def _closing_row(closing: Closing) -> dict[str, Any]:
    return {
        "closing": closing,
        "effects": ", ".join(figures(read_impact(closing.ended))),
        "until": closing.created_at + UNDO,
    }
