"""Nobody in a call without the right to be there, at every commit; see triggers.sql."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "triggers.sql").read_text()
UNDO = """
DROP FUNCTION calls_participant_guard, calls_call_guard, calls_call_begins, calls_call_ended, calls_membership_ended,
    calls_room_frozen CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_initial"), ("messaging", "0004_group_triggers")]
    operations = [migrations.RunSQL(SQL, UNDO)]
