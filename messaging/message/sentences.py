"""The sentence of each system message, in one table for messaging and the apps above.

`{by}` is the actor. A key that ends in `.one` is for one person; `list.` and `length.` join names and format times.
Scripts have the same table (see `templates/messaging/_sentences.html`).
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Any] = {
    "room.created": _("{by} created this room"),
    "room.renamed": _("{by} named this room “{name}”"),
    "room.description_changed": _("{by} changed the description"),
    "room.description_removed": _("{by} removed the description"),
    "room.photo_changed": _("{by} changed the photo"),
    "room.photo_removed": _("{by} removed the photo"),
    "room.newcomers_see_all": _("{by} let new members see all earlier messages"),
    "room.newcomers_see_new": _("{by} limited new members to messages sent after they join"),
    "room.members_added": _("{by} added {people}"),
    "room.member_left": _("{by} left"),
    "room.member_removed": _("{by} removed {who}"),
    "room.member_withdrawn": _("{who} was excluded by an administrator of their company"),
    "room.members_excluded": _("{people} were excluded because external connection has ended"),
    "room.members_excluded.one": _("{people} was excluded because external connection has ended"),
    "room.members_deactivated": _("{people} were excluded because their accounts are no longer active"),
    "room.members_deactivated.one": _("{people} was excluded because their account is no longer active"),
    "room.members_restored": _("{people} are back: external connection was restored"),
    "room.members_restored.one": _("{people} is back: external connection was restored"),
    "room.master_made": _("{by} made {who} Group Master"),
    "room.handed_over": _("{by} transferred the Group Master role to {who}"),
    "room.stepped_down": _("{by} is no longer Group Master"),
    "room.master_passed": _("{who} is now Group Master"),
    "room.master_ended": _("{who} is no longer Group Master"),
    "room.frozen": _("External connection has ended. This room is now read-only."),
    "room.frozen_no_host": _("No one from {company} is left. This room is now read-only."),
    "room.reopened": _("{by} reconnected this room"),
    "room.restored": _("External connection restored."),
    # For text in rooms from before events existed that matches no event.
    "room.note": "{text}",
    "list.and": _("{list} and {last}"),
    "list.comma": _("{list}, {last}"),
    "list.more": _("{list} and {n} others"),
    "list.more.one": _("{list} and {n} other"),
    "length.hours": _("{h} h {min} min"),
    "length.minutes": _("{min} min {s} s"),
    "length.seconds": _("{s} s"),
}


def declare(sentences: Mapping[str, Any]) -> None:
    """Add the sentences of an app above. Raises ValueError for a name that is taken."""
    if taken := SENTENCES.keys() & sentences.keys():
        raise ValueError(f"declared twice: {', '.join(sorted(taken))}")
    SENTENCES.update(sentences)
