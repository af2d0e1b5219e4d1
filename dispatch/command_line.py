"""The command line: small commands, each a thin cover over an operation. `python app.py --help` lists them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

import click
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from dispatch.accounts.models import Role
from dispatch.config import ConfigurationError, Settings, load_settings
from dispatch.database import db
from dispatch.wards.models import Ward
from routing.places.gazetteer import Gazetteer
from routing.search.process import warm_up


def main() -> None:
    """The command line as a program. Vietnamese reaches a pipe or a service's log on Windows too, whose own letters
    lack it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="replace")
    cli()


@click.group()
def cli() -> None:
    """ship hồ sơ — dịch vụ nhận và trả hồ sơ tại nhà của phường."""


def application(**overrides: object) -> tuple[Flask, Settings]:
    """The application for a command, or one sentence and exit code 2 where a setting is wrong."""
    from app import create_app

    with _said_in_a_sentence():
        settings = load_settings(**overrides)
        return create_app(settings), settings


@contextmanager
def _said_in_a_sentence() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def migrate_schema(app: Flask) -> None:
    """Bring the schema to this version, forward only."""
    with app.app_context():
        upgrade()


@cli.command()
def serve() -> None:
    """Serve the ward (after bringing the schema up to date)."""
    from dispatch.serving import serve as run
    from dispatch.wards.commands import invite

    app, settings = application()
    warm_up()
    migrate_schema(app)
    invite(app, settings)
    run(app, settings)


@cli.command()
def worker() -> None:
    """Run background work in a process of its own (with TASKS=worker and QUEUE_URL)."""
    from dispatch.tasks.queue import run_worker

    app, _settings = application()
    warm_up()
    run_worker(app)


@cli.command()
def demo() -> None:
    """Serve the demo ward: invented people on real streets, a database of its own, nothing sent out."""
    from dispatch.demo.start import demo_settings, prepare, put_away_the_last
    from dispatch.serving import serve as run

    with _said_in_a_sentence():
        base = load_settings()
    put_away_the_last(base.data_dir)
    app, settings = application(**demo_settings(base.data_dir))
    warm_up()
    click.echo("Đang dựng phường thử (khoảng mười giây)...")
    migrate_schema(app)
    prepare(app, settings)
    click.echo(f"Mời mở http://{settings.host}:{settings.port}/ (Ctrl-C để dừng)")
    run(app, settings)


@cli.command()
def init() -> None:
    """Found an empty ward and say where to set it up. Asks nothing."""
    from dispatch.wards import commands

    app, settings = application()
    warm_up()
    migrate_schema(app)
    with app.app_context():
        commands.init(settings)


@cli.group()
def user() -> None:
    """Staff accounts."""


@user.command("add")
@click.argument("username")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@click.option("--name", default="", help="Name on screen (default: the user name).")
def user_add(username: str, roles: tuple[str, ...], name: str) -> None:
    """Add an account; the password comes from PASSWORD, standard input, or is asked for."""
    from dispatch.accounts.commands import add_user

    app, _settings = application()
    migrate_schema(app)
    with app.app_context():
        add_user(username, {Role(role) for role in roles}, name)


@cli.group("map")
def map_() -> None:
    """The map of the ward."""


@map_.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def map_import(file: Path) -> None:
    """Bring in an .osm.pbf, .osm or Overpass JSON file, cut to the ward."""
    from dispatch.wards import commands

    app, _settings = application()
    migrate_schema(app)
    with app.app_context():
        commands.import_file(file)


@map_.command("fetch")
def map_fetch() -> None:
    """Bring in the ward's area from the Overpass server of the settings."""
    from dispatch.wards import commands

    app, _settings = application()
    migrate_schema(app)
    with app.app_context():
        commands.fetch()


@cli.command()
@click.argument("start")
@click.argument("end")
def route(start: str, end: str) -> None:
    """Time, distance and streets from one address to another, as things are today."""
    from dispatch.wards.route_command import show_route

    app, _settings = application()
    with app.app_context():
        show_route(start, end)


@cli.command()
@click.argument("text", default="")
@click.option("--csv", "table", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Many addresses.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where the answers go.")
@click.option("--map", "map_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Map file.")
def geocode(text: str, table: Path | None, out: Path | None, map_file: Path | None) -> None:
    """Where an address is: TEXT, or a table with a column `address` (and `lat`, `lon` where the truth is known)."""
    from dispatch.places import commands

    if (table is None and not text) or (table is not None and out is None):
        raise click.UsageError("Cần TEXT, hoặc --csv TỆP --out TỆP.")

    def answer(gazetteer: Gazetteer, ward: Ward | None = None) -> None:
        if table is not None and out is not None:
            commands.geocode_csv(gazetteer, table, out, ward)
        else:
            commands.geocode_text(gazetteer, text, ward)

    if map_file is not None:
        answer(commands.gazetteer_of_file(map_file))
        return
    app, _settings = application()
    migrate_schema(app)
    with _at_work(app):
        answer(*commands.gazetteer_of_ward())


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the ward's database into FILE, as it stands at one moment; the server may go on running."""
    from dispatch.backup import write_backup
    from dispatch.custody.store import store

    app, _settings = application()
    with _at_work(app):
        _say_rows("Đã sao lưu", write_backup(file), file)
        click.echo(f"Ảnh và chữ ký không nằm trong tệp này mà ở {store().place}: hãy sao chép riêng nơi đó.")


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Replace the database by what FILE holds; the server may go on running. What was there is kept in a file."""
    from dispatch.backup import keep_what_is_there, restore_backup
    from dispatch.custody.store import store

    app, settings = application()
    migrate_schema(app)
    with _at_work(app):
        kept = keep_what_is_there(settings.data_dir)
        if kept is not None:
            click.echo(f"Dữ liệu trước khi phục hồi đã được giữ lại ở {kept}")
        _say_rows("Đã phục hồi", restore_backup(file), file)
        click.echo(f"Ảnh và chữ ký ở {store().place} vẫn giữ nguyên.")


@cli.group()
def push() -> None:
    """Telling volunteers' phones that their route has changed."""


@push.command("keys")
def push_keys() -> None:
    """Make the key with which this server signs what it tells phones; put it into the environment."""
    from dispatch.live.keys import new_key

    click.echo(f"VAPID_PRIVATE_KEY={new_key()}")


@cli.command()
def rebuild() -> None:
    """Derive the state of every dossier again from its events."""
    from dispatch.dossiers.projection import rebuild as derive
    from dispatch.wards.models import Ward

    app, _settings = application()
    with _at_work(app):
        for ward_id in db.session.scalars(select(Ward.id).order_by(Ward.id)).all():
            dossiers = derive(ward_id)
            db.session.commit()
            click.echo(f"Đã dựng lại trạng thái của {dossiers} hồ sơ.")


@cli.command()
def forget() -> None:
    """Delete what has been kept for its time: pictures, positions of phones. The server does so by itself too."""
    from dispatch.tasks.forgetting import forget_all

    app, _settings = application()
    with _at_work(app):
        forget_all()


@contextmanager
def _at_work(app: Flask) -> Iterator[None]:
    """The ground of a command that ends with one sentence and exit code 1 where it cannot do its work."""
    from dispatch.backup import BackupError

    with app.app_context():
        try:
            yield
        except BackupError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        finally:
            db.session.remove()
            db.engine.dispose()


def _say_rows(done: str, counts: dict[str, int], file: Path) -> None:
    click.echo(f"{done} {sum(counts.values())} dòng của {len(counts)} bảng: {file}")
