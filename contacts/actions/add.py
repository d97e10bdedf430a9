"""Adding an external user to one's contacts."""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.actions.log import log_contact
from contacts.models import Block, ExternalContact
from contacts.signals import contact_added
from federation.gate import refusing, require_open
from federation.policies import why_not
from worksbridge.errors import Code, NotFound, Refused
from worksbridge.live.push import push
from worksbridge.transactions import retried


def add_external_contact(*, member: User, person: User) -> ExternalContact:
    """Save `person` to the member's External Contacts and open the external 1:1 room, in one transaction.

    Adding twice changes nothing; a closed contact becomes live again with its notes. Raises Refused with the reason
    when the two may not reach each other, NotFound when the person does not want to hear from the member.
    """
    if member.company_id == person.company_id:
        raise Refused(_("This person is your colleague. You can message them without adding them."))
    _refuse_blocked(member, person)
    reason = why_not(member, person)
    if reason is not None:
        raise Refused(reason, code=Code.NOT_ALLOWED)
    with refusing():
        return _add(member, person)


def _refuse_blocked(member: User, person: User) -> None:
    if Block.objects.filter(blocker=member, blocked=person).exists():
        raise Refused(_("You have blocked this person. Unblock them first."), code=Code.BLOCKED)
    if Block.objects.filter(blocker=person, blocked=member).exists():
        # The same answer as for someone who does not exist: a block is not told.
        raise NotFound


@retried
def _add(member: User, person: User) -> ExternalContact:
    require_open(member.pk, person.pk)
    contact, created = ExternalContact.objects.get_or_create(owner=member, person=person)
    revived = contact.closed_at is not None
    if revived:
        contact.closed_at, contact.closed_reason, contact.closing = None, "", None
        contact.save(update_fields=["closed_at", "closed_reason", "closing"])
    if created or revived:
        contact_added.send(sender=ExternalContact, contact=contact, member=member, person=person)
        log_contact(member, person, member, "contact.reconnected" if revived else "contact.added")
        push([member.pk], {"type": "reload", "parts": ["contacts", "list", "room", "names"]})
    return contact
