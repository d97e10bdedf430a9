from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FederationConfig(AppConfig):
    name = "federation"
    verbose_name = _("External connection")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from federation import dashboard, periodic, receivers  # noqa: F401  (registers what the app answers to)
