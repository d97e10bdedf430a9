"""Asking another company for a connection, and its answer."""

import re

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.models import Company, Domain, User
from federation.actions.administrators import tell_administrators
from federation.actions.links import lock_sides, policy_of
from federation.actions.side import change_side
from federation.addresses import side_page
from federation.models import Decision, ExternalPolicy, Link, PartnerRequest
from worksbridge.client_address import coming_from
from worksbridge.domains import clean_domain
from worksbridge.errors import Code, NotFound, Refused, WorksBridgeError
from worksbridge.live.rate_limits import Rate, limit
from worksbridge.mail_addresses import address_or_text
from worksbridge.transactions import retried

ASKS = Rate(20, 3600)
Answer = PartnerRequest.Answer


def domain_of(text: str) -> str:
    """The domain in what somebody typed: `@Beta.example`, an address, a web address. Raises WorksBridgeError."""
    name = address_or_text(text).rpartition("@")[2]
    try:
        return clean_domain(re.sub(r"^https?://(www\.)?", "", name).partition("/")[0])
    except ValidationError as error:
        message = _("Enter the company's e-mail domain, like example.com.")
        raise WorksBridgeError(message, code=Code.DOMAIN) from error


@retried
def ask_partner(*, company: Company, domain: str, message: str, actor: User) -> PartnerRequest:
    """Ask the company that owns `domain` for a link, and notify its administrators.

    The answer is the same whether or not anybody owns it. Raises Refused for one's own domain, for a company that one
    is connected with, and when it was asked already; TooMany after 20 in an hour.
    """
    name = domain_of(domain)
    limit(f"ask:{company.pk}", ASKS)
    owner = Domain.objects.filter(name=name).select_related("company").first()
    if owner is not None and owner.company == company:
        raise Refused(_("This is your own company's domain."), code=Code.OWN)
    if owner is not None and (link := _link(company, owner.company)) is not None and link.is_open:
        raise Refused(_("Your company and %s are already connected.") % owner.company.name, code=Code.CONNECTED)
    try:
        with transaction.atomic():
            asked = PartnerRequest.objects.create(company=company, domain=name, message=message, made_by=actor)
    except IntegrityError as error:
        raise Refused(_("Your company has already asked, and is waiting for a reply."), code=Code.ASKED) from error
    audit([company.pk], actor, "partner.asked", domain=name)
    if owner is not None and owner.company.is_active:
        audit([owner.company_id], None, "partner.asked_us", partner=company.pk, domain=name)
        tell_administrators(
            [owner.company_id],
            "partner_request",
            lambda: _("%s wants to connect with your company.") % company.name,
            side_page(),
        )
    return asked


@retried
def accept_request(*, company: Company, request_id: int, actor: User) -> None:
    """Allow the company that asks, whose own side is allowed by its having asked. Raises NotFound."""
    # Locked first, as in every change of a side, so that two crossing answers cannot deadlock.
    lock_sides(company)
    asked = _open_request(company, request_id)
    for one in sorted((company, asked.company), key=lambda each: each.pk):
        policy_of(one)
    both = ExternalPolicy.objects.filter(company__in=[company, asked.company])
    list(both.select_for_update(no_key=True).order_by("company_id"))
    _answer(asked, Answer.ACCEPTED, actor)
    if not _allows(company, asked.company):
        change_side(company=company, actor=actor, decisions={asked.company: Decision.ALLOW})
    if _still_wants(asked, company):
        # What the asking side does here it did when it asked, from somewhere else.
        with coming_from(None):
            change_side(company=asked.company, actor=asked.made_by, decisions={company: Decision.ALLOW})
    _tell_answer(asked, company, "partner.accepted", actor)


@retried
def decline_request(*, company: Company, request_id: int, actor: User) -> None:
    """Say no to the company that asks. It may ask again. Raises NotFound."""
    asked = _open_request(company, request_id)
    _answer(asked, Answer.DECLINED, actor)
    _tell_answer(asked, company, "partner.declined", actor)


@retried
def withdraw_request(*, company: Company, request_id: int, actor: User) -> None:
    """Ask no longer. Raises NotFound for a request of another company or one that has its answer."""
    asked = PartnerRequest.objects.select_for_update().filter(company=company, pk=request_id, answer="").first()
    if asked is None:
        raise NotFound
    _answer(asked, Answer.WITHDRAWN, actor)
    audit([company.pk], actor, "partner.request_withdrawn", domain=asked.domain)


def _open_request(company: Company, request_id: int) -> PartnerRequest:
    waiting = PartnerRequest.objects.select_for_update(of=("self",)).select_related("company", "made_by")
    asked = waiting.filter(pk=request_id, answer="", domain__in=company.domains.values("name")).first()
    if asked is None or asked.company_id == company.pk:
        raise NotFound
    return asked


def _answer(asked: PartnerRequest, answer: str, actor: User) -> None:
    asked.answer, asked.answered_at, asked.answered_by = answer, timezone.now(), actor
    asked.save(update_fields=["answer", "answered_at", "answered_by"])


def _still_wants(asked: PartnerRequest, company: Company) -> bool:
    """Whether accepting makes the asking company allow: not if it already does or has changed its mind since."""
    link = _link(company, asked.company)
    if link is None:
        return True
    side = link.side(asked.company_id)
    later = side.decided_at is not None and side.decided_at > asked.made_at
    return side.decision != Decision.ALLOW and not later


def _allows(company: Company, other: Company) -> bool:
    """Whether the company has decided for it already: then the last day that it has set stays."""
    link = _link(company, other)
    side = link.side(company.pk) if link else None
    ends = side.expires_at if side else None
    return side is not None and side.decision == Decision.ALLOW and (ends is None or ends > timezone.now())


def _link(company: Company, other: Company) -> Link | None:
    low, high = sorted((company.pk, other.pk))
    return Link.objects.filter(company_a=low, company_b=high).first()


def _tell_answer(asked: PartnerRequest, company: Company, event: str, actor: User) -> None:
    audit([company.pk], actor, event, partner=asked.company_id, domain=asked.domain)
    audit([asked.company_id], None, f"{event}_us", partner=company.pk, domain=asked.domain)
    accepted = asked.answer == Answer.ACCEPTED
    tell_administrators(
        [asked.company_id],
        "partner_answer",
        lambda: (
            (_("%s accepted your request to connect.") if accepted else _("%s declined your request to connect."))
            % (company.name if accepted else asked.domain)
        ),
        side_page(),
    )
