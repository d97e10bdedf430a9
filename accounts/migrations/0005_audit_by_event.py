from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Made beside the running code: writing goes on meanwhile.
    atomic = False

    dependencies = [("accounts", "0004_audit_chain")]

    operations = [
        AddIndexConcurrently(
            model_name="auditentry",
            index=models.Index(fields=["event", "created_at"], name="audit_by_event"),
        ),
    ]
