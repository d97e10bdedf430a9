from django.apps import AppConfig


class TutorialChatConfig(AppConfig):
    name = "tests.benchmarks.tutorial_chat"
    label = "tutorial_chat"
    default_auto_field = "django.db.models.BigAutoField"
