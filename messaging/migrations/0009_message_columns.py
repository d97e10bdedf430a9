"""The column that only code from before `withheld` read is gone: each message paid for its index and its constraint.

Rooms and memberships keep some room in their pages, so that a new revision or read position stays beside the old one
and touches no index.
"""

from django.db import migrations

# Dropping a reference locks both tables. Both are taken first, and not waited for behind a long query, after which
# everybody would wait: when it fails, nothing has changed, and it can be tried again.
DROP = """
SET LOCAL lock_timeout = '3s';
LOCK TABLE accounts_user, messaging_message IN ACCESS EXCLUSIVE MODE;
ALTER TABLE messaging_message DROP COLUMN withheld_from_id;
SET LOCAL lock_timeout = DEFAULT;
"""
# As it was, but empty: since `withheld` nothing is written to it.
RESTORE = """
ALTER TABLE messaging_message ADD COLUMN withheld_from_id bigint
    CONSTRAINT messaging_message_withheld_from_id_fk REFERENCES accounts_user (id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX messaging_message_withheld_from_id ON messaging_message (withheld_from_id);
"""
SPARE = """
ALTER TABLE messaging_room SET (fillfactor = 70);
ALTER TABLE messaging_membership SET (fillfactor = 70);
"""
FULL = "ALTER TABLE messaging_room RESET (fillfactor); ALTER TABLE messaging_membership RESET (fillfactor);"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0008_message_indexes")]
    operations = [migrations.RunSQL(DROP, RESTORE), migrations.RunSQL(SPARE, FULL)]
