"""The secrets of an installation: each program is given its own, and a second run changes none (PLT-13)."""

from pathlib import Path

import pytest
from contracts.topics import SERVICES
from kontor.secrets import OURS, make


def read(directory: Path) -> dict[str, str]:
    files = [file for file in directory.rglob("*") if file.is_file()]
    return {str(file.relative_to(directory)): file.read_text() for file in files}


def test_programs_that_share_a_secret_have_the_same_and_others_have_none(tmp_path: Path):
    make(tmp_path, "mail.shop.example")
    files = read(tmp_path)

    for name in SERVICES:
        assert files[f"{name}/service"] == files[f"accounts/services/{name}"]
        assert files[f"{name}/database"] == files[f"setup/databases/{name}"]
        assert files[f"{name}/kafka"] == files[f"setup/users/{name}"]
    assert files["letters/bounce-key"] == files["mail-relay/bounce-key"]
    assert {file for file in files if file.startswith("catalog/")} == {
        "catalog/database",
        "catalog/kafka",
        "catalog/service",
        "catalog/store",
    }
    assert "v=DKIM1" in files["names/zone"]
    assert all(file.stat().st_mode & 0o77 == 0 for file in tmp_path.rglob("*") if not file.is_relative_to("names"))


def test_a_second_run_changes_nothing_and_a_lost_copy_comes_back(tmp_path: Path):
    assert make(tmp_path, "mail.shop.example")
    before = read(tmp_path)
    (tmp_path / "letters" / "bounce-key").unlink()

    assert make(tmp_path, "mail.shop.example") == 0
    assert read(tmp_path) == before


def test_PLT_13_what_was_killed_in_the_middle_is_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    owners: dict[Path, int] = {}

    def give(path: Path, user: int, _: int) -> None:
        if not owners.get(path) and path.name == "dkim":
            owners[path] = OURS
            raise InterruptedError
        owners[path] = user

    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.chown", give)
    with pytest.raises(InterruptedError):
        make(tmp_path, "mail.shop.example")
    for emptied in ("accounts/services/orders", "orders/database"):
        (tmp_path / emptied).write_text("")

    make(tmp_path, "mail.shop.example")

    (key,) = (tmp_path / "mail-relay" / "dkim").iterdir()
    assert owners[key] == OURS
    files = read(tmp_path)
    assert files["accounts/services/orders"] == files["orders/service"] != ""
    assert all(files.values())
