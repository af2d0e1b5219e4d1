"""The map of the ward: which one is in force, bringing in another, and the base map for pages."""

import gzip
import json
import secrets
from pathlib import Path
from typing import Any
from zlib import crc32

from flask import Blueprint, Response, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from dispatch.accounts.models import Role
from dispatch.config import Settings
from dispatch.database import db, of_ward, will_write
from dispatch.security import STAFF, allow
from dispatch.tasks.models import Task
from dispatch.tasks.runner import start_task
from dispatch.wards.map_import import Area
from dispatch.wards.map_store import LoadedMap, current_map, map_in_force
from dispatch.wards.map_tasks import FETCH, FILE
from routing.roads.tiles import FIRST_ZOOM, LAST_ZOOM

blueprint = Blueprint("maps", __name__)
LARGEST_UPLOAD = 600 * 1024 * 1024  # an extract of the whole country
ENDINGS = (".osm.pbf", ".pbf", ".osm", ".osm.bz2", ".osm.gz", ".json")


@blueprint.url_value_preprocessor
def _let_maps_be_large(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Raise the size limit for an administrator's map before anything reads the request."""
    if endpoint == "maps.upload":
        will_write.set(True)
        if current_user.is_authenticated and Role.ADMIN in current_user.roles:
            request.max_content_length = LARGEST_UPLOAD
        db.session.rollback()  # nobody waits for the database while the file comes in


@blueprint.get("/")
@allow(Role.ADMIN)
def overview() -> ResponseReturnValue:
    """The map in force with its figures, what is being brought in, and how to bring in another."""
    tasks = of_ward(Task).where(Task.kind.in_((FILE, FETCH))).order_by(Task.id.desc()).limit(1)
    last = db.session.scalars(tasks).first()
    area = Area.of(g.ward)
    return render_template(
        "setup/map.html",
        stored=map_in_force(g.ward.id),
        task=last,
        running=last is not None and not last.over,
        knows_where=area.boundary is not None,
    )


@blueprint.post("/tep")
@allow(Role.ADMIN)
def upload() -> ResponseReturnValue:
    """Take an OpenStreetMap file; it is read in the background."""
    file = request.files.get("file")
    name = Path(file.filename or "").name if file else ""
    if not file or not name.lower().endswith(ENDINGS):
        flash(_("Please choose a file that ends in .osm.pbf, .osm or .json."), "error")
    elif _one_runs():
        flash(_("A map is being brought in already. Wait until it is done, or stop it."), "warn")
    else:
        db.session.rollback()  # nor while it is copied
        payload = {"path": str(_keep(file, name)), "name": name[:120]}
        start_task(g.ward.id, FILE, payload, current_user.id)
        db.session.commit()
    return redirect(url_for("maps.overview"))


@blueprint.post("/tai")
@allow(Role.ADMIN)
def fetch() -> ResponseReturnValue:
    """Ask the Overpass server for the ward's area, in the background."""
    if Area.of(g.ward).boundary is None:
        flash(_("Set the pin of the office first: the map is fetched around it."), "error")
    elif _one_runs():
        flash(_("A map is being brought in already. Wait until it is done, or stop it."), "warn")
    else:
        start_task(g.ward.id, FETCH, {}, current_user.id)
        db.session.commit()
    return redirect(url_for("maps.overview"))


def _one_runs() -> bool:
    running = select(Task.id).where(Task.ward_id == g.ward.id, Task.kind.in_((FILE, FETCH)), Task.finished_at.is_(None))
    return db.session.scalar(running.limit(1)) is not None


def _keep(file: FileStorage, name: str) -> Path:
    """Store the upload under a name of our own in the data folder; its ending says what it is."""
    settings: Settings = current_app.config["SETTINGS"]
    folder = settings.data_dir.absolute() / "uploads"
    folder.mkdir(exist_ok=True)
    ending = max((e for e in ENDINGS if name.lower().endswith(e)), key=len)
    path = folder / f"{secrets.token_hex(8)}{ending}"
    file.save(path)
    return path


@blueprint.get("/nen.json")
@allow(*STAFF, phones=True)
def basemap() -> ResponseReturnValue:
    """The base map as GeoJSON, gzipped as it is stored; where its tiles are for a city's. 304 while it is the same."""
    ward_map = current_map(g.ward)
    packed = gzip.compress(_about_tiles(ward_map), mtime=0) if ward_map.is_large else ward_map.basemap
    response = Response(packed, mimetype="application/json", headers={"Content-Encoding": "gzip"})
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        response = Response(gzip.decompress(packed), mimetype="application/json")
    response.headers["Vary"] = "Accept-Encoding, Cookie"
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(f"{crc32(packed):08x}-{len(response.get_data())}")
    return response.make_conditional(request)


def _about_tiles(ward_map: LoadedMap) -> bytes:
    """The address of a city's tiles, with their version in it: no browser needs to ask for one twice."""
    address = url_for("maps.tile", version=ward_map.version, z=0, x=0, y=0).removesuffix("0/0/0.mvt")
    about = {
        "tiles": address + "{z}/{x}/{y}.mvt",
        "attribution": ward_map.attribution,
        "minzoom": FIRST_ZOOM,
        "maxzoom": LAST_ZOOM,
        "bounds": ward_map.tiles.bounds,
    }
    return json.dumps(about).encode()


@blueprint.get("/o/<version>/<int:z>/<int:x>/<int:y>.mvt")
@allow(*STAFF, phones=True)
def tile(version: str, z: int, x: int, y: int) -> ResponseReturnValue:
    """One vector tile of the map in force; of another version there is none."""
    ward_map = current_map(g.ward)
    if version != ward_map.version:
        abort(404)
    response = Response(ward_map.tiles.tile(z, x, y), mimetype="application/vnd.mapbox-vector-tile")
    response.headers["Vary"] = "Cookie"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
