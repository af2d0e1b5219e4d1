"""What signs and barriers forbid: ways cut at barriers, and turns that nobody may ride.

A restriction whose ways do not hang together or whose hours cannot be read (`conditional`) is counted, not guessed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from routing.geo import Point
from routing.roads.build import Nodes, Way
from routing.roads.conditional import for_the_day, unread
from routing.roads.raw_map import RawMap, RawTurn

OURS = {"motorcycle", "moped", "mofa"}
WaysById = Mapping[int, list[Way]]


@dataclass(frozen=True)
class Rules:
    """`turns` that are forbidden (see `build_network`), and how many restrictions of the source were skipped."""

    turns: list[Nodes]
    skipped: int


def cut_at_barriers(raw: RawMap, ways: dict[int, list[Way]]) -> dict[int, Point]:
    """Let every way end at a barrier, each on a node of its own; returns the positions of all nodes in use."""
    closed = {at for id in raw.barriers if (at := raw.points.index(id)) is not None}
    points: dict[int, Point] = {}
    spare = len(raw.points)
    for way_id, pieces in ways.items():
        cut: list[Way] = []
        for way in pieces:
            nodes: list[int] = []
            for node in way.nodes:
                if node not in closed:
                    points[node] = raw.points[node]
                    nodes.append(node)
                    continue
                points[spare] = points[spare + 1] = raw.points[node]
                cut.append(replace(way, nodes=(*nodes, spare)))
                nodes, spare = [spare + 1], spare + 2
            cut.append(replace(way, nodes=tuple(nodes)))
        ways[way_id] = [way for way in cut if len(way.nodes) > 1]
    return points


def forbidden_turns(raw: RawMap, ways: WaysById) -> Rules:
    """Every turn that a restriction of the source takes from a scooter."""
    beside: dict[int, set[int]] = defaultdict(set)
    for way in (way for pieces in ways.values() for way in pieces):
        for a, b in zip(way.nodes[:-1], way.nodes[1:], strict=True):
            beside[a].add(b)
            beside[b].add(a)
    turns: list[Nodes] = []
    skipped = 0
    for rule in raw.turns:
        kind = _kind(rule)
        skipped += unread(rule.tags) and _of_this_area(rule, ways)
        if kind:
            found = list(_turns(rule, kind, raw, ways, beside))
            turns += found
            skipped += not found and _of_this_area(rule, ways)
    return Rules(turns, skipped)


def _kind(rule: RawTurn) -> str:
    """`no_left_turn`, `only_straight_on`...; empty where the rule is not for scooters."""
    tags = for_the_day(rule.tags)
    own = tags.get("restriction:motorcycle") or tags.get("restriction:moped")
    exempt = OURS & set(tags.get("except", "").replace(" ", "").split(";"))
    kind = own or ("" if exempt else tags.get("restriction", ""))
    return kind if kind.startswith(("no_", "only_")) else ""


def _of_this_area(rule: RawTurn, ways: WaysById) -> bool:
    return all(ways.get(way) for _, way in rule.ways)


def _turns(rule: RawTurn, kind: str, raw: RawMap, ways: WaysById, beside: Mapping[int, set[int]]) -> Iterator[Nodes]:
    over = _over(rule, raw, ways)
    if not over:
        return
    before = [node for way in _of_role(rule, "from", ways) for node in _next_to(way, over[0])]
    after = {node for way in _of_role(rule, "to", ways) for node in _next_to(way, over[-1])}
    if kind.startswith("only_") and after:
        after = beside[over[-1]] - after - set(over[-2:-1])
    yield from ((a, *over, b) for a in before for b in sorted(after))


def _over(rule: RawTurn, raw: RawMap, ways: WaysById) -> Nodes:
    """The crossing of a turn, or the nodes of the ways that lie between; empty where they do not hang together."""
    if vias := [node for role, node in rule.nodes if role == "via"]:
        at = raw.points.index(vias[0])
        return () if at is None or len(vias) > 1 else (at,)
    between = [way.nodes for way in _of_role(rule, "via", ways)]
    for start in (end for way in _of_role(rule, "from", ways) for end in (way.nodes[0], way.nodes[-1])):
        if path := _chain(start, between):
            return path
    return ()


def _chain(start: int, pieces: list[Nodes]) -> Nodes:
    """All pieces end to end from `start`; empty where that does not go."""
    path: Nodes = (start,)
    left = list(pieces)
    while left:
        onward = next((nodes for nodes in left if path[-1] in (nodes[0], nodes[-1])), None)
        if onward is None:
            return ()
        left.remove(onward)
        path += onward[1:] if onward[0] == path[-1] else onward[-2::-1]
    return path if pieces else ()


def _of_role(rule: RawTurn, role: str, ways: WaysById) -> list[Way]:
    return [piece for given, way in rule.ways if given == role for piece in ways.get(way, [])]


def _next_to(way: Way, node: int) -> list[int]:
    """The node next to `node` where the way begins or ends there."""
    first = [way.nodes[1]] if way.nodes[0] == node else []
    return first + ([way.nodes[-2]] if way.nodes[-1] == node else [])
