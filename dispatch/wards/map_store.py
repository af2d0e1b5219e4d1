"""The map in force of a ward: stored as rows, loaded once a process, the starter map where none was imported."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING
from zlib import crc32

from sqlalchemy import select
from sqlalchemy.orm import defer

from dispatch.clock import now
from dispatch.database import db
from dispatch.wards.models import Ward, WardMap
from routing.places.gazetteer import Gazetteer
from routing.roads.basemap import Basemap
from routing.roads.network import RoadNetwork
from routing.roads.tiles import TileSet

if TYPE_CHECKING:
    from routing.roads.osm import MapImport

KEPT_IN_MEMORY = 8
LARGEST_WHOLE = 1_500_000  # bytes of gzipped GeoJSON that a phone still takes at once
OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"


@dataclass(frozen=True)
class LoadedMap:
    """A map ready for use. `id` is None for the starter map; `basemap` is gzipped GeoJSON, as pages fetch it; `hours`
    says how much slower than `network` one rides in an hour of the day, where that was measured."""

    id: int | None
    network: RoadNetwork
    gazetteer: Gazetteer
    basemap: bytes
    attribution: str
    hours: Mapping[int, float] = field(default_factory=dict, hash=False)

    @cached_property
    def version(self) -> str:
        """Names the base map: another one has another name."""
        return f"{crc32(self.basemap):08x}"

    @property
    def is_large(self) -> bool:
        """Whether the base map is too large to be sent whole: a city's, which goes out in tiles."""
        return len(self.basemap) > LARGEST_WHOLE

    @cached_property
    def tiles(self) -> TileSet:
        """The base map, ready to be cut."""
        return TileSet(Basemap.from_bytes(self.basemap).features)


_loading = Lock()


def current_map(ward: Ward) -> LoadedMap:
    """The ward's newest map, or the starter map. Loading one takes a moment the first time in a process only."""
    newest = map_in_force(ward.id)
    with _loading:  # two threads that ask at once must not build the same map twice
        return _starter() if newest is None else _load(newest.id, newest.imported_at)


def map_in_force(ward_id: int) -> WardMap | None:
    """The newest map of a ward without its large columns, or None where none was imported."""
    maps = select(WardMap).where(WardMap.ward_id == ward_id).order_by(WardMap.id.desc()).limit(1)
    return db.session.scalars(
        maps.options(defer(WardMap.network), defer(WardMap.gazetteer), defer(WardMap.basemap))
    ).first()


def store_map(ward: Ward, imported: "MapImport", source: str, account_id: int | None = None) -> WardMap:
    """Put an imported map in force. Older ones stay: plans refer to them. The caller commits."""
    row = WardMap(
        ward_id=ward.id,
        source=source,
        attribution=OSM_ATTRIBUTION,
        imported_at=now(),
        network=imported.network.to_bytes(),
        gazetteer=imported.gazetteer.to_bytes(),
        basemap=imported.basemap.to_bytes(),
        report=asdict(imported.report),
        imported_by=account_id,
    )
    db.session.add(row)
    db.session.flush()
    return row


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _load(map_id: int, _imported_at: datetime) -> LoadedMap:
    # The time of import is part of the key: a restored database may use a number again.
    row = db.session.get_one(WardMap, map_id)
    return LoadedMap(
        row.id,
        RoadNetwork.from_bytes(row.network),
        Gazetteer.from_bytes(row.gazetteer),
        row.basemap,
        row.attribution,
    )


@lru_cache(maxsize=1)
def _starter() -> LoadedMap:
    from routing.roads.starter import starter_map

    starter = starter_map()
    return LoadedMap(None, starter.network, starter.gazetteer, starter.basemap.to_bytes(), OSM_ATTRIBUTION)
