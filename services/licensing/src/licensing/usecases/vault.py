"""Texts of keys and serials at rest."""

from typing import ClassVar

from chassis import lists


class Vault(lists.Vault):
    """The vault of keys and serials."""

    PURPOSE: ClassVar = b"kontor licence fingerprints"
