"""The online help as one document to print, in each language: `python -m journeys help-pdf` (E23)."""

from importlib.resources import files
from pathlib import Path

from pages import printing, words

# whose pages have help; in this order they are parts of the document
SITES = ("storefront", "accounts", "workcenter")


def help_pdf(directory: Path, house: str = "Kontor") -> list[Path]:
    """Write the help of all pages into a directory; return the files, one for each language."""
    directory.mkdir(parents=True, exist_ok=True)
    sites = [words.read("pages", site) for site in SITES if (files(site) / "words").is_dir()]
    written: list[Path] = []
    for language in words.LANGUAGES:
        texts = [site[language] for site in sites if site[language]["help"]]
        file = directory / f"help-{language}.pdf"
        file.write_bytes(printing.printed(printing.guide(house, None, language, *texts)))
        written.append(file)
    return written
