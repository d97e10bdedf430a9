"""One company asks another for a connection."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User


class PartnerRequest(models.Model):
    """`company` asks the owner of `domain`. The asking side does not learn whether there is one until an answer comes.

    Asking allows the asking company's own side, for the moment at which the other one accepts.
    """

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    company = models.ForeignKey(Company, models.CASCADE, related_name="partner_requests")
    domain = models.CharField(_("domain"), max_length=253)
    message = models.CharField(_("message"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "domain"], condition=Q(answer=""), name="partner_request_open_once"
            )
        ]
        indexes = [models.Index(fields=["domain"], condition=Q(answer=""), name="partner_request_open")]
