"""Messages are shown as they were typed: the HTML of those from before is made anew from their text."""

from typing import Any

from django.db import migrations

from messaging.message.markup import to_html

CHUNK = 1_000
# Those whose HTML was made by the rules of before, or by a process of the version before while this runs.
OLD = """
    SELECT id, body FROM messaging_message
    WHERE id > %s AND kind = 'text' AND left(html, 16) <> '<div dir="auto">'
    ORDER BY id LIMIT %s
"""
RENEW = """
    UPDATE messaging_message message SET html = made.html
    FROM unnest(%s::bigint[], %s::text[]) made(id, html) WHERE message.id = made.id
"""


def render(apps: Any, schema_editor: Any) -> None:
    """Make the HTML anew, some at a time. Again changes nothing."""
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(OLD, [last, CHUNK])
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            cursor.execute(RENEW, [[pk for pk, _body in rows], [to_html(body) for _pk, body in rows]])


class Migration(migrations.Migration):
    # Each chunk by itself: nothing is locked for long.
    atomic = False
    dependencies = [("messaging", "0012_system_messages")]
    operations = [migrations.RunPython(render, migrations.RunPython.noop)]
