"""The guard of closed links takes the same short way whatever the planner knows.

It asked for a room with members of both companies in one join. Right after many people came into a room, when the
planner has no statistics of them yet, it joined each member with each: half a minute for a room of 500, at the commit
of an administrator's close. Now it goes through the rooms of the smaller company, and looks into each.
"""

from django.db import migrations

from worksbridge.versioned_sql import versioned_sql


class Migration(migrations.Migration):
    dependencies = [("messaging", "0009_message_columns")]
    operations = [
        migrations.RunSQL(versioned_sql("messaging", "link_closed.v2"), versioned_sql("messaging", "link_closed.v1"))
    ]
