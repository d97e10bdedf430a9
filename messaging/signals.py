"""`membership_ended`: sent inside the transaction that puts people out of rooms (memberships, reason)."""

from django.dispatch import Signal

membership_ended = Signal()
