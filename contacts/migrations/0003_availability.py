"""The check at the commit of a close, asked by equality alone.

With "or" between columns a database without fresh statistics read the whole table for each member who lost external
connection, inside of the closing commit.
"""

from django.db import migrations

from worksbridge.versioned_sql import versioned_sql


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_triggers")]
    operations = [migrations.RunSQL(versioned_sql("contacts", "availability_ended.v2"), migrations.RunSQL.noop)]
