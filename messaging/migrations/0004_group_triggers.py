"""Admission to group rooms for each statement, and a Group Master at every commit."""

from django.db import migrations

from worksbridge.versioned_sql import versioned_sql

SQL = versioned_sql("messaging", "group_triggers.v1")
# The guard for each row compared everyone who came with everyone who was there.
REPLACED = """
DROP TRIGGER messaging_membership_starts ON messaging_membership;
DROP TRIGGER messaging_membership_revives ON messaging_membership;
"""
UNDO = """
DROP FUNCTION messaging_admit, messaging_memberships_added, messaging_memberships_revived, messaging_master_stays,
    messaging_room_thaws CASCADE;
CREATE TRIGGER messaging_membership_starts BEFORE INSERT ON messaging_membership
    FOR EACH ROW WHEN (NEW.ended_at IS NULL) EXECUTE FUNCTION messaging_membership_guard();
CREATE TRIGGER messaging_membership_revives BEFORE UPDATE ON messaging_membership
    FOR EACH ROW WHEN (
        NEW.ended_at IS NULL
        AND (OLD.ended_at IS NOT NULL OR OLD.room_id <> NEW.room_id OR OLD.member_id <> NEW.member_id)
    )
    EXECUTE FUNCTION messaging_membership_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_group_rooms"), ("federation", "0003_require_all")]
    operations = [migrations.RunSQL(REPLACED + SQL, UNDO)]
