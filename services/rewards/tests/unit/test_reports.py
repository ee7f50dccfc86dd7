"""A meeting is the same at both doors: what HTTP refuses, the contract refuses."""

import json
from typing import Any

import pytest
from contracts.shared import MeetingLogged
from contracts.wire import ContractViolation, decode
from pydantic import ValidationError
from rewards.web.bodies import LogMeeting

CASES: dict[str, tuple[dict[str, Any], bool]] = {
    "as it should be": ({}, True),
    "without anybody": ({"participants": 0}, True),
    "by no source": ({"source": ""}, False),
    "by a source with a long name": ({"source": "x" * 101}, False),
    "by a source with NUL": ({"source": "a\0b"}, False),
    "the first that nobody corrected": ({"revision": 0}, False),
    "corrected too often": ({"revision": 2**31}, False),
    "with everybody": ({"participants": 100_001}, False),
    "with fewer than nobody": ({"participants": -1}, False),
    "before our time": ({"started_at": "0001-01-01T00:00:00Z"}, False),
    "long after it": ({"ended_at": "9999-12-31T23:59:59Z"}, False),
    "ended before it began": ({"ended_at": "2026-11-02T08:00:00Z"}, False),
    "ended as it began": ({"ended_at": "2026-11-02T09:00:00Z"}, False),
}


@pytest.mark.parametrize("case", CASES)
def test_both_doors_take_the_same_meetings(case: str):
    changes, good = CASES[case]
    report = {**MeetingLogged.EXAMPLE, **changes}

    assert (taken_by_http(report), taken_by_kafka(report)) == (good, good)


def taken_by_http(report: dict[str, Any]) -> bool:
    try:
        LogMeeting.model_validate_json(json.dumps(report))
    except ValidationError:
        return False
    return True


def taken_by_kafka(report: dict[str, Any]) -> bool:
    try:
        decode("MeetingLogged", json.dumps(report).encode())
    except ContractViolation:
        return False
    return True
