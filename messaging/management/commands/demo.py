"""`manage.py demo`: people and conversations to try the product with, made by the product's own actions."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.actions.members import create_member
from accounts.models import Company, Department, User
from contacts.actions.add import add_external_contact
from federation.actions.links import policy_of
from federation.actions.switch import set_external_connection
from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_messages
from messaging.demo_data import COMPANIES, GROUP, INSIDE, OUTSIDE, Talk
from messaging.models import Room

PASSWORD = "worksbridge-demo"  # noqa: S105  (public on purpose: refused outside of development)


class Command(BaseCommand):
    """Makes the demo data when the database has no company yet."""

    help = "Fill an empty database with demo companies, members and conversations (development only)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or nothing when there is something already. Refused when DEBUG is off."""
        if not settings.DEBUG:
            raise CommandError("Demo accounts have a public password: they are made only with DEBUG=1.")
        if Company.objects.exists() or User.objects.exists():
            return
        with transaction.atomic():
            make_demo()


def make_demo() -> None:
    """All of the demo data."""
    User.objects.create_superuser("operator@worksbridge.example", PASSWORD, name="Operator")
    people: dict[str, User] = {}
    for slug in COMPANIES:
        people |= _company(slug)
    for slug in ("alpha", "beta"):
        admin = people[f"admin@{slug}"]
        set_external_connection(company=admin.company, allows=True, actor=admin)  # type: ignore[arg-type]
    for one, other, talk in OUTSIDE:
        add_external_contact(member=people[one], person=people[other])
        add_external_contact(member=people[other], person=people[one])
        _say(open_direct_room(member=people[one], other=people[other]), people, talk)
    for one, other, talk in INSIDE:
        _say(open_direct_room(member=people[one], other=people[other]), people, talk)
    name, creator, members, talk = GROUP
    room = create_group_room(creator=people[creator], members=[people[key] for key in members], name=name)
    _say(room, people, talk)


def _company(slug: str) -> dict[str, User]:
    name, language, zone, staff = COMPANIES[slug]
    company = Company.objects.create(name=name, slug=slug, time_zone=zone)
    company.domains.create(name=f"{slug}.example")
    policy_of(company)
    departments = {
        part: Department.objects.create(company=company, name=part) for part in dict.fromkeys(p[3] for p in staff)
    }
    made = {}
    for account, full_name, title, department, handle, phone in staff:
        made[f"{account}@{slug}"] = create_member(
            company=company,
            email=f"{account}@{slug}.example",
            name=full_name,
            handle=handle,
            title=title,
            department=departments[department],
            phone=phone,
            language=language,
            time_zone=zone,
            is_administrator=account == "admin",
            actor=None,
            password=PASSWORD,
        )
    return made


def _say(room: Room, people: dict[str, User], talk: Talk) -> None:
    # One by one, as people do, and with the same ids at every start from empty.
    for number, (who, text) in enumerate(talk):
        client_id = uuid5(NAMESPACE_URL, f"demo/{room.pk}/{number}")
        send_messages([Draft(room.pk, people[who].pk, client_id, text)])
