"""`member_changed`: sent inside the transaction that makes, (de)activates or moves members (members, actor)."""

from django.dispatch import Signal

member_changed = Signal()
