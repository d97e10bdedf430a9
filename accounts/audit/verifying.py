"""Checks that a company's log is unchanged: recomputes the whole chain and names each place that does not match."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.utils.translation import gettext as _

from accounts.audit.chain import Seal, entry_hashes, head_macs
from accounts.audit.chain_rows import head_of, one_moment, seals, unsealed
from accounts.audit.tampering import Tampering, describe, report_tampering

# The most entries without a seal, and the most mismatches, that are examined; no one reads more.
MAX_ROWS = 1_000
_NONE: list[str] = []


@dataclass
class Report:
    """The result for one company's log: its newest place, and the problems found."""

    number: int = 0
    hash: str = ""
    problems: list[str] = field(default_factory=list)


def verify(company_id: int, kept: tuple[int, str] | None = None) -> Report:
    """Recompute a company's chain. `kept` is a head (number, hash) written down earlier, which must still be in it."""
    with one_moment():
        return _Walk(company_id, kept).run()


class _Walk:
    """One pass from the first place to the newest, in constant memory."""

    def __init__(self, company: int, kept: tuple[int, str] | None) -> None:
        self.company = company
        self.kept_number, self.kept_hash = kept or (0, "")
        self.problems: list[str] = []
        self.loose = unsealed(company, MAX_ROWS)
        self.misfits: list[Tampering] = []
        self.fitting = 0
        # The place before, what its hash should be if it does not fit, and whether it is there at all.
        self.number, self.hash, self.should_be, self.known = 0, "", _NONE, True

    def run(self) -> Report:
        for seal in seals(self.company):
            self._gap(seal.number, _("the entry was removed together with its seal"), partial(_fits, seal))
            self._place(seal)
            if seal.number == self.kept_number and seal.hash != self.kept_hash:
                self.problems.append(
                    _("Number %d differs from the head you kept: the log was rewritten.") % seal.number
                )
        self._head()
        self._end()
        return Report(self.number, self.hash, self.problems)

    def _place(self, seal: Seal) -> None:
        should_be = _NONE
        if seal.entry is None:
            self.problems.append(_("Number %d: the entry was removed, but its seal is still there.") % seal.number)
        elif _fits(seal, self.hash):
            self.fitting += 1
        elif any(_fits(seal, hash_) for hash_ in self.should_be):
            # It was made when the hash before it was still the one that belongs there.
            self.misfits[-1].seal_changed = True
        elif self.known and len(self.misfits) < MAX_ROWS:
            self.misfits.append(Tampering(seal, seal.entry, self.hash))
            should_be = self.misfits[-1].should_be()
        self.number, self.hash, self.should_be, self.known = seal.number, seal.hash, should_be, True

    def _gap(self, following: int, gone: str, fits: Callable[[str], bool]) -> None:
        """Report the gap between the previous place and this number, whose previous hash `fits`."""
        missing = range(self.number + 1, following)
        if not missing:
            return
        self.known, self.should_be = self._rebuild(missing, fits), _NONE
        what = _("the seal was removed, but the entry is still there") if self.known else gone
        self.problems.append(f"{_places(missing)}: {what}.")

    def _rebuild(self, missing: range, fits: Callable[[str], bool]) -> bool:
        """Whether unsealed entries fill the missing places; if so they are used up."""
        for first in range(len(self.loose) - len(missing) + 1):
            entries, before = self.loose[first : first + len(missing)], self.hash
            for number, entry in zip(missing, entries, strict=True):
                before = entry_hashes(entry, number=number, before=before)[-1]
            if fits(before):
                del self.loose[first : first + len(missing)]
                self.hash = before
                return True
        return False

    def _head(self) -> None:
        head = head_of(self.company)
        if head is None:
            self.problems += [_("The head was removed.")] if self.number else []
            return
        number, text, mac = head
        if mac not in head_macs(self.company, number, text):
            self.problems.append(_("The head was changed, or written without the key."))
        elif text in self.should_be and self.misfits:
            self.misfits[-1].seal_changed = True
        elif number < self.number:
            self.problems.append(
                f"{_places(range(number + 1, self.number + 1))}: {_('the head does not include them')}."
            )
        elif number > self.number:
            self._gap(number + 1, _("the newest were removed"), text.__eq__)
        elif text != self.hash:
            self.problems.append(_("Number %d: the seal does not match the head.") % number)

    def _end(self) -> None:
        if self.misfits and not self.fitting:
            self.problems.append(_("Nothing matches the key: AUDIT_KEY is not the key that sealed this log."))
        self.problems += report_tampering(self.misfits, self.company)
        self.problems += [_("Added without a seal: %s.") % describe(entry) for entry in self.loose]
        if self.kept_number > self.number:
            self.problems.append(_("The log ends before number %d, the head you kept.") % self.kept_number)


def _fits(seal: Seal, before: str) -> bool:
    return seal.entry is not None and seal.hash in entry_hashes(seal.entry, number=seal.number, before=before)


def _places(numbers: range) -> str:
    if len(numbers) == 1:
        return _("Number %d") % numbers[0]
    return _("Numbers %(first)d to %(last)d") % {"first": numbers[0], "last": numbers[-1]}
