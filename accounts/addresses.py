"""E-mail addresses and handles that a company's members may have."""

import re
from collections.abc import Collection, Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from accounts.models import Domain, User

# The same message whoever has it, so that nothing is learnt about other companies.
ADDRESS_TAKEN = _("This address cannot be used here.")
HANDLE_TAKEN = _("This handle cannot be used. Choose another.")
HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
LONGEST_HANDLE = 40


def refused_addresses(company_id: int | None, addresses: Collection[str], *, except_for: int | None = None) -> set[str]:
    """The addresses among these that no new member of the company may have.

    Accounts have them already, or their domain belongs to another company. `except_for`: the member who may keep
    theirs. Two queries.
    """
    taken = User.objects.filter(email__in=addresses).exclude(pk=except_for or 0)
    refused = set(taken.values_list("email", flat=True))
    domains = {name for address in addresses for name in _domains_of(address)}
    foreign = set(Domain.objects.filter(name__in=domains).exclude(company=company_id).values_list("name", flat=True))
    return refused | {address for address in addresses if not foreign.isdisjoint(_domains_of(address))}


def _domains_of(address: str) -> list[str]:
    """The address' domain and its parents: owning a domain includes its subdomains."""
    labels = address.rsplit("@", maxsplit=1)[-1].split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def propose_handles(addresses: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
    """A free handle for each address, made from the part before the @; `taken` are in use already.

    A few queries, however many people have the same name.
    """
    by_base: dict[str, list[str]] = {}
    for address in addresses:
        by_base.setdefault(_base(address), []).append(address)
    found: dict[str, str] = {}
    given, reach = set(taken), 2
    while by_base:
        offered = {base: _offers(base, len(people) * reach) for base, people in by_base.items()}
        wanted = [handle for handles in offered.values() for handle in handles]
        given |= set(User.objects.filter(handle__in=wanted).values_list("handle", flat=True))
        for base, people in list(by_base.items()):
            free = [handle for handle in offered[base] if handle not in given]
            for address, handle in zip(list(people), free, strict=False):
                found[address] = handle
                given.add(handle)
                people.remove(address)
            if not people:
                del by_base[base]
        reach *= 4
    return found


def _offers(base: str, count: int) -> list[str]:
    return [_numbered(base, number) for number in range(1, count + 1)]


def _base(address: str) -> str:
    base = re.sub(r"[^a-z0-9._-]+", "-", address.split("@", maxsplit=1)[0].lower()).lstrip("._-")
    return base[:LONGEST_HANDLE] if len(base) > 1 else f"{base or 'member'}-1"


def _numbered(base: str, number: int) -> str:
    end = f"-{number}" if number > 1 else ""
    return base[: LONGEST_HANDLE - len(end)] + end


def plain(values: Mapping[str, object]) -> dict[str, object]:
    """Values of an account as the audit log stores them."""
    return {name: value if isinstance(value, bool | int | None) else str(value) for name, value in values.items()}
