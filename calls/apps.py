from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "calls"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from calls import frames, periodic, receivers, system_messages  # noqa: F401  (registers what the app answers to and does)
