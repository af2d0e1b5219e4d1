"""A map to print: a route over its streets as SVG, black on white, readable from a copying machine.

Units: tenths of a millimetre on paper. Colours stand in attributes, since a page's security policy takes no styles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import numpy.typing as npt

from routing.geo import Point
from routing.roads.marks import HIGH, Mark, joined
from routing.roads.network import RoadNetwork
from routing.roads.profile import ROAD_CLASSES

WIDTH, HEIGHT = 1860, 1100  # an A4 sheet between its margins, and some 40 % of its height
MARGIN = 80
LEAST_M = 400.0  # a route of one door shows this much of the streets around it
NAMES = 40
MAIN = {ROAD_CLASSES.index(name) for name in ("trunk", "primary", "secondary", "tertiary")}
LETTER = 17  # width of a letter of the street names


@dataclass(frozen=True)
class Paper:
    """What is drawn on: the scale and the place of the paper on earth."""

    network: RoadNetwork
    low: npt.NDArray[np.float64]
    scale: float

    @classmethod
    def around(cls, network: RoadNetwork, points: Sequence[Point]) -> "Paper":
        """Paper on which all of these points have room."""
        flat = network.plane.xy([p.lat for p in points], [p.lon for p in points])
        low, high = flat.min(axis=0), flat.max(axis=0)
        room = np.array([WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN])
        scale = float((room / np.maximum(high - low, LEAST_M * room / room[0])).min())
        return cls(network, (low + high) / 2 - np.array([WIDTH, HEIGHT]) / 2 / scale, scale)

    def place(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Degrees to positions on the paper, y downward; shape (n, 2)."""
        spots = (self.network.plane.xy(lat, lon) - self.low) * self.scale
        spots[:, 1] = HEIGHT - spots[:, 1]
        return spots


def paper_map(
    network: RoadNetwork, lines: Sequence[Sequence[Point]], stops: Sequence[tuple[str, Point]], title: str
) -> str:
    """The streets around a route, the route's lines over them, and its numbered stops; empty where nothing is given."""
    points = [point for line in lines for point in line] + [point for _, point in stops]
    if not points:
        return ""
    paper = Paper.around(network, points)
    route = "".join(_path(paper, line, 'stroke="#000" stroke-width="14"') for line in lines)
    spots = paper.place([point.lat for _, point in stops], [point.lon for _, point in stops])
    marks = "".join(
        _mark(one)
        for one in joined([Mark((label,), *spot) for (label, _), spot in zip(stops, spots.tolist(), strict=True)])
    )
    streets, names = _streets(paper)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}" '
        'font-family="sans-serif" fill="none" stroke-linejoin="round" stroke-linecap="round">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff" stroke="#000" stroke-width="3"/>'
        f"{streets}{route}{names}{marks}</svg>"
    )


def _streets(paper: Paper) -> tuple[str, str]:
    """The streets on the paper, and the names of the longest."""
    e = paper.network.edges
    spots = paper.place(e.shape_lat, e.shape_lon)
    inside = ((spots >= 0) & (spots <= (WIDTH, HEIGHT))).all(axis=1)
    shown = np.flatnonzero(np.logical_or.reduceat(inside, e.shape_start[:-1])) if len(e) else np.zeros(0, int)
    drawn, named = [], dict[int, tuple[float, npt.NDArray[np.float64]]]()
    for edge in shown.tolist():
        part = spots[e.shape_start[edge] : e.shape_start[edge + 1]]
        width = 12 if int(e.road_class[edge]) in MAIN else 5
        drawn.append(f'<polyline points="{_row(part)}" stroke="#bbb" stroke-width="{width}"/>')
        steps = np.hypot(*np.diff(part, axis=0).T)
        at = int(steps.argmax())
        name = int(e.name[edge])
        if name >= 0 and steps[at] > named.get(name, (0.0, part))[0]:
            named[name] = float(steps[at]), part[at : at + 2]
    longest = sorted(named.items(), key=lambda one: -one[1][0])[:NAMES]
    names = [_name(paper.network.names[name], *step) for name, step in longest]
    return "".join(drawn), "".join(names)


def _name(name: str, length: float, step: npt.NDArray[np.float64]) -> str:
    """A street's name along its longest straight piece; nothing where the piece is far too short or off the paper."""
    x, y = step.mean(axis=0)
    if length < LETTER * len(name) * 0.6 or not (0 < x < WIDTH and 0 < y < HEIGHT):
        return ""
    dx, dy = step[1] - step[0]
    degrees = np.degrees(np.arctan2(dy, dx))
    degrees = degrees - 180 if degrees > 90 else degrees + 180 if degrees < -90 else degrees
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" transform="rotate({degrees:.0f} {x:.0f} {y:.0f})" font-size="30" '
        'text-anchor="middle" dy="-10" fill="#333" stroke="#fff" stroke-width="6" paint-order="stroke">'
        f"{escape(name)}</text>"
    )


def _path(paper: Paper, line: Sequence[Point], look: str) -> str:
    spots = paper.place([p.lat for p in line], [p.lon for p in line])
    return f'<polyline points="{_row(spots)}" {look}/>'


def _mark(mark: Mark) -> str:
    left, top = mark.x - mark.width / 2, mark.y - HIGH / 2
    return (
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{mark.width}" height="{HIGH}" rx="{HIGH // 2}" '
        'fill="#fff" stroke="#000" stroke-width="6"/>'
        f'<text x="{mark.x:.0f}" y="{mark.y:.0f}" dy="13" font-size="36" font-weight="700" text-anchor="middle" '
        f'fill="#000">{escape(mark.text)}</text>'
    )


def _row(spots: npt.NDArray[np.float64]) -> str:
    return " ".join(f"{x:.0f},{y:.0f}" for x, y in spots)
