"""A file of voucher codes, one a line."""

import re

from chassis.telemetry import holds_card

from rewards.commands.faults import Fault, FileRefused

FORM = re.compile(r"[\x21-\x7e]{4,64}")
MOST = 1_000_000


def read_codes(content: bytes) -> list[str]:
    """Return the codes of a file; raises FileRefused with all its faults, which never repeat a code."""
    seen: dict[str, int] = {}
    faults: list[Fault] = []
    lines = content.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    for number, line in enumerate(lines, 1):
        code = line.strip()
        if not code:
            continue
        if not FORM.fullmatch(code):
            faults.append(Fault(number, "a code is 4 to 64 visible ASCII characters"))
        elif holds_card(code):
            faults.append(Fault(number, "looks like a card number, which is kept nowhere"))
        elif code in seen:
            faults.append(Fault(number, f"repeats line {seen[code]}"))
        seen.setdefault(code, number)
    if not seen or len(seen) > MOST:
        faults.append(Fault(1, f"a file has 1 to {MOST} codes"))
    if faults:
        raise FileRefused(faults)
    return list(seen)
