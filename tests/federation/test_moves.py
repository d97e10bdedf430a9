"""Whom an administrator moves or takes out of a room may lose something by it: the page asks first."""

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client

from accounts.actions.departments import save_department
from accounts.actions.members import deactivate_member
from accounts.models import AuditEntry, Department, User
from contacts.actions.add import add_external_contact
from contacts.models import ExternalContact
from federation.actions.switch import grant_members
from federation.models import Closing
from federation.policies import is_available
from messaging.actions.groups import create_group_room
from messaging.models import Membership, Room
from tests.cast import Cast, signed_in
from tests.confirmation import agreed, asks, posted
from tests.decisions import change_department, set_member_grant

pytestmark = pytest.mark.django_db
MEMBERS = "/admin/accounts/user/"
DEPARTMENTS = "/admin/accounts/department/"
ROOMS = "/admin/messaging/membership/"


@pytest.fixture
def sales(cast: Cast) -> Department:
    """The chosen department, in whose part Asia Kim is, who has an external contact."""
    found = Department.objects.create(company=cast.alpha, name="Sales")
    asia = Department.objects.create(company=cast.alpha, name="Asia", parent=found)
    Department.objects.create(company=cast.alpha, name="Docks")
    change_department(member=cast.kim, department=asia, actor=None)
    grant_members(company=cast.alpha, departments=[found], actor=None)
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=None)
    add_external_contact(member=cast.kim, person=cast.sato)
    return found


def page_of(row: User | Department) -> str:
    return f"{MEMBERS if isinstance(row, User) else DEPARTMENTS}{row.pk}/change/"


def form_of(member: User, department: str, **more: str) -> dict[str, str]:
    """The member's form with another department, by its name."""
    names = ("name", "email", "handle", "title", "phone", "language", "time_zone")
    place = Department.objects.filter(name=department).values_list("pk", flat=True).first()
    return {name: getattr(member, name) for name in names} | {"department": str(place or "")} | more


def said(answer: HttpResponse) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def written() -> tuple[int, int, int]:
    """How much has been written down: in the history, in the audit log, of what ended."""
    signing_in = AuditEntry.objects.filter(event="member.signed_in").count()
    return LogEntry.objects.count(), AuditEntry.objects.count() - signing_in, Closing.objects.count()


def moved_kim(cast: Cast, **more: str) -> tuple[Client, HttpResponse]:
    """The answer to a form that moves Kim to the docks, which are not chosen."""
    client = signed_in(cast.admin_alpha)
    return client, client.post(page_of(cast.kim), form_of(cast.kim, "Docks", **more))


def test_a_members_move_that_ends_something_asks_and_changes_nothing(cast: Cast, sales: Department) -> None:
    before = written()
    client, answer = moved_kim(cast, title="Typed and kept")
    assert asks(answer)
    text = answer.content.decode()
    assert "Move Kim Minseo?" in text
    assert "Removes external connection from 1 member." in text
    assert "1 frozen 1:1 room" in text
    assert "You can undo this" not in text
    assert f'href="{page_of(cast.kim)}">Cancel' in text
    assert (said(answer), written()) == ([], before)
    cast.kim.refresh_from_db()
    assert (cast.kim.department.name, cast.kim.title) == ("Asia", "")
    assert is_available(cast.kim)
    assert ExternalContact.objects.get(owner=cast.kim).closed_at is None
    assert Room.objects.get().frozen_at is None
    # Nor does a page that is opened afterwards say that anything was saved.
    assert said(client.get(MEMBERS)) == []


def test_what_was_agreed_to_is_done_with_all_that_was_typed(cast: Cast, sales: Department) -> None:
    client, answer = moved_kim(cast, title="Typed and kept", _continue="Save and continue")
    answer = agreed(client, page_of(cast.kim), answer)
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of(cast.kim))
    cast.kim.refresh_from_db()
    assert (cast.kim.department.name, cast.kim.title) == ("Docks", "Typed and kept")
    assert not is_available(cast.kim)
    assert Room.objects.get().frozen_at is not None
    assert LogEntry.objects.filter(object_id=str(cast.kim.pk)).count() == 1
    assert AuditEntry.objects.filter(event="member.changed", actor=cast.admin_alpha).count() == 1
    told = said(client.get(page_of(cast.kim)))
    assert len(told) == 1
    assert "was changed successfully" in told[0]


def test_what_changed_meanwhile_is_asked_again(cast: Cast, sales: Department) -> None:
    client, answer = moved_kim(cast)
    add_external_contact(member=cast.kim, person=cast.ito)
    answer = agreed(client, page_of(cast.kim), answer)
    assert asks(answer)
    assert said(answer) == ["This has changed in the meantime. Please check again what will end."]
    assert "Freezes 2 rooms." in answer.content.decode()
    assert is_available(cast.kim)
    assert agreed(client, page_of(cast.kim), answer).status_code == 302
    assert not is_available(cast.kim)


def test_a_yes_to_one_place_is_none_to_another(cast: Cast, sales: Department) -> None:
    client, answer = moved_kim(cast)
    shown = dict(answer.context["hidden"])["shown"]
    assert asks(client.post(page_of(cast.kim), form_of(cast.kim, "", shown=shown)))
    assert is_available(cast.kim)


def test_a_yes_is_asked_for_a_form_only_that_can_be_saved(cast: Cast, sales: Department) -> None:
    _client, answer = moved_kim(cast, email="no address")
    assert not asks(answer)
    assert "email" in answer.context["adminform"].form.errors


@pytest.mark.parametrize("shown", [{}, {"shown": "of another page"}])
def test_a_move_that_ends_nothing_is_saved_at_once(cast: Cast, sales: Department, shown: dict[str, str]) -> None:
    client, closings = signed_in(cast.admin_alpha), Closing.objects.count()
    assert client.post(page_of(cast.kim), form_of(cast.kim, "Sales") | shown).status_code == 302
    assert client.post(page_of(cast.lee), form_of(cast.lee, "Asia") | shown).status_code == 302
    assert is_available(cast.kim)
    assert is_available(cast.lee)
    asia = Department.objects.get(name="Asia")
    assert client.post(page_of(asia), {"name": "Asia Pacific", "parent": sales.pk} | shown).status_code == 302
    docks = Department.objects.get(name="Docks")
    assert client.post(page_of(docks), {"name": "Docks", "parent": sales.pk} | shown).status_code == 302
    assert client.post(f"{DEPARTMENTS}add/", {"name": "New"} | shown).status_code == 302
    assert Closing.objects.count() == closings


def test_a_departments_move_that_ends_something_asks_and_is_done_when_agreed_to(cast: Cast, sales: Department) -> None:
    asia, before = Department.objects.get(name="Asia"), written()
    client = signed_in(cast.admin_alpha)
    form = {"name": "Asia Pacific", "parent": ""}
    answer = client.post(page_of(asia), form)
    assert asks(answer)
    assert "Move Asia Pacific?" in answer.content.decode()
    assert "Kim Minseo" in answer.content.decode()
    assert (said(answer), written()) == ([], before)
    asia.refresh_from_db()
    assert (asia.name, asia.parent) == ("Asia", sales)
    assert agreed(client, page_of(asia), answer).status_code == 302
    asia.refresh_from_db()
    assert (asia.name, asia.parent) == ("Asia Pacific", None)
    assert not is_available(cast.kim)
    assert LogEntry.objects.filter(object_id=str(asia.pk)).count() == 1


def test_an_operator_is_asked_too(cast: Cast, sales: Department) -> None:
    client = signed_in(cast.operator)
    assert asks(client.post(page_of(cast.kim), form_of(cast.kim, "")))
    assert is_available(cast.kim)


def test_i10_another_companys_administrator_moves_nobody(cast: Cast, sales: Department) -> None:
    client, before = signed_in(cast.admin_beta), written()
    asia = Department.objects.get(name="Asia")
    for row, form in ((cast.kim, form_of(cast.kim, "Docks")), (asia, {"name": "Asia", "parent": ""})):
        answer = client.post(page_of(row), form)
        # As for a number that nothing has.
        nobody = client.post(page_of(type(row)(pk=999_999)), form)
        assert (answer.status_code, nobody.status_code) == (404, 404)
    assert written() == before
    assert is_available(cast.kim)


@pytest.fixture
def launch(cast: Cast) -> Room:
    """An External Group room with two members of alpha."""
    return create_group_room(creator=cast.sato, members=[cast.kim, cast.lee], name="Osaka launch")


def place(room: Room, *members: User) -> dict[str, object]:
    rows = Membership.objects.filter(room=room, member__in=members)
    return {"action": "exclude_from_room", "_selected_action": [row.pk for row in rows]}


def inside(room: Room) -> set[User]:
    return {row.member for row in Membership.objects.filter(room=room, ended_at=None).select_related("member")}


def test_who_leaves_which_room_is_shown_before_anybody_is_excluded(cast: Cast, launch: Room) -> None:
    other = create_group_room(creator=cast.kim, members=[cast.sato], name="Busan visit")
    chosen = place(launch, cast.kim, cast.lee)
    chosen["_selected_action"] += place(other, cast.kim)["_selected_action"]
    client, before = signed_in(cast.admin_alpha), written()
    answer = client.post(ROOMS, chosen)
    assert asks(answer)
    assert answer.context["effects"] == ["Busan visit: Kim Minseo", "Osaka launch: Kim Minseo, Lee Jiho"]
    assert "Exclude 2 members?" in answer.content.decode()
    assert (inside(launch), written()) == ({cast.sato, cast.kim, cast.lee}, before)
    answer = agreed(client, ROOMS, answer, follow=True)
    assert said(answer) == ["3 members were excluded."]
    assert (inside(launch), inside(other)) == ({cast.sato}, {cast.sato})


def test_who_is_excluded_must_have_been_shown(cast: Cast, launch: Room) -> None:
    client = signed_in(cast.admin_alpha)
    across = place(launch, cast.kim) | {"select_across": "1"}
    answer = client.post(ROOMS, across)
    assert answer.context["effects"] == ["Osaka launch: Kim Minseo, Lee Jiho"]
    create_group_room(creator=cast.kim, members=[cast.sato], name="Busan visit")
    answer = agreed(client, ROOMS, answer)
    assert asks(answer)
    assert said(answer) == ["This has changed in the meantime. Please check again."]
    assert inside(launch) == {cast.sato, cast.kim, cast.lee}
    agreed(client, ROOMS, answer)
    assert inside(launch) == {cast.sato}


def test_who_has_left_meanwhile_is_not_excluded_again(cast: Cast, launch: Room) -> None:
    client = signed_in(cast.admin_alpha)
    chosen = place(launch, cast.kim)
    posted(client, ROOMS, chosen)
    assert said(client.get(ROOMS)) == ["1 member was excluded."]
    assert said(client.post(ROOMS, chosen, follow=True)) == ["They are no longer in these rooms."]


def test_i10_another_companys_administrator_excludes_nobody(cast: Cast, launch: Room) -> None:
    for stranger in (cast.admin_beta, cast.admin_gamma):
        answer = signed_in(stranger).post(ROOMS, place(launch, cast.kim))
        assert not asks(answer)
    assert inside(launch) == {cast.sato, cast.kim, cast.lee}


def test_a_department_that_somebody_else_moved_is_as_the_form_says(cast: Cast, sales: Department) -> None:
    """Also when the form was opened before: what is saved by it, and ends something, is asked for."""
    docks = Department.objects.get(name="Docks")
    docks.parent = sales
    save_department(department=docks, actor=None)
    change_department(member=cast.lee, department=docks, actor=None)
    client = signed_in(cast.admin_alpha)
    assert asks(client.post(page_of(docks), {"name": "Docks and more", "parent": ""}))
    assert is_available(cast.lee)


def test_who_is_deactivated_loses_nothing_by_a_departments_move(cast: Cast, sales: Department) -> None:
    docks = Department.objects.get(name="Docks")
    change_department(member=cast.lee, department=docks, actor=None)
    deactivate_member(member=User.objects.get(pk=cast.lee.pk), actor=None)
    closings = Closing.objects.count()
    answer = signed_in(cast.admin_alpha).post(page_of(docks), {"name": "Docks", "parent": str(sales.pk)})
    assert answer.status_code == 302
    docks.refresh_from_db()
    assert (docks.parent, Closing.objects.count()) == (sales, closings)
