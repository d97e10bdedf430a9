"""Blocking external users. The blocked one is never told."""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.actions.log import log_own
from contacts.models import Block
from contacts.signals import person_blocked
from worksbridge.errors import Refused
from worksbridge.live.push import push
from worksbridge.transactions import retried

PARTS = ["contacts", "list", "room"]


@retried
def block_external_user(*, member: User, person: User) -> None:
    """`member` no longer receives anything from `person` and cannot write to them. Raises Refused for a colleague."""
    if member.company_id == person.company_id:
        raise Refused(_("Colleagues cannot be blocked."))
    _block, made = Block.objects.get_or_create(blocker=member, blocked=person)
    if made:
        log_own(member, person, "contact.blocked")
    person_blocked.send(sender=Block, member=member, person=person)
    push([member.pk], {"type": "reload", "parts": PARTS})


@retried
def unblock_external_user(*, member: User, person: User) -> None:
    """`member` hears from `person` again, from now on; what was sent in between is not delivered."""
    gone, _rows = Block.objects.filter(blocker=member, blocked=person).delete()
    if gone:
        log_own(member, person, "contact.unblocked")
    push([member.pk], {"type": "reload", "parts": PARTS})
