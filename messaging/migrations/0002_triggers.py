"""Guards on rooms, memberships and messages."""

from django.db import migrations

from worksbridge.versioned_sql import versioned_sql

SQL = versioned_sql("messaging", "triggers.v1")
UNDO = """
DROP FUNCTION messaging_room_guard, messaging_membership_guard, messaging_message_guard,
    messaging_link_closed, messaging_availability_ended CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("federation", "0002_triggers")]
    operations = [migrations.RunSQL(SQL, UNDO)]
