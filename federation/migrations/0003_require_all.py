"""The consent check for any number of members at once."""

from django.db import migrations

from worksbridge.versioned_sql import versioned_sql

SQL = versioned_sql("federation", "require_all.v1")
UNDO = "DROP FUNCTION federation_require_all CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("federation", "0002_triggers")]
    operations = [migrations.RunSQL(SQL, UNDO)]
