from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    # Made beside the running code: writing goes on meanwhile.
    atomic = False

    dependencies = [("messaging", "0005_closing")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=BrinIndex(fields=["created_at"], name="message_day", autosummarize=True, pages_per_range=32),
        ),
    ]
