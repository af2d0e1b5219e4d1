"""The brand as a PNG, drawn here: iOS takes no SVG for its home screen. The shapes are those of icons/brand.svg."""

from functools import lru_cache
from io import BytesIO

ICON_SIZES = (180, 192, 512)
VIEW = 48
FINER = 4  # drawn so much larger, then made smaller: soft edges


@lru_cache(maxsize=len(ICON_SIZES))
def drawn(size: int) -> bytes:
    """A square of `size` pixels, filled to its corners: home screens cut their own."""
    from PIL import Image, ImageDraw

    scale = size * FINER / VIEW
    picture = Image.new("RGB", (size * FINER, size * FINER), "#0b5c7d")
    draw = ImageDraw.Draw(picture)

    def points(*xy: float) -> list[float]:
        return [value * scale for value in xy]

    def line(colour: str, width: float, *xy: float) -> None:
        draw.line(points(*xy), fill=colour, width=round(width * scale), joint="curve")
        for x, y in zip(xy[::2], xy[1::2], strict=True):
            draw.circle(points(x, y), width * scale / 2, fill=colour)

    draw.polygon(points(15, 9, 28, 9, 35, 16, 35, 30, 15, 30), fill="#ffffff")
    draw.polygon(points(28, 9, 28, 16, 35, 16), fill="#9fd3e6")
    line("#0b5c7d", 2.4, 19, 20, 31, 20)
    line("#0b5c7d", 2.4, 19, 25, 27, 25)
    line("#ffd75e", 3.6, 12, 38, 35, 38)
    line("#ffd75e", 3.6, 30, 32.5, 36, 38, 30, 43.5)
    out = BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
