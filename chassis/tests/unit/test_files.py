"""Files that settings name are ordinary and small; whatever else is there is refused at once, with a sentence."""

import os
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chassis.config import ServiceSettings, read_secret, read_secrets
from chassis.config.files import LARGEST, read_small
from chassis.doctor.files import examine
from chassis.identity import MasterKey
from chassis.lists import Vault
from chassis.service.certificate import Certificate

REFUSED = r"no ordinary file|directory|more than 1,048,576 bytes"
READERS: list[Callable[[Path], object]] = [
    read_small,
    read_secret,
    read_secrets,
    MasterKey.from_file,
    Vault.from_file,
    lambda file: Certificate(file, None),
    lambda file: settings(file, kafka_tls=True, kafka_ca_file=file).brokers,
    lambda file: settings(file, kafka_tls=True, kafka_cert_file=file).brokers,
    lambda file: settings(file, http_ca_file=file).trust,
    lambda file: settings(file, database_url="postgresql://x@h/x", database_password_file=file).dsn,
]


def settings(file: Path, **given: Any) -> ServiceSettings:
    known: dict[str, Any] = {"accounts_url": "x", "public_url": "x", "service_secret_file": file}
    known |= {"database_url": "postgresql://x", "kafka_bootstrap_servers": "k:9092"}
    return ServiceSettings(**known | given)


@pytest.fixture(params=["pipe", "link to a pipe", "device", "socket", "directory", "huge"])
def wrong(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    match request.param:
        case "pipe":
            os.mkfifo(file)
        case "link to a pipe":
            os.mkfifo(tmp_path / "pipe")
            file.symlink_to(tmp_path / "pipe")
        case "device":
            file.symlink_to("/dev/zero")
        case "socket":
            here = Path.cwd()
            os.chdir(tmp_path)  # a name of a socket is short
            socket.socket(socket.AF_UNIX).bind("secret")
            os.chdir(here)
        case "directory":
            file.mkdir()
        case _:
            with file.open("wb") as large:
                large.truncate(LARGEST + 1)
    return file


@pytest.mark.timeout(20)
@pytest.mark.parametrize("read", READERS)
def test_PLT_13_what_is_no_ordinary_file_is_refused_at_once(wrong: Path, read: Callable[[Path], object]):
    with pytest.raises(OSError, match=REFUSED) as refused:
        read(wrong)
    assert not isinstance(refused.value, ssl.SSLError)
    assert refused.value.filename == str(wrong)


@pytest.mark.timeout(20)
def test_PLT_13_the_doctor_says_so(wrong: Path):
    (found,) = examine(settings(wrong), datetime.now(UTC))
    assert found.check == "files SERVICE_SECRET_FILE"
    assert str(wrong) in found.text


def test_PLT_13_a_secret_may_be_a_link_as_kubernetes_mounts_them(tmp_path: Path):
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "secret").write_text("a secret\n")
    (tmp_path / "secret").symlink_to("..data/secret")
    assert read_secret(tmp_path / "secret") == "a secret"
