"""The checklist is held true: what its program refuses, and what it does not take for an id (PLT-18)."""

from pathlib import Path

import pytest
from journeys.__main__ import app
from journeys.features.ids import FOLDERS
from journeys.features.table import PAGES, checklist, faults, render
from typer.testing import CliRunner

HEAD = "| Id | What | State | Tests |\n|---|---|---|---|\n"
TEST = "services/orders/tests/unit/test_sales.py"


class Tree:
    """A small repository, in which the test of a sale bears an id."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in FOLDERS:
            (root / folder).mkdir()
        self.write("README.md", "")
        self.write(PAGES[1], HEAD)
        self.test("def test_a_sale():  # E28\n    pass\n")
        self.rows("| E28 | A download is complete. | done | orders/unit/test_sales |")

    def write(self, file: str, text: str) -> None:
        (self.root / file).parent.mkdir(parents=True, exist_ok=True)
        (self.root / file).write_text(text)

    def test(self, text: str) -> None:
        self.write(TEST, text)

    def rows(self, *rows: str) -> None:
        self.write(PAGES[0], HEAD + "".join(f"{row}\n" for row in rows))

    def faults(self) -> list[str]:
        return faults(checklist(self.root))

    def borne(self) -> set[str]:
        return set(checklist(self.root).proofs)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_a_true_table_passes(tree: Tree):
    assert tree.faults() == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("services/orders/src/orders/door.py", '"""Take an order (M99)."""'),
        ("services/orders/src/orders/door.py", "ORDER = 1  # M99"),
        ("services/orders/src/orders/0001.sql", "-- an order counts once (M99)"),
        ("chassis/tests/test_other.py", "def test_M99_an_order(): ..."),
        ("docs/guide/orders.md", "An order counts once (M99)."),
        ("README.md", "An order counts once (M99)."),
    ],
)
def test_an_id_that_stands_in_no_table_is_named_with_its_file(tree: Tree, file: str, text: str):
    tree.write(file, text)
    assert tree.faults() == [f"{file}: M99 stands in no table"]


def test_a_long_id_counts_in_every_string(tree: Tree):
    unknown = "F-" + "E99"
    tree.write("journeys/src/torture.py", f'FAULTS = "{unknown}"')
    assert tree.faults() == [f"journeys/src/torture.py: {unknown} stands in no table"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("chassis/src/sealing.py", 'CODE = "E27"\nPATH = "a%E2%80"  # E164, E2E, RF-E12, K8s, %E2'),
        ("chassis/src/0001.sql", "select 'E27'"),
        ("docs/guide/sealing.md", "`E27`, E164\n\n```\nM99\n```\n"),
    ],
)
def test_what_only_looks_like_an_id_is_let_through(tree: Tree, file: str, text: str):
    tree.write(file, text)
    assert tree.faults() == []


def test_done_without_a_test_is_refused(tree: Tree):
    tree.test("def test_a_sale():\n    pass\n")
    tree.rows("| E28 | A download is complete. | done | |")
    assert tree.faults() == ["docs/features.md: E28 is done, but no test bears it"]


@pytest.mark.parametrize("state", ["not yet", "not ours"])
def test_what_is_not_there_has_no_test(tree: Tree, state: str):
    tree.rows(f"| E28 | A download is complete. | {state} | orders/unit/test_sales |")
    (fault,) = tree.faults()
    assert fault.startswith(f"docs/features.md: E28 is {state}, but {TEST}::test_a_sale bears it")


def test_what_is_partly_done_says_what_is_missing(tree: Tree):
    tree.rows("| E28 | A download is complete. | partly | orders/unit/test_sales |")
    (fault,) = tree.faults()
    assert "does not say what is missing" in fault
    tree.rows("| E28 | A download is complete. Missing: its hash. | partly | orders/unit/test_sales |")
    assert tree.faults() == []


def test_an_unknown_state_and_a_second_row_are_refused(tree: Tree):
    tree.rows(*["| E28 | A download is complete. | well | orders/unit/test_sales |"] * 2)
    assert len(tree.faults()) == 3


def test_a_column_out_of_date_is_refused_until_it_is_rendered(tree: Tree):
    tree.rows("| E28 | A download is complete. | done | orders/unit/test_others |")
    assert tree.faults() == ["docs/features.md: E28 does not name its tests: run `make render`"]
    assert render(tree.root) == ["docs/features.md"]
    assert tree.faults() == []
    assert render(tree.root) == []


@pytest.mark.parametrize(
    "text",
    [
        "async def test_E28_F_E05_a_sale(): ...",
        "async def test_a_sale(\n    shop: str,\n):  # E28 F-E05\n    pass",
        "# E28\n@mark  # F-E05\nasync def test_a_sale(): ...",
        'def test_a_sale():\n    """A sale (E28, F-E05)."""',
        "def test_a_sale():\n    shop = 1  # E28\n    assert shop  # F-E05: so it was",
        '"""Sales (E28 F-E05)."""\ndef test_a_sale(): ...',
    ],
)
def test_a_test_bears_ids_in_its_name_comments_and_docstrings(tree: Tree, text: str):
    tree.test(text)
    assert tree.borne() == {"E28", "F-E05"}


def test_what_a_test_only_works_with_is_not_borne(tree: Tree):
    tree.test('def test_a_sale():\n    sell("F-E05")\n\n\ndef helper():  # E28\n    pass\n')
    assert tree.borne() == set()


def test_the_command_lists_everything_at_once(tree: Tree):
    tree.test("def test_a_sale():  # M98 M99\n    pass\n")
    checked = CliRunner().invoke(app, ["features", "check", "--root", str(tree.root)])
    assert (checked.exit_code, checked.output.count("\n")) == (1, 5)
    assert "M98 stands in no table" in checked.output


def test_an_id_is_shown_with_its_tests(tree: Tree):
    shown = CliRunner().invoke(app, ["features", "show", "E28", "--root", str(tree.root)])
    assert shown.output == f"E28 (done): A download is complete.\n{TEST}::test_a_sale\n"
    assert CliRunner().invoke(app, ["features", "show", "E29", "--root", str(tree.root)]).exit_code == 1
