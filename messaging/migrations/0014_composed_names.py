"""Names and descriptions of rooms are stored composed (NFC)."""

from django.db import migrations

COMPOSE = """
    UPDATE messaging_room SET name = normalize(name, NFC), description = normalize(description, NFC)
    WHERE name IS NOT NFC NORMALIZED OR description IS NOT NFC NORMALIZED;
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0013_message_html")]
    operations = [migrations.RunSQL(COMPOSE, migrations.RunSQL.noop)]
