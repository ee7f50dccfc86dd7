"""A customer's mailbox, as the mail catcher has it."""

import re
from dataclasses import dataclass
from typing import Any

from journeys.suite import Suite, until

# accounts' letter to whoever has registered
CONFIRMING = re.compile(r"Bestätigen Sie Ihre E-Mail-Adresse|Confirm your e-mail address")
CODE = re.compile(r"\b(?:(?:[A-Z2-9]{5}-){3}[A-Z2-9]{5}|[A-Z2-9]{4}-[A-Z2-9]{4})\b")
# accounts' letter to whoever signs in by a browser after a program, as the journeys do
NEW_DEVICE = re.compile(r"Anmeldung(en)? mit (einem|\d+) neuen Gerät|Signed in with (a|\d+) new device")
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

    @property
    def code(self) -> str:
        """Return the code that accounts has mailed; raises LookupError where there is none."""
        found = CODE.search(self.text)
        if found is None:
            raise LookupError("no code in this letter")
        return found[0]


@dataclass(slots=True)
class Mailbox:
    """The e-mails to one address, but for the code that confirms it and warnings of new devices: anybody gets those."""

    suite: Suite
    address: str

    async def mails(self) -> list[Mail]:
        """Return all e-mails so far, the oldest first."""
        aside = (CONFIRMING, NEW_DEVICE)
        return [mail for mail in await self._all() if not any(one.match(mail.subject) for one in aside)]

    async def code(self) -> str:
        """Wait for the code that confirms the address; return it."""

        async def newest() -> str:
            letters = [mail for mail in await self._all() if CONFIRMING.match(mail.subject)]
            return letters[-1].code if letters else ""

        return await until(newest, "the code that confirms an address")

    async def _all(self) -> list[Mail]:
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
