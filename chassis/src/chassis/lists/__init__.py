"""What people hand over as lists, and what they type or paste.

A list has one entry a line, as a text file or a table that a spreadsheet has exported. `read_list` returns its entries
and what is wrong with its lines; a `Vault` keeps them sealed, and known without being read. `typed` returns what people
type or paste as it is to be compared.
"""

from chassis.lists.reading import (
    Entry,
    EntryRefused,
    FileEmpty,
    FileTooLong,
    Kind,
    Options,
    Reading,
    counted,
    read_list,
)
from chassis.lists.table import FileNotText
from chassis.lists.typed import typed
from chassis.lists.vault import Vault

__all__ = [
    "Entry",
    "EntryRefused",
    "FileEmpty",
    "FileNotText",
    "FileTooLong",
    "Kind",
    "Options",
    "Reading",
    "Vault",
    "counted",
    "read_list",
    "typed",
]
