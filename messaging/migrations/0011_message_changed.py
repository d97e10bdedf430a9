"""A message in a frozen room, or by somebody who is not in the room any more, cannot be changed."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parents[1] / "sql" / "message_changed.v1.sql").read_text()
UNDO = "DROP FUNCTION messaging_message_changed CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0010_closed_links")]
    operations = [migrations.RunSQL(SQL, UNDO)]
