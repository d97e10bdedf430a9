"""The people in every test: two companies that have allowed each other, and one that has not."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client

from accounts.actions.audit import audit_many
from accounts.actions.importing import TOLD
from accounts.actions.members import create_member
from accounts.addresses import plain
from accounts.models import Company, User
from accounts.signals import member_changed
from federation.actions.switch import set_external_connection
from messaging.actions.send import Draft, send_message, send_messages
from messaging.message.row import MessageRow
from messaging.models import Room

PASSWORD = "worksbridge-demo"


def make_company(name: str) -> Company:
    """A company that owns the domain `<slug>.example`; its slug is its name."""
    company = Company.objects.create(name=name, slug=name.lower())
    company.domains.create(name=f"{company.slug}.example")
    return company


def make_member(company: Company, name: str, **fields: object) -> User:
    """A member of a company, with a handle and an address made from the name."""
    handle = name.lower().replace(" ", "-")
    fields.setdefault("handle", handle)
    email = f"{fields['handle']}@{company.slug}.example"
    return create_member(company=company, email=email, name=name, actor=None, password=PASSWORD, **fields)


@transaction.atomic
def make_members(company: Company, names: Iterable[str]) -> list[User]:
    """Several members at once, as an import makes them: one after another takes ten times as long."""
    password = make_password(PASSWORD)
    members = []
    for name in names:
        handle = name.lower().replace(" ", "-")
        email = f"{handle}@{company.slug}.example"
        members.append(User(company=company, email=email, name=name, handle=handle, password=password))
    User.objects.bulk_create(members)
    member_changed.send(sender=User, members=members, actor=None)
    told = [{"member": one.pk, "after": plain({name: getattr(one, name) for name in TOLD})} for one in members]
    audit_many([(company.pk, "member.created", data) for data in told], None)
    return members


@dataclass
class Cast:
    """alpha and beta have allowed external connection, gamma has not."""

    alpha: Company
    beta: Company
    gamma: Company
    kim: User
    lee: User
    sato: User
    ito: User
    tran: User
    admin_alpha: User
    admin_beta: User
    admin_gamma: User
    operator: User


def make_cast() -> Cast:
    """Make them all, with the product's own actions."""
    alpha, beta, gamma = (make_company(name) for name in ("alpha", "beta", "gamma"))
    admins = [make_member(company, f"Admin {company.name}", is_administrator=True) for company in (alpha, beta, gamma)]
    cast = Cast(
        alpha=alpha,
        beta=beta,
        gamma=gamma,
        kim=make_member(alpha, "Kim Minseo"),
        lee=make_member(alpha, "Lee Jiho"),
        sato=make_member(beta, "Sato Yui"),
        ito=make_member(beta, "Ito Haruka"),
        tran=make_member(gamma, "Tran Nam"),
        admin_alpha=admins[0],
        admin_beta=admins[1],
        admin_gamma=admins[2],
        operator=User.objects.create_superuser("operator@worksbridge.example", PASSWORD, name="Operator"),
    )
    for company, admin in ((alpha, admins[0]), (beta, admins[1])):
        set_external_connection(company=company, allows=True, actor=admin)
    return cast


def signed_in(member: User) -> Client:
    """A browser in which `member` has signed in."""
    client = Client()
    client.force_login(member, backend="accounts.backends.Backend")
    return client


def say(room: Room, author: User, body: str = "Hello") -> MessageRow:
    """`author` writes in the room."""
    return send_message(Draft(room.pk, author.pk, uuid4(), body))


def say_all(room: Room, author: User, *bodies: str) -> list[MessageRow]:
    """The same several times, in one go."""
    outcomes = send_messages([Draft(room.pk, author.pk, uuid4(), body) for body in bodies])
    return [one for one in outcomes if isinstance(one, MessageRow)]
