"""`contact_added`: sent inside the transaction that saves or revives a contact (contact, member, person)."""

from django.dispatch import Signal

contact_added = Signal()
