"""The audit log's chain and its triggers; see accounts/sql/audit_chain.v1.sql.

From here on the database takes entries with the key alone, so no process of an earlier version writes any.
"""

import django.db.models.deletion
from django.db import migrations, models

from accounts.audit.key import key_for_database
from worksbridge.versioned_sql import versioned_sql

SQL = versioned_sql("accounts", "audit_chain.v1")
UNDO = """
DROP FUNCTION accounts_audit_entry_sealed, accounts_audit_entry_keyed, accounts_audit_append_only,
    accounts_audit_from_sealing CASCADE;
DROP FUNCTION accounts_audit_seal, accounts_audit_key, accounts_audit_hash, accounts_audit_parts;
"""


def chain(apps, schema_editor):
    """Make the triggers, and seal the entries that are there already."""
    with schema_editor.connection.cursor() as cursor:
        # What sealing writes is checked at once: a table with checks that wait takes no triggers.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT set_config('worksbridge.audit_key', %s, true)", [key_for_database()])
        cursor.execute(SQL)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_members")]

    operations = [
        migrations.AddField("auditentry", "address", models.GenericIPAddressField("address", null=True, blank=True)),
        migrations.AddField(
            "auditentry",
            "transaction",
            models.BigIntegerField(
                db_default=models.Func(
                    template="pg_current_xact_id()::text::bigint", output_field=models.BigIntegerField()
                )
            ),
        ),
        migrations.AlterField("auditentry", "event", models.CharField("event", max_length=60)),
        migrations.AlterField("auditentry", "created_at", models.DateTimeField("when", auto_now_add=True)),
        migrations.AlterModelOptions(
            "auditentry",
            {"ordering": ["-id"], "verbose_name": "audit entry", "verbose_name_plural": "audit log"},
        ),
        migrations.AddIndex("auditentry", models.Index(fields=["transaction"], name="audit_transaction")),
        migrations.CreateModel(
            "AuditSeal",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seal", to="accounts.auditentry"
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
            ],
            {"constraints": [models.UniqueConstraint(fields=["company", "number"], name="audit_seal_once")]},
        ),
        migrations.CreateModel(
            "AuditChain",
            [
                (
                    "company",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.company",
                    ),
                ),
                ("number", models.BigIntegerField(default=0)),
                ("hash", models.CharField(blank=True, max_length=64)),
                ("mac", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.RunPython(chain, lambda apps, schema_editor: schema_editor.execute(UNDO)),
    ]
