"""Partners are told of every version after the first where their page promises it: "For partners" in the CHANGELOG."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from contracts.__main__ import HERE
from contracts.event import Public

from contracts import Event, partner_events

CHANGES = HERE.parent / "CHANGELOG.md"
PAGE = HERE.parent / "docs" / "partners" / "README.md"


def unannounced(topics: Iterable[str], changes: str) -> list[str]:
    """Return the topics of later versions that no part for partners names."""
    parts = re.findall(r"^### For partners\n(.*?)(?=^##|\Z)", changes, re.MULTILINE | re.DOTALL)
    return [topic for topic in topics if ".v" in topic and not any(f"`{topic}`" in part for part in parts)]


def test_every_later_version_is_announced_to_partners():
    changes = CHANGES.read_text()
    assert "### For partners" in changes
    assert '"For partners"' in PAGE.read_text()
    assert unannounced(partner_events(), changes) == []


def test_a_version_that_partners_are_not_told_of_is_found(declare: Any):
    declare({"order": Public[UUID], "channel": Public[str]}, key="order", version=2)
    topics = [topic for topic in partner_events() if topic.endswith(".v2")]
    assert unannounced(topics, "## 2\n\n### Added\n- `Sold.v2`\n") == ["Sold.v2"]
    assert unannounced(topics, "## 2\n\n### For partners\n- `Sold.v2` comes.\n\n## 1\n") == []
    assert Event.ALL["Sold.v2"]
