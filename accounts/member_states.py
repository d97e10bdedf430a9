"""The states of members: can sign in, invited, not invited yet."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q

# How Django stores that an account has no usable password.
_NO_PASSWORD = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
SIGNS_IN = Q(is_active=True, invited_at=None) & ~_NO_PASSWORD
INVITED = Q(is_active=True, invited_at__isnull=False)
NOT_INVITED = Q(is_active=True, invited_at=None) & _NO_PASSWORD
