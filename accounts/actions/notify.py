"""Notifying members: in the list, and live."""

from collections.abc import Collection, Iterable

from django.db.models import Count
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Notification, User
from worksbridge.live.push import push


def notify(recipients: Iterable[User], kind: str, data: dict[str, str], url: str = "") -> None:
    """Make a notification for each recipient and push it to their open pages after commit.

    `data["text"]` is the sentence shown. Two queries, whatever the number of recipients.
    """
    made = Notification.objects.bulk_create(
        [Notification(recipient=person, kind=kind, data=data, url=url) for person in recipients]
    )
    unread = dict(
        Notification.objects.filter(recipient__in=[one.recipient_id for one in made], read_at=None)
        .order_by()
        .values_list("recipient")
        .annotate(Count("pk"))
    )
    for one in made:
        if not _may_be_here(one.recipient):
            continue
        html = render_to_string("accounts/_notification.html", {"notification": one})
        push([one.recipient_id], {"type": "notice", "html": html, "unread": unread.get(one.recipient_id, 1)})


def mark_notifications_read(member: User, shown: Collection[Notification] | None = None) -> None:
    """The member has read these notifications, or all of theirs; the bell of their other pages follows.

    The rows given stay as they are: a page still shows which of them were new.
    """
    unread = member.notifications.filter(read_at=None)
    read = unread if shown is None else unread.filter(pk__in=[one.pk for one in shown if one.read_at is None])
    if read.update(read_at=timezone.now()):
        push([member.pk], {"type": "unread", "unread": unread.count()})


def _may_be_here(person: User) -> bool:
    """Whether the person can have a page open: invited members who never signed in cannot."""
    return person.last_login is not None or person.has_usable_password()
