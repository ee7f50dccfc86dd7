"""What the mail server of the tests has taken, and the faults that are switched on in it."""

from dataclasses import dataclass
from typing import Any

import aiohttp
from chassis_testing.harness import until


@dataclass(slots=True)
class Catcher:
    """The mail catcher of the local stack, a real SMTP server in a process of its own."""

    smtp_port: int
    http: aiohttp.ClientSession

    async def mails(self, to: str, at_least: int = 1) -> list[dict[str, Any]]:
        """The mails to an address, in the order in which they were taken, waiting until there are so many."""

        async def enough() -> list[dict[str, Any]] | None:
            async with self.http.get("/api/mails", params={"to": to}) as answer:
                found = await answer.json()
            return found if len(found) >= at_least else None

        if at_least == 0:
            async with self.http.get("/api/mails", params={"to": to}) as answer:
                return await answer.json()
        return await until(enough, what=f"{at_least} mails")

    async def faults(self, **switches: Any) -> None:
        """Switch faults on."""
        async with self.http.post("/api/faults", json=switches) as answer:
            assert answer.status == 200, await answer.text()

    async def calm(self) -> None:
        """Switch all faults off."""
        async with self.http.delete("/api/faults") as answer:
            assert answer.status == 200
