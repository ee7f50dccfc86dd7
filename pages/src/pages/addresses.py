"""Where accounts shows its pages to browsers: under each shop's own name, at an origin that the installation names."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

NAME: Final = "{host}"
FORM: Final = re.compile(r"https?://(?:[a-z0-9.-]|\{host\})+(?::[0-9]{1,5})?")
PORT: Final = re.compile(r":[0-9]+$")


@dataclass(frozen=True, slots=True)
class AccountsPages:
    """The origin for each host: a form in which `{host}` stands for the shop's name, as in `https://id.{host}`."""

    form: str

    @classmethod
    def read(cls, form: str, public_url: str, accounts_url: str) -> "AccountsPages":
        """Read the form; where none is given, accounts is at the shop's own name and at its own port.

        Raises ValueError for what is no such form.
        """
        given = form.rstrip("/")
        if not given:
            scheme, port = urlsplit(public_url).scheme, urlsplit(accounts_url).port
            given = f"{scheme}://{NAME}:{port}" if port else f"{scheme}://{NAME}"
        if FORM.fullmatch(given) is None:
            raise ValueError("it is like  https://id.{host}  and has no path")
        return cls(given)

    def at(self, host: str) -> str:
        """Return the origin for whoever is at a shop's host, whose own port does not matter."""
        return self.form.replace(NAME, PORT.sub("", host))
