import base64
import secrets
from pathlib import Path

import pytest
from chassis.lists import Options, SealedList
from licensing.domain.keys import generate
from licensing.usecases.importing import seal_file
from licensing.usecases.vault import Vault


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    file: Path = tmp_path_factory.mktemp("vault") / "license-key"
    file.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return Vault.from_file(file)


def texts(file: SealedList, vault: Vault) -> list[str | None]:
    return [vault.opened(serial.box, serial.fingerprint) for serial in file.entries]


def test_serials_are_sealed_as_they_are_written_and_known_however_they_are_typed(vault: Vault):  # LIC-1
    file = seal_file("Seriennummer\nAAAA–0001\naaaa 0001.\n'BBBB-0002\n".encode("cp1252"), vault, Options())
    assert texts(file, vault) == ["AAAA-0001", "BBBB-0002"]
    assert file.reading.repeated == [3]
    assert file.reading.left_out == [(1, "heading")]


def test_what_a_spreadsheet_has_ruined_is_no_serial(vault: Vault):
    file = seal_file(b"4509360000000017\n4.50936E+15\n", vault, Options(take_unlike=True))
    assert file.reading.faulty == [(2, "scientific-notation")]
    assert file.reading.refused(file.options)


def test_what_is_unlike_all_others_is_taken_when_somebody_says_so(vault: Vault):
    content = "\n".join([*(f"AAAA-000{number}" for number in range(5)), "Total: 5"]).encode()
    for options in (Options(), Options(skip_duplicates=True)):
        assert seal_file(content, vault, Options()).reading.refused(options)
    assert not seal_file(content, vault, Options()).reading.refused(Options(take_unlike=True))


def test_a_serial_that_validation_would_call_mistyped_is_sold_only_as_another_makers(vault: Vault):
    key = generate("")
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    assert seal_file(wrong.encode(), vault, Options()).reading.faulty == [(1, "looks-like-a-generated-key")]
    assert texts(seal_file(wrong.encode(), vault, Options(), other_makers=True), vault) == [wrong]
    assert texts(seal_file(key.encode(), vault, Options()), vault) == [key]
