"""What the commands `init`, `map import` and `map fetch` do, and what the server says while nobody administers."""

from collections.abc import Callable
from pathlib import Path

import click
from flask import Flask, current_app

from dispatch.config import Settings
from dispatch.database import db
from dispatch.wards.founding import PLACEHOLDER, may_be_founded, setup_code
from dispatch.wards.map_import import SOURCE_FETCHED, Area, Tell, from_file, from_server, put_in_force, sentence
from dispatch.wards.models import Ward
from dispatch.wards.operations import found_ward, only_ward
from routing.roads.osm import MapImport
from routing.roads.raw_map import MapError

SETUP_PATH = "/cai-dat/bat-dau"


def init(settings: Settings) -> None:
    """An empty ward where there is none, and the way into it."""
    if only_ward() is None:
        found_ward(PLACEHOLDER)
        db.session.commit()
    click.echo(invitation(settings) or "Phường đã có người quản trị; chạy: python app.py serve")


def invitation(settings: Settings) -> str:
    """Address and code of the set-up while nobody administers the ward; empty afterwards."""
    ward = only_ward()
    if not may_be_founded(ward):
        return ""
    address = settings.public_url.rstrip("/") or f"http://127.0.0.1:{settings.port}"
    return (
        "Phường chưa có người quản trị. Mở trang cài đặt và nhập mã dưới đây (set-up page and code):\n"
        f"  {address}{SETUP_PATH}\n"
        f"  {setup_code(ward)}"
    )


def invite(app: Flask, settings: Settings) -> None:
    """Print the invitation, if there is one, when the server starts."""
    with app.app_context():
        if words := invitation(settings):
            click.echo(words)


def import_file(path: Path) -> None:
    """`map import FILE`: the file's map, cut to the ward."""
    _bring_in(path.name, lambda area, tell: from_file(area, path, tell))


def fetch() -> None:
    """`map fetch`: from the Overpass server of the settings."""
    click.echo(current_app.config["SETTINGS"].overpass_url)
    _bring_in(SOURCE_FETCHED, from_server)


def _bring_in(source: str, read: Callable[[Area, Tell], MapImport]) -> None:
    ward = only_ward()
    if ward is None:
        raise click.ClickException("Chưa có phường nào: hãy chạy python app.py init trước.")
    area = _area(ward)
    db.session.rollback()
    try:
        with click.progressbar(length=100, label=source) as bar:
            imported = read(area, _teller(bar))
            bar.update(100 - bar.pos)
    except MapError as error:
        raise click.ClickException(sentence(error)) from error
    report = put_in_force(area, imported, source).report
    click.echo(
        f"{report['streets']} đường, {report['alleys']} kiệt, {report['house_numbers']} số nhà, "
        f"{report['length_m'] / 1000:.1f} km"
    )
    for count, words in (
        (
            report["islands"],
            f"đoạn đường tách rời, {report['islands_m'] / 1000:.1f} km (pieces of road that nothing reaches)",
        ),
        (report["cut_off"], "nhà không có đường tới (doors that no known road reaches)"),
        (report["turns_skipped"] + report["signs_unread"], "biển cấm không đọc được (signs that could not be read)"),
    ):
        if count:
            click.echo(f"{count} {words}")


def _area(ward: Ward) -> Area:
    area = Area.of(ward)
    if area.boundary is None:
        click.echo("Chưa có ranh giới phường hay ghim trụ sở: lấy toàn bộ tệp.", err=True)
    return area


def _teller(bar: "click._termui_impl.ProgressBar[int]") -> Tell:
    def tell(fraction: float, _code: str) -> bool:
        bar.update(max(0, round(100 * fraction) - bar.pos))
        return True

    return tell
