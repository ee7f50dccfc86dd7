"""The table of purposes, against the services that ask for keys. M24"""

import ast
from pathlib import Path

from accounts.domain.purposes import EXPORT, KINDS

# the chassis asks, so that reviewers may open what a service puts sealed into its audit log: where boxes were posted to
BOXES_IN_AUDIT_LOGS = {("orders", "audit")}
SERVICES = Path(__file__).parents[3]


def constants(tree: ast.Module, package: Path) -> dict[str, ast.expr]:
    """What names of a file stand for, its own and those it takes from other files of its service."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                found[name] = value
            case ast.ImportFrom(module=str(module)):
                file = package.joinpath(*module.split(".")).with_suffix(".py")
                if file.exists():
                    found |= constants(ast.parse(file.read_text()), package)
            case _:
                pass
    return found


def asked() -> set[tuple[str, str]]:
    """Each service with a purpose for which its code asks for a key ring, or lets an export ask."""
    found: set[tuple[str, str]] = set()
    for file in SERVICES.glob("*/src/**/*.py"):
        service, tree = file.relative_to(SERVICES).parts[0], ast.parse(file.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "answer_exports":
                named_purposes = [ast.literal_eval(word.value) for word in node.keywords if word.arg == "purposes"]
                found |= {(service, purpose) for purpose in (named_purposes or [(EXPORT,)])[0]}
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "ring":
                (purpose,) = node.args
                for one in (purpose.body, purpose.orelse) if isinstance(purpose, ast.IfExp) else (purpose,):
                    named = constants(tree, SERVICES / service / "src") if isinstance(one, ast.Name) else {}
                    value = named.get(one.id, one) if isinstance(one, ast.Name) else one
                    found.add((service, ast.literal_eval(value)))
    return found


def test_every_purpose_that_is_granted_is_asked_for_and_no_other():  # M24
    assert asked() | BOXES_IN_AUDIT_LOGS == KINDS.keys()
