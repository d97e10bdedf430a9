"""Signals for the apps above, sent inside the transaction.

`membership_ended` removes people from rooms (memberships, reason, impact). `room_frozen` makes rooms read-only (rooms,
reason, impact). `impact` is `federation.impact.Impact`, filled by the receivers.
"""

from django.dispatch import Signal

membership_ended = Signal()
room_frozen = Signal()
