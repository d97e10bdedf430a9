"""Messages with numbers are indexed anew: a number is found by its digits now, however it was written."""

from django.db import migrations

# Their rooms are read from the beginning, in the background, and the entries of before serve meanwhile.
AGAIN = """
    UPDATE messaging_searchhead head SET rev = 0 WHERE EXISTS (
        SELECT FROM messaging_message message
        WHERE message.room_id = head.room_id AND message.body ~ '[0-9][-. ()]{1,2}[0-9]'
    );
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0014_composed_names")]
    operations = [migrations.RunSQL(AGAIN, migrations.RunSQL.noop)]
