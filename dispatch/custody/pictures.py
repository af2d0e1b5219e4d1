"""Pictures from phones, made anew: smaller, upright, and without a word about where and with what they were taken."""

from io import BytesIO
from typing import Any

KINDS = {"photo": "JPEG", "signature": "PNG"}
TYPES = {"photo": "image/jpeg", "signature": "image/png"}
LONGEST_SIDE = {"photo": 1600, "signature": 900}
READABLE = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 60_000_000
QUALITY = 80


class NotAPicture(ValueError):
    """The bytes are no picture that can be read, or one of absurd size."""


def made_anew(kind: str, raw: bytes) -> bytes:
    """The picture as it is kept: only its pixels are carried over. Raises NotAPicture."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(BytesIO(raw), formats=READABLE) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAPicture("too many pixels")
            upright = ImageOps.exif_transpose(picture)
            plain = _on_white(upright) if kind == "signature" else upright.convert("RGB")
            plain.thumbnail((LONGEST_SIDE[kind], LONGEST_SIDE[kind]))
            # A new image holds pixels and nothing else: no EXIF, no position, no thumbnail, no colour profile.
            kept = Image.new(plain.mode, plain.size)
            kept.paste(plain)
            out = BytesIO()
            kept.save(out, KINDS[kind], quality=QUALITY, optimize=True)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPicture("not a picture") from error
    return out.getvalue()


def _on_white(picture: Any) -> Any:
    """A signature's strokes as grey on white."""
    from PIL import Image

    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("L")
