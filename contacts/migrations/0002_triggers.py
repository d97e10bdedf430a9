"""Guards on contacts; see triggers.sql beside this file."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "triggers.sql").read_text()
UNDO = "DROP FUNCTION contacts_contact_guard, contacts_link_closed, contacts_availability_ended CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial"), ("federation", "0002_triggers")]
    operations = [migrations.RunSQL(SQL, UNDO)]
