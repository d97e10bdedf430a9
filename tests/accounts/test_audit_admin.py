"""The audit log in the admin: one's own company's, in plain words, to read and to download."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.audit import audit, audit_many
from accounts.actions.departments import save_department
from accounts.actions.invitations import send_resets
from accounts.actions.members import deactivate_member, reactivate_member, save_member
from accounts.audit.details import change_rows, detail_rows
from accounts.audit.names import Names
from accounts.models import AuditEntry, Department, User
from contacts.actions.add import add_external_contact
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from federation.actions.undoing import undo_closing
from messaging.actions.groups import create_group_room
from tests.cast import Cast, make_member, make_members, signed_in
from tests.decisions import decide, set_member_grant, set_partner_rule

pytestmark = pytest.mark.django_db
LIST = reverse("admin:accounts_auditentry_changelist")
EXPORT = reverse("admin:accounts_auditentry_export")


def shown(client: Client, address: str = LIST, **query: object) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.headers
    return answer.content.decode()


def rows(client: Client, **query: object) -> list[list[str]]:
    answer = client.get(EXPORT, query)
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"))))


@pytest.fixture
def met(cast: Cast) -> Cast:
    """Kim knows Sato and has made a room with her and a colleague."""
    add_external_contact(member=cast.kim, person=cast.sato)
    create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Osaka launch")
    return cast


def test_the_list_says_in_plain_words_what_each_company_may_know(met: Cast) -> None:
    alpha = shown(signed_in(met.admin_alpha))
    assert "Kim Minseo added Sato Yui (beta) to their contacts" in alpha
    assert "Kim Minseo created “Osaka launch” with Kim Minseo, Lee Jiho, Sato Yui (beta)" in alpha
    assert "Admin alpha signed in" in alpha
    assert "The link with beta opened" in alpha
    beta = shown(signed_in(met.admin_beta))
    assert "Kim Minseo (alpha) added Sato Yui to their contacts" in beta
    assert "Admin beta opened the link with alpha" in beta
    # Who decided there is nobody's business here.
    assert "Admin alpha" not in beta
    gamma = shown(signed_in(met.admin_gamma))
    for word in ("Kim Minseo", "Sato", "alpha", "beta", "Osaka"):
        assert word not in gamma


def test_i01_entries_of_another_company_are_like_none(met: Cast) -> None:
    client = signed_in(met.admin_gamma)
    foreign = AuditEntry.objects.filter(company=met.alpha).first()
    own = AuditEntry.objects.filter(company=met.gamma).first()
    answers = []
    for pk in (foreign.pk, 987_654):
        for what in ("change", "history", "delete"):
            answer = client.get(reverse(f"admin:accounts_auditentry_{what}", args=[pk]), follow=True)
            text = answer.content.decode().replace(str(pk), "…")
            answers.append((what, answer.status_code, answer.redirect_chain, text))
            assert "Osaka" not in text
    assert [a[:3] for a in answers[:3]] == [a[:3] for a in answers[3:]]
    for query in ({"company__id__exact": met.alpha.pk}, {"of": "alpha"}, {"person": "Kim"}, {"q": "Kim"}):
        text = client.get(LIST, query, follow=True).content.decode()
        assert "added" not in text
        assert "Kim Minseo" not in text
    assert client.get(reverse("admin:accounts_auditentry_change", args=[own.pk])).status_code == 200


def test_who_is_no_administrator_sees_nothing_of_it(met: Cast) -> None:
    entry = AuditEntry.objects.filter(company=met.alpha).first()
    for client in (signed_in(met.kim), Client()):
        for address in (LIST, EXPORT, reverse("admin:accounts_auditentry_change", args=[entry.pk])):
            answer = client.get(address)
            assert answer.status_code in (302, 403)
            assert "Kim" not in answer.content.decode()
    assert not AuditEntry.objects.filter(event="audit.exported").exists()


def test_nobody_adds_changes_or_deletes_not_even_an_operator(met: Cast) -> None:
    entry = AuditEntry.objects.filter(company=met.alpha).first()
    for who in (met.admin_alpha, met.operator):
        client = signed_in(who)
        for what, args in (("add", []), ("delete", [entry.pk])):
            address = reverse(f"admin:accounts_auditentry_{what}", args=args)
            assert client.get(address).status_code == client.post(address, {"post": "yes"}).status_code == 403
        change = reverse("admin:accounts_auditentry_change", args=[entry.pk])
        assert client.post(change, {"event": "x"}).status_code == 403
        form = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
        client.post(LIST, form)
        assert 'name="action"' not in shown(client)
    assert AuditEntry.objects.get(pk=entry.pk).event == entry.event


def test_an_entry_of_its_own_shows_what_was_and_what_is(cast: Cast) -> None:
    before, after = {"title": "Buyer", "active": True}, {"title": "<b>Lead</b>", "active": False}
    audit([cast.alpha.pk], cast.admin_alpha, "member.changed", member=cast.kim.pk, before=before, after=after)
    entry = AuditEntry.objects.get(event="member.changed")
    text = shown(signed_in(cast.admin_alpha), reverse("admin:accounts_auditentry_change", args=[entry.pk]))
    assert "Admin alpha changed Kim Minseo: title, active" in text
    assert "<th scope=row>title</th><td>Buyer</td><td>&lt;b&gt;Lead&lt;/b&gt;</td>" in text
    assert "<th scope=row>active</th><td>yes</td><td>no</td>" in text
    assert "<th scope=row>member</th><td>Kim Minseo</td>" in text


def page(viewer: User, **of: object) -> str:
    """The page of the newest entry of its kind."""
    entry = AuditEntry.objects.filter(**of).order_by("-pk")[0]
    return shown(signed_in(viewer), reverse("admin:accounts_auditentry_change", args=[entry.pk]))


def test_the_entrys_page_names_everybody_and_the_list_five(cast: Cast) -> None:
    people = make_members(cast.alpha, [f"Person {n:02}" for n in range(40)])
    send_resets(members=people, actor=cast.admin_alpha)
    assert "Person 04 and 35 more" in shown(signed_in(cast.admin_alpha))
    names = ", ".join(one.name for one in people)
    assert f"<th scope=row>members</th><td>{names}</td>" in page(cast.admin_alpha, event="member.reset_sent")


def test_the_page_has_names_for_ids_and_words_for_fields(cast: Cast) -> None:
    sales = save_department(department=Department(company=cast.alpha, name="Sales"), actor=cast.admin_alpha)
    seoul = Department(company=cast.alpha, name="Seoul", parent=sales)
    save_department(department=seoul, actor=cast.admin_alpha)
    created = page(cast.admin_alpha, event="department.created")
    assert "<th scope=row>department above</th><td>–</td><td>Sales</td>" in created
    cast.kim.department, cast.kim.is_administrator = seoul, True
    save_member(member=cast.kim, changed=["department", "is_administrator"], actor=cast.admin_alpha)
    moved = page(cast.admin_alpha, event="member.changed")
    assert "changed Kim Minseo: department, administrator" in moved
    assert "<th scope=row>department</th><td>–</td><td>Seoul</td>" in moved
    assert "<th scope=row>administrator</th><td>no</td><td>yes</td>" in moved
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    granted = page(cast.admin_alpha, event="member_grant.changed")
    assert "<th scope=row>who may use it</th><td>all members</td><td>chosen members and departments</td>" in granted


def test_the_page_says_until_which_day_in_the_viewers_time_zone(cast: Cast) -> None:
    end = datetime(2099, 3, 1, tzinfo=ZoneInfo("Asia/Seoul"))
    decide(company=cast.alpha, partner=cast.beta, decision="allow", expires_at=end, actor=cast.admin_alpha)
    decided = page(cast.admin_alpha, event="partner.decided")
    assert "<th scope=row>until</th><td>–</td><td>2099-02-28</td>" in decided
    assert "<th scope=row>decision</th><td>use default</td><td>allow</td>" in decided
    assert "<th scope=row>partner</th><td>beta</td>" in decided
    User.objects.filter(pk=cast.admin_alpha.pk).update(time_zone="Pacific/Kiritimati")
    cast.admin_alpha.refresh_from_db()
    assert "<th scope=row>until</th><td>–</td><td>2099-03-01</td>" in page(cast.admin_alpha, event="partner.decided")


def test_the_page_of_what_was_undone_names_partner_and_grants(met: Cast) -> None:
    closing = decide(company=met.alpha, partner=met.beta, decision="deny", actor=met.admin_alpha)
    undo_closing(company=met.alpha, closing_id=closing.pk, actor=met.admin_alpha)
    undone = page(met.admin_alpha, event="closing.undone")
    assert "<th scope=row>decision about beta</th><td>deny</td><td>use default</td>" in undone
    assert f"<th scope=row>closing number</th><td>{closing.pk}</td>" in undone
    grant_members(company=met.alpha, members=[met.kim, met.lee], actor=met.admin_alpha)
    set_member_grant(company=met.alpha, grant_to="chosen", actor=met.admin_alpha)
    closing = withdraw_members(company=met.alpha, members=[met.kim, met.lee], actor=met.admin_alpha)
    undo_closing(company=met.alpha, closing_id=closing.pk, actor=met.admin_alpha)
    undone = page(met.admin_alpha, event="closing.undone")
    assert "<th scope=row>chosen for external connection</th><td>–</td><td>members: Kim Minseo, Lee Jiho</td>" in undone


def test_the_page_names_rooms_as_the_companys_own_log_does(met: Cast) -> None:
    decide(company=met.beta, partner=met.alpha, decision="deny", actor=met.admin_beta)
    frozen = page(met.admin_alpha, event="room.frozen", company=met.alpha)
    assert "<th scope=row>rooms</th><td>Kim Minseo – Sato Yui (beta)</td>" in frozen
    assert "<th scope=row>reason</th><td>the link between the two companies was closed</td>" in frozen
    excluded = page(met.admin_beta, event="room.excluded", company=met.beta)
    assert "<th scope=row>rooms</th><td>“Osaka launch”: Sato Yui</td>" in excluded
    created = page(met.admin_beta, event="room.created", company=met.beta)
    assert "<th scope=row>hosting company</th><td>alpha</td>" in created
    assert "<th scope=row>members</th><td>Kim Minseo (alpha), Lee Jiho (alpha), Sato Yui</td>" in created


def test_the_page_names_nothing_of_another_company_that_the_log_does_not_tell(met: Cast) -> None:
    decide(company=met.beta, partner=met.alpha, decision="deny", actor=met.admin_beta)
    closed = page(met.admin_alpha, event="contact.closed", company=met.alpha)
    assert "<th scope=row>contacts</th><td>Kim Minseo – someone at another company</td>" in closed
    hidden = Department.objects.create(company=met.gamma, name="Hidden part")
    room = create_group_room(creator=met.tran, members=[met.admin_gamma], name="Hidden room")
    ids = {"members": [met.tran.pk, met.operator.pk], "department_id": hidden.pk}
    audit(
        [met.alpha.pk], met.kim, "test.hidden", room=room.pk, rooms={str(room.pk): [met.tran.pk]}, after=ids, before={}
    )
    text = page(met.admin_alpha, event="test.hidden")
    assert f"<th scope=row>rooms</th><td>room {room.pk}: someone at another company</td>" in text
    assert "<th scope=row>members</th><td>–</td><td>someone at another company, an operator</td>" in text
    assert "<th scope=row>department</th><td>–</td><td>a department</td>" in text
    for word in ("Hidden", "Tran", "gamma", "Operator"):
        assert word not in text


def test_what_a_list_was_filtered_by_names_nothing(met: Cast) -> None:
    typed = {f"decision about {met.gamma.pk}": "x", "member": str(met.tran.pk), "expires_at": "x", "about": "rooms"}
    audit([met.alpha.pk], met.admin_alpha, "audit.exported", filters=typed)
    text = page(met.admin_alpha, event="audit.exported")
    for part in (f"member: {met.tran.pk}", "until: x", "subject: rooms", f"decision about {met.gamma.pk}: x"):
        assert part in text
    assert "gamma" not in text


def test_names_for_any_number_of_entries_take_the_same_number_of_queries(
    met: Cast, django_assert_max_num_queries: Callable
) -> None:
    set_external_connection(company=met.beta, allows=False, actor=met.admin_beta)
    for n in range(30):
        room = create_group_room(creator=met.kim, members=[met.lee], name=f"Room {n}")
        audit([met.alpha.pk], met.kim, "room.excluded", rooms={str(room.pk): [met.lee.pk, met.kim.pk]})
    entries = list(AuditEntry.objects.all())
    with django_assert_max_num_queries(4):
        names = Names(entries, whole=True)
        rows = [detail_rows(entry, names) + change_rows(entry, names) for entry in entries]
    assert ("rooms", "“Room 29”: Lee Jiho, Kim Minseo") in rows[0]


def test_what_an_entry_does_not_tell_is_a_dash(cast: Cast) -> None:
    entry = AuditEntry.objects.filter(company=cast.alpha, event="link.opened").get()
    text = shown(signed_in(cast.admin_alpha), reverse("admin:accounts_auditentry_change", args=[entry.pk]))
    assert (entry.actor, ">None<" in text, "› link.opened" in text) == (None, False, False)


def test_the_list_says_what_was_decided_and_who_gained_or_lost_by_it(cast: Cast) -> None:
    admin, beta = cast.admin_alpha, cast.beta
    end = datetime(2099, 3, 1, tzinfo=ZoneInfo(admin.time_zone))
    decide(company=cast.alpha, partner=beta, decision="allow", expires_at=end, actor=admin)
    set_partner_rule(company=cast.alpha, rule="approved", actor=admin)
    deactivate_member(member=cast.lee, actor=admin)
    reactivate_member(member=cast.lee, actor=admin)
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=admin)
    decide(company=cast.alpha, partner=beta, decision="deny", actor=admin)
    text = shown(signed_in(admin))
    for sentence in (
        "allowed beta until 2099-02-28",
        "denied beta",
        "changed which companies may be partners: approved partners only",
        "changed who may use external connection: chosen members and departments",
        "removed external connection from Lee Jiho",
        "gave external connection to Lee Jiho",
    ):
        assert f"Admin alpha {sentence}<" in text, sentence


def test_an_operator_sees_all_and_chooses_a_company(met: Cast) -> None:
    client = signed_in(met.operator)
    everything = shown(client)
    assert "Kim Minseo added Sato Yui (beta) to their contacts" in everything
    assert "Kim Minseo (alpha) added Sato Yui to their contacts" in everything
    beta = shown(client, of="beta")
    assert "Kim Minseo (alpha) added Sato Yui to their contacts" in beta
    assert "Kim Minseo added" not in beta
    assert 'href="?of=alpha"' not in shown(signed_in(met.admin_beta))


def test_filters_by_subject_person_and_time(met: Cast) -> None:
    client = signed_in(met.admin_alpha)
    rooms = shown(client, about="rooms")
    assert "created “Osaka launch”" in rooms
    assert "to their contacts" not in rooms
    assert "signed in" not in shown(client, about="people")
    assert "Admin alpha signed in" in shown(client, about="sign-in")
    lee = shown(client, person="lee-jiho@alpha.example")
    assert "created “Osaka launch”" in lee
    assert "to their contacts" not in lee
    assert "created “Osaka launch”" in shown(client, person="@lee-jiho")
    today = timezone.localdate(timezone=timezone.get_fixed_timezone(9 * 60))
    assert "to their contacts" in shown(client, **{"from": today, "until": today})
    assert "to their contacts" not in shown(client, **{"from": today + timedelta(days=1)})
    assert "to their contacts" not in shown(client, until=today - timedelta(days=1))
    for nonsense in ({"from": "2026-02-31"}, {"until": "yesterday"}, {"about": "x"}):
        assert client.get(LIST, nonsense, follow=True).status_code == 200
        assert client.get(EXPORT, nonsense, follow=True).status_code == 200


def test_everybody_of_a_name_is_found_however_many_they_are(
    cast: Cast, django_assert_max_num_queries: Callable
) -> None:
    parks = [make_member(cast.alpha, "Park Jisoo", handle=f"park-{n}") for n in range(60)]
    lists = [{"members": [cast.lee.pk, one.pk]} for one in parks] + [{"members": []}, {"room": 1}]
    audit_many([(cast.alpha.pk, "room.edited", data) for data in lists], None)
    audit_many([(cast.alpha.pk, "contact.added", {"person": one.pk}) for one in parks], cast.kim)
    for one in parks:
        audit([cast.alpha.pk], one, "member.signed_out")
    made = make_member(cast.beta, "Park Jisoo", handle="park-beta")
    audit([cast.alpha.pk], None, "room.member_left", member=made.pk)
    client = signed_in(cast.admin_alpha)
    for query in ({"person": "Park Jisoo"}, {"q": "Park Jisoo"}):
        with django_assert_max_num_queries(30):
            assert shown(client, **query).count("Park Jisoo") >= 50
        # That somebody searched for it is written down as well.
        found = [row[-5] for row in rows(client, **query)[1:] if row[-5] != "audit.exported"]
        events = ["member.created", "room.edited", "contact.added", "member.signed_out", "external_connection.given"]
        assert Counter(found) == dict.fromkeys(events, 60)
    assert len(rows(client, person="@park-59")) - 1 == 5


def test_a_person_of_another_company_is_found_by_no_filter(met: Cast) -> None:
    client = signed_in(met.admin_alpha)
    for text in (met.sato.email, met.sato.handle, met.sato.name, "Nobody At All"):
        assert "to their contacts" not in shown(client, person=text)
    # What the log says of them is found by what it says.
    assert "to their contacts" in shown(client, q="Sato")
    assert "to their contacts" not in shown(client, q=met.sato.email)


def test_whose_rooms_froze_is_found_by_each_companys_own_people(met: Cast) -> None:
    decide(company=met.beta, partner=met.alpha, decision="deny", actor=met.admin_beta)
    for admin, own in ((met.admin_alpha, met.kim), (met.admin_beta, met.sato)):
        frozen = AuditEntry.objects.get(event="room.frozen", company=own.company)
        assert frozen.data["members"] == [own.pk]
        assert "room.frozen" in [row[-5] for row in rows(signed_in(admin), person=own.email)]
    assert "room.frozen" not in [row[-5] for row in rows(signed_in(met.admin_alpha), person=met.lee.email)]


def test_search_finds_words_people_and_addresses(met: Cast) -> None:
    client = signed_in(met.admin_alpha)
    assert "created “Osaka launch”" in shown(client, q="osaka lee")
    assert "created “Osaka launch”" not in shown(client, q="osaka nobody")
    client.get(EXPORT, REMOTE_ADDR="203.0.113.7")
    assert "203.0.113.7" in shown(client, q="203.0.113")


def test_the_list_takes_the_same_number_of_queries_for_any_number_of_entries(
    met: Cast, django_assert_max_num_queries: Callable, django_assert_num_queries: Callable
) -> None:
    client = signed_in(met.admin_alpha)
    shown(client)
    with django_assert_max_num_queries(30) as first:
        shown(client, about="rooms")
    people = {str(n): [f"Person {n}", met.beta.pk] for n in range(100_000, 100_040)}
    for n in range(40):
        audit([met.alpha.pk], met.kim, "room.members_added", room=n, members=[met.lee.pk, 100_000 + n], people=people)
    with django_assert_num_queries(len(first)):
        assert "Person 100039 (beta)" in shown(client, about="rooms")


def test_the_download_has_what_the_list_shows_and_is_written_down(met: Cast) -> None:
    client = signed_in(met.admin_alpha)
    found = rows(client, about="contacts")
    assert [row[3] for row in found[1:]] == ["Kim Minseo added Sato Yui (beta) to their contacts"]
    assert len(rows(client)) - 1 == AuditEntry.objects.filter(company=met.alpha).count() - 1
    exported = AuditEntry.objects.filter(event="audit.exported").order_by("pk")
    assert [(one.company, one.actor, one.data, one.address) for one in exported] == [
        (met.alpha, met.admin_alpha, {"filters": {"about": "contacts"}}, "127.0.0.1"),
        (met.alpha, met.admin_alpha, {"filters": {}}, "127.0.0.1"),
    ]
    answer = client.get(EXPORT)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-log.csv"'
    assert "no-store" in answer.headers["Cache-Control"]


def test_an_operators_download_is_in_the_logs_of_the_companies_in_it(met: Cast) -> None:
    client = signed_in(met.operator)
    assert {row[2] for row in rows(client, of="beta")[1:]} == {"beta"}
    assert [one.company for one in AuditEntry.objects.filter(event="audit.exported")] == [met.beta]
    assert {row[2] for row in rows(client)[1:]} == {"alpha", "beta", "gamma"}


def test_an_operators_download_reads_each_company_once(met: Cast) -> None:
    client = signed_in(met.operator)
    with CaptureQueriesContext(connection) as done:
        client.get(EXPORT)
    asked = [one["sql"] for one in done if one["sql"].startswith('SELECT DISTINCT "accounts_auditentry"."company_id"')]
    assert len(asked) == 1
    assert AuditEntry.objects.filter(event="audit.exported").count() == 3


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_cell_of_the_download_is_a_formula(cast: Cast, name: str) -> None:
    cast.lee.name = name
    cast.lee.save(update_fields=["name"])
    audit([cast.alpha.pk], cast.lee, "member.signed_in", member=cast.lee.pk)
    found = rows(signed_in(cast.admin_alpha))
    assert any(row[4] == f"'{name}" for row in found)
    assert not [cell for row in found for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_download_is_made_piece_by_piece(cast: Cast, django_assert_max_num_queries: Callable) -> None:
    audit_many([(cast.alpha.pk, "room.edited", {"room": n}) for n in range(1_500)], cast.kim)
    answer = signed_in(cast.admin_alpha).get(EXPORT)
    pieces: Iterator[bytes] = iter(answer.streaming_content)
    with django_assert_max_num_queries(4):
        assert len(next(pieces).splitlines()) == 1 + 500
    # What comes meanwhile is not in it.
    audit([cast.alpha.pk], cast.kim, "room.edited", room=1)
    assert (
        sum(len(piece.splitlines()) for piece in pieces) == AuditEntry.objects.filter(company=cast.alpha).count() - 502
    )


# The history of a page, which Django keeps


def test_the_history_of_a_page_names_ones_own_people_and_no_operator(cast: Cast) -> None:
    kind = ContentType.objects.get_for_model(User)
    for who, text in ((cast.admin_alpha, "First."), (cast.operator, "Second."), (cast.admin_beta, "Third.")):
        LogEntry.objects.create(
            user=who, content_type=kind, object_id=cast.kim.pk, action_flag=CHANGE, change_message=text
        )
    address = reverse("admin:accounts_user_history", args=[cast.kim.pk])
    seen = shown(signed_in(cast.admin_alpha), address)
    table = " ".join(seen[seen.index("<table>") : seen.index("</table>")].split())
    assert "<td> Admin alpha </td> <td>First.</td>" in table
    assert "<td> an operator </td> <td>Second.</td>" in table
    assert "<td> someone at another company </td> <td>Third.</td>" in table
    for word in (cast.admin_alpha.email, cast.operator.email, "Operator", "Admin beta", "beta.example"):
        assert word not in table
        assert word == cast.admin_alpha.email or word not in seen
    everything = shown(signed_in(cast.operator), address)
    assert "Admin beta" in everything
    assert everything.count("an operator") == 1
    assert signed_in(cast.admin_beta).get(address).status_code == 404
    assert signed_in(cast.kim).get(address).status_code == 302
