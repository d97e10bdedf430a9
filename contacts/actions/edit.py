"""A member's own notes on an external contact."""

from contacts.actions.log import log_own
from contacts.models import ExternalContact
from worksbridge.characters import lines, one_line
from worksbridge.live.push import push
from worksbridge.transactions import retried

NOTES = ("name", "phone", "email", "address", "title", "memo", "tags")
# Those of several lines.
LONG = ("memo",)


@retried
def edit_external_contact(*, contact: ExternalContact, **notes: str) -> None:
    """Keep the notes given (any of name, phone, email, address, title, memo, tags).

    The person's own profile is not touched, and they are not told.
    """
    before = ExternalContact.objects.filter(pk=contact.pk).values(*NOTES).get()
    for field in NOTES:
        if field in notes:
            setattr(contact, field, (lines if field in LONG else one_line)(notes[field]))
    contact.save(update_fields=list(NOTES))
    changed = [field for field in NOTES if before[field] != getattr(contact, field)]
    if changed:
        # What the notes say is the member's own affair.
        log_own(contact.owner, contact.person, "contact.edited", fields=changed)
    push([contact.owner_id], {"type": "reload", "parts": ["contacts", "list", "room", "names"]})
