"""Telling a statement that only looks from one that writes or locks."""

import re
from functools import lru_cache
from typing import Final

# What a statement that only looks does not have in it; a word too many here costs a round trip and nothing else.
LOOKS: Final = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
ACTS: Final = re.compile(
    r"\b(insert|update|delete|merge|into|lock|share|nextval|setval|set_config|call|pg_\w+)\b", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def only_looks(sql: str) -> bool:
    """Whether a statement neither writes nor locks nor calls what may; no migration makes a function that does."""
    return LOOKS.match(sql) is not None and ACTS.search(sql) is None
