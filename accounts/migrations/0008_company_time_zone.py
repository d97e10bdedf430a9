"""A company has a time zone: that of most of its members now."""

from django.db import migrations, models

ADOPT = """
    UPDATE accounts_company company SET time_zone = most.time_zone
    FROM (
        SELECT DISTINCT ON (company_id) company_id, time_zone FROM accounts_user
        WHERE company_id IS NOT NULL AND is_active
        GROUP BY company_id, time_zone ORDER BY company_id, count(*) DESC, time_zone
    ) most WHERE most.company_id = company.id;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_plain_addresses")]
    operations = [
        migrations.AddField(
            "company",
            "time_zone",
            # With a default in the database: processes of the version before make companies, too.
            models.CharField("time zone", max_length=64, default="Asia/Seoul", db_default="Asia/Seoul"),
        ),
        migrations.RunSQL(ADOPT, migrations.RunSQL.noop),
    ]
