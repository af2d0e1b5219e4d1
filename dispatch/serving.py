"""Serving the application: gunicorn with threads (waitress on Windows), the embedded worker beside it."""

import sys
from typing import Any

from flask import Flask

from dispatch.config import Settings
from dispatch.database import db
from dispatch.tasks.queue import start_embedded_worker

# Each statement gives up the interpreter's lock and waits for it again, behind any thread that computes: up to 5 ms
# each time by Python's own measure, and a tap makes some twenty statements while other phones send theirs.
SWITCH_S = 0.0005


def serve(app: Flask, settings: Settings) -> None:
    """Serve until stopped. Each web process has its own worker threads where tasks are embedded."""
    sys.setswitchinterval(SWITCH_S)
    with app.app_context():
        # What the start needed the database for is done; web processes, forked below, must not inherit a connection.
        db.engine.dispose()
    if sys.platform == "win32":
        from waitress import serve as waitress_serve

        if settings.tasks == "embedded":
            start_embedded_worker(app)
        waitress_serve(
            app,
            host=settings.host,
            port=settings.port,
            threads=settings.web_threads,
            # Behind a proxy its headers are read by the application, which knows how many proxies there are.
            clear_untrusted_proxy_headers=not settings.behind_proxy,
        )
        return
    _gunicorn(app, settings)


def _gunicorn(app: Flask, settings: Settings) -> None:
    from gunicorn.app.base import BaseApplication

    def after_fork(_worker: Any) -> None:
        if settings.tasks == "embedded":
            start_embedded_worker(app)

    class Server(BaseApplication):
        def load_config(self) -> None:
            options = {
                "bind": f"{settings.host}:{settings.port}",
                "workers": settings.web_workers,
                "threads": settings.web_threads,
                "worker_class": "gthread",
                "post_worker_init": after_fork,
                "control_socket_disable": True,
                "graceful_timeout": 5,
                "timeout": 60,
                "loglevel": "warning",
            }
            for name, value in options.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    Server().run()
