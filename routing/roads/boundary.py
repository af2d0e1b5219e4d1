"""The area a map is cut to: a ward's boundary with a margin, or a box."""

from dataclasses import dataclass
from typing import Any

import shapely
import shapely.geometry
from shapely.geometry.base import BaseGeometry

from routing.geo import METRES_PER_DEGREE, Plane, Point

MARGIN_M = 1000.0


@dataclass(frozen=True)
class Boundary:
    """A polygon in degrees (x longitude, y latitude, as shapely and GeoJSON have it)."""

    shape: BaseGeometry

    @classmethod
    def from_geojson(cls, data: dict[str, Any]) -> "Boundary":
        """From a geometry, a Feature or a FeatureCollection; raises ValueError when it holds no polygon."""
        try:
            features = data["features"] if data.get("type") == "FeatureCollection" else [data]
            shapes = [shapely.geometry.shape(feature.get("geometry") or feature) for feature in features]
            shape = shapely.union_all([shapely.make_valid(shape) for shape in shapes])
        except (
            AttributeError,
            KeyError,
            TypeError,
            ValueError,
            IndexError,
            shapely.errors.ShapelyError,
        ) as error:
            raise ValueError("This is not a GeoJSON boundary.") from error
        if shape.is_empty or shape.area == 0:
            raise ValueError("This GeoJSON has no area.")
        return cls(shape)

    @classmethod
    def from_box(cls, south: float, west: float, north: float, east: float) -> "Boundary":
        """A box in degrees; raises ValueError when it is empty."""
        if not (south < north and west < east):
            raise ValueError("The box has no area: south must lie below north and west left of east.")
        return cls(shapely.box(west, south, east, north))

    @property
    def centre(self) -> Point:
        west, south, east, north = self.shape.bounds
        return Point((south + north) / 2, (west + east) / 2)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """South, west, north, east in degrees."""
        west, south, east, north = self.shape.bounds
        return south, west, north, east

    def grown(self, margin_m: float = MARGIN_M) -> "Boundary":
        """The area and everything up to `margin_m` around it, its line simplified to some 20 m."""
        plane = Plane(self.centre)
        flat = shapely.transform(self.shape, lambda xy: plane.xy(xy[:, 1], xy[:, 0]))
        flat = flat.simplify(20.0).buffer(margin_m, quad_segs=4).simplify(20.0)
        scale = plane.xy(self.centre.lat, self.centre.lon + 1.0)[0, 0]
        offset, per_degree = (self.centre.lon, self.centre.lat), (scale, METRES_PER_DEGREE)
        return Boundary(shapely.transform(flat, lambda xy: xy / per_degree + offset))

    def contains(self, point: Point) -> bool:
        return bool(shapely.contains_xy(self.shape, point.lon, point.lat))

    def to_geojson(self) -> dict[str, Any]:
        """The geometry as GeoJSON, coordinates to 6 digits."""
        geometry: dict[str, Any] = shapely.geometry.mapping(shapely.set_precision(self.shape, 1e-6))
        return geometry
