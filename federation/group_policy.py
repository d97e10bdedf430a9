"""Whether several people may be together in one room, and for each who may not, why: in four queries at most."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from accounts.models import User
from federation.conditions import Facts, obstacle, unavailable
from federation.reasons import Reason, reason_text


def companies_of(people: Iterable[User]) -> set[int]:
    """The ids of the companies of these people."""
    return {person.company_id for person in people if person.company_id is not None}


def why_not_together(asker: User, coming: Sequence[User], staying: Sequence[User]) -> dict[int, str]:
    """For each who may not be in one room with all the others, by id: the reason that `asker` may know.

    `staying` are in the room already, the asker among them: nothing can be wrong between their companies, but the
    room may become an external one. Empty when all may; people of one company always may. Four queries at most.
    """
    if len(companies_of([*coming, *staying])) <= 1:
        return {}
    return _Together(asker, coming, staying).refusals()


class _Together:
    """What the database says of one set of people."""

    def __init__(self, asker: User, coming: Sequence[User], staying: Sequence[User]) -> None:
        self.asker = asker
        self.coming = coming
        self.staying = staying
        self.companies = companies_of([*coming, *staying])
        self.facts = Facts([asker, *coming, *staying])

    def refusals(self) -> dict[int, str]:
        found = {person.pk: self._not_granted(person) for person in self.staying}
        found |= {person.pk: self._why(person) for person in self.coming}
        return {pk: reason for pk, reason in found.items() if reason is not None}

    def _why(self, person: User) -> str | None:
        if person.company_id is None:
            return reason_text(Reason.NO_COMPANY)
        return self._own_side(person) or self._companies_apart(person) or self._not_granted(person)

    def _own_side(self, person: User) -> str | None:
        """The obstacle between the person's company and the asker's, as in `why_not`."""
        mine = self.asker.company_id
        if person.company_id == mine or self.facts.is_open(person.company_id, mine):
            return None
        reason = obstacle(self.asker, person, self.facts)
        return None if reason is None else reason_text(reason)

    def _companies_apart(self, person: User) -> str | None:
        mine = self.asker.company_id
        # A company that is not linked with the asker's is refused for that; it is no reason against others.
        others = [pk for pk in self.companies - {person.company_id, mine} if self.facts.is_open(pk, mine)]
        if person.company_id == mine:
            return None
        apart = [self.facts.names[pk] for pk in others if not self.facts.is_open(person.company_id, pk)]
        if not apart or person.company is None:
            return None
        return _("%(company)s and %(others)s have not both allowed external connection with each other.") % {
            "company": person.company.name,
            "others": ", ".join(sorted(apart)),
        }

    def _not_granted(self, person: User) -> str | None:
        if person.pk in self.facts.available:
            return None
        if person.company_id != self.asker.company_id:
            return reason_text(Reason.OTHER_PERSON)
        if person.pk == self.asker.pk:
            return reason_text(unavailable(person, self.facts) or Reason.OWN_NOT_GRANTED)
        if not person.is_active:
            return reason_text(Reason.DEACTIVATED)
        return _("Your administrator has not granted them external connection.")
