"""A customer's mailbox, as the mail catcher has it."""

import re
from dataclasses import dataclass
from typing import Any

from journeys.suite import Suite, until

LINK = re.compile(r"https?://\S+/d/[\w-]+")


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail as it arrived."""

    subject: str
    text: str
    html: str
    message_id: str
    path: str
    received_at: str

    @property
    def links(self) -> list[str]:
        """Return the download links, each once, in the order of the text."""
        return list(dict.fromkeys(LINK.findall(self.text)))


@dataclass(slots=True)
class Mailbox:
    """The e-mails to one address."""

    suite: Suite
    address: str

    async def mails(self) -> list[Mail]:
        """Return all e-mails so far, the oldest first."""
        found: list[dict[str, Any]] = await self.suite.call(
            "mail", "GET", f"{self.suite.state.mail_url}/api/mails?to={self.address}"
        )
        return [Mail(**{name: mail.get(name) or "" for name in Mail.__slots__}) for mail in found]

    async def wait(self, count: int, seconds: float = 30) -> list[Mail]:
        """Wait until there are so many e-mails; return them."""

        async def enough() -> list[Mail]:
            mails = await self.mails()
            return mails if len(mails) >= count else []

        return await until(enough, f"{count} e-mails to a customer", seconds)
