"""The product's own server, which ends itself between the commit of some taps and the answer, when told to.

Run in a process group of its own: a kill -9 of the group is a power cut. The file named by `DIE_AFTER_COMMIT` is the
order to die; it is gone afterwards, so that the next server lives.
"""

import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app import create_app
from dispatch.config import load_settings
from dispatch.serving import serve


def main() -> None:
    settings = load_settings()
    app = create_app(settings)
    app.config["RATELIMIT_ENABLED"] = False
    order, inner = Path(os.environ["DIE_AFTER_COMMIT"]), app.wsgi_app

    def dies(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = inner(environ, start_response)
        if environ["PATH_INFO"] == "/tuyen/su-kien" and order.exists():
            order.unlink()
            os.killpg(os.getpgid(0), signal.SIGKILL)
        return answer

    app.wsgi_app = dies  # type: ignore[method-assign]
    serve(app, settings)


if __name__ == "__main__":
    main()
