"""`access_ended`: sent inside the transaction in which people lose the right to talk.

Arguments: `pairs_closed` (company id pairs whose link closed), `closed_by` (company id or None), `members` (ids of
those who lost external connection), `reason` (a code of `federation.reasons`), `actor`.
"""

from django.dispatch import Signal

access_ended = Signal()
