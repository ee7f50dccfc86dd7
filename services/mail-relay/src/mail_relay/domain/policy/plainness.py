"""What is not meant when it looks like a way off the platform: the shop's own domains, code, names of examples."""

import re
from collections.abc import Collection
from ipaddress import ip_address

# RFC 2606, RFC 6761 and RFC 6762: nobody can be reached there
_RESERVED = ("example.com", "example.org", "example.net", "example", "test", "invalid", "localhost", "local")
_CODE_LINE = re.compile(
    r"""(?:
        at\ [\w.$<>]+\( | File\ " | Traceback\ | Caused\ by: | @\w+(?:\.\w+)*\s*(?:\(|$) | \#include\b
        | import\ [\w.{*] | from\ [\w.]+\ import\b
        | (?:public|private|protected|static|final|var|const|let|def|class|func|fn)\ \w.*[({:;=]
        | (?:select|insert|update|delete)\ .*\b(?:from|into|set|where)\b | [$>\#%]\ ?\w | [\w.]+\s*=\s*["'\[{(]
        | \[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d | [\w.]*(?:Exception|Error)\b | Message-ID: | References: | In-Reply-To:
        | (?:pip|npm|git|docker|curl|ssh|apt|brew|yarn|go|cargo)\ [a-z]
)""",
    re.VERBOSE,
)
_CALL = re.compile(r"\w\([^()]*\)\Z")
_FENCED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)


def is_ours(host: str, own_domains: Collection[str]) -> bool:
    """Say whether a host is one of the shop's domains or below one, or one that is reserved for examples."""
    name = host.strip(".").lower()
    return any(name == domain or name.endswith(f".{domain}") for domain in (*own_domains, *_RESERVED))


def is_private(host: str) -> bool:
    """Say whether a host is an address of a local network, which nobody outside can reach."""
    try:
        return not ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." not in host


def code_in(text: str) -> list[tuple[int, int]]:
    """Return the parts of a text that are code, commands, logs or stack traces."""
    found = [match.span() for match in _FENCED.finditer(text)] if "`" in text else []
    start = 0
    for line in text.split("\n"):
        # a line of a program is seldom longer, and a long one is not to be searched again and again
        code = line.strip()[:200]
        if _CODE_LINE.match(code) or code.endswith((";", "{", "}")) or (code.endswith(")") and _CALL.search(code)):
            found.append((start, start + len(line)))
        start += len(line) + 1
    return found
