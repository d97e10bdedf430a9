"""The only doors to contacts, and to people one may add."""

from accounts.models import User
from contacts.models import Block, ExternalContact
from federation.policies import reachable_people
from worksbridge.errors import NotFound


def contact_of(member: User, pk: int) -> ExternalContact:
    """The member's own contact. Raises NotFound for anyone else's."""
    found = ExternalContact.objects.select_related("person__company").filter(owner=member, pk=pk).first()
    if found is None:
        raise NotFound
    return found


def external_person_for(member: User, pk: int) -> User:
    """An external user whom `member` may reach now. Raises NotFound otherwise, whether or not they exist."""
    found = reachable_people(member).select_related("company").filter(pk=pk).first()
    if found is None or Block.objects.filter(blocker=found, blocked=member).exists():
        raise NotFound
    return found
