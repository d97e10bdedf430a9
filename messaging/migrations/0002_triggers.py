"""Guards on rooms, memberships and messages; see triggers.sql beside this file."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "triggers.sql").read_text()
UNDO = """
DROP FUNCTION messaging_room_guard, messaging_membership_guard, messaging_message_guard,
    messaging_link_closed, messaging_availability_ended CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("federation", "0002_triggers")]
    operations = [migrations.RunSQL(SQL, UNDO)]
