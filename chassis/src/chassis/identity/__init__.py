"""Who calls (access tokens), and who may read (personal fields sealed to the keys of their subjects)."""

from chassis.identity.acting import Act, ReadingUnrecorded
from chassis.identity.keyrings import KeyRings
from chassis.identity.keys import ERASED, KeyRing, Keys, KeysUnavailable
from chassis.identity.sealing import MasterKey, SealBroken, new_key_pair, open_box, seal
from chassis.identity.tokens import ALGORITHM, ISSUER, TOKEN_TYPE, Caller, IdentityUnavailable

__all__ = [
    "ALGORITHM",
    "ERASED",
    "ISSUER",
    "TOKEN_TYPE",
    "Act",
    "Caller",
    "IdentityUnavailable",
    "KeyRing",
    "KeyRings",
    "Keys",
    "KeysUnavailable",
    "MasterKey",
    "ReadingUnrecorded",
    "SealBroken",
    "new_key_pair",
    "open_box",
    "seal",
]
