"""The function that every consent trigger calls."""

from django.db import migrations

from worksbridge.versioned_sql import versioned_sql

SQL = versioned_sql("federation", "triggers.v1")
UNDO = "DROP FUNCTION federation_require, federation_company_fixed CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("federation", "0001_initial"), ("accounts", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
