"""What an import found, in numbers a page can show."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from routing.places.gazetteer import Gazetteer
    from routing.roads.network import RoadNetwork


@dataclass(frozen=True)
class Source:
    """What two wheels can use of the source, and the rules and signs of it that could not be read."""

    ways: int
    nodes: int
    turns_skipped: int = 0
    signs_unread: int = 0


@dataclass(frozen=True)
class MapReport:
    """Counts of an import. `ways` and `nodes` are what two wheels can use of the source; `junctions` and `edges`
    what is left of them in the network; `islands` the pieces of road that the rest does not reach (with one-way
    stubs at the map's edge), `islands_m` their length; `cut_off` the doors that stand at one; `turns` the forbidden
    turns that are kept, `turns_skipped` the restrictions that are not; `signs_unread` the signs on ways and gates for
    some hours only whose hours cannot be read; `warnings` are codes for the page to put into words."""

    ways: int
    nodes: int
    junctions: int
    edges: int
    length_m: int
    streets: int
    streets_by_name_only: int
    alleys: int
    house_numbers: int
    landmarks: int
    islands: int
    islands_m: int
    cut_off: int = 0
    turns: int = 0
    turns_skipped: int = 0
    signs_unread: int = 0
    warnings: list[str] = field(default_factory=list)


def make_report(network: "RoadNetwork", gazetteer: "Gazetteer", source: Source) -> MapReport:
    """Count what stands in the network and in the gazetteer."""
    edges, length_m, aside = network.edges, network.length_m, ~network.main
    streets = list(gazetteer.streets.values())
    houses = sum(len(street.houses) for street in streets)
    pieces = set(network.component[aside & (network.component >= 0)].tolist())
    return MapReport(
        ways=source.ways,
        nodes=source.nodes,
        junctions=len(np.union1d(edges.start, edges.end)),
        edges=len(edges),
        length_m=round(float(length_m.sum())),
        streets=len(streets),
        streets_by_name_only=sum(not street.lines for street in streets),
        alleys=sum(len(street.alleys) for street in streets),
        house_numbers=houses,
        landmarks=len(gazetteer.landmarks),
        islands=len(pieces) + int(np.count_nonzero(aside & (network.component < 0))),
        islands_m=round(float(length_m[aside].sum())),
        cut_off=int(np.count_nonzero(network.snapper.snap([point for _, point in gazetteer.doors()]).off_the_roads)),
        turns=len(network.turns),
        turns_skipped=source.turns_skipped,
        signs_unread=source.signs_unread,
        warnings=[] if houses else ["no_house_numbers"],
    )
