"""What the apps above hear of, inside the transaction that does it.

`membership_ended` puts people out of rooms (memberships, reason, impact). `room_frozen` makes rooms read-only (rooms,
reason, impact). `impact` is `federation.impact.Impact`, to be filled by whoever ends something.
"""

from django.dispatch import Signal

membership_ended = Signal()
room_frozen = Signal()
