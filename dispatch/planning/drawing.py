"""Plans for the map: GeoJSON as `static/js/map-routes.js` reads it."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from dispatch.dossiers.models import Job
from dispatch.dossiers.words import LEGS
from dispatch.identity import spoken_code
from dispatch.pages import show_time
from dispatch.planning.models import Plan, PlanRoute, PlanStop
from dispatch.wards.map_store import current_map
from dispatch.wards.models import Ward
from routing.geo import Point
from routing.roads.paper import paper_map

Feature = dict[str, Any]
FINISHED = ("done", "posted", "given_up", "cancelled")


def draw_plan(ward: Ward, plan: Plan) -> Feature:
    """Routes, numbered stops, the office, and grey what is not served."""
    features = [*office_of(ward)]
    for route in plan.routes:
        features += [*lines_of(route), *(one for stop in route.stops for one in _stop(route, stop))]
    features += [one for item in plan.unserved for one in draw_job(item.job)]
    return collection(features)


def draw_on_paper(ward: Ward, route: PlanRoute) -> Markup:
    """The map of a printed route sheet, as SVG."""
    lines = [[Point(*spot) for spot in trip["line"]] for trip in route.trips if len(trip["line"]) > 1]
    places = [(str(stop.position + 1), stop.job.place) for stop in route.stops]
    stops = [(number, Point(*place.point)) for number, place in places if place is not None and place.point is not None]
    office = [("⌂", Point(*ward.office))] if ward.office else []
    title = _("Map of the route of %(name)s", name=route.duty.volunteer.name)
    return Markup(paper_map(current_map(ward).network, lines, [*office, *stops], title))


def draw_day(ward: Ward, plan: Plan | None, waiting: list[Job], people: list[Feature]) -> Feature:
    """The plan in force with the states of its stops, the jobs that wait for a place in it, and who is where."""
    planned = {stop.job_id for route in plan.routes for stop in route.stops} if plan else set()
    drawn = draw_plan(ward, plan)["features"] if plan else office_of(ward)
    drawn = [one for one in drawn if one["properties"]["kind"] != "job"]
    return collection([*drawn, *(one for job in waiting if job.id not in planned for one in draw_job(job)), *people])


def collection(features: list[Feature]) -> Feature:
    return {"type": "FeatureCollection", "features": features}


def draw_job(job: Job) -> list[Feature]:
    """A job that is on no route; nothing while it has no pin."""
    if job.place is None or job.place.point is None:
        return []
    lines = [str(LEGS[job.leg]), spoken_code(job.dossier.code)]
    properties = {"kind": "job", "title": job.place.spoken, "lines": lines, "url": _url(job)}
    return [point(job.place.point, properties)]


def office_of(ward: Ward) -> list[Feature]:
    if ward.office is None:
        return []
    return [point(ward.office, {"kind": "office", "title": ward.office_name or _("One-stop office"), "lines": []})]


def lines_of(route: PlanRoute) -> list[Feature]:
    return [
        {
            "type": "Feature",
            "properties": {"kind": "route", "route": route.position, "name": route.duty.volunteer.name},
            "geometry": {"type": "LineString", "coordinates": [[lon, lat] for lat, lon in trip["line"]]},
        }
        for trip in route.trips
        if len(trip["line"]) > 1
    ]


def _stop(route: PlanRoute, stop: PlanStop) -> list[Feature]:
    """A numbered stop; nothing where the address was changed to one without a pin."""
    job = stop.job
    if job.place is None or job.place.point is None:
        return []
    properties: dict[str, Any] = {
        "kind": "stop",
        "route": route.position,
        "number": str(stop.position + 1),
        "title": job.place.spoken,
        "lines": [
            f"{show_time(stop.starts_at)} · {route.duty.volunteer.name}",
            f"{LEGS[job.leg]} · {spoken_code(job.dossier.code)}",
        ],
        "url": _url(job),
    }
    if job.state in FINISHED:
        properties["state"] = "done"
    return [point(job.place.point, properties)]


def point(at: tuple[float, float], properties: dict[str, Any]) -> Feature:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": [at[1], at[0]]},
    }


def _url(job: Job) -> str:
    return url_for("dossiers.show", code=job.dossier.code)
