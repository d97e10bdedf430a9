"""The sentence for each event of the audit log, in one table for all apps.

The first sentence names who did it. The second is for entries without an actor: another company acted, or the product
itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Group:
    """Events that one filter selects."""

    label: Any
    subjects: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


GROUPS = {
    "consent": Group(
        _("External connection"),
        ("external_connection", "member_grant", "partner_rule", "partner", "link", "closing"),
    ),
    "rooms": Group(_("Rooms"), ("room",)),
    "contacts": Group(_("Contacts"), ("contact",)),
    "people": Group(
        _("Members and departments"), ("member", "members", "department", "invitation", "company", "domain")
    ),
    "sign-in": Group(
        _("Signing in"),
        ("sign_in",),
        ("member.signed_in", "member.signed_out", "member.password_changed", "member.password_reset"),
    ),
    "refused": Group(_("Refused attempts"), ("attempt",)),
    "exports": Group(_("Downloads"), ("audit", "export"), ("members.exported",)),
}

SENTENCES: dict[str, tuple[Any, Any]] = {
    "member.signed_in": (_("{who} signed in"), ""),
    "sign_in.failed": ("", _("Failed sign-in as {member}")),
    "member.signed_out": (_("{who} signed out"), ""),
    "member.password_changed": (_("{who} changed their password"), ""),
    "member.password_reset": (_("{who} set a new password by e-mail"), ""),
    "member.created": (_("{who} created the account of {member}"), _("The account of {member} was created")),
    "member.invited": (_("{who} invited {members}"), _("An invitation was sent to {members}")),
    "member.reset_sent": (
        _("{who} sent a password reset to {members}"),
        _("A password reset was sent to {members}"),
    ),
    "member.joined": (_("{who} accepted the invitation"), _("{member} accepted the invitation")),
    "member.changed": (_("{who} changed {member}: {fields}"), _("{member} was changed: {fields}")),
    "member.department": (_("{who} moved {member} to another department"), _("{member} moved to another department")),
    "member.deactivated": (_("{who} deactivated {member}"), _("{member} was deactivated")),
    "member.reactivated": (_("{who} reactivated {member}"), _("{member} was reactivated")),
    "members.imported": (_("{who} imported {member_count}"), _("{member_count} imported")),
    "members.exported": (_("{who} downloaded the list of members"), ""),
    "department.created": (_("{who} created the department {department}"), ""),
    "department.changed": (_("{who} changed the department {department}"), ""),
    "department.removed": (_("{who} removed the department {department}"), ""),
    "company.created": (_("{who} created the company"), _("The company was created")),
    "company.changed": (_("{who} changed the company: {fields}"), ""),
    "company.suspended": (_("{who} suspended the company"), _("The company was suspended")),
    "company.restored": (_("{who} restored the company"), _("The company was restored")),
    "external_connection.on": (_("{who} switched external connection on"), _("External connection was switched on")),
    "external_connection.off": (_("{who} switched external connection off"), _("External connection was switched off")),
    "external_connection.given": (
        _("{who} gave external connection to {members}"),
        _("{members} got external connection"),
    ),
    "external_connection.taken": (
        _("{who} removed external connection from {members}"),
        _("{members} lost external connection"),
    ),
    # From before given and taken were told apart.
    "external_connection.members": (
        _("{who} changed who has external connection: {members}"),
        _("External connection changed for {members}"),
    ),
    "member_grant.changed": (_("{who} changed who may use external connection: {now}"), ""),
    "member_grant.given": (_("{who} allowed external connection for {members} {departments}"), ""),
    "member_grant.withdrawn": (_("{who} withdrew external connection from {members} {departments}"), ""),
    "partner_rule.changed": (_("{who} changed which companies may be partners: {now}"), ""),
    "partner.decided": (
        _("{who} changed the decision about {partner}: {now}"),
        _("The decision about {partner} was changed: {now}"),
    ),
    "partner.decided.allow": (_("{who} allowed {partner}"), _("{partner} was allowed")),
    "partner.decided.allow_until": (
        _("{who} allowed {partner} until {last_day}"),
        _("{partner} was allowed until {last_day}"),
    ),
    "partner.decided.deny": (_("{who} denied {partner}"), _("{partner} was denied")),
    "partner.decided.policy": (_("{who} set {partner} to the default"), _("{partner} was set to the default")),
    "partner.asked": (_("{who} asked {domain} to connect"), ""),
    "partner.asked_us": ("", _("{partner} asked to connect")),
    "partner.accepted": (_("{who} accepted the request from {partner}"), ""),
    "partner.accepted_us": ("", _("{partner} accepted your request")),
    "partner.declined": (_("{who} declined the request from {partner}"), ""),
    "partner.declined_us": ("", _("{partner} declined your request")),
    "partner.request_withdrawn": (_("{who} withdrew the request to {domain}"), ""),
    "partner.expired": ("", _("The permission for {partner} expired")),
    "link.opened": (_("{who} opened the link with {partners}"), _("The link with {partners} opened")),
    "link.closed": (_("{who} closed the link with {partners}"), _("The link with {partners} was closed")),
    "closing.undone": (_("{who} undid a closing"), _("A closing was undone")),
    "attempt.refused": (_("{who} was refused: {text}"), ""),
    "contact.added": (_("{who} added {person} to their contacts"), ""),
    "contact.reconnected": (
        _("{who} reconnected the contact {member} – {person}"),
        _("The contact {member} – {person} was reconnected"),
    ),
    "contact.edited": (_("{who} edited their notes on {person}: {fields}"), ""),
    "contact.blocked": (_("{who} blocked {person}"), ""),
    "contact.unblocked": (_("{who} unblocked {person}"), ""),
    "contact.closed": (_("{who} closed {contact_count}"), _("{contact_count} closed")),
    "contact.restored": (_("{who} restored {contact_count}"), _("{contact_count} restored")),
    "room.opened": (_("{who} opened a 1:1 room for {members}"), _("A 1:1 room was opened for {members}")),
    "room.reopened": (_("{who} reconnected a 1:1 room for {members}"), _("A 1:1 room was reconnected for {members}")),
    "room.created": (_("{who} created {room} with {members}"), ""),
    "room.edited": (_("{who} edited {room}: {fields}"), ""),
    "room.members_added": (_("{who} added {members} to {room}"), ""),
    "room.member_gone": (_("{who} ended the membership of {member} in {room}"), _("{member} is no longer in {room}")),
    "room.member_left": (_("{who} left {room}"), ""),
    "room.member_removed": (_("{who} removed {member} from {room}"), _("{member} was removed from {room}")),
    "room.member_withdrawn": (_("{who} excluded {member} from {room}"), _("{member} was excluded from {room}")),
    "room.master_made": (_("{who} made {member} Group Master of {room}"), ""),
    "room.handed_over": (_("{who} transferred the Group Master role in {room} to {member}"), ""),
    "room.stepped_down": (_("{who} is no longer Group Master of {room}"), ""),
    "room.master_passed": ("", _("{member} became Group Master of {room}")),
    "room.masters_ended": ("", _("{members} are no longer Group Masters")),
    "room.excluded": (_("{who} excluded {members} from {rooms}"), _("{members} were excluded from {rooms}")),
    "room.frozen": (_("{who} froze {rooms}"), _("{rooms} became read-only")),
    "room.restored": (_("{who} restored {rooms}"), _("{rooms} restored")),
    "room.members_restored": (_("{who} restored {members} to {rooms}"), _("{members} are back in {rooms}")),
    "audit.exported": (_("{who} downloaded the audit log"), ""),
}


def sentence(event: str, *, with_who: bool, variant: str = "") -> str:
    """The sentence of an event, with or without its actor; for an unknown event its name in words.

    `variant` is the decision, for events with a sentence for each decision.
    """
    active, passive = SENTENCES.get(f"{event}.{variant}") or SENTENCES.get(event, ("", ""))
    chosen = (active or passive) if with_who else (passive or active)
    return str(chosen) or event.replace(".", " ").replace("_", " ").capitalize()


def events_of(group: str | None) -> Q:
    """The query for a group's entries; all entries without a group."""
    if group not in GROUPS:
        return Q()
    wanted = GROUPS[group]
    named = [event for other in GROUPS.values() if other is not wanted for event in other.events]
    return Q(event__in=wanted.events) | (_subjects(wanted.subjects) & ~Q(event__in=named))


def _subjects(subjects: Iterable[str]) -> Q:
    found = Q(pk__in=[])
    for subject in subjects:
        found |= Q(event__startswith=f"{subject}.")
    return found
