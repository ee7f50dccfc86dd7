"""Pictures are made anew in a process of its own; whatever else a file holds, or does, stays there."""

import io
from pathlib import Path

import pytest
from catalog.clients.pictures import Pictures
from catalog.domain.errors import (
    CatalogError,
    PicturesNotKept,
    PictureTooSmall,
    PictureTooVast,
    PictureUnknown,
    PictureUnreadable,
)
from PIL import Image

from services.catalog.tests.images import HIDDEN, bomb, picture, polyglot

ALT = {"de": "Ein Verlauf", "en": "A slope"}


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    return Pictures(f"file://{tmp_path}/store", None)


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "CMYK"), ("WEBP", "RGB")])
async def test_a_picture_becomes_webp_in_three_widths(pictures: Pictures, kind: str, mode: str):
    made = await pictures.make("kontor", picture(1600, 900, kind, mode), ALT)
    assert (made.picture.width, made.picture.height) == (1280, 720)
    sizes = {width: Image.open(io.BytesIO(file)) for width, file in made.files.items()}
    assert {width: (file.format, file.size) for width, file in sizes.items()} == {
        320: ("WEBP", (320, 180)),
        640: ("WEBP", (640, 360)),
        1280: ("WEBP", (1280, 720)),
    }


async def test_a_narrow_picture_is_not_blown_up(pictures: Pictures):
    made = await pictures.make("kontor", picture(500, 500), ALT)
    assert (made.picture.width, made.picture.height) == (500, 500)
    assert [Image.open(io.BytesIO(file)).width for file in made.files.values()] == [320, 500, 500]


async def test_nothing_survives_but_the_pixels(pictures: Pictures):
    made = await pictures.make("kontor", polyglot(), ALT)
    assert (made.picture.width, made.picture.height) == (800, 1200)  # turned as its EXIF says
    for file in made.files.values():
        assert b"script" not in file
        assert not Image.open(io.BytesIO(file)).getexif()
    assert HIDDEN in polyglot()


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (b"", PictureUnreadable),
        (b"GIF89a" + bytes(100), PictureUnreadable),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PictureUnreadable),
        (picture(400, 400, "GIF"), PictureUnreadable),
        (picture(400, 400, "TIFF"), PictureUnreadable),
        (picture()[:-2000], PictureUnreadable),
        (picture(kind="JPEG")[:4000], PictureUnreadable),
        (bomb(30_000), PictureTooVast),
        (bomb(6_400), PictureTooVast),
        (picture(12_001, 10), PictureTooVast),
        (picture(319, 900), PictureTooSmall),
    ],
    ids=["nothing", "gif-head", "svg", "gif", "tiff", "torn-png", "torn-jpeg", "bomb", "40-mp", "long", "narrow"],
)
async def test_what_is_no_picture_or_too_vast_is_refused(
    pictures: Pictures, content: bytes, refused: type[CatalogError]
):
    with pytest.raises(refused):
        await pictures.make("kontor", content, ALT)


async def test_a_tenants_picture_is_its_own_and_goes_alone(pictures: Pictures):
    one, other = [await pictures.make(tenant, picture(), ALT) for tenant in ("kontor", "lumen")]
    assert one.picture.hash != other.picture.hash
    for made in (one, other):
        await pictures.keep(made)
    await pictures.remove(one.picture.hash)
    assert await pictures.get(other.picture.hash, 320) == other.files[320]
    with pytest.raises(PictureUnknown):
        await pictures.get(one.picture.hash, 320)


async def test_without_a_store_there_are_no_pictures():
    nowhere = Pictures("", None)
    with pytest.raises(PicturesNotKept):
        await nowhere.make("kontor", picture(), ALT)
    with pytest.raises(PictureUnknown):
        await nowhere.get("0" * 64, 320)
