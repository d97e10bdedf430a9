"""The front page of the admin: true figures, one's own company's alone, at the same price whatever the size."""

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.audit import audit
from accounts.actions.members import create_member, deactivate_member
from accounts.charts import DAYS, last_days
from accounts.models import Company, User
from contacts.actions.add import add_external_contact
from federation.actions.switch import set_external_connection
from federation.models import Availability
from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_message
from messaging.models import Message, Room
from tests.cast import Cast, make_company, make_member, signed_in
from worksbridge.live.presence import mark_online

pytestmark = pytest.mark.django_db
HOME = "/admin/"
SEOUL = ZoneInfo("Asia/Seoul")


def figures(viewer: User) -> dict[str, tuple[int, ...]]:
    """The figures that the viewer sees: label → the value, of how many, and the parts."""
    shown = signed_in(viewer).get(HOME).context["figures"]
    return {
        str(f.label): (f.value, *([] if f.of is None else [f.of]), *(number for number, _word in f.parts))
        for f in shown
    }


def bars(viewer: User, label: str) -> list[int]:
    """The numbers of the viewer's chart, the oldest day first."""
    charts = {str(chart.label): chart for chart in signed_in(viewer).get(HOME).context["charts"]}
    return [value for _day, value in charts[label].values]


def say(room: Room, author: User, when: datetime | None = None) -> Message:
    message = send_message(Draft(room.pk, author.pk, uuid4(), "Hello"))
    if when is not None:
        Message.objects.filter(pk=message.pk).update(created_at=when)
    return message


def cost(viewer: User) -> int:
    """How many queries the page takes once its days are counted."""
    client = signed_in(viewer)
    client.get(HOME)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(HOME).status_code == 200
    return len(queries)


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """alpha and beta talk in a 1:1 room and in a group, gamma among themselves; Lee is no longer there."""
    for person in (cast.sato, cast.ito):
        add_external_contact(member=cast.kim, person=person)
    group = create_group_room(creator=cast.kim, members=[cast.sato, cast.ito], name="Osaka launch")
    say(group, cast.kim)
    say(group, cast.sato)
    say(open_direct_room(member=cast.tran, other=cast.admin_gamma), cast.tran)
    deactivate_member(member=cast.lee, actor=cast.admin_alpha)
    return cast


def test_the_figures_are_those_of_ones_own_company(busy: Cast) -> None:
    mark_online([busy.kim.pk, busy.sato.pk, busy.tran.pk])
    seen = figures(busy.admin_alpha)
    assert seen["Members"] == (2, 0, 0, 1)
    assert seen["External connection"] == (2, 2)
    assert seen["Open links"] == (1, 0, 0)
    # The group and Kim's two 1:1 rooms.
    assert seen["External rooms"] == (3, 1, 2)
    assert seen["Live connections"] == (1, 2)
    assert sum(bars(busy.admin_alpha, "Messages")) == bars(busy.admin_alpha, "Messages")[-1] == 1
    gamma = figures(busy.admin_gamma)
    assert (gamma["External connection"], gamma["Open links"]) == ((0, 2), (0, 0, 0))
    assert (gamma["External rooms"], gamma["Live connections"]) == ((0, 0, 0), (1, 2))
    assert sum(bars(busy.admin_gamma, "Messages")) == 1


def test_an_invited_member_is_counted_as_such_until_they_have_a_password(cast: Cast) -> None:
    User.objects.filter(pk=cast.lee.pk).update(invited_at=timezone.now())
    assert figures(cast.admin_alpha)["Members"] == (2, 1, 0, 0)
    # Imported without an invitation: nobody can sign in with it yet.
    create_member(company=cast.alpha, name="Waiting", email="waiting@alpha.example", handle="waiting", actor=None)
    assert figures(cast.admin_alpha)["Members"] == (2, 1, 1, 0)
    assert figures(cast.operator)["Members"][2] == 1
    exported = b"".join(signed_in(cast.admin_alpha).get("/admin/accounts/user/export/")).decode()
    assert next(line for line in exported.splitlines() if "waiting@" in line).endswith(',"alpha","no","not invited"')


def test_i10_nothing_of_another_company_is_on_the_page(busy: Cast) -> None:
    audit([busy.beta.pk], None, "attempt.refused", member=busy.sato.pk)
    page = signed_in(busy.admin_alpha).get(HOME)
    assert "rows" not in page.context
    for other in (busy.beta, busy.gamma, busy.sato, busy.tran):
        assert other.name not in page.content.decode()
    assert bars(busy.admin_alpha, "Refused attempts") == [0] * DAYS
    # Which page of companies is asked for is the operator's to say.
    assert "rows" not in signed_in(busy.admin_alpha).get(f"{HOME}?page=2").context


def test_the_operator_sees_the_whole_deployment_and_each_company(busy: Cast) -> None:
    mark_online([busy.kim.pk, busy.sato.pk, busy.operator.pk])
    seen = figures(busy.operator)
    assert seen["Members"][0] == 7
    assert seen["External connection"] == (5, 7)
    assert seen["Open links"] == (1, 0)
    assert seen["External rooms"] == (3, 1, 2)
    assert seen["Live connections"] == (2, 7)
    assert bars(busy.operator, "Messages")[-1] == 3
    page = signed_in(busy.operator).get(HOME)
    rows = {row.company.name: row.numbers for row in page.context["rows"]}
    assert [str(label) for label in page.context["columns"]] == [
        "Members",
        "External connection",
        "Open links",
        "External rooms",
    ]
    assert rows == {"alpha": [2, 2, 1, 3], "beta": [3, 3, 1, 3], "gamma": [2, 0, 0, 0]}


def test_the_list_of_companies_has_pages(cast: Cast) -> None:
    Company.objects.bulk_create(Company(name=f"one of many {n:02}", slug=f"many-{n}") for n in range(30))
    client = signed_in(cast.operator)
    first, second = (client.get(f"{HOME}?page={page}").context["rows"] for page in ("1", "2"))
    assert (len(first), len(second)) == (25, 8)
    assert client.get(f"{HOME}?page=nonsense").status_code == 200


def test_a_plain_member_and_a_stranger_get_no_figures(cast: Cast) -> None:
    assert signed_in(cast.kim).get(HOME, follow=True).status_code == 403
    answer = Client().get(HOME, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")


def test_a_side_that_waits_is_counted_and_the_other_sides_decision_is_not_told(cast: Cast) -> None:
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    assert figures(cast.admin_alpha)["Open links"] == (0, 1, 0)
    # alpha still allows it, which is alpha's own business until beta does too.
    assert figures(cast.admin_beta)["Open links"] == (0, 0, 0)
    assert figures(cast.operator)["Open links"] == (0, 1)


def test_refused_attempts_and_failed_sign_ins_are_counted_by_day(cast: Cast) -> None:
    for _ in range(3):
        audit([cast.alpha.pk], cast.kim, "attempt.refused", code="not_allowed", text="No", path="/messages/")
    Client().post("/accounts/login/", {"login": cast.kim.email, "password": "something else"})
    assert bars(cast.admin_alpha, "Refused attempts") == [0] * (DAYS - 1) + [3]
    assert bars(cast.admin_alpha, "Failed sign-ins") == [0] * (DAYS - 1) + [1]
    assert bars(cast.operator, "Refused attempts")[-1] == 3
    assert bars(cast.admin_beta, "Failed sign-ins")[-1] == 0


def test_a_day_is_a_day_where_the_viewer_is(cast: Cast) -> None:
    User.objects.filter(pk=cast.admin_alpha.pk).update(time_zone="Asia/Seoul")
    User.objects.filter(pk=cast.operator.pk).update(time_zone="America/New_York")
    room = open_direct_room(member=cast.kim, other=cast.lee)
    # Half an hour into the day of three days ago in Seoul is still the day before in New York.
    morning = (timezone.now().astimezone(SEOUL) - timedelta(days=3)).replace(hour=0, minute=30)
    say(room, cast.kim, morning)
    assert bars(User.objects.get(pk=cast.admin_alpha.pk), "Messages")[-4] == 1
    with timezone.override("America/New_York"):
        place = [day.date for day in last_days()].index(timezone.localdate(morning))
    assert bars(User.objects.get(pk=cast.operator.pk), "Messages")[place] == 1


def test_a_day_on_which_the_clocks_change_has_23_or_25_hours() -> None:
    with timezone.override("America/New_York"):
        days = last_days(400)
    # By the timestamps: two times of one zone are subtracted as they stand on the clock.
    assert {(day.end.timestamp() - day.start.timestamp()) / 3600 for day in days} == {23, 24, 25}
    assert all(day.end == after.start for day, after in pairwise(days))


def test_days_that_are_over_are_counted_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    # Yesterday is over at once, also when this runs in the first minutes of a day.
    monkeypatch.setattr("accounts.daily.SETTLED", timedelta())
    room = open_direct_room(member=cast.kim, other=cast.lee)
    say(room, cast.kim, timezone.now() - timedelta(days=5))
    assert bars(cast.admin_alpha, "Messages")[-6] == 1
    client = signed_in(cast.admin_alpha)
    say(room, cast.kim)
    with CaptureQueriesContext(connection) as queries:
        client.get(HOME)
    (counting,) = [query["sql"] for query in queries if "messaging_message" in query["sql"]]
    with timezone.override(cast.admin_alpha.time_zone):
        (today,) = last_days(1)
    assert f">= '{today.start}'" in counting
    assert [bars(cast.admin_alpha, "Messages")[place] for place in (-6, -1)] == [1, 1]


def test_messages_are_found_by_their_time_not_by_reading_them_all(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT count(*) FROM messaging_message WHERE created_at >= now() - interval '1 day' "
            "AND created_at < now()"
        )
        assert "message_day" in "\n".join(row[0] for row in cursor.fetchall())


def test_the_page_costs_the_same_whatever_the_size(busy: Cast) -> None:
    small, small_operator = cost(busy.admin_alpha), cost(busy.operator)
    password = make_password("worksbridge-demo")
    many = User.objects.bulk_create(
        User(company=busy.alpha, name=f"Many {n}", email=f"many{n}@alpha.example", handle=f"many{n}", password=password)
        for n in range(300)
    )
    Availability.objects.bulk_create(Availability(member=member) for member in many[:200])
    for n in range(8):
        partner = make_company(f"partner{n}")
        admin = make_member(partner, f"Admin {n}", is_administrator=True)
        set_external_connection(company=partner, allows=True, actor=admin)
        add_external_contact(member=many[n], person=admin)
    assert figures(busy.admin_alpha)["Members"][0] == 302
    assert (cost(busy.admin_alpha), cost(busy.operator)) == (small, small_operator)
    assert small < 20


@pytest.mark.parametrize("who", ["admin_alpha", "operator"])
def test_every_number_leads_to_a_page_that_opens(busy: Cast, who: str) -> None:
    client = signed_in(getattr(busy, who))
    page = client.get(HOME).context
    for shown in (*page["figures"], *page["charts"]):
        answer = client.get(shown.url, follow=True)
        assert answer.status_code == 200
        # Where Django does not understand a filter, it leaves it out and says so like this.
        assert "e=1" not in answer.request["QUERY_STRING"]


def test_every_chart_can_be_read_without_seeing_it(busy: Cast) -> None:
    page = signed_in(busy.admin_alpha).get(HOME).content.decode()
    charts = page.count('<svg class="chart__bars"')
    assert charts == page.count('role="img" aria-labelledby=') == page.count("<desc id=") == 3
    assert page.count('<tr><th scope="row">') == charts * DAYS
    assert "style=" not in page
    assert "<script" not in page


def test_what_is_not_ours_is_not_in_the_admin(cast: Cast) -> None:
    client = signed_in(cast.operator)
    for path in ("/admin/auth/group/", "/admin/account/emailaddress/"):
        assert client.get(path).status_code == 404
    assert client.get("/admin/accounts/").headers["Location"] == HOME
    assert client.get("/admin/password_change/").headers["Location"] == "/accounts/password/change/"
    assert client.get("/admin/logout/").headers["Location"] == "/accounts/logout/"
