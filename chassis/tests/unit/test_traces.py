"""Which spans are recorded, to which trace they belong and lead, and which of them are blamed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = PARENT[:-1] + "0"
VOID = f"00-{'0' * 32}{UNSAMPLED[35:]}"
HEAD = """
import json, sys
from pathlib import Path
from chassis.telemetry import traces
from chassis.telemetry.traces import current_traceparent, span
traces.configure("letters", sampled=float(sys.argv[2]), spans_file=Path(sys.argv[1]))
"""


def recorded(body: str, file: Path, sampled: float = 1) -> tuple[list[Any], list[dict[str, Any]]]:
    """Return what a process of its own prints, and its spans, for a tracer belongs to the whole process."""
    done = subprocess.run([sys.executable, "-c", HEAD + body, str(file), str(sampled)], capture_output=True, text=True)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()], [*map(json.loads, file.read_text().splitlines())]


def is_sampled(traceparent: str) -> bool:
    return bool(int(traceparent[-2:], 16) & 1)


def test_an_unsampled_trace_is_passed_on_and_not_recorded(tmp_path: Path):
    body = f"""
def tell():
    print(json.dumps(current_traceparent()))
with span("root"):
    tell()
    with span("child"):
        tell()
with span("theirs", traceparent="{UNSAMPLED}"):
    tell()
with span("asked for", traceparent="{PARENT}"):
    tell()
"""
    (root, child, theirs, asked), spans = recorded(body, tmp_path / "spans", 0)
    assert not is_sampled(root)
    assert child == root
    assert theirs == UNSAMPLED
    assert asked[:36] == PARENT[:36]
    assert is_sampled(asked)
    assert [one["name"] for one in spans] == ["asked for"]


def test_of_the_traces_begun_here_a_share_is_recorded(tmp_path: Path):
    _, spans = recorded("for _ in range(2000):\n    with span('root'): pass", tmp_path / "spans", 0.1)
    assert 100 < len(spans) < 300


def test_what_goes_on_in_another_trace_is_linked_to_it(tmp_path: Path):
    body = f"""
from types import SimpleNamespace
from chassis.db.transaction import Tx
from contracts.accounts import CustomerErased
event = CustomerErased.model_validate(CustomerErased.EXAMPLE)
with span("hear"):
    for cause in ("{PARENT}", current_traceparent(), None):
        Tx(None, None).publish(event, cause=SimpleNamespace(traceparent=cause))
"""
    _, (one,) = recorded(body, tmp_path / "spans")
    assert [link["trace_id"] for link in one["links"]] == [PARENT[3:35]]


def test_of_messages_that_are_handled_together_none_is_blamed_for_what_fails(tmp_path: Path):
    body = f"""
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4
from chassis.consuming.reactions import handling
from chassis.consuming.retry import rebuilt
from chassis.db.outbox import pack_headers
from contracts.accounts import CustomerErased
from contracts.wire import encode, headers
event = CustomerErased.model_validate(CustomerErased.EXAMPLE)
def message():
    named = headers(event, id=uuid4(), source="accounts", time=datetime.now(UTC), traceparent="{PARENT}")
    row = dict(topic="CustomerErased", partition=0, record_offset=1, key=b"k", value=encode(event))
    return rebuilt(row | dict(headers=pack_headers(named)))
for together in ([message(), message()], [message()]):
    with suppress(ValueError), handling(*together):
        raise ValueError
"""
    _, spans = recorded(body, tmp_path / "spans")
    assert [one["status"] for one in spans] == ["UNSET", "UNSET", "ERROR"]
    assert [one["attributes"].get("messaging.batch.message_count") for one in spans] == [2, 2, None]


def test_messages_that_are_handled_together_pass_on_each_its_own_trace(tmp_path: Path):
    body = f"""
from datetime import UTC, datetime
from uuid import uuid4
from chassis.consuming.reactions import handling
from chassis.consuming.retry import rebuilt
from chassis.db.outbox import pack_headers
from contracts.accounts import CustomerErased
from contracts.wire import encode, headers
event = CustomerErased.model_validate(CustomerErased.EXAMPLE)
def message(parent):
    named = headers(event, id=uuid4(), source="accounts", time=datetime.now(UTC), traceparent=parent)
    row = dict(topic="CustomerErased", partition=0, record_offset=1, key=b"k", value=encode(event))
    return rebuilt(row | dict(headers=pack_headers(named)))
parents = "{UNSAMPLED}", "{PARENT}", "{VOID}", None, "{UNSAMPLED}"
together = [message(parent) for parent in parents]
with handling(*together):
    print(json.dumps([current_traceparent(), *(one.handled_in for one in together)]))
"""
    ([current, unsampled, sampled, void, new, last],), spans = recorded(body, tmp_path / "spans")
    assert unsampled == last == current == UNSAMPLED
    assert sampled[:36] == PARENT[:36]
    assert len({sampled[3:35], void[3:35], new[3:35]}) == 3
    assert len(spans) == 3
