"""`python -m tests.benchmarks.live.prepare`: the people and rooms of the live work; prints them as JSON.

A hundred people of two companies that have allowed each other, all of them in one External Group room, and in fifty
external 1:1 rooms by twos.
"""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "worksbridge.settings")
django.setup()

from django.conf import settings  # noqa: E402  (needs the apps)
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.models import User  # noqa: E402
from contacts.actions.add import add_external_contact  # noqa: E402
from federation.actions.switch import set_external_connection  # noqa: E402
from messaging.actions.groups import create_group_room  # noqa: E402
from messaging.models import Room  # noqa: E402
from tests.benchmarks.live.systems import PAIRS, PEOPLE  # noqa: E402
from tests.cast import make_company, make_members  # noqa: E402


def main() -> None:
    """Make them with the product's own actions."""
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    call_command("migrate", verbosity=0)
    alpha, beta = make_company("alpha"), make_company("beta")
    for company in (alpha, beta):
        set_external_connection(company=company, allows=True, actor=None)
    ours = make_members(alpha, [f"Alpha {number}" for number in range(PAIRS)])
    theirs = make_members(beta, [f"Beta {number}" for number in range(PEOPLE - PAIRS)])
    # Pairs sit side by side: 0 with 1, 2 with 3.
    people = [person for pair in zip(ours, theirs, strict=True) for person in pair]
    for mine, other in zip(ours, theirs, strict=True):
        add_external_contact(member=mine, person=other)
        if mine is not ours[0]:
            add_external_contact(member=ours[0], person=other)
    group = create_group_room(creator=ours[0], members=people[1:], name="All")
    pairs = [Room.objects.get(low=min(a.pk, b.pk), high=max(a.pk, b.pk)).pk for a, b in zip(ours, theirs, strict=True)]
    told = {"people": [{"id": one.pk, "session": _session(one)} for one in people], "rooms": [group.pk, *pairs]}
    print(json.dumps(told))


def _session(person: User) -> str:
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")
    return str(client.session.session_key)


main()
