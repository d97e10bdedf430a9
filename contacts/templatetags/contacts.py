"""Small things the contacts' pages show."""

from django import template
from django.urls import reverse

from accounts.models import User
from contacts.contact_list import Contacts
from contacts.models import ExternalContact

register = template.Library()


@register.simple_tag
def closed_text(found: Contacts, contact: ExternalContact) -> str:
    """Why a closed contact cannot be reached."""
    return found.closed[contact.pk]


@register.simple_tag
def message_url(person: User) -> str:
    """Where "Message" leads: an address of the app above, known here by its name alone."""
    return reverse("messaging:with", args=[person.pk])
