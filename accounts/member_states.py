"""How far members have come: who can sign in, who was invited, who was not invited yet."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q

# How Django keeps it that somebody has no password to sign in with.
_NO_PASSWORD = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
SIGNS_IN = Q(is_active=True, invited_at=None) & ~_NO_PASSWORD
INVITED = Q(is_active=True, invited_at__isnull=False)
NOT_INVITED = Q(is_active=True, invited_at=None) & _NO_PASSWORD
