"""What people are told of an error that refuses what they want: its class is the name, its docstring the sentence."""

import re


def slug(error: type[Exception]) -> str:
    """Return the name by which clients know an error: `GrantUsedUp` is `grant-used-up`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", error.__name__).lower()


def sentence(error: type[Exception]) -> str:
    """Return the first paragraph of an error's docstring."""
    return " ".join((error.__doc__ or error.__name__).strip().split("\n\n")[0].split())
