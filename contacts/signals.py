"""What the apps above hear of, inside the transaction that does it.

`contact_added` saves or revives a contact (contact, member, person). `person_blocked`: from now on `member` wants
nothing from `person`.
"""

from django.dispatch import Signal

contact_added = Signal()
person_blocked = Signal()
