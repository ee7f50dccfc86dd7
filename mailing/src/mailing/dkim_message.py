"""dkimpy (RFC 6376) with cryptography's RSA in place of its own, and without what takes it too long."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import dkim
import nacl.exceptions
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

# dkimpy logs what strangers wrote; what became of it is our result
_SILENT = logging.getLogger("mailing.dkimpy")
_SILENT.disabled = True
# RFC 8301 3.2; longer keys would cost whoever verifies
RSA_BITS = range(1024, 4097)
_BARE_LF = re.compile(rb"(?<!\r)\n")
# dkimpy's branch for keys that are objects, which verify digests themselves
_OBJECT = b"ed25519"


# dkimpy has no types
_DKIM = cast("Any", dkim)


class DkimMessage(cast("type[Any]", dkim.DKIM)):
    """A message whose signatures dkimpy verifies."""

    headers: list[tuple[bytes, bytes]]
    body: bytes
    pk: Any
    ktag: bytes
    keysize: int
    seqtlsrpt: bool

    def __init__(self, raw: bytes) -> None:
        _DKIM.DKIM.__init__(self, raw, logger=_SILENT)

    def set_message(self, message: bytes) -> None:
        """Take a message; its body stays whole, where dkimpy would cut it into lines and join them again."""
        end = re.search(rb"\r?\n\r?\n|\A\r?\n", message)
        _DKIM.DKIM.set_message(self, message[: end.end()] if end else message)
        body = message[end.end() :] if end else b""
        self.body = body if body.count(b"\n") == body.count(b"\r\n") else _BARE_LF.sub(b"\r\n", body)

    def relax_body(self) -> None:
        """Collapse blanks, as the relaxed algorithm does (RFC 6376 3.4.4).

        dkimpy takes those at the ends of lines away first, in a time that grows with the square of their number.
        """
        body = self.body.replace(b"\t", b" ")
        while b"  " in body:
            body = body.replace(b"  ", b" ")
        self.body = body

    def verify_sig(
        self,
        sig: dict[bytes, bytes],
        include_headers: list[bytes],
        sig_header: tuple[bytes, bytes],
        dnsfunc: Callable[[], bytes],
    ) -> bool:
        """Verify by the key that the function returns; one that cannot be read is an exception, not a `False`."""
        self.pk, self.keysize, self.ktag, self.seqtlsrpt = _DKIM.evaluate_pk("", dnsfunc())
        return self.verify_sig_process(sig, include_headers, sig_header, dnsfunc)

    def verify_sig_process(
        self, sig: dict[bytes, bytes], include_headers: list[bytes], sig_header: tuple[bytes, bytes], dnsfunc: object
    ) -> bool:
        """Verify by the key that dkimpy has read."""
        if self.ktag == b"rsa":
            if self.keysize not in RSA_BITS:
                raise dkim.KeyFormatError(f"a key of {self.keysize} bits")
            self.ktag, self.pk = _OBJECT, _RsaVerifying(self.pk["modulus"], self.pk["publicExponent"])
        if sig.get(b"c", b"").partition(b"/")[2].strip() == b"relaxed":
            self.relax_body()
        return _DKIM.DKIM.verify_sig_process(self, sig, include_headers, sig_header, dnsfunc)


@dataclass(frozen=True, slots=True)
class _RsaVerifying:
    modulus: int
    exponent: int

    def verify(self, digest: bytes, signature: bytes) -> None:
        """Verify a digest; raise the error that dkimpy expects of a key."""
        key = RSAPublicNumbers(self.exponent, self.modulus).public_key()
        try:
            key.verify(signature, digest, PKCS1v15(), Prehashed(SHA256()))
        except InvalidSignature:
            raise nacl.exceptions.BadSignatureError from None
