"""What `python app.py route "A" "B"` does: from words to doors, and the way between them."""

import click

from dispatch.clock import local, now
from dispatch.places.lookup import Understood, understand
from dispatch.wards.models import Ward
from dispatch.wards.operations import only_ward
from dispatch.wards.road_changes import map_of_day
from routing.geo import Point
from routing.roads.network import Leg


def show_route(start: str, end: str) -> None:
    """Print time, distance and streets; what is only an estimate says so."""
    ward = only_ward()
    if ward is None:
        raise click.ClickException("Chưa có phường nào: hãy chạy python app.py init trước.")
    for line in _said(ward, _door(ward, start), _door(ward, end)):
        click.echo(line)


def _door(ward: Ward, words: str) -> Understood:
    found = understand(ward, words)
    if found.point is None:
        raise click.ClickException(f"Chưa tìm được vị trí của “{words}”.")
    return found


def _said(ward: Ward, start: Understood, end: Understood) -> list[str]:
    network = map_of_day(ward, local(now(), ward.timezone).date()).network
    a, b = (Point(*found.point) for found in (start, end) if found.point)
    leg = network.leg(a, b)
    return [
        *(f"{found.label} ({found.match_class}, ±{found.radius_m} m)" for found in (start, end)),
        f"{_minutes(leg)}, {leg.distance_m} m{' (ước lượng)' if leg.estimated else ''}",
        " → ".join(leg.streets) or "Không qua đường nào có tên.",
    ]


def _minutes(leg: Leg) -> str:
    minutes, seconds = divmod(leg.duration_s, 60)
    return f"{minutes} phút {seconds:02d} giây"
