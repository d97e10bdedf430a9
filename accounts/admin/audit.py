"""The audit log of one's own company."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.admin.scope import OwnCompany
from accounts.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(OwnCompany):
    """Read only."""

    list_display = ["created_at", "event", "actor", "data"]
    list_filter = ["event"]
    list_select_related = ["actor"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
