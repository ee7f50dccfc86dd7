"""What pages say, in each language: files `<language>.toml` with the same keys, those of a service above the shared."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, cast

LANGUAGES: Final = ("de", "en")


def read(*packages: str) -> dict[str, Mapping[str, Any]]:
    """Return the words of each language out of the folder `words` of these packages; a later one replaces keys."""
    found: dict[str, Mapping[str, Any]] = {}
    for language in LANGUAGES:
        merged: dict[str, Any] = {}
        for package in packages:
            file = files(package) / "words" / f"{language}.toml"
            _merge(merged, tomllib.loads(file.read_text()))
        found[language] = merged
    return found


def paths(words: Mapping[str, Any], before: Sequence[str] = ()) -> dict[str, str]:
    """Return all texts by their dotted path, to compare languages."""
    found: dict[str, str] = {}
    for name, value in words.items():
        path = (*before, name)
        if isinstance(value, Mapping):
            found |= paths(cast("Mapping[str, Any]", value), path)
        else:
            found[".".join(path)] = str(value)
    return found


def chosen(cookie: str | None, accepted: str) -> str:
    """Return the language that a visitor has chosen, or else the first of the browser's that there is (RFC 9110)."""
    if cookie in LANGUAGES:
        return cookie
    for wanted in accepted.lower().split(","):
        language = wanted.strip().partition(";")[0].partition("-")[0]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


def _merge(into: dict[str, Any], words: Mapping[str, Any]) -> None:
    for name, value in words.items():
        if isinstance(value, dict):
            _merge(into.setdefault(name, {}), cast("dict[str, Any]", value))
        else:
            into[name] = value
