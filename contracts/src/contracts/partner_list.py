"""The events of a partner as a page: which there are, what each means, its key, and how long it is kept."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from contracts.asyncapi import sentence
from contracts.event import Event
from contracts.partner import TEST_RETENTION_MS, partner_topics

RENDERED: Final = "../../contracts/rendered/partner"
HEAD: Final = """\
# The events of a partner

Rendered by `python -m contracts render` from what is declared; [how to read them](README.md).
Each is on the topic `partner.<you>.<Event>`; its name leads to the schema of its `data`. The key orders an event among
the others of its topic, and `sequence` counts the events of a key over all topics. What is named here and stands in no
schema is not for partners.

| Event | Key | What is now true | Kept |
|---|---|---|---|
"""
FOOT: Final = """\

On `partner.<you>.Test` are examples of all of them, on demand; they are kept for {kept}.
"""
# ids of features, which mean nothing outside, such as (E17, E28)
_IDS: Final = re.compile(r" \([A-Z]+(?:-[A-Z]+)?-?\d+(?:, [A-Z]+-?\d+)*\)")


def partner_list(events: Mapping[str, type[Event]]) -> str:
    """One row for each event that partners are sent."""
    kept = {topic.name: topic.retention_ms for topic in partner_topics()}
    rows = [
        f"| [{topic}]({RENDERED}/schemas/{topic}.json) ([example]({RENDERED}/examples/{topic}.json))"
        f" | {event.DECLARED.key} | {_meaning(event)} | {_period(kept[topic])} |\n"
        for topic, event in events.items()
    ]
    return HEAD + "".join(rows) + FOOT.format(kept=_period(TEST_RETENTION_MS))


def _meaning(event: type[Event]) -> str:
    return _IDS.sub("", sentence(event)).replace("|", "/")


def _period(milliseconds: int) -> str:
    return "for ever" if milliseconds < 0 else f"{timedelta(milliseconds=milliseconds).days} days"
