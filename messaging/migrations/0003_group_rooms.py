"""Group rooms: description, photo, what newcomers see; how members keep a room; messages withheld from several.

The column of the one person from whom a message was withheld stays, for the code that still runs beside this.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MOVE = """
INSERT INTO messaging_withheld (message_id, member_id, is_counted)
SELECT id, withheld_from_id, false FROM messaging_message WHERE withheld_from_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0002_triggers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="membership",
            options={
                "verbose_name": "member in an External Group room",
                "verbose_name_plural": "members in External Group rooms",
            },
        ),
        migrations.AddField(
            model_name="membership",
            name="hidden_rev",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="marked_unread_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="muted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="pinned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="settings_rev",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="membership",
            name="joined_rev",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="membership",
            name="visible_from",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="membership",
            name="withheld_ahead",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="room",
            name="description",
            field=models.CharField(blank=True, db_default="", max_length=300),
        ),
        migrations.AddField(
            model_name="room",
            name="newcomers",
            field=models.CharField(
                choices=[("joined", "Messages sent after they join"), ("all", "All messages")],
                db_default="joined",
                default="joined",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="photo",
            field=models.ImageField(blank=True, db_default="", upload_to="rooms/"),
        ),
        migrations.CreateModel(
            name="Withheld",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_counted", models.BooleanField(default=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="withheld", to="messaging.message"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["member"], name="withheld_by_member")],
                "constraints": [models.UniqueConstraint(fields=("message", "member"), name="withheld_once")],
            },
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="message", name="withheld_from")]
        ),
    ]
