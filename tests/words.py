"""The text of a message, for someone at none of the companies."""

from messaging.message.system import to_text
from messaging.models import Message


def words_of(message: Message) -> str:
    """The text of a message, or the sentence of a system message in English."""
    return to_text(message.data, company_id=None, names={}) if message.kind == Message.Kind.SYSTEM else message.body
