"""Records failed attempts in the audit log, rate-limited so that no one can flood it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from accounts.actions.audit import audit
from accounts.models import User
from worksbridge.errors import TooMany
from worksbridge.live.rate_limits import Rate, limit
from worksbridge.mail_addresses import address_or_text

FAILED_SIGN_INS = Rate(10, 300)
REFUSED = Rate(10, 60)
MAX_LENGTH = 500
# The minimum time for writing an entry: an unknown address takes as long.
STEADY = 0.05


def note_failed_sign_in(email: str) -> None:
    """Someone tried to sign in as the member with this address; nothing when there is none.

    Both cases take the same time, so that timing does not reveal which addresses exist.
    """
    with _steady():
        member = User.objects.filter(email=address_or_text(email), company__isnull=False).first()
        if member is not None:
            _note(member, f"failed-sign-in:{member.pk}", FAILED_SIGN_INS, "sign_in.failed", member=member.pk)


def note_refused(*, member_id: int, code: str, text: str, path: str) -> None:
    """A member attempted at `path` what the companies have not allowed, and was told `text`."""
    member = User.objects.filter(pk=member_id, company__isnull=False).first()
    if member is not None:
        data = {"code": code, "text": text[:MAX_LENGTH], "path": path.replace("\0", "")[:MAX_LENGTH]}
        _note(member, f"refused:{member.pk}", REFUSED, "attempt.refused", member=member.pk, **data)


def _note(member: User, key: str, rate: Rate, event: str, /, **data: object) -> None:
    with suppress(TooMany):
        limit(key, rate)
        # A failed sign-in has no actor: it is not known who tried.
        actor = member if event == "attempt.refused" else None
        audit([member.company_id] if member.company_id else [], actor, event, **data)


@contextmanager
def _steady() -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        time.sleep(max(0.0, STEADY - (time.monotonic() - began)))
