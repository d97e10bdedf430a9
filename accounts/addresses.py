"""E-mail addresses and handles that a company's members may have."""

import re
from collections.abc import Collection, Iterable, Mapping

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain, User

# One sentence, whoever has it: nothing may be learnt of other companies.
ADDRESS_TAKEN = _("This address cannot be used here.")
HANDLE_TAKEN = _("This handle cannot be used. Choose another.")
HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
LONGEST_HANDLE = 40


def clean_address(text: str) -> str:
    """The address in the one case in which it is kept. Raises ValidationError when it is none."""
    address = text.strip().lower()
    validate_email(address)
    if not address.isascii():
        raise ValidationError(_("Enter a valid email address."))
    return address


def refused_addresses(company_id: int | None, addresses: Collection[str], *, except_for: int | None = None) -> set[str]:
    """Which of these addresses nobody new of the company may have.

    Accounts have them already, or their domain belongs to another company. `except_for`: the member who may keep
    theirs. Two queries.
    """
    taken = User.objects.filter(email__in=addresses).exclude(pk=except_for or 0)
    refused = set(taken.values_list("email", flat=True))
    domains = {address.rsplit("@", maxsplit=1)[-1] for address in addresses}
    foreign = set(Domain.objects.filter(name__in=domains).exclude(company=company_id).values_list("name", flat=True))
    return refused | {address for address in addresses if address.rsplit("@", maxsplit=1)[-1] in foreign}


def propose_handles(addresses: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
    """A free handle for each address, made from what stands before the @; `taken` are given away already.

    One query for each round of people whose names are the same.
    """
    found: dict[str, str] = {}
    given = set(taken)
    waiting = {address: _base(address) for address in addresses}
    number = 1
    while waiting:
        wanted = {address: _numbered(base, number) for address, base in waiting.items()}
        used = set(User.objects.filter(handle__in=set(wanted.values())).values_list("handle", flat=True)) | given
        for address, handle in wanted.items():
            if handle not in used:
                found[address] = handle
                used.add(handle)
                given.add(handle)
                del waiting[address]
        number += 1
    return found


def _base(address: str) -> str:
    base = re.sub(r"[^a-z0-9._-]+", "-", address.split("@", maxsplit=1)[0].lower()).lstrip("._-")
    return base[:LONGEST_HANDLE] if len(base) > 1 else f"{base or 'member'}-1"


def _numbered(base: str, number: int) -> str:
    end = f"-{number}" if number > 1 else ""
    return base[: LONGEST_HANDLE - len(end)] + end


def plain(values: Mapping[str, object]) -> dict[str, object]:
    """Values of an account as the audit log keeps them."""
    return {name: value if isinstance(value, bool | int | None) else str(value) for name, value in values.items()}
