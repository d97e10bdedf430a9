"""Editing a room: its name, description, photo, and what new members see."""

from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from messaging.access import locked_room, require_master, require_writable
from messaging.actions.change import RoomChange
from messaging.actions.log import log_room
from messaging.message.system import SystemMessage
from messaging.models import Room
from worksbridge.characters import lines, one_line
from worksbridge.errors import Code, WorksBridgeError
from worksbridge.transactions import retried

NAME_LENGTH = 100
DESCRIPTION_LENGTH = 300


def check_name(name: str) -> str:
    """The name in one line. Raises WorksBridgeError when there is nothing to read or it is too long."""
    cleaned = one_line(name)
    if not cleaned:
        raise WorksBridgeError(_("Please enter a name for the room."), code=Code.NO_NAME)
    if len(cleaned) > NAME_LENGTH:
        text = _("The room name can have at most %d characters.")
        raise WorksBridgeError(text % NAME_LENGTH, code=Code.NAME_TOO_LONG)
    return cleaned


def check_description(description: str) -> str:
    """The description, its lines as typed. Raises WorksBridgeError when it is too long."""
    cleaned = lines(description)
    if len(cleaned) > DESCRIPTION_LENGTH:
        text = _("The room description can have at most %d characters.")
        raise WorksBridgeError(text % DESCRIPTION_LENGTH, code=Code.DESCRIPTION_TOO_LONG)
    return cleaned


def put_photo(room: Room, photo: ContentFile | None) -> None:
    """Keep the file under its generated name, or take the photo away; the caller saves the room."""
    if photo is None:
        room.photo = ""
    else:
        room.photo.save(str(photo.name), photo, save=False)


def copy_photo(room: Room) -> ContentFile | None:
    """The room's photo for another room, under a name of its own; None without one."""
    if not room.photo:
        return None
    try:
        return ContentFile(room.photo.read(), name=f"{uuid4().hex}.webp")
    except OSError:
        return None


@retried
def edit_room(
    *,
    master: User,
    room_id: int,
    name: str | None = None,
    description: str | None = None,
    newcomers: str | None = None,
    photo: ContentFile | None = None,
    remove_photo: bool = False,
) -> Room:
    """Change the given fields of a room: name, description, photo, history for new members. System messages tell.

    What stays the same is not mentioned. Raises NotFound for a stranger, Refused for a member who is not Master.
    """
    room = locked_room(master, room_id)
    require_master(master, room)
    require_writable(room)
    wanted: dict[str, str] = {}
    if name is not None:
        wanted["name"] = check_name(name)
    if description is not None:
        wanted["description"] = check_description(description)
    if newcomers is not None:
        wanted["newcomers"] = Room.Newcomers(newcomers)
    changed = {field: value for field, value in wanted.items() if getattr(room, field) != value}
    earlier = {field: getattr(room, field) for field in changed}
    for field, value in changed.items():
        setattr(room, field, value)
    if photo or (remove_photo and room.photo):
        changed["photo"] = _replace_photo(room, photo)
    if changed:
        room.save(update_fields=list(changed))
        after = {field: changed[field] for field in earlier}
        log_room(room, master, "room.edited", fields=sorted(changed), before=earlier, after=after)
        _tell_edited(master, room, changed)
    return room


def _replace_photo(room: Room, photo: ContentFile | None) -> str:
    """Put the new photo, or none, in the old one's place; the old file goes when that is committed."""
    storage, old = room.photo.storage, str(room.photo)
    put_photo(room, photo)
    if old:
        transaction.on_commit(lambda: storage.delete(old), robust=True)
    return str(room.photo)


def _tell_edited(master: User, room: Room, changed: dict[str, str]) -> None:
    change = RoomChange([room])
    for field, value in changed.items():
        change.system(room.pk, _message(master, field, value))
    change.save()


def _message(master: User, field: str, value: str) -> SystemMessage:
    if field == "name":
        return SystemMessage("room.renamed", by=master, name=value)
    if field == "newcomers":
        sees = "all" if value == Room.Newcomers.ALL else "new"
        return SystemMessage(f"room.newcomers_see_{sees}", by=master)
    return SystemMessage(f"room.{field}_{'changed' if value else 'removed'}", by=master)
