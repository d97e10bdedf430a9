"""Nobody in a call without the right to be there, at every commit."""

from django.db import migrations

from worksbridge.versioned_sql import versioned_sql

SQL = versioned_sql("calls", "triggers.v1")
UNDO = """
DROP FUNCTION calls_participant_guard, calls_call_guard, calls_call_begins, calls_call_ended, calls_membership_ended,
    calls_room_frozen CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_initial"), ("messaging", "0004_group_triggers")]
    operations = [migrations.RunSQL(SQL, UNDO)]
