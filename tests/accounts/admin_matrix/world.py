"""Everybody and everything the administrators' pages could show: one's own, a partner's, and a stranger's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.actions.audit import audit
from accounts.actions.invitations import invite_members
from accounts.actions.members import deactivate_member
from accounts.models import Company, Department, MemberImport, User
from contacts.actions.add import add_external_contact
from contacts.actions.block import block_external_user
from contacts.models import ExternalContact
from federation.actions.asking import ask_partner
from federation.actions.suspension import suspend_company
from federation.actions.switch import grant_members, set_external_connection
from federation.models import ExternalPolicy
from messaging.actions.groups import create_group_room
from messaging.actions.leaving import remove_member
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_message
from messaging.models import Message, Room
from tests.accounts.admin_matrix.canaries import PARTNER, PRIVATE, STRANGER, plant
from tests.accounts.admin_matrix.numbering import jump, put_back, sequences
from tests.accounts.admin_matrix.rows import all_models, rows_of
from tests.cast import PASSWORD, Cast, make_cast, make_company, make_member, signed_in
from tests.decisions import decide, set_partner_rule


@dataclass
class World:
    """alpha is one's own company, beta its partner; `forge`, `ally` and `past` have nothing to do with either."""

    cast: Cast
    forge: Company
    ally: Company
    past: Company
    forge_admin: User
    halted: Company
    halted_admin: User
    former_admin: User
    operator_in_alpha: User
    missing: dict[type[Model], int]
    clients: dict[str, Client]

    @property
    def strangers(self) -> list[Company]:
        """The companies of which alpha and beta may learn nothing."""
        return [self.forge, self.ally, self.past]


@contextmanager
def made_world() -> Iterator[World]:
    """The world while it is needed; afterwards the tables' numbering is restored."""
    before = sequences()
    try:
        with transaction.atomic():
            yield _make()
            transaction.set_rollback(True)
    finally:
        put_back(before)


def _make() -> World:
    missing = jump()
    cast = make_cast()
    halted = make_company("halted")
    halted_admin = make_member(halted, "Admin halted", is_administrator=True)
    former = make_member(cast.alpha, "Former admin", is_administrator=True)
    inside = User.objects.create_superuser("op@alpha.example", PASSWORD, name="Op", company=cast.alpha)
    _own_and_partner(cast)
    _pending(cast, halted)
    forge, ally, past = (make_company(f"{STRANGER}{name}") for name in ("forge", "ally", "past"))
    forge_admin = _strangers(forge, ally, past)
    clients = {
        "signed out": Client(),
        "plain member": signed_in(cast.kim),
        "deactivated administrator": signed_in(former),
        "administrator of a suspended company": signed_in(halted_admin),
        "administrator of another company": signed_in(cast.admin_beta),
        "administrator of the own company": signed_in(cast.admin_alpha),
        "administrator of a stranger": signed_in(forge_admin),
        "operator": signed_in(cast.operator),
    }
    deactivate_member(member=former, actor=cast.admin_alpha)
    suspend_company(company=halted, actor=cast.operator)
    for model in all_models():
        plant(rows_of(model, [forge, ally, past]), STRANGER)
    return World(cast, forge, ally, past, forge_admin, halted, halted_admin, former, inside, missing, clients)


def _own_and_partner(cast: Cast) -> None:
    """What alpha's administrator may see, and what only beta's or no administrator may."""
    for company, boss, canary in ((cast.alpha, cast.admin_alpha, "Sales"), (cast.beta, cast.admin_beta, PARTNER)):
        part = Department.objects.create(company=company, name=f"{canary} one")
        Department.objects.create(company=company, name=f"{canary} two", parent=part)
        grant_members(company=company, members=[boss], departments=[part], actor=boss)
    shared = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato, cast.ito], name="Osaka launch")
    create_group_room(creator=cast.sato, members=[cast.kim, cast.ito], name="Busan visit")
    remove_member(master=cast.kim, room_id=shared.pk, member_id=cast.ito.pk)
    for creator, other, name in ((cast.kim, cast.lee, "Among us"), (cast.sato, cast.ito, PARTNER)):
        say(create_group_room(creator=creator, members=[other], name=name), creator)
    for one in (shared, open_direct_room(member=cast.kim, other=cast.sato)):
        say(one, cast.kim)
    for owner, person in ((cast.kim, cast.sato), (cast.sato, cast.lee)):
        contact = add_external_contact(member=owner, person=person)
        plant(ExternalContact.objects.filter(pk=contact.pk), PRIVATE)
    block_external_user(member=cast.lee, person=cast.ito)
    plant(User.objects.filter(company=cast.beta), PARTNER, besides=("name", "language", "time_zone"))
    plant(cast.beta.domains.all(), PARTNER)
    plant(Message.objects.all(), PRIVATE)
    log(cast.admin_beta, cast.sato, PARTNER)
    audit([cast.beta.pk], cast.admin_beta, "member.created", text=f"{PARTNER} said", member=cast.sato.pk)
    log(cast.admin_alpha, cast.kim, "own")
    uploaded(cast.admin_alpha, "Fresh,fresh@alpha.example")
    uploaded(cast.admin_beta, f"{PARTNER},{PARTNER}@{PARTNER}.example")


def _pending(cast: Cast, halted: Company) -> None:
    """What waits for alpha's administrator on their page: a closing to undo, a request to answer, one to withdraw."""
    set_external_connection(company=halted, allows=True, actor=None)
    decide(company=cast.alpha, partner=halted, decision="deny", actor=cast.admin_alpha)
    ask_partner(company=cast.gamma, domain="alpha.example", message="Hello", actor=cast.admin_gamma)
    ask_partner(company=cast.alpha, domain="elsewhere.example", message="", actor=cast.admin_alpha)


def _strangers(forge: Company, ally: Company, past: Company) -> User:
    """Companies that know only each other, with something in every table. The first one's administrator."""
    people = {}
    set_partner_rule(company=past, rule=ExternalPolicy.PartnerRule.APPROVED, actor=None)
    set_external_connection(company=past, allows=True, actor=None)
    for company in (forge, ally):
        admin = make_member(company, f"{STRANGER} {company.slug} boss", is_administrator=True)
        staff = [make_member(company, f"{STRANGER} {company.slug} {name}") for name in ("one", "two")]
        people[company.pk] = [admin, *staff]
        part = Department.objects.create(company=company, name=f"{STRANGER} part")
        Department.objects.create(company=company, name=f"{STRANGER} below", parent=part)
        User.objects.filter(pk=staff[0].pk).update(department=part)
        # In this order: nobody else's link with them has ever been open.
        set_partner_rule(company=company, rule=ExternalPolicy.PartnerRule.APPROVED, actor=admin)
        set_external_connection(company=company, allows=True, actor=admin)
        grant_members(company=company, members=[admin], departments=[part], actor=admin)
    (boss, one, two), (ally_boss, friend, *_rest) = people[forge.pk], people[ally.pk]
    for domain in (f"{STRANGER}.example", ally.domains.get().name):
        ask_partner(company=forge, domain=domain, message=STRANGER, actor=boss)
    decide(company=forge, partner=ally, decision="allow", actor=boss)
    decide(company=ally, partner=forge, decision="allow", actor=ally_boss)
    add_external_contact(member=one, person=friend)
    say(create_group_room(creator=one, members=[two, friend], name=f"{STRANGER} room"), one)
    say(create_group_room(creator=friend, members=[one], name=f"{STRANGER} ally room"), friend)
    say(create_group_room(creator=one, members=[two], name=f"{STRANGER} inside"), one)
    audit([forge.pk], boss, "member.created", text=STRANGER, member=one.pk, fields=[STRANGER])
    audit([forge.pk], boss, f"{STRANGER}.event", text=STRANGER)
    # A closing that could be undone.
    for company, partner, decision in ((past, forge, "allow"), (forge, past, "allow"), (forge, past, "deny")):
        decide(company=company, partner=partner, decision=decision, actor=None)
    log(boss, one, STRANGER)
    uploaded(boss, f"{STRANGER},{STRANGER}@{STRANGER}.example")
    invite_members(members=[make_member(forge, f"{STRANGER} invited", invited_at=timezone.now())], actor=boss)
    return boss


def more_of_strangers(world: World) -> None:
    """Much happens at a stranger's."""
    forge, boss = world.forge, world.forge_admin
    for name in ("three", "four"):
        member = make_member(forge, f"{STRANGER} {name}")
        say(create_group_room(creator=member, members=[boss], name=f"{STRANGER} {name}"), member)
        deactivate_member(member=member, actor=boss)
    Department.objects.create(company=forge, name=f"{STRANGER} third")
    other = make_company(f"{STRANGER}new")
    decide(company=forge, partner=world.ally, decision="deny", actor=boss)
    decide(company=forge, partner=other, decision="allow", actor=boss)
    ask_partner(company=forge, domain=f"more.{STRANGER}.example", message=STRANGER, actor=boss)


def say(room: Room, author: User) -> None:
    """Something that no administrator reads."""
    send_message(Draft(room.pk, author.pk, uuid4(), f"{PRIVATE} said"))


def log(actor: User, row: Model, text: str) -> None:
    """What Django's admin keeps of a change."""
    kind = ContentType.objects.get_for_model(type(row))
    LogEntry.objects.create(
        user=actor,
        content_type=kind,
        object_id=row.pk,
        object_repr=f"{text} repr",
        action_flag=CHANGE,
        change_message=text,
    )


def uploaded(actor: User, row: str) -> None:
    """A file of members that waits to be imported."""
    MemberImport.objects.create(
        company=actor.company, made_by=actor, file_name=f"{row[:4]}.csv", text=f"name,email\n{row}\n"
    )
