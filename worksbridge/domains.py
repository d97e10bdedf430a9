"""Domains and hosts: as people type them, and as machines read them (IDNA)."""

import re
import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from worksbridge.characters import without_unseen

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_TOP = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")


def ascii_host(host: str) -> str:
    """The host as browsers and mail servers read it (UTS 46). Raises ValueError when it is none."""
    return idna.encode(host, uts46=True, transitional=False).decode()


def clean_domain(text: str) -> str:
    """The domain in small ASCII letters. Raises ValidationError when it is none."""
    domain = without_unseen(unicodedata.normalize("NFKC", text)).strip().lower().strip(".")
    try:
        domain = domain if domain.isascii() and "xn--" not in domain else ascii_host(domain)
    except ValueError:
        raise _not_a_domain(domain) from None
    labels = domain.split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or not _TOP.fullmatch(labels[-1]):  # noqa: PLR2004
        raise _not_a_domain(domain)
    return domain


def _not_a_domain(domain: str) -> ValidationError:
    return ValidationError(_("“%(domain)s” is not a domain."), code="invalid", params={"domain": domain})
