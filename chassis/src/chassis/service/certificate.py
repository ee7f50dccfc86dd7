"""The certificate with which a service speaks TLS to clients; a new one is taken as soon as its files hold it."""

import ssl
from pathlib import Path

import structlog

from chassis.config.files import require_small

log = structlog.get_logger(__name__)

# What is encrypted and authenticated at once (RFC 9325 4.2); delivery reckons with the size of its records.
AEAD = "ECDHE+AESGCM:ECDHE+CHACHA20"

Marks = tuple[tuple[int, int, int], ...]


class Certificate:
    """A certificate and its key, read anew before a handshake where the files have changed; the last good one counts.

    Raises OSError and ssl.SSLError where there is no good one at the start.
    """

    def __init__(self, cert_file: Path, key_file: Path | None) -> None:
        self._cert_file, self._key_file = cert_file, key_file or cert_file
        self._marks = self._look()
        self._newest = self._load()

    def context(self) -> ssl.SSLContext:
        """Return that of the next handshake; what name of a server the client sends does not matter."""
        try:
            if (marks := self._look()) != self._marks:
                self._newest = self._load()
                self._marks = marks
                log.info("a new certificate is used")
        except (OSError, ssl.SSLError) as error:  # its files are written one after the other
            log.warning("the certificate's files cannot be used", reason=type(error).__name__)
        return self._newest

    def _load(self) -> ssl.SSLContext:
        for file in (self._cert_file, self._key_file):
            require_small(file)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.set_ciphers(AEAD)
        # without a password, where OpenSSL would ask for one at the terminal, and everything would wait for it
        context.load_cert_chain(self._cert_file, self._key_file, password="")
        return context

    def _look(self) -> Marks:
        stats = [file.stat() for file in (self._cert_file, self._key_file)]
        return tuple((stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in stats)
