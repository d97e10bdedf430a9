"""What members note on their contacts is stored composed (NFC)."""

from django.db import migrations

COMPOSE = """
    UPDATE contacts_externalcontact SET
        name = normalize(name, NFC), title = normalize(title, NFC), address = normalize(address, NFC),
        memo = normalize(memo, NFC), tags = normalize(tags, NFC)
    WHERE name || title || address || memo || tags IS NOT NFC NORMALIZED;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_closing")]
    operations = [migrations.RunSQL(COMPOSE, migrations.RunSQL.noop)]
