"""Checks who may join a group room before the database does, to give a readable reason."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Block
from contacts.policies import names_for
from federation.gate import require_all_open
from federation.group_policy import companies_of, why_not_together
from worksbridge.errors import Code, Refused, WorksBridgeError

MOST_MEMBERS = 500
MOST_COMPANIES = 25


class NotAdmitted(Refused):
    """Some people cannot be in the room; `reasons` has a sentence for each of them."""

    code = Code.NOT_ADMITTED

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(" ".join(self.reasons))


class Missing(WorksBridgeError):
    """Someone chosen may not be added; the same answer whoever it is and whatever the reason."""

    code = Code.MISSING
    text = _("Someone you chose is no longer one of your contacts or colleagues, and was removed from your selection.")


def choosable(member: User) -> QuerySet[User]:
    """The people `member` may add to a room: active colleagues, and their live external contacts."""
    colleagues = Q(company=member.company_id, company__isnull=False)
    contacts = Q(pk__in=member.external_contacts.filter(closed_at=None).values("person"))
    return User.objects.filter(colleagues | contacts, is_active=True).exclude(pk=member.pk)


def admit(asker: User, coming: Sequence[User], staying: Sequence[User]) -> None:
    """Let `coming` join `staying` (the asker among them) from now until this transaction ends.

    Locks the links and availabilities of all of them. Raises NotAdmitted with a reason for each person who may not.
    """
    everyone = {person.pk: person for person in (*staying, *coming)}
    _require_size(everyone)
    blocked = _blocked(asker, coming)
    reasons = why_not_together(asker, coming, staying)
    reasons |= dict.fromkeys(blocked, str(_("You have blocked this person. Unblock them first.")))
    if reasons:
        raise NotAdmitted(_sentences(asker, [person for person in everyone.values() if person.pk in reasons], reasons))
    if len(companies_of(everyone.values())) > 1:
        require_all_open(everyone)


def _require_size(everyone: dict[int, User]) -> None:
    if len(everyone) > MOST_MEMBERS:
        raise WorksBridgeError(_("A room can have at most %d members.") % MOST_MEMBERS, code=Code.TOO_MANY_MEMBERS)
    if len(companies_of(everyone.values())) > MOST_COMPANIES:
        text = _("A room can have members from at most %d companies.")
        raise WorksBridgeError(text % MOST_COMPANIES, code=Code.TOO_MANY_COMPANIES)


def _blocked(asker: User, coming: Sequence[User]) -> set[int]:
    """Those of these whom the asker has blocked. Raises Missing, without a reason, if one has blocked the asker."""
    ids = [person.pk for person in coming]
    pairs = Block.objects.filter(Q(blocker=asker, blocked__in=ids) | Q(blocker__in=ids, blocked=asker))
    found = set(pairs.values_list("blocker_id", "blocked_id"))
    if any(blocker != asker.pk for blocker, _blocked_one in found):
        raise Missing
    return {blocked for _asker, blocked in found}


def _sentences(asker: User, people: Sequence[User], reasons: dict[int, str]) -> list[str]:
    names = names_for(asker, [person.pk for person in people])
    sentences = []
    for person in people:
        company = f" ({person.company.name})" if person.company and person.company_id != asker.company_id else ""
        who = _("You") if person.pk == asker.pk else f"{names.get(person.pk) or person.name}{company}"
        sentences.append(f"{who}: {reasons[person.pk]}")
    return sentences
