"""Places of the chain whose entry does not match its hash, and what was probably done to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from django.utils.translation import gettext as _

from accounts.audit.chain import Entry, Seal, entry_hashes

# The number of neighbours to try: enough to find swapped entries, few enough to be quick.
NEAR = 8


@dataclass
class Tampering:
    """A place, the entry that is there now, and the hash before it."""

    seal: Seal
    entry: Entry
    before: str
    # Set when later places show that only the hash was changed.
    seal_changed: bool = False

    def should_be(self) -> list[str]:
        """The hashes that this place would have if the entry were unchanged."""
        return entry_hashes(self.entry, number=self.seal.number, before=self.before, entry_id=self.seal.entry_id)


def report_tampering(misfits: Sequence[Tampering], company: int) -> Iterator[str]:
    """A sentence for each of them."""
    for place, misfit in enumerate(misfits):
        near = misfits[max(0, place - NEAR // 2) : place + NEAR // 2]
        names = {"number": misfit.seal.number, "entry": describe(misfit.entry)}
        yield _sentence(misfit, near, company) % names


def describe(entry: Entry) -> str:
    """An entry in a few words."""
    when = f"{entry.created_at:%Y-%m-%d %H:%M:%S} UTC"
    return _("entry %(id)d, %(event)s of %(when)s") % {"id": entry.id, "event": entry.event, "when": when}


def _sentence(misfit: Tampering, near: Sequence[Tampering], company: int) -> str:
    if misfit.seal_changed:
        return _("Number %(number)d: the seal was changed (%(entry)s).")
    if misfit.entry.company != company:
        return _("Number %(number)d: the entry there now comes from another company's log (%(entry)s).")
    if _was_moved(misfit, near):
        return _("Number %(number)d: the order was changed; the entry there now was elsewhere (%(entry)s).")
    return _("Number %(number)d: the entry was changed, or added without the key (%(entry)s).")


def _was_moved(misfit: Tampering, near: Sequence[Tampering]) -> bool:
    """Whether the hash at this place belongs to an entry that is now elsewhere, or was made for another place."""
    numbers = [other.seal.number for other in near]
    befores = {text for other in near for text in (other.before, other.seal.hash)}
    for number, before, other in product(numbers, befores, near):
        for entry in (other.entry, replace(other.entry, id=misfit.seal.entry_id)):
            if misfit.seal.hash in entry_hashes(entry, number=number, before=before):
                return True
    return False
