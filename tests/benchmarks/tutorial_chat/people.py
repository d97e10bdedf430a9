"""`python -m tests.benchmarks.tutorial_chat.people N`: make N signed-in people; print their sessions as JSON."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.benchmarks.tutorial_chat.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402  (needs the apps)
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402


def main() -> None:
    """Make the tables, the people and their sessions."""
    call_command("migrate", verbosity=0)
    # Its own table has no migrations, and needs the others first.
    call_command("migrate", run_syncdb=True, verbosity=0)
    people = [User(username=f"person{number}") for number in range(int(sys.argv[1]))]
    sessions = []
    for person in User.objects.bulk_create(people):
        client = Client()
        client.force_login(person)
        sessions.append({"id": person.pk, "session": client.session.session_key})
    print(json.dumps({"people": sessions}))


main()
