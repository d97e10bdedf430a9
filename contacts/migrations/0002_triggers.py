"""Guards on contacts."""

from django.db import migrations

from worksbridge.versioned_sql import versioned_sql

SQL = versioned_sql("contacts", "triggers.v1")
UNDO = "DROP FUNCTION contacts_contact_guard, contacts_link_closed, contacts_availability_ended CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial"), ("federation", "0002_triggers")]
    operations = [migrations.RunSQL(SQL, UNDO)]
