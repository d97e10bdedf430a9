"""The audit log and its chain."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.companies import Company
from accounts.models.users import User


class AuditEntry(models.Model):
    """What happened in a company: who, what, when, from where. Written by `accounts.actions.audit`, never changed.

    The database seals it when its transaction commits; see migrations/audit_chain.sql.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="audit_entries")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    event = models.CharField(_("event"), max_length=60)
    data = models.JSONField(default=dict)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    # Which entries one commit has to seal together.
    transaction = models.BigIntegerField(
        db_default=models.Func(template="pg_current_xact_id()::text::bigint", output_field=models.BigIntegerField())
    )

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["company", "-id"], name="audit_list"),
            models.Index(fields=["event", "created_at"], name="audit_by_event"),
            models.Index(fields=["transaction"], name="audit_transaction"),
        ]

    def __str__(self) -> str:
        return self.event


class AuditSeal(models.Model):
    """The place of an entry in its company's chain, 1…n without gaps; `hash` covers the entry and the hash before it.

    Written by the database alone.
    """

    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="seal")
    company = models.ForeignKey(Company, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="audit_seal_once")]


class AuditChain(models.Model):
    """The newest place in a company's chain; `mac` shows that the number and the hash were written by the product."""

    company = models.OneToOneField(Company, models.PROTECT, primary_key=True, related_name="+")
    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=64, blank=True)
