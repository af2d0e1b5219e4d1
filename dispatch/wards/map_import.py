"""Bringing a map in, from a file or from an Overpass server: the same steps for a task and for the command line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from dispatch.config import Settings
from dispatch.database import db
from dispatch.wards.map_store import store_map
from dispatch.wards.models import Ward, WardMap
from routing.geo import METRES_PER_DEGREE
from routing.places.areas import DA_NANG_WARDS
from routing.roads import overpass
from routing.roads.boundary import Boundary
from routing.roads.osm import MapImport, import_map, import_overpass
from routing.roads.raw_map import MapEmpty, MapError, MapFileError

AROUND_OFFICE_M = 3000.0
SOURCE_FETCHED = "OpenStreetMap (Overpass)"
Tell = Callable[[float, str], bool]
"""Called with the share done and a code of what is done now; False asks to stop."""


@dataclass
class Watcher:
    """Joins a `Tell` to the two callbacks that `routing` asks for, within a share of the whole work."""

    tell: Tell
    begin: float = 0.0
    end: float = 0.95
    stopped: bool = field(default=False, init=False)

    def on_progress(self, fraction: float, code: str) -> None:
        self.stopped = not self.tell(self.begin + fraction * (self.end - self.begin), code) or self.stopped

    def stop(self) -> bool:
        return self.stopped

    @property
    def callbacks(self) -> dict[str, Any]:
        return {"on_progress": self.on_progress, "stop": self.stop}


@dataclass(frozen=True)
class Area:
    """What an import needs to know of a ward, read before the long work so that no transaction stays open."""

    ward_id: int
    boundary: Boundary | None
    wards: tuple[str, ...]
    contact: str

    @classmethod
    def of(cls, ward: Ward) -> "Area":
        boundary = Boundary.from_geojson(ward.boundary) if ward.boundary else _around(ward.office)
        names = (ward.name.removeprefix("Phường ").removeprefix("Xã "), *ward.old_names)
        return cls(ward.id, boundary, tuple(dict.fromkeys((*names, *DA_NANG_WARDS))), ward.name)


def _around(office: tuple[float, float] | None) -> Boundary | None:
    """A square of 6 km around the office, for a ward that has given no boundary."""
    if office is None:
        return None
    lat, lon = office
    reach = AROUND_OFFICE_M / METRES_PER_DEGREE
    return Boundary.from_box(lat - reach, lon - reach * 1.05, lat + reach, lon + reach * 1.05)


def from_file(area: Area, path: Path, tell: Tell) -> MapImport:
    """A file's map, cut to the ward. Raises MapError."""
    return import_map(path, area.boundary, wards=area.wards, **Watcher(tell).callbacks)


def from_server(area: Area, tell: Tell) -> MapImport:
    """The map of the ward as the Overpass server of the settings has it. Raises MapError."""
    settings: Settings = current_app.config["SETTINGS"]
    if area.boundary is None:
        raise MapEmpty("The ward has neither a boundary nor a pin of its office.")
    asking, building = Watcher(tell, 0.0, 0.4), Watcher(tell, 0.4, 0.95)
    agent = f"ship-ho-so/0.1 ({settings.public_url or 'ward service, Da Nang'})"
    data = overpass.fetch(area.boundary, settings.overpass_url, agent, **asking.callbacks)
    return import_overpass(data, area.boundary, wards=area.wards, **building.callbacks)


def put_in_force(area: Area, imported: MapImport, source: str, account_id: int | None = None) -> WardMap:
    """Store the map and commit: from now on addresses, travel times and pages use it."""
    row = store_map(db.session.get_one(Ward, area.ward_id), imported, source, account_id)
    db.session.commit()
    return row


def sentence(error: MapError) -> str:
    """What went wrong, and what to do."""
    match error:
        case overpass.MapServerUnreachable():
            return _("The map server cannot be reached. Check the network, or upload a file instead.")
        case overpass.MapServerBusy():
            return _("The map server is busy. Please try again in half an hour, or upload a file instead.")
        case overpass.MapServerRefused():
            return _("The map server refused the question. Try a smaller boundary, or upload a file instead.")
        case MapEmpty():
            return _("There is no road within the ward in this data. Check the boundary, the office pin and the file.")
        case MapFileError():
            return _("This file cannot be read as OpenStreetMap data (.osm.pbf, .osm or Overpass JSON).")
    return _("The map could not be brought in.")
