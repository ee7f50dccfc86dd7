"""Names that customers gave themselves, made fit for a greeting."""

import re
import unicodedata

from mailing.texts import one_line

# Mail programs make links of a dot with a word or number right behind it, and of telephone numbers.
_LEADS_AWAY = re.compile(r"://|@|[.\u3002](?:[^\W\d_][^\s.,;)-]|\d)|(?:\d\W*){5}")
_JOINERS = re.compile("[\xad\u200c\u200d]")


def greetable(name: str) -> str:
    """Return a person's name for a greeting; empty where it leads away, for then we would carry an advertisement."""
    plain = one_line(name, 100)
    read = unicodedata.normalize("NFKC", _JOINERS.sub("", plain))
    return "" if _LEADS_AWAY.search(read) else plain
