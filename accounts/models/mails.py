"""E-mails about accounts to be sent, and files of members to be imported."""

from django.db import models

from accounts.models.companies import Company
from accounts.models.users import User


class AccountMail(models.Model):
    """An e-mail about an account, sent or to be sent, stored with the change that requests it.

    `due_at` is when it is tried (again); `given_up_at` says that it never will be.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation"
        RESET = "reset"

    member = models.ForeignKey(User, models.CASCADE, related_name="account_mails")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(sent_at=None, given_up_at=None), name="account_mail_due"
            ),
            models.Index(fields=["member", "-id"], name="account_mail_last"),
        ]


class MemberImport(models.Model):
    """A file of members between its preview and its import; `text` is the file's content."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    made_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=200)
    text = models.TextField()
    # What it was saved as, when that had to be found out.
    encoding = models.CharField(max_length=20, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
