"""The files that settings name: secrets, and certificates with their keys."""

import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from chassis.config.files import read_small, require_small
from chassis.config.settings import ServiceSettings
from chassis.doctor.diagnosis import Diagnosis, concern, well, wrong

# cert-manager renews when a third of the time is left, of certificates of 90 days a month before the end
RENEWED_BEFORE = timedelta(days=14)


def examine(settings: ServiceSettings, now: datetime) -> list[Diagnosis]:
    """Look whether each file is there, can be read and is not empty, and how long certificates are valid."""
    named = {name: file for name in type(settings).model_fields if isinstance(file := getattr(settings, name), Path)}
    wanted = {name: file for name, file in named.items() if name.endswith("_file") and name not in MADE_BY_US}
    found = [diagnosis for name, file in wanted.items() if (diagnosis := _missing(name, file))]
    unread = {diagnosis.check for diagnosis in found}
    for name, file in wanted.items():
        if name.endswith("_cert_file") and f"files {name.upper()}" not in unread:
            key = named.get(name.replace("_cert_", "_key_")) or file
            found += _certificate(name, file, key, now)
    return found or [well("files", f"{len(wanted)} files that settings name can be read")]


# written or shifted by whoever runs a local stack
MADE_BY_US = frozenset({"clock_file", "spans_file"})


def _missing(name: str, file: Path) -> Diagnosis | None:
    check, setting = f"files {name.upper()}", name.upper()
    try:
        content = read_small(file).strip()
    except OSError as error:
        return wrong(check, f"{file} cannot be read: {error.strerror}.", f"Put the file there, or mend {setting}.")
    if not content:
        return wrong(check, f"{file} is empty.", "Write the secret into it.")
    try:
        content.decode()
    except UnicodeDecodeError:
        return wrong(check, f"{file} is no text.", "Write the secret into it anew, as letters and digits.")
    return None


def _certificate(name: str, file: Path, key: Path, now: datetime) -> Iterator[Diagnosis]:
    check = f"certificate {name.upper()}"
    try:
        ends = x509.load_pem_x509_certificates(read_small(file))[0].not_valid_after_utc
        require_small(key)
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(file, key, password="")
    except (ValueError, OSError) as error:  # ssl.SSLError is an OSError
        reason = getattr(error, "reason", None) or type(error).__name__
        yield wrong(check, f"{file} is no certificate with the key {key}: {reason}.", "Write both anew, as PEM.")
        return
    left = ends - now
    if left < timedelta(0):
        yield wrong(check, f"The certificate {file} has ended at {ends:%Y-%m-%d %H:%M} UTC.", "Renew it now.")
    elif left < RENEWED_BEFORE:
        yield concern(check, f"The certificate {file} ends at {ends:%Y-%m-%d %H:%M} UTC.", "Find out who renews it.")
    else:
        yield well(check, f"{file} is valid until {ends:%Y-%m-%d}")
