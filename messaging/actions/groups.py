"""Creating group rooms."""

from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.requests import company_of
from federation.gate import refusing
from federation.group_policy import companies_of
from messaging.actions.change import RoomChange
from messaging.actions.editing import check_description, check_name, put_photo
from messaging.actions.log import log_room
from messaging.admission import admit
from messaging.message.system import SystemMessage
from messaging.models import Membership, Room
from worksbridge.errors import Code, WorksBridgeError
from worksbridge.transactions import retried


def create_group_room(
    *, creator: User, members: Sequence[User], name: str, description: str = "", photo: ContentFile | None = None
) -> Room:
    """A room of several people under `creator` as Group Master; an External Group room when companies differ.

    `photo` comes from `accounts.photos.make_photo`. Raises NotAdmitted with the reason for each person who may not be
    together with the others, WorksBridgeError for a name or description that is empty or too long.
    """
    name, description = check_name(name), check_description(description)
    people = list({person.pk: person for person in (creator, *members)}.values())
    if len(people) < 2:  # noqa: PLR2004  (one person is no group)
        raise WorksBridgeError(_("Choose at least one other person."), code=Code.NOBODY)
    with refusing():
        return _create(creator, people, name, description, photo)


@retried
def _create(creator: User, people: Sequence[User], name: str, description: str, photo: ContentFile | None) -> Room:
    admit(creator, people, [creator])
    room = Room(
        kind=Room.Kind.GROUP,
        is_external=len(companies_of(people)) > 1,
        hosting_company=company_of(creator),
        name=name,
        description=description,
    )
    put_photo(room, photo)
    room.save()
    Membership.objects.bulk_create([_membership(room, person, creator) for person in people])
    log_room(
        room,
        creator,
        "room.created",
        people,
        members=[person.pk for person in people],
        hosting=room.hosting_company_id,
        after={"name": name, "description": description},
    )
    change = RoomChange([room])
    change.system(room.pk, SystemMessage("room.created", by=creator))
    change.save()
    return room


def _membership(room: Room, person: User, creator: User) -> Membership:
    return Membership(
        room=room,
        member=person,
        role=Membership.Role.MASTER if person == creator else Membership.Role.MEMBER,
        marked_unread_at=None if person == creator else timezone.now(),
    )
