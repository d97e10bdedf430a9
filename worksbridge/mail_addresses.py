"""E-mail addresses as people type and paste them, and the one form in which they are kept and compared.

Every way in goes through `clean_address`: two addresses that reach one mailbox are one address here, and none seems to
be of a domain that it is not of.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from worksbridge.characters import without_unseen
from worksbridge.domains import clean_domain

INVALID = _("Enter a valid e-mail address, such as kim@company.com.")
# RFC 5321, 4.5.3.1: what no mail server takes more of.
MAX_LENGTH = 254
MAX_LOCAL = 64
# RFC 5322, 3.2.3: a dot-atom. What would have to stand in quotes is an address of nobody.
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# RFC 2606, 2: a domain that no mail ever reaches. ("example" is what examples and demonstrations use.)
_NOWHERE = frozenset({"invalid"})
_IN_BRACKETS = re.compile(r"<([^<>]*)>[\s,;.]*\Z")


def clean_address(text: str) -> str:
    """The address in the one form in which it is kept: small letters, a host as mail servers read it.

    Takes what is pasted: "Kim <kim@a.example>", "mailto:kim@a.example", full-width letters, invisible characters.
    Raises ValidationError, which names the character that has no place in an address, when there is one.
    """
    address = _bare(text)
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        raise ValidationError(INVALID, code="invalid")
    odd = next((character for character in local if not character.isascii()), "")
    if odd:
        message = _("“%(character)s” before the @ cannot be in an e-mail address.")
        raise ValidationError(message, code="invalid", params={"character": odd})
    domain = clean_domain(domain)
    if not _LOCAL.fullmatch(local) or len(local) > MAX_LOCAL or len(local) + 1 + len(domain) > MAX_LENGTH:
        raise ValidationError(INVALID, code="invalid")
    if domain.rpartition(".")[2] in _NOWHERE:
        raise ValidationError(_("No mail reaches %(domain)s."), code="invalid", params={"domain": domain})
    return f"{local}@{domain}"


def address_or_text(text: str) -> str:
    """`clean_address`; what is none, bare and in small letters, for a search that then finds nothing."""
    try:
        return clean_address(text)
    except ValidationError:
        return _bare(text)


def _bare(text: str) -> str:
    address = unicodedata.normalize("NFKC", without_unseen(text)).strip()
    named = _IN_BRACKETS.search(address)
    address = (named[1] if named else address).strip().strip("\"'“”,;")
    if address.lower().startswith("mailto:"):
        address = address[len("mailto:") :].partition("?")[0]
    return address.strip().lower()
