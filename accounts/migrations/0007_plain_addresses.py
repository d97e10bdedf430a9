"""Addresses have plain letters only, and names are stored composed (NFC)."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

COMPOSE = """
    UPDATE accounts_user SET name = normalize(name, NFC), title = normalize(title, NFC)
    WHERE name IS NOT NFC NORMALIZED OR title IS NOT NFC NORMALIZED;
    UPDATE accounts_company SET name = normalize(name, NFC) WHERE name IS NOT NFC NORMALIZED;
    -- One that would get the name of another stays as it is: its company decides what becomes of the two.
    UPDATE accounts_department apart SET name = normalize(name, NFC)
    WHERE name IS NOT NFC NORMALIZED AND NOT EXISTS (
        SELECT FROM accounts_department other
        WHERE other.company_id = apart.company_id AND other.id <> apart.id
        AND lower(normalize(other.name, NFC)) = lower(normalize(apart.name, NFC))
    );
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_import_encoding")]
    operations = [
        # Rows from before are left alone: an administrator changes such an address, nobody else can.
        AddConstraintNotValid(
            "user",
            models.CheckConstraint(condition=models.Q(email__regex=r"^[!-~]+@[a-z0-9.-]+$"), name="member_email_plain"),
        ),
        migrations.RunSQL(COMPOSE, migrations.RunSQL.noop),
    ]
