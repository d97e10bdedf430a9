"""Reconnecting after a link was closed and opened again."""

from accounts.models import User
from contacts.actions.add import add_external_contact
from contacts.actions.log import log_contact
from contacts.models import ExternalContact
from worksbridge.live.push import push
from worksbridge.transactions import retried


@retried
def reconnect_external_contact(*, member: User, person: User) -> None:
    """Make the contact live again for `member`, and for `person` too if they had it. Raises Refused."""
    add_external_contact(member=member, person=person)
    theirs = ExternalContact.objects.filter(owner=person, person=member, closed_at__isnull=False)
    if theirs.update(closed_at=None, closed_reason="", closing=None):
        log_contact(person, member, member, "contact.reconnected")
        push([person.pk], {"type": "reload", "parts": ["contacts", "list"]})
