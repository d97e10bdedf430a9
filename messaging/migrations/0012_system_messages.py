"""Lines about rooms, English sentences until now, become events that each reader reads in their own language."""

import html
import re
from collections.abc import Iterator
from typing import Any

from django.db import migrations, models

CHUNK = 1_000
# A person as a line has them: the name, and the company unless they had none.
PERSON = (
    r'<span class="person-name" data-person="\d+">[^<]*</span>'
    r'(?: <span class="badge badge--ext company-badge" data-company="\d+">[^<]*</span>)?'
)
PEOPLE = rf"{PERSON}(?:(?:, | and ){PERSON})*(?: and \d+ others?)?"
FOUND = re.compile(
    r'data-person="(?P<pk>\d+)">(?P<name>[^<]*)</span>'
    r'(?: <span class="badge badge--ext company-badge" data-company="(?P<company>\d+)">(?P<named>[^<]*)</span>)?'
)
MORE = re.compile(r" and (\d+) others?$")
CALL = re.compile(
    r'<span class="call-line" data-call="(?P<id>\d+)" data-kind="(?P<kind>\w+)" data-outcome="(?P<outcome>\w*)"'
    r' data-caller="(?P<caller>\d+)">(?P<said>.*)</span>',
    re.DOTALL,
)
LENGTH = re.compile(r"(?:(\d+) h (\d+) min|(\d+) min (\d+) s|(\d+) s)")
# As they were written, with the fields of each: B(y), W(ho) are a person, P(eople) several, N(ame), C(ompany) a text.
SENTENCES = [
    ("room.created", "{by} made this room"),
    ("room.renamed", "{by} named this room “{name}”"),
    ("room.description_changed", "{by} changed the description"),
    ("room.description_removed", "{by} removed the description"),
    ("room.photo_changed", "{by} changed the photo"),
    ("room.photo_removed", "{by} removed the photo"),
    ("room.newcomers_see_all", "{by} decided that newcomers see all earlier messages"),
    ("room.newcomers_see_new", "{by} decided that newcomers see messages from when they join"),
    ("room.members_added", "{by} added {people}"),
    ("room.member_left", "{by} left"),
    ("room.member_removed", "{by} removed {who}"),
    ("room.member_withdrawn", "{who} was excluded by an administrator of their company"),
    ("room.members_excluded", "{people} was excluded: the external connection has ended"),
    ("room.members_excluded", "{people} were excluded: the external connection has ended"),
    ("room.members_deactivated", "{people} was excluded: the account is no longer active"),
    ("room.members_deactivated", "{people} were excluded: the account is no longer active"),
    ("room.members_restored", "{people} is back: the closing was undone"),
    ("room.members_restored", "{people} are back: the closing was undone"),
    ("room.master_made", "{by} made {who} Group Master"),
    ("room.handed_over", "{by} handed the room over: {who} is now Group Master"),
    # Who stepped down and who was put down were said alike.
    ("room.stepped_down", "{by} is no longer Group Master"),
    ("room.master_passed", "{who} is now Group Master"),
    ("room.frozen", "The external connection has ended. This room can only be read now."),
    ("room.frozen_no_host", "Nobody of {company} is left. This room can only be read now."),
    ("room.reopened", "{by} reconnected this room"),
    ("room.restored", "The external connection is back: its closing was undone."),
    ("call.started.{kind}", "{by} started a {called}"),
    ("call.alone.{kind}", "The {called} ended; nobody joined"),
    ("call.ended.{kind}", "The {called} ended after {length}"),
    ("call.direct.{kind}", "{called} from {by}: {how}"),
]
FIELDS = {
    "by": PERSON,
    "who": PERSON,
    "people": PEOPLE,
    "name": ".*",
    "company": ".*",
    "called": "(?:[Vv]oice|[Vv]ideo) call",
    "length": ".*",
    "how": ".*",
}


def pattern(sentence: str) -> re.Pattern[str]:
    """What finds the sentence in the HTML of a line."""
    pieces = re.split(r"\{(\w+)\}", sentence)
    parts = [f"(?P<{piece}>{FIELDS[piece]})" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)]
    return re.compile("".join(parts), re.DOTALL)


PATTERNS = [(event, pattern(html.escape(sentence, quote=False))) for event, sentence in SENTENCES]


def event_of(body: str, line: str) -> dict[str, Any]:
    """The event that a line tells of; one that nobody knows any more stays as the text that it was."""
    about: dict[str, Any] = {}
    kind = ""
    if call := CALL.fullmatch(line):
        line, kind = call["said"], call["kind"]
        about = {
            "call": {"id": int(call["id"]), "kind": kind, "outcome": call["outcome"], "caller": int(call["caller"])}
        }
    for event, wanted in PATTERNS:
        if (kind == "") == ("{kind}" not in event) and (found := wanted.fullmatch(line)):
            fields = {name: part for name, part in found.groupdict().items() if name != "called"}
            parts = {name: part_of(name, part) for name, part in fields.items()}
            return {"event": event.format(kind=kind), "parts": parts, **people_in(line), **about}
    return {"event": "room.note", "parts": {"text": {"text": body}}, "people": {}, **about}


def part_of(name: str, part: str) -> dict[str, Any]:
    """A field of a line as a part of its event."""
    if name in ("by", "who", "people"):
        more = MORE.search(part)
        people = [int(found["pk"]) for found in FOUND.finditer(part)]
        return {"people": people} | ({"more": int(more[1])} if more else {})
    if name in ("length", "how") and (length := LENGTH.fullmatch(part)):
        hours, left, minutes, rest, seconds = (int(number or 0) for number in length.groups())
        return {"seconds": hours * 3600 + (left + minutes) * 60 + rest + seconds}
    if name == "how":
        return {"word": f"call.outcome.{part.replace(' ', '_')}"}
    return {"text": html.unescape(part)}


def people_in(line: str) -> dict[str, Any]:
    """Who is named in a line, and their companies' names."""
    found = list(FOUND.finditer(line))
    return {
        "people": {
            one["pk"]: [html.unescape(one["name"]), int(one["company"]) if one["company"] else None] for one in found
        },
        "companies": {one["company"]: html.unescape(one["named"]) for one in found if one["company"]},
    }


def chunks(rows: Any) -> Iterator[list[Any]]:
    """The rows in order, so many at a time: in a table of millions they are not all in memory."""
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield found
        last = found[-1].pk


def convert(apps: Any, schema_editor: Any) -> None:
    """Give every line its event. The sentence stays, for processes of the version before; again changes nothing."""
    messages = apps.get_model("messaging", "Message")
    lines = messages.objects.filter(kind="line").exclude(data__has_key="event")
    for rows in chunks(lines.only("body", "html", "data")):
        for row in rows:
            row.data = event_of(row.body, row.html)
        messages.objects.bulk_update(rows, ["data"])


class Migration(migrations.Migration):
    # Each chunk by itself: what was done stays done, and nothing is locked for long.
    atomic = False
    dependencies = [("messaging", "0011_message_changed")]
    operations = [
        migrations.AlterField(
            "message",
            "kind",
            models.CharField(choices=[("text", "Text"), ("line", "System")], default="text", max_length=10),
        ),
        migrations.RunPython(convert, migrations.RunPython.noop),
    ]
