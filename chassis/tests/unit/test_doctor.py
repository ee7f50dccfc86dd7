"""Files that settings name: what is missing, empty, or ends soon."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from chassis.config import ServiceSettings
from chassis.doctor import Diagnosis, Grade, files
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def certificate(file: Path, days: float) -> Path:
    """Write a certificate that signs itself, with its key, which ends in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    begins, ends = now - datetime.timedelta(days=9), now + datetime.timedelta(days=days)
    signed = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, ends).sign(key, hashes.SHA256())
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return file


def settings(directory: Path, **more: Any) -> ServiceSettings:
    secret = directory / "secret"
    if not secret.exists():
        secret.write_text("s")
    given: dict[str, Any] = {
        "database_url": "postgresql://x",
        "kafka_bootstrap_servers": "x",
        "accounts_url": "http://localhost",
        "public_url": "http://localhost",
        "service_secret_file": secret,
    }
    return ServiceSettings(**given | more)


def examined(given: ServiceSettings) -> list[Diagnosis]:
    return files.examine(given, datetime.datetime.now(datetime.UTC))


@pytest.mark.parametrize(
    ("days", "grade", "said"),
    [(90, Grade.OK, "is valid until"), (10, Grade.WARNING, "ends at"), (-1, Grade.ERROR, "has ended")],
)
def test_a_certificate_is_told_before_it_ends(tmp_path: Path, days: float, grade: Grade, said: str):
    (diagnosis,) = examined(settings(tmp_path, http_cert_file=certificate(tmp_path / "cert", days)))
    assert (diagnosis.check, diagnosis.grade) == ("certificate HTTP_CERT_FILE", grade)
    assert said in diagnosis.text


def test_a_key_of_another_certificate_is_told(tmp_path: Path):
    other = certificate(tmp_path / "other", 90)
    cert = tmp_path / "cert"
    cert.write_bytes(certificate(tmp_path / "both", 90).read_bytes().partition(b"-----BEGIN PRIVATE")[0])
    (diagnosis,) = examined(settings(tmp_path, http_cert_file=cert, http_key_file=other))
    assert diagnosis.grade is Grade.ERROR
    assert "KEY_VALUES_MISMATCH" in diagnosis.text


def test_a_file_that_is_empty_or_missing_is_told(tmp_path: Path):
    (tmp_path / "secret").write_text(" \n")
    (diagnosis,) = examined(settings(tmp_path))
    assert (diagnosis.check, "is empty" in diagnosis.text) == ("files SERVICE_SECRET_FILE", True)
    (tmp_path / "secret").unlink()
    (diagnosis,) = examined(settings(tmp_path, service_secret_file=tmp_path / "none"))
    assert "cannot be read" in diagnosis.text
