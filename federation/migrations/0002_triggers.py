"""The function that every consent trigger calls; see triggers.sql beside this file."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "triggers.sql").read_text()
UNDO = "DROP FUNCTION federation_require, federation_company_fixed CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("federation", "0001_initial"), ("accounts", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
