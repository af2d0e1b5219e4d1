"""Streets of one name that lie in different parts of a town: kept apart, each with what tells it from the others."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry import LineString

from routing.geo import Plane, Point, distance_m
from routing.places.neighbourhoods import AreaSpot
from routing.places.street import Street

FAR_APART_M = 700.0  # a river or a park between two pieces of one street is narrower
SPOT_REACH_M = 1500.0
_SIDES = ("đông", "đông bắc", "bắc", "tây bắc", "tây", "tây nam", "nam", "đông nam")


def kept_apart(streets: Iterable[Street], spots: Sequence[AreaSpot] = ()) -> list[Street]:
    """The streets, those in pieces far from each other as one each: `Lê Lợi - Thạch Thang`, `Lê Lợi - phía nam`."""
    return [piece for street in streets for piece in _named(street, _pieces(street), spots)]


def _pieces(street: Street) -> list[Street]:
    """Houses and alleys go with the nearest line; an alley takes its houses along."""
    lines = [line for line in street.lines if len(line) > 1]
    if len(lines) < 2:
        return [street]
    plane = Plane(lines[0][0])
    drawn = [LineString(plane.xy(*zip(*line, strict=True))) for line in lines]
    around = shapely.union_all([line.buffer(FAR_APART_M / 2, quad_segs=2) for line in drawn])
    grounds = list(shapely.get_parts(around))
    if len(grounds) < 2:
        return [street]

    def nearest(point: Point) -> int:
        spot = shapely.Point(plane.flat(point))
        return int(np.argmin([ground.distance(spot) for ground in grounds]))

    pieces = [Street(street.name, base=street.name) for _ in grounds]
    for line in lines:
        pieces[nearest(line[0])].lines.append(line)
    inside = {alley: nearest(its_lines[0][0]) for alley, its_lines in street.alleys.items()}
    for alley, its_lines in street.alleys.items():
        pieces[inside[alley]].alleys[alley] = its_lines
    for (alley, number), point in street.houses.items():
        pieces[nearest(point)].houses[alley, number] = point
    return pieces


def _named(street: Street, pieces: list[Street], spots: Sequence[AreaSpot]) -> list[Street]:
    if len(pieces) < 2:
        return pieces
    middles = [_middle(piece) for piece in pieces]
    labels = [_ward_of(middle, spots) for middle in middles]
    if "" in labels or len(set(labels)) < len(labels):
        labels = _sides(middles)
    return [replace(piece, name=f"{street.name} - {label}") for piece, label in zip(pieces, labels, strict=True)]


def _middle(street: Street) -> Point:
    points = np.array([point for line in street.lines for point in line])
    return Point(*map(float, points.mean(axis=0)))


def _ward_of(middle: Point, spots: Sequence[AreaSpot]) -> str:
    near = [(distance_m(middle, spot.point), spot.ward) for spot in spots if spot.ward]
    away_m, ward = min(near, default=(np.inf, ""))
    return ward if away_m <= SPOT_REACH_M else ""


def _sides(middles: Sequence[Point]) -> list[str]:
    """In which direction from the middle of all; with a number where two lie the same way."""
    plane = Plane(Point(*map(float, np.mean(middles, axis=0))))
    labels: list[str] = []
    for middle in middles:
        x, y = plane.flat(middle)
        side = f"phía {_SIDES[round(np.arctan2(y, x) / (np.pi / 4)) % 8]}"
        again = sum(label.startswith(side) for label in labels)
        labels.append(f"{side} {again + 1}" if again else side)
    return labels
