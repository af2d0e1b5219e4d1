"""Points on the earth, the distance between them, and a small flat projection for work in metres."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8
METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M


class Point(NamedTuple):
    """A position in WGS 84 degrees; latitude first, where GeoJSON has the longitude first."""

    lat: float
    lon: float


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine on a sphere; 0.5 % at worst)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat, half_lon = (lat_b - lat_a) / 2, math.radians(b.lon - a.lon) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def distances_m(lat_a: FloatArray, lon_a: FloatArray, lat_b: FloatArray, lon_b: FloatArray) -> FloatArray:
    """`distance_m` for whole arrays of degrees; the arrays broadcast against each other."""
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_lat, half_lon = (phi_b - phi_a) / 2, np.radians(lon_b - lon_a) / 2
    h = np.sin(half_lat) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lon) ** 2
    metres: FloatArray = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, h)))
    return metres


class Plane:
    """A flat map in metres around one point: x to the east, y to the north.

    Good to about 0.1 % within some 30 km of the centre, which is more than a ward or a city needs.
    """

    def __init__(self, centre: Point) -> None:
        self.centre = centre
        self._metres_per_lon = METRES_PER_DEGREE * math.cos(math.radians(centre.lat))

    def xy(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> FloatArray:
        """Degrees to metres; shape (n, 2) for n points."""
        x = (np.asarray(lon, dtype=np.float64) - self.centre.lon) * self._metres_per_lon
        y = (np.asarray(lat, dtype=np.float64) - self.centre.lat) * METRES_PER_DEGREE
        return np.column_stack((np.atleast_1d(x), np.atleast_1d(y)))

    def flat(self, point: Point) -> tuple[float, float]:
        """`xy` for a single point."""
        x = (point.lon - self.centre.lon) * self._metres_per_lon
        return x, (point.lat - self.centre.lat) * METRES_PER_DEGREE

    def point(self, x: float, y: float) -> Point:
        """Metres back to degrees."""
        return Point(float(self.centre.lat + y / METRES_PER_DEGREE), float(self.centre.lon + x / self._metres_per_lon))
