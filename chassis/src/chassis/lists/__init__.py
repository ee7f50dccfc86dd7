"""What people hand over as lists and documents, and what they type or paste.

A list has one entry a line, as a text file or a table that a spreadsheet has exported. `read_list` returns its entries
and what is wrong with its lines; a `Vault` keeps them sealed, and known without being read. `typed` returns what people
type or paste as it is to be compared, `compact` by what a code is known, `visible` a name as people may see it.
"""

from chassis.lists.document import (
    LARGEST,
    Fault,
    Faults,
    FileRefused,
    Lines,
    is_null,
    line_of,
    moment,
    parse,
    read_document,
    whole,
)
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
from chassis.lists.sealed import ListRefused, SealedEntry, SealedList, refusal, seal_list
from chassis.lists.table import FileNotText
from chassis.lists.typed import compact, typed, visible
from chassis.lists.vault import Vault

__all__ = [
    "LARGEST",
    "Entry",
    "EntryRefused",
    "Fault",
    "Faults",
    "FileEmpty",
    "FileNotText",
    "FileRefused",
    "FileTooLong",
    "Kind",
    "Lines",
    "ListRefused",
    "Options",
    "Reading",
    "SealedEntry",
    "SealedList",
    "Vault",
    "compact",
    "counted",
    "is_null",
    "line_of",
    "moment",
    "parse",
    "read_document",
    "read_list",
    "refusal",
    "seal_list",
    "typed",
    "visible",
    "whole",
]
