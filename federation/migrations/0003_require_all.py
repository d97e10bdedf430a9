"""The consent check for any number of members at once; see require_all.sql beside this file."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "require_all.sql").read_text()
UNDO = "DROP FUNCTION federation_require_all CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("federation", "0002_triggers")]
    operations = [migrations.RunSQL(SQL, UNDO)]
