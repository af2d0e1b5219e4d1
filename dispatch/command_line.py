"""The command line: small commands, each a thin cover over an operation. `python app.py --help` lists them."""

import sys

import click
from flask import Flask
from flask_migrate import upgrade

from dispatch.config import ConfigurationError, Settings, load_settings


@click.group()
def cli() -> None:
    """ship hồ sơ — dịch vụ nhận và trả hồ sơ tại nhà của phường."""


def application(**overrides: object) -> tuple[Flask, Settings]:
    """The application for a command, or one sentence and exit code 2 where a setting is wrong."""
    from app import create_app

    try:
        settings = load_settings(**overrides)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    return create_app(settings), settings


def migrate_schema(app: Flask) -> None:
    """Bring the schema to this version, forward only."""
    with app.app_context():
        upgrade()


@cli.command()
def serve() -> None:
    """Serve the ward (after bringing the schema up to date)."""
    from dispatch.serving import serve as run

    app, settings = application()
    migrate_schema(app)
    run(app, settings)


@cli.command()
def worker() -> None:
    """Run background work in a process of its own (with TASKS=worker and QUEUE_URL)."""
    from dispatch.tasks.queue import run_worker

    app, _settings = application()
    run_worker(app)


@cli.command()
def demo() -> None:
    """Serve the demo ward: invented people on real streets, a database of its own, nothing sent out."""
    from dispatch.demo.start import demo_settings, prepare, put_away_the_last
    from dispatch.serving import serve as run

    base = load_settings()
    put_away_the_last(base.data_dir)
    app, settings = application(**demo_settings(base.data_dir))
    click.echo("Đang dựng phường thử (khoảng mười giây)...")
    migrate_schema(app)
    prepare(app, settings)
    click.echo(f"Mời mở http://{settings.host}:{settings.port}/ (Ctrl-C để dừng)")
    run(app, settings)
