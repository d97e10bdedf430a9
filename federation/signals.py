"""`access_ended`: sent inside the transaction in which people lose the right to talk.

Arguments: `company` (id of the company whose change it is), `partners` (ids of those whose link with it closed),
`members` (ids of those who lost external connection or were deactivated), `reason` (a code of `federation.reasons`),
`actor`.
"""

from django.dispatch import Signal

access_ended = Signal()
