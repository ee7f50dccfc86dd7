"""Keys are made, put to use and given up one after the other, and no mail is without proof meanwhile."""

from datetime import date
from pathlib import Path

from mailing.keys import KINDS, KeyDirectory, Phase

TODAY = date(2026, 11, 29)


def phases(keys: KeyDirectory) -> dict[str, Phase]:
    return {one.signer.selector: one.phase for one in keys}


def test_a_key_goes_through_its_phases(tmp_path: Path):
    keys = KeyDirectory(tmp_path / "dkim", "mail.shop.example")
    assert keys.signers == ()
    first = [keys.add(kind, TODAY).file.read_bytes() for kind in KINDS]
    assert [keys.add(kind, TODAY).file.read_bytes() for kind in KINDS] == first
    assert keys.signers == ()
    assert [one.signer.selector for one in keys.rotate()] == ["k20261129-ed25519", "k20261129-rsa"]
    assert keys.rotate() == []
    again = keys.add("rsa", TODAY)
    assert phases(keys) == {
        "k20261129-ed25519": Phase.SIGNING,
        "k20261129-rsa": Phase.SIGNING,
        "k20261129b-rsa": Phase.NEXT,
    }
    keys.rotate()
    assert {one.selector for one in keys.signers} == {"k20261129-ed25519", again.signer.selector}
    assert phases(keys)["k20261129-rsa"] is Phase.FORMER
    assert [one.signer.selector for one in keys.remove_former()] == ["k20261129-rsa"]
    assert keys.remove_former() == []
    assert len(list(keys)) == 2


def test_an_interrupted_rotation_leaves_one_signer_of_a_kind(tmp_path: Path):
    keys = KeyDirectory(tmp_path, "mail.shop.example")
    keys.add("rsa", TODAY)
    keys.rotate()
    later = keys.add("rsa", date(2026, 12, 1))
    later.file.rename(tmp_path / f"{later.signer.selector}.signing.pem")
    assert [one.selector for one in keys.signers] == [later.signer.selector]


def test_nobody_else_reads_a_key(tmp_path: Path):
    keys = KeyDirectory(tmp_path / "dkim", "mail.shop.example")
    file = keys.add("ed25519", TODAY).file
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
