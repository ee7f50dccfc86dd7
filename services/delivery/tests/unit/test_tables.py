import csv
import io

import pytest
from delivery.web.tables import guarded
from hypothesis import given
from hypothesis import strategies as st

RISKY = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-1", "@x", "\tx", "  =1", "＝1"])
def test_cells_that_spreadsheets_would_run_are_guarded(cell: str):
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Erika Musterfrau", "Müller-Lüdenscheidt", "a@example.org", "1 - 1", "A, B & C"])
def test_other_cells_stay_as_they_are(cell: str):
    assert guarded(cell) == cell


@given(st.lists(st.text('=+-@＝＋－＠,;|"\t\r\n a', max_size=8), min_size=1, max_size=3), st.sampled_from(",;|\t"))
def test_whatever_separates_its_cells_no_spreadsheet_finds_a_formula(cells: list[str], separator: str):
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerow(map(guarded, cells))
    read = csv.reader(io.StringIO(written.getvalue(), newline=""), delimiter=separator)
    assert not [cell for row in read for cell in row if cell.lstrip(" ").startswith(RISKY)]
