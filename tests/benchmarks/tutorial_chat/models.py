"""One table: the messages."""

from django.conf import settings
from django.db import models


class ChatMessage(models.Model):
    """Something said in a room. `key` is the sender's own number for it, so that the bench finds it again."""

    room = models.IntegerField(db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    key = models.CharField(max_length=40)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
