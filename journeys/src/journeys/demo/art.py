"""Pictures of the demo's products, drawn at set-up: nothing of them lies in the repository."""

import io
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 900
# drawn larger, so that edges are smooth
SCALE: Final = 2
Color = tuple[int, int, int]
Box = tuple[float, float, float, float]
Draw = Callable[["Canvas"], None]


class Canvas:
    """A sheet with a slope of two colours, on which translucent shapes with soft shadows lie."""

    def __init__(self, top: Color, bottom: Color) -> None:
        size = WIDTH * SCALE, HEIGHT * SCALE
        slope = Image.linear_gradient("L")
        slant = _resized(ImageChops.add(slope, slope.rotate(90), 2), size)
        self.image = Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), slant)

    def panel(self, box: Box, fill: Color, alpha: int = 255, radius: float = 28, shadow: int = 60) -> None:
        """Lay a rounded panel on the sheet."""
        left, top, right, bottom = (round(side * SCALE) for side in box)
        size, corner = (right - left, bottom - top), round(radius * SCALE)
        if shadow:
            reach, drop = 60 * SCALE, 24 * SCALE
            shade = Image.new("L", (size[0] + 2 * reach, size[1] + 2 * reach), 0)
            inside = (reach, reach, reach + size[0], reach + size[1])
            ImageDraw.Draw(shade).rounded_rectangle(inside, corner, fill=shadow)
            soft = _resized(shade, (shade.width // 8, shade.height // 8)).filter(ImageFilter.GaussianBlur(5))
            self._lay(INK, _resized(soft, shade.size), left - reach, top - reach + drop)
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), corner, fill=alpha)
        self._lay(fill, mask, left, top)

    def disc(self, x: float, y: float, radius: float, fill: Color, alpha: int = 255) -> None:
        """Lay a disc on the sheet."""
        side = round(2 * radius * SCALE)
        mask = Image.new("L", (side, side), 0)
        ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), fill=alpha)
        self._lay(fill, mask, round((x - radius) * SCALE), round((y - radius) * SCALE))

    def _lay(self, fill: Color, mask: Image.Image, left: int, top: int) -> None:
        self.image.paste(fill, (left, top, left + mask.width, top + mask.height), mask)

    def line(self, points: list[tuple[float, float]], fill: Color, width: float) -> None:
        """Draw a line with round joints."""
        draw = ImageDraw.Draw(self.image)
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        draw.line(scaled, fill=fill, width=round(width * SCALE), joint="curve")
        half = width * SCALE / 2
        for x, y in (scaled[0], scaled[-1]):
            draw.ellipse((x - half, y - half, x + half, y + half), fill=fill)

    def png(self) -> bytes:
        """Return the picture."""
        out = io.BytesIO()
        _resized(self.image, (WIDTH, HEIGHT)).save(out, "PNG", compress_level=3)
        return out.getvalue()


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image.resize(size, Image.Resampling.BICUBIC)  # pyright: ignore[reportUnknownMemberType] -- the stub leaves a parameter open


WHITE: Final = (255, 255, 255)
INK: Final = (10, 16, 40)


def _windows(sheet: Canvas) -> None:
    sheet.disc(1330, 140, 360, WHITE, 26)
    sheet.disc(240, 840, 300, WHITE, 22)
    _window(sheet, 380, 150, 560, 380, 150)
    _window(sheet, 520, 240, 600, 420, 205)
    _window(sheet, 690, 330, 560, 400, 255)
    sheet.panel((742, 430, 942, 690), (186, 230, 253), 255, 18, 0)
    sheet.disc(842, 530, 52, (14, 116, 190))
    for number, end in enumerate((1190, 1130, 1170, 1090)):
        sheet.panel((982, 440 + 52 * number, end, 458 + 52 * number), (203, 213, 225), 255, 9, 0)
    sheet.panel((982, 652, 1106, 690), (14, 116, 190), 255, 19, 0)


def _window(sheet: Canvas, left: float, top: float, width: float, height: float, alpha: int) -> None:
    sheet.panel((left, top, left + width, top + height), WHITE, alpha, 22)
    sheet.panel((left + 26, top + 24, left + 150, top + 40), (125, 175, 220), alpha, 8, 0)
    for number in range(3):
        sheet.disc(left + width - 40 - 34 * number, top + 32, 9, (148, 190, 228), alpha)


def _office(sheet: Canvas) -> None:
    sheet.disc(1300, 760, 380, WHITE, 24)
    sheet.panel((390, 190, 790, 730), WHITE, 205, 22)
    sheet.panel((600, 150, 1080, 750), WHITE, 255, 22)
    sheet.panel((660, 215, 900, 243), (234, 88, 12), 255, 14, 0)
    for number, end in enumerate((1020, 960, 1000, 880)):
        sheet.panel((660, 290 + 44 * number, end, 304 + 44 * number), (203, 213, 225), 255, 7, 0)
    for number, high in enumerate((90, 150, 120, 200)):
        color = ((251, 146, 60), (249, 115, 22), (251, 146, 60), (194, 65, 12))[number]
        sheet.panel((668 + 90 * number, 690 - high, 728 + 90 * number, 690), color, 255, 10, 0)
    sheet.panel((1010, 420, 1270, 680), (255, 237, 213), 245, 24)
    sheet.line([(1050, 620), (1110, 560), (1160, 590), (1230, 480)], (234, 88, 12), 13)


def _works(sheet: Canvas) -> None:
    sheet.disc(300, 160, 320, WHITE, 26)
    sheet.panel((520, 170, 1080, 740), WHITE, 255, 30)
    sheet.panel((520, 170, 1080, 280), (15, 118, 110), 255, 30, 0)
    sheet.panel((520, 240, 1080, 282), (15, 118, 110), 255, 0, 0)
    for x in (640, 960):
        sheet.panel((x - 13, 130, x + 13, 222), (204, 251, 241), 255, 13, 40)
    for day in range(20):
        left, top = 566 + 98 * (day % 5), 324 + 98 * (day // 5)
        color = {7: (20, 184, 166), 13: (251, 191, 36), 16: (20, 184, 166)}.get(day, (226, 240, 238))
        sheet.panel((left, top, left + 74, top + 74), color, 255, 16, 0)
    sheet.panel((1010, 520, 1230, 760), (254, 243, 199), 250, 14)
    for number, end in enumerate((1190, 1160, 1180)):
        sheet.panel((1046, 572 + 46 * number, end, 586 + 46 * number), (217, 119, 6), 170, 7, 0)


def _expression(sheet: Canvas) -> None:
    sheet.disc(1360, 220, 340, WHITE, 22)
    sheet.panel((360, 170, 1240, 740), (24, 20, 48), 250, 30)
    for number, color in enumerate(((248, 113, 113), (251, 191, 36), (74, 222, 128))):
        sheet.disc(412 + 40 * number, 220, 13, color)
    lines = ((0, 300, 0), (1, 380, 1), (2, 260, 2), (2, 330, 0), (1, 200, 1), (0, 160, 0))
    tints: tuple[Color, ...] = ((196, 181, 253), (125, 211, 252), (249, 168, 212))
    for number, (indent, length, tint) in enumerate(lines):
        left, top = 416 + 56 * indent, 300 + 62 * number
        sheet.panel((left, top, left + length, top + 22), tints[tint], 255, 11, 0)
    sheet.panel((880, 290, 1330, 660), WHITE, 255, 26)
    sheet.panel((920, 330, 1290, 450), (221, 214, 254), 255, 16, 0)
    for number, end in enumerate((1290, 1230, 1260)):
        sheet.panel((920, 478 + 38 * number, end, 494 + 38 * number), (226, 232, 240), 255, 8, 0)
    sheet.panel((920, 596, 1050, 634), (124, 58, 237), 255, 20, 0)


ART: Final[dict[str, tuple[Color, Color, Draw]]] = {
    "Windows": ((14, 74, 160), (56, 189, 248), _windows),
    "Office": ((154, 52, 18), (253, 186, 116), _office),
    "Works": ((17, 94, 89), (153, 246, 228), _works),
    "Expression": ((76, 29, 149), (216, 180, 254), _expression),
}
# what each picture shows, for those who cannot see it
ALT: Final[dict[str, dict[str, str]]] = {
    "Windows": {
        "de": "Drei helle Fenster hintereinander vor Blau",
        "en": "Three bright windows, one behind the other, on blue",
    },
    "Office": {
        "de": "Ein Blatt mit Text und Balken, daneben eine Kurve, die steigt",
        "en": "A sheet with text and bars, beside it a line that rises",
    },
    "Works": {"de": "Ein Kalenderblatt mit einem Notizzettel", "en": "A page of a calendar with a note on it"},
    "Expression": {
        "de": "Quelltext in bunten Zeilen, daneben die Seite, die daraus wird",
        "en": "Source text in coloured lines, beside it the page that it becomes",
    },
}


def draw(family: str) -> bytes:
    """Return the picture of a family as PNG."""
    top, bottom, shapes = ART[family]
    sheet = Canvas(top, bottom)
    shapes(sheet)
    return sheet.png()
