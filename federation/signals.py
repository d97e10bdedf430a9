"""What the apps above hear of, inside the transaction that does it.

`access_ended`: people lose the right to talk. Arguments: `company` (id of the company whose change it is), `partners`
(ids of those whose link with it closed), `members` (ids of those who lost external connection or were deactivated),
`reason` (a code of `federation.reasons`), `actor`, `closing` (what the rows that end point to; None when nothing
external ends) and `impact` (`federation.impact.Impact`, filled by the receivers).

`access_restored`: a closing is undone; links and availabilities are as they were (closing, actor).
"""

from django.dispatch import Signal

access_ended = Signal()
access_restored = Signal()
