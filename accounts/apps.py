from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import dashboard, periodic, receivers  # noqa: F401  (registers what the app answers to)


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin, with the product's own site as the default one."""

    default = False
    default_site = "accounts.site.Site"
