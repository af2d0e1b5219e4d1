"""Map imports as background work, with progress and a stop."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from dispatch.database import db
from dispatch.tasks.models import Task
from dispatch.tasks.runner import Running, TaskFailed, work
from dispatch.tasks.words import Words, describe
from dispatch.wards.map_import import SOURCE_FETCHED, Area, Tell, from_file, from_server, put_in_force, sentence
from dispatch.wards.models import Ward
from routing.roads.osm import MapImport
from routing.roads.raw_map import ImportStopped, MapError

FILE, FETCH = "map.file", "map.fetch"


@work(FILE)
def import_uploaded(task: Running) -> dict[str, Any]:
    """Take over the uploaded file named in the payload; the file goes away afterwards."""
    path = Path(task.payload["path"])
    if not path.exists():
        raise TaskFailed(
            _(
                "The uploaded file is not there any more, or lies on another machine than the worker. Please upload it "
                "again, or use the command “map import” on the server."
            )
        )
    try:
        return _bring_in(task, task.payload["name"], lambda area, tell: from_file(area, path, tell))
    finally:
        path.unlink(missing_ok=True)


@work(FETCH)
def fetch_from_server(task: Running) -> dict[str, Any]:
    """Ask the Overpass server of the settings."""
    return _bring_in(task, SOURCE_FETCHED, from_server)


def _bring_in(task: Running, source: str, read: Callable[[Area, Tell], MapImport]) -> dict[str, Any]:
    area = Area.of(db.session.get_one(Ward, task.ward_id))
    db.session.rollback()  # no transaction stays open while we compute
    try:
        imported = read(area, lambda fraction, code: task.report(fraction, code=code))
    except ImportStopped:
        return {"stopped": True}
    except MapError as error:
        raise TaskFailed(sentence(error)) from error
    row = put_in_force(area, imported, source, task.created_by)
    return {"map_id": row.id}


@describe(FILE)
@describe(FETCH)
def _words(task: Task) -> Words:
    done = {
        "ask_map_server": _("Asking the map server…"),
        "download": _("Fetching the map…"),
        "read_nodes": _("Reading points…"),
        "read_ways": _("Reading streets…"),
        "read_areas": _("Reading areas…"),
        "build_roads": _("Joining the streets…"),
        "build_places": _("Collecting street names and house numbers…"),
        "draw": _("Drawing the base map…"),
        "done": _("Storing the map…"),
    }
    text = done.get(task.progress.get("code", ""), "") if task.state == "running" and not task.stop_requested else ""
    if task.state == "done":
        text = _("The new map is in force.")
    return Words(text=text, detail=task.payload.get("name", ""), url=url_for("maps.overview"))
