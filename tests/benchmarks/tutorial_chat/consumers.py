"""The consumer: stores a message, then sends it to the room's group."""

import json

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from tests.benchmarks.tutorial_chat.models import ChatMessage


class ChatConsumer(AsyncWebsocketConsumer):
    """One socket in one room."""

    async def connect(self) -> None:
        """Let signed-in people in."""
        self.room = int(self.scope["url_route"]["kwargs"]["room"])
        self.group = f"chat_{self.room}"
        if not self.scope["user"].is_authenticated:
            await self.close()
            return
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Store what was said, and pass it on."""
        said = json.loads(text_data or "{}")
        message = await self._store(said["key"], said["text"])
        event = {"type": "chat.message", "id": message.pk, "key": message.key, "text": message.text}
        await self.channel_layer.group_send(self.group, event | {"author": self.scope["user"].username})

    async def chat_message(self, event: dict[str, object]) -> None:
        """Pass a message on to this socket."""
        await self.send(text_data=json.dumps({name: event[name] for name in ("id", "key", "text", "author")}))

    @database_sync_to_async
    def _store(self, key: str, text: str) -> ChatMessage:
        return ChatMessage.objects.create(room=self.room, author=self.scope["user"], key=key, text=text)
