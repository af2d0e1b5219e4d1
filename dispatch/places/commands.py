"""What the command `geocode` does: one address, or a table of them with figures where the truth is known."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from statistics import mean, quantiles

import click

from dispatch.places.anchors import learned_gazetteer
from dispatch.places.forms import read_point
from dispatch.places.warnings import judged, named_elsewhere, warnings
from dispatch.wards.models import Ward
from dispatch.wards.operations import only_ward
from routing.geo import Point, distance_m
from routing.places.address import Address
from routing.places.certainty import ASK_BELOW, NEAR_M
from routing.places.gazetteer import Candidate, Gazetteer
from routing.roads.osm import import_map
from routing.roads.raw_map import MapError
from routing.roads.starter import starter_map

FOUND_COLUMNS = ("lat", "lon", "class", "radius_m", "probability", "understood")
BUCKETS = (0.0, 0.2, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)
PERCENTILES = (50, 75, 90)
Row = dict[str, str]


@dataclass(frozen=True)
class Judged:
    """An answer whose truth is known."""

    error_m: float
    probability: float

    @property
    def near(self) -> bool:
        return self.error_m <= NEAR_M


def gazetteer_of_file(path: Path) -> Gazetteer:
    """Of a map file, with no database."""
    try:
        return import_map(path).gazetteer
    except MapError as error:
        raise click.ClickException(f"Không đọc được bản đồ: {error}") from error


def gazetteer_of_ward() -> tuple[Gazetteer, Ward | None]:
    """Of the ward's map in force with its own pins; the starter map where there is no ward."""
    ward = only_ward()
    return learned_gazetteer(ward) if ward else starter_map().gazetteer, ward


def geocode_text(gazetteer: Gazetteer, text: str, ward: Ward | None = None) -> None:
    """Print the candidates, best first, with what was understood, how far apart they lie, and what is to be heard."""
    parts, found = gazetteer.understand(text), _located(gazetteer, text, ward)
    click.echo(f"Hiểu là (understood): {understood(parts)}")
    heard = warnings(ward, parts, found[0] if found else None) if ward else ()
    for sentence in heard:
        click.echo(sentence)
    if not found and ward and named_elsewhere(ward, parts):
        return
    found = found or gazetteer.area(text)
    if not found:
        raise click.ClickException("Chưa biết địa chỉ này ở đâu (address not known).")
    for place, candidate in enumerate(found, start=1):
        click.echo(f"{place}. {_line(candidate)}{_apart(found[0], candidate)}")
    if found[0].probability < ASK_BELOW:
        click.echo("Chưa đủ chắc: mời xem bản đồ và đặt ghim (not sure: please look at the map).")


def geocode_csv(gazetteer: Gazetteer, source: Path, target: Path, ward: Ward | None = None) -> None:
    """Answer every row of a table; a row that cannot be answered is kept with empty columns."""
    with source.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    if "address" not in columns:
        raise click.ClickException("Tệp cần có cột address (column `address` is missing).")
    answered = [_answer(gazetteer, row, ward) for row in rows]
    kept = [{"lat": "truth_lat", "lon": "truth_lon"}.get(name, name) for name in columns]
    kept = [name for name in kept if name not in FOUND_COLUMNS]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*kept, *FOUND_COLUMNS], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(answered)
    for line in report(answered):
        click.echo(line)


def understood(parts: Address) -> str:
    """The parts as `name=value`, for people and for scripts; `errors` are letters mended in the street's name."""
    named = [(field.name, getattr(parts, field.name)) for field in fields(parts)]
    return "; ".join(f"{name}={'/'.join(value) if name == 'alley' else value}" for name, value in named if value)


def report(rows: Sequence[Row]) -> Iterable[str]:
    """Hit rate, errors and the calibration table."""
    located = [row for row in rows if row["lat"]]
    yield f"Định vị được (located): {len(located)}/{len(rows)} ({_share(len(located), len(rows))})"
    judged = [judge for row in located if (judge := _judge(row))]
    if not judged:
        return
    errors = [judge.error_m for judge in judged]
    cut = quantiles(errors, n=100, method="inclusive") if len(errors) > 1 else errors * 99
    yield "Sai số (error): " + ", ".join(f"p{percent} {cut[percent - 1]:.0f} m" for percent in PERCENTILES)
    sure = [judge for judge in judged if judge.probability >= ASK_BELOW]
    right = sum(judge.near for judge in sure)
    yield f"Xác suất >= {ASK_BELOW}: {_share(len(sure), len(rows))}, trong {NEAR_M} m: {_share(right, len(sure))}"
    far = sum(judge.error_m > 1000 and judge.probability >= 0.5 for judge in judged)
    yield f"Xác suất >= 0.5 mà lệch hơn 1 km (over 1 km off): {far}"
    yield "Hiệu chuẩn (calibration): nói (said) / thấy trong 100 m (seen) / n"
    for low, high in pairwise(BUCKETS):
        inside = [judge for judge in judged if low <= judge.probability < high]
        if inside:
            said, seen = mean(judge.probability for judge in inside), mean(judge.near for judge in inside)
            yield f"  {low:.2f}-{min(high, 1.0):.2f}: {said:.2f} / {seen:.2f} / {len(inside)}"


def _located(gazetteer: Gazetteer, text: str, ward: Ward | None) -> list[Candidate]:
    found = gazetteer.locate(text)
    return judged(ward, found) if ward else found


def _answer(gazetteer: Gazetteer, row: Row, ward: Ward | None) -> Row:
    text = row.get("address") or ""
    found = _located(gazetteer, text, ward)
    best = next((candidate for candidate in found if candidate.point), None)
    best = best or next(iter(gazetteer.area(text)), None)
    truth = {"truth_lat": row.get("lat") or "", "truth_lon": row.get("lon") or ""}
    if best is None or best.point is None:
        return row | truth | dict.fromkeys(FOUND_COLUMNS, "")
    return row | truth | {
        "lat": f"{best.point.lat:.6f}",
        "lon": f"{best.point.lon:.6f}",
        "class": best.match_class,
        "radius_m": str(best.radius_m),
        "probability": f"{best.probability:.3f}",
        "understood": understood(best.parts),
    }  # fmt: skip


def _judge(row: Row) -> Judged | None:
    truth, found = read_point(row["truth_lat"], row["truth_lon"]), read_point(row["lat"], row["lon"])
    if truth is None or found is None:
        return None
    return Judged(distance_m(Point(*truth), Point(*found)), float(row["probability"]))


def _line(candidate: Candidate) -> str:
    where = f"{candidate.point.lat:.6f},{candidate.point.lon:.6f}" if candidate.point else "chưa biết vị trí"
    sure = f"±{candidate.radius_m} m, xác suất {candidate.probability:.2f}" if candidate.point else ""
    return ", ".join(filter(None, (candidate.label, candidate.match_class, where, sure)))


def _apart(first: Candidate, other: Candidate) -> str:
    if other is first or first.point is None or other.point is None:
        return ""
    return f", cách câu trả lời đầu {distance_m(first.point, other.point):.0f} m"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"
