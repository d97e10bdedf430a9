"""A message in a frozen room, or by somebody who is not in the room any more, cannot be changed."""

from django.db import migrations

from worksbridge.versioned_sql import versioned_sql

SQL = versioned_sql("messaging", "message_changed.v1")
UNDO = "DROP FUNCTION messaging_message_changed CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0010_closed_links")]
    operations = [migrations.RunSQL(SQL, UNDO)]
