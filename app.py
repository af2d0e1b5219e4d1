"""ship hồ sơ: the application (`create_app`) and its command line (`python app.py --help`)."""

from datetime import timedelta

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from dispatch.accounts.looks import configure_looks
from dispatch.clock import Clock
from dispatch.command_line import main
from dispatch.compression import configure_compression
from dispatch.config import Settings, load_settings
from dispatch.custody.store import configure_store
from dispatch.database import configure_database
from dispatch.i18n import configure_i18n
from dispatch.pages import configure_pages
from dispatch.places.outside import configure_outside
from dispatch.security import configure_security
from dispatch.tasks.queue import configure_queue
from dispatch.urls import configure_urls


def create_app(settings: Settings | None = None) -> Flask:
    """The Flask application for these settings (default: from the environment). Starts no thread, opens no port."""
    settings = settings or load_settings()
    app = Flask("dispatch", template_folder="../templates")
    app.config.update(SECRET_KEY=settings.secret_key, SETTINGS=settings, WARD=settings.ward)
    app.extensions["clock"] = Clock(timedelta(0))
    https = settings.public_url.startswith("https://")
    if settings.behind_proxy:
        hops = settings.behind_proxy
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    configure_database(app, settings.database)
    configure_security(app, rate_limit_url=settings.rate_limit_url, https=https)
    configure_looks(app)
    configure_compression(app)
    configure_i18n(app)
    configure_queue(app, settings.queue_url, settings.tasks)
    configure_outside(app, settings)
    configure_store(app, settings)
    configure_pages(app)
    configure_urls(app)
    return app


if __name__ == "__main__":
    main()
