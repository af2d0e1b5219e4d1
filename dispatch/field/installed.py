"""The phone page as an installed application: manifest, service worker, and the page for a phone that holds nothing."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dispatch.clock import now
from dispatch.field.icon import ICON_SIZES, drawn
from dispatch.security import public

blueprint = Blueprint("installed", __name__)
SHEETS = ("tokens", "base", "layout", "forms", "components", "map", "phone", "field", "field-light", "night")
SHELL = (*(f"css/{sheet}.css" for sheet in SHEETS), "icons/brand.svg")
SCRIPTS = "js/*.js"
DESK_ONLY = {
    "bag.js",
    "charts.js",
    "live-form.js",
    "map-pin.js",
    "progress.js",
    "suggest.js",
    "field-worker.js",
    "tracking.js",
}
MAP_LIBRARY = ("maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css")
MESSENGERS = {"Zalo": ("Zalo",), "Messenger": ("FBAN", "FBAV", "FB_IAB", "Messenger")}
WORKER = "js/field-worker.js"


def app_around(user_agent: str) -> str:
    """The messenger inside whose own browser the page was opened: its storage is apart from the phone's browser."""
    return next((name for name, marks in MESSENGERS.items() if any(mark in user_agent for mark in marks)), "")


@blueprint.get("/tuyen/ung-dung.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """What the phone's home screen shows. The start address is fixed and carries no token."""
    icon = url_for("static", filename="icons/brand.svg")
    response = jsonify(
        id=url_for("field.route"),
        name=_("My route – ship hồ sơ"),
        short_name=_("My route"),
        lang="vi",
        start_url=url_for("field.route"),
        scope=url_for("field.route"),
        display="standalone",
        orientation="portrait",
        background_color="#ffffff",
        theme_color="#07415a",
        icons=[
            {"src": icon, "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            *({"src": at, "sizes": size, "type": "image/png", "purpose": use} for at, size, use in _pngs()),
        ],
    )
    response.mimetype = "application/manifest+json"
    return response


def _pngs() -> list[tuple[str, str, str]]:
    """Address, size and purpose of the icons for phones that take no SVG. The picture fills its square, its sign stays
    within the circle that every home screen leaves."""
    sizes = {192: ("any",), 512: ("any", "maskable")}
    return [(url_for(".icon", size=n), f"{n}x{n}", use) for n, uses in sizes.items() for use in uses]


@blueprint.get("/tuyen/bieu-tuong-<int:size>.png")
@public
def icon(size: int) -> ResponseReturnValue:
    """The brand as a PNG; 180 is what iOS puts on its home screen."""
    if size not in ICON_SIZES:
        abort(404)
    response = Response(drawn(size), mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=604800"
    return response


@blueprint.get("/tuyen/sw.js")
@public
def worker() -> ResponseReturnValue:
    """The service worker, with what it must know of this release. Its scope is the page's own address."""
    folder = Path(current_app.static_folder or "")
    values = {
        "VERSION": version(),
        "SHELL": [url_for("static", filename=name) for name in shell()],
        "HERE": url_for("field.route"),
        "TITLE": _("My route"),
        "ICON": url_for("static", filename="icons/brand.svg"),
        "OFFLINE": url_for("installed.offline"),
        "KEPT": [url_for("maps.basemap"), url_for("field.drawn"), url_for("bag.show")],
    }
    known = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in values.items())
    response = Response(known + (folder / WORKER).read_text("utf-8"), mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@blueprint.get("/tuyen/ngoai-mang")
@public
def offline() -> ResponseReturnValue:
    """Shown where the server is out of reach and the phone holds no page; what it recorded is sent from here too."""
    return render_template("field/offline.html", now=now)


def shell() -> list[str]:
    """Static files without which the phone page does not stand; the map is not among them."""
    folder = Path(current_app.static_folder or "")
    scripts = sorted(path.name for path in folder.glob(SCRIPTS) if path.name not in DESK_ONLY)
    return [*SHELL, *(f"js/{name}" for name in scripts)]


def map_files() -> list[str]:
    """What the phone fetches after its first paint, so that the map can be drawn without a network."""
    static = [url_for("static", filename=f"vendor/maplibre-gl/{name}") for name in MAP_LIBRARY]
    return [*static, url_for("maps.basemap"), url_for("field.drawn")]


def reader_files() -> list[str]:
    """What a phone whose browser reads no QR codes fetches then, so that it can without a network."""
    return [url_for("static", filename=f"vendor/qr/{name}") for name in ("decode.js", "index.js")]


def version() -> str:
    """Another one whenever a file changed that phones keep."""
    folder = Path(current_app.static_folder or "")
    return _version(folder, tuple(shell()), str(Path(current_app.root_path) / (current_app.template_folder or "")))


@lru_cache
def _version(folder: Path, files: tuple[str, ...], templates: str) -> str:
    paths = [folder / name for name in (*files, WORKER, "vendor/built-from.sha256")]
    paths += sorted(Path(templates).glob("field/*.html")) + sorted(Path(templates).glob("layout*.html"))
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:16]
