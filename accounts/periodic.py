"""The clock of accounts, in every web process."""

from accounts.actions.mailing import send_due_mails
from worksbridge.live.database import in_thread
from worksbridge.live.periodic import every


@every(3)
async def send_mails() -> None:
    """Send the e-mails that wait."""
    await in_thread(send_due_mails)
