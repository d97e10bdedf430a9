"""The only doors to contacts, and to people one may add."""

from django.db.models import Q

from accounts.models import User
from contacts.models import Block, ExternalContact
from federation.policies import may_reach, reachable_people
from worksbridge.errors import NotFound


def contact_of(member: User, pk: int) -> ExternalContact:
    """The member's own contact. Raises NotFound for anyone else's."""
    found = ExternalContact.objects.select_related("person__company").filter(owner=member, pk=pk).first()
    if found is None:
        raise NotFound
    return found


def known_person(member: User, pk: int) -> User:
    """A person the member can see: in their contacts, blocked, or reachable now. Raises NotFound."""
    mine = Q(pk__in=ExternalContact.objects.filter(owner=member).values("person"))
    mine |= Q(pk__in=Block.objects.filter(blocker=member).values("blocked"))
    mine |= Q(pk__in=reachable_people(member).values("pk"))
    found = User.objects.filter(mine, pk=pk).select_related("company").first()
    if found is None:
        raise NotFound
    return found


def person_with_photo(viewer: User, pk: int) -> User:
    """Oneself, a colleague, or a reachable external user, with a photo. Raises NotFound."""
    person = User.objects.filter(pk=pk).exclude(photo="").first()
    if person is None or (person.pk != viewer.pk and not may_reach(viewer, person)):
        raise NotFound
    return person


def external_person_for(member: User, pk: int) -> User:
    """An external user that `member` may reach now. Raises NotFound otherwise, whether or not they exist."""
    found = reachable_people(member).select_related("company").filter(pk=pk).first()
    if found is None or Block.objects.filter(blocker=found, blocked=member).exists():
        raise NotFound
    return found
