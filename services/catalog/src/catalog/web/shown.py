"""What clients see of how things are shown: texts, support, pictures, files."""

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

from chassis.web import Listing, View

from catalog.domain.presentation import File, Picture, Presentation, Text
from catalog.web.markdown import html
from catalog.web.views import ProductView


class PictureView(View):
    """A picture: `GET /pictures/{hash}-{width}.webp`, where width is 320, 640 or 1280; how large the widest one is."""

    hash: str
    width: int
    height: int
    alt: dict[str, str]


class BriefTextView(View):
    """What a list shows of a subject in a language."""

    title: str
    summary: str


class TextView(View):
    """All that is written of a subject in a language; Markdown, and HTML that is safe to show."""

    title: str
    summary: str
    description: str
    description_html: str
    requirements: str
    requirements_html: str
    hours: str


class BriefView(View):
    """How a list shows a family, a product or an edition."""

    texts: dict[str, BriefTextView]
    picture: PictureView | None


class PresentationView(View):
    """How a page shows a family, a product or an edition."""

    texts: dict[str, TextView]
    support_contact: str
    supported_until: date | None
    secure_until: date | None
    picture: PictureView | None


class FileView(View):
    """A file that buyers get; its size in bytes."""

    name: str
    version: str
    size: int
    media_type: str


class ListedView(ProductView):
    """A product in a list; `presentations` are by the ids of lines, families, products and editions that have any."""

    presentations: dict[UUID, BriefView]


class FoundView(Listing[ListedView]):
    """Products of a channel; `meant` is what was looked for where nothing has the words of the search."""

    meant: str | None = None


class DetailView(ProductView):
    """A product with all that is written of it; `files` are by SKU."""

    presentations: dict[UUID, PresentationView]
    files: dict[str, list[FileView]]


class SubjectView(PresentationView):
    """How a family, product or edition is shown, for staff."""

    subject: UUID
    name: str


def subjects(product: ProductView) -> Iterator[UUID]:
    """Yield the ids of what can be shown of a product: itself, its family, its line, its editions."""
    yield product.product
    yield product.family_id
    yield product.line_id
    for edition in product.editions:
        yield edition.edition


def listed_view(product: ProductView, known: Mapping[UUID, Presentation]) -> ListedView:
    """Return a product for a list."""
    briefs = {subject: _brief(known[subject]) for subject in subjects(product) if subject in known}
    return ListedView.model_construct(**dict(product), presentations=briefs)


def detail_view(
    product: ProductView, known: Mapping[UUID, Presentation], files: Mapping[str, list[File]]
) -> DetailView:
    """Return a product for a page of its own."""
    found = {subject: presentation_view(known[subject]) for subject in subjects(product) if subject in known}
    named = {sku: [file_view(file) for file in some] for sku, some in files.items()}
    return DetailView.model_construct(**dict(product), presentations=found, files=named)


def presentation_view(shown: Presentation) -> PresentationView:
    """Return a presentation for reading."""
    return PresentationView(
        texts={language: _text(text) for language, text in shown.texts.items()},
        support_contact=shown.support.contact,
        supported_until=shown.support.supported_until,
        secure_until=shown.support.secure_until,
        picture=picture_view(shown.picture),
    )


def subject_view(subject: UUID, name: str, shown: Presentation) -> SubjectView:
    """Return a presentation for staff."""
    return SubjectView.model_construct(**dict(presentation_view(shown)), subject=subject, name=name)


def picture_view(picture: Picture | None) -> PictureView | None:
    """Return a picture for reading."""
    if picture is None:
        return None
    return PictureView(hash=picture.hash, width=picture.width, height=picture.height, alt=dict(picture.alt))


def file_view(file: File) -> FileView:
    """Return a file for reading."""
    return FileView(name=file.name, version=file.version, size=file.size, media_type=file.media_type)


def _brief(shown: Presentation) -> BriefView:
    texts = {language: BriefTextView(title=text.title, summary=text.summary) for language, text in shown.texts.items()}
    return BriefView(texts=texts, picture=picture_view(shown.picture))


def _text(text: Text) -> TextView:
    return TextView(
        title=text.title,
        summary=text.summary,
        description=text.description,
        description_html=html(text.description),
        requirements=text.requirements,
        requirements_html=html(text.requirements),
        hours=text.hours,
    )
