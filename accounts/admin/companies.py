"""Companies, for operators."""

from django.contrib import admin

from accounts.models import Company


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    """Companies are the operator's."""

    list_display = ["name", "slug", "is_active", "created_at"]
    fields = ["name", "slug"]
