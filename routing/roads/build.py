"""From ways as they were mapped to a road network: cut at the crossings, joined everywhere else."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from routing.geo import Point
from routing.roads.network import Edges, RoadNetwork
from routing.roads.profile import ROAD_CLASSES, SURFACES, Ride
from routing.roads.streets import Turn

Points = Sequence[Point] | Mapping[int, Point]
Nodes = tuple[int, ...]


@dataclass(frozen=True)
class Way:
    """A line of road as mapped: `nodes` are keys of its points; a crossing is a node that two ways share."""

    name: str
    ride: Ride
    nodes: tuple[int, ...]


def build_network(points: Points, ways: Iterable[Way], turns: Sequence[Nodes] = ()) -> RoadNetwork:
    """Cut the ways where they meet, and melt pieces together at nodes where nothing branches off.

    The result has as few junctions as possible, which is what makes the travel matrix fast. `turns` are forbidden:
    the node before a crossing, the crossings in a row, the node after them, as the ways have them.
    """
    pieces = _melted(_cut(list(ways)), {node for turn in turns for node in (turn[1], turn[-2])})
    pieces = [half for piece in pieces for half in _no_loop(piece, points)]
    names = sorted({piece.name for piece in pieces if piece.name})
    return RoadNetwork(_edges(points, pieces, names), names, _rides(pieces, turns))


def _cut(ways: list[Way]) -> list[Way]:
    """Pieces that meet others at their ends only."""
    uses = Counter(node for way in ways for node in way.nodes)
    for way in ways:
        uses.update((way.nodes[0], way.nodes[-1]))  # an end is always a place to cut
    pieces = []
    for way in ways:
        begin = 0
        for i in range(1, len(way.nodes)):
            if uses[way.nodes[i]] > 1:
                pieces.append(replace(way, nodes=way.nodes[begin : i + 1]))
                begin = i
    return pieces


def _melted(pieces: list[Way], crossings: set[int]) -> list[Way]:
    """Chains of alike pieces as one piece each; `crossings` stay what they are."""
    at_node: dict[int, list[int]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        at_node[piece.nodes[0]].append(number)
        at_node[piece.nodes[-1]].append(number)
    used = [False] * len(pieces)

    def grow(nodes: tuple[int, ...], piece: Way) -> tuple[int, ...]:
        """`nodes` and all that follows after its last node without a choice."""
        while len(around := at_node[nodes[-1]]) == 2 and nodes[-1] not in crossings:
            following = next((i for i in around if not used[i]), None)
            tail = following is not None and _onward(pieces[following], nodes[-1], piece)
            if following is None or not tail:
                break
            used[following] = True
            nodes += tail[1:]
        return nodes

    melted = []
    for number, piece in enumerate(pieces):
        if not used[number]:
            used[number] = True
            backward_first = replace(piece, ride=_turned(piece.ride))
            nodes = grow(grow(piece.nodes, piece)[::-1], backward_first)[::-1]
            melted.append(replace(piece, nodes=nodes))
    return melted


def _onward(piece: Way, node: int, before: Way) -> tuple[int, ...]:
    """The nodes of `piece` from `node` on if it continues `before`; else empty."""
    if piece.nodes[0] == piece.nodes[-1] or piece.name != before.name:
        return ()
    starts_here = piece.nodes[0] == node
    if (piece.ride if starts_here else _turned(piece.ride)) != before.ride:
        return ()
    return piece.nodes if starts_here else piece.nodes[::-1]


def _turned(ride: Ride) -> Ride:
    return replace(ride, forward=ride.backward, backward=ride.forward)


def _no_loop(piece: Way, points: Points) -> list[Way]:
    """The piece itself, or its halves when it ends where it starts; nothing when it has no length."""
    if len({points[node] for node in piece.nodes}) < 2:
        return []
    if piece.nodes[0] != piece.nodes[-1]:
        return [piece]
    middle = len(piece.nodes) // 2
    return [replace(piece, nodes=piece.nodes[: middle + 1]), replace(piece, nodes=piece.nodes[middle:])]


def _junctions(pieces: list[Way]) -> dict[int, int]:
    """Number of the junction at each node where a piece ends."""
    junction: dict[int, int] = {}
    for piece in pieces:
        for node in (piece.nodes[0], piece.nodes[-1]):
            junction.setdefault(node, len(junction))
    return junction


def _rides(pieces: list[Way], turns: Sequence[Nodes]) -> list[Turn]:
    """Every forbidden turn whose edges are there, as edges with their direction."""
    leaving = {(piece.nodes[0], piece.nodes[1]): 2 * number for number, piece in enumerate(pieces)}
    leaving |= {(piece.nodes[-1], piece.nodes[-2]): 2 * number + 1 for number, piece in enumerate(pieces)}

    def rides(turn: Nodes) -> Turn:
        found = [leaving[turn[1], turn[0]] ^ 1]  # arriving is leaving turned round
        at = 1
        while at < len(turn) - 1:
            ride = leaving[turn[at], turn[at + 1]]
            nodes = pieces[ride // 2].nodes
            found.append(ride)
            at = len(turn) if at == len(turn) - 2 else turn.index(nodes[0] if ride % 2 else nodes[-1], at)
        return tuple(found)

    known = set()
    for turn in turns:
        with suppress(KeyError, ValueError):  # part of it lies outside the map, or is not for scooters
            known.add(rides(turn))
    return sorted(known)


def _edges(points: Points, pieces: list[Way], names: list[str]) -> Edges:
    junction = _junctions(pieces)
    name_number = {name: i for i, name in enumerate(names)}
    shape = [points[node] for piece in pieces for node in piece.nodes]
    return Edges(
        start=np.array([junction[piece.nodes[0]] for piece in pieces], dtype=np.int64),
        end=np.array([junction[piece.nodes[-1]] for piece in pieces], dtype=np.int64),
        forward=np.array([piece.ride.forward for piece in pieces], dtype=bool),
        backward=np.array([piece.ride.backward for piece in pieces], dtype=bool),
        road_class=np.array([ROAD_CLASSES.index(piece.ride.road_class) for piece in pieces], dtype=np.int64),
        surface=np.array([SURFACES.index(piece.ride.surface) for piece in pieces], dtype=np.int64),
        name=np.array([name_number.get(piece.name, -1) for piece in pieces], dtype=np.int64),
        shape_start=np.cumsum([0] + [len(piece.nodes) for piece in pieces], dtype=np.int64),
        shape_lat=np.array([round(point.lat, 7) for point in shape], dtype=np.float64),
        shape_lon=np.array([round(point.lon, 7) for point in shape], dtype=np.float64),
    )
