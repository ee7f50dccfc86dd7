"""The table of purposes, against the services that ask for keys. M24"""

import ast
from pathlib import Path

from accounts.domain.purposes import KINDS

# the chassis asks, so that reviewers may open what a service puts sealed into its audit log: where boxes were posted to
BOXES_IN_AUDIT_LOGS = {("orders", "audit")}
SERVICES = Path(__file__).parents[3]


def asked() -> set[tuple[str, str]]:
    """Each service with a purpose for which its code asks for a key ring."""
    found: set[tuple[str, str]] = set()
    for file in SERVICES.glob("*/src/**/*.py"):
        tree = ast.parse(file.read_text())
        named = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "ring":
                (purpose,) = node.args
                value = named.get(purpose.id, purpose) if isinstance(purpose, ast.Name) else purpose
                found.add((file.relative_to(SERVICES).parts[0], ast.literal_eval(value)))
    return found


def test_every_purpose_that_is_granted_is_asked_for_and_no_other():  # M24
    assert asked() | BOXES_IN_AUDIT_LOGS == KINDS.keys()
