"""`python -m tests.torture --events 10000 --phones 10`: taps made against events stored, while servers are killed.

The last lines are the counts. Ends with 1 where anything was lost, counted twice, or derived differently.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.browser.conftest import ROOT, free_port
from tests.torture import ward
from tests.torture.phone import Phone


class Servers:
    """One server process after the other on the same port and data, each killed without a warning."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port, self.order, self.folder = port, folder / "die-after-commit", folder
        self.kills, self.after_commit = 0, 0
        self.start()

    def start(self) -> None:
        environment = {
            **os.environ,
            "DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            "SECRET_KEY": "torture",
            "DIE_AFTER_COMMIT": str(self.order),
        }
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.torture.server"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"the server did not start: {self.folder / 'server.log'}")

    def kill(self, *, after_commit: bool) -> None:
        """kill -9 of the whole process group; or the order to do so between a commit and its answer."""
        if after_commit:
            self.order.touch()
            for _ in range(300):
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
            self.after_commit += not self.order.exists()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.order.unlink(missing_ok=True)
        self.kills += 1

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)


def torture(events: int, phones: int, kills: int, folder: Path, say: Callable[[str], None] = print) -> int:
    app = ward.application(folder)
    cookies, doors = ward.seed(app, phones)
    sequential = folder / "sequential"
    copy(folder, sequential)
    servers = Servers(folder, free_port())
    crowd = [
        Phone(n, servers.port, cookies[n], doors[n], events // phones + (n < events % phones)) for n in range(phones)
    ]
    threads = [threading.Thread(target=phone.run) for phone in crowd]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    kill_at_moments(servers, crowd, kills, events)
    for thread in threads:
        thread.join()
    servers.stop()
    lasted_s = time.monotonic() - begun
    return judge(app, crowd, servers, cookies, sequential, lasted_s, say)


def kill_at_moments(servers: Servers, crowd: list[Phone], kills: int, events: int) -> None:
    """Spread over the run, by how much is answered, at moments nobody chose; every third after a commit."""
    dice = random.Random(7)
    for number in range(kills):
        due = events * (number + dice.random()) / (kills + 1)
        while sum(len(phone.answers) for phone in crowd) < due:
            time.sleep(0.01)
        servers.kill(after_commit=number % 3 == 0)
        servers.start()


def copy(folder: Path, target: Path) -> None:
    """The database as it was before the first tap, for the sequential replay."""
    import sqlite3

    target.mkdir()
    with sqlite3.connect(folder / "ward.sqlite") as source, sqlite3.connect(target / "ward.sqlite") as copied:
        source.backup(copied)


def judge(
    app: object,
    crowd: list[Phone],
    servers: Servers,
    cookies: list[str],
    sequential: Path,
    lasted_s: float,
    say: Callable[[str], None],
) -> int:
    taps = {tap["key"]: tap for phone in crowd for tap in phone.taps}
    refused = {key for phone in crowd for key, state in phone.answers.items() if state == "refused"}
    found = ward.stored(app)  # type: ignore[arg-type]
    keys = Counter(event.key for event in found)
    lost = set(taps) - refused - set(keys)
    twice = [key for key, count in keys.items() if count > 1]
    odd_refusals = [key for key in refused if taps[key]["kind"] != "undone"]
    strangers = set(keys) - set(taps)
    replayed = ward.application(sequential)
    ward.replay(replayed, found, cookies)
    differ = sum(a != b for a, b in zip(ward.derived(app), ward.derived(replayed), strict=True))  # type: ignore[arg-type]
    say(f"{lasted_s:.0f} s, {sum(p.sent for p in crowd)} taps sent, {sum(p.lost for p in crowd)} requests unanswered")
    say(f"kills of the server: {servers.kills}, of these between commit and answer: {servers.after_commit}")
    say(f"taps made: {len(taps)}; refused (taken back too late): {len(refused)}; events stored: {len(found)}")
    say(
        f"acknowledged and lost: {len(lost)}; counted twice: {len(twice) + len(strangers)}; "
        f"other refusals: {len(odd_refusals)}"
    )
    say(f"rows derived: {len(ward.derived(replayed))}; other than in a sequential replay: {differ}")
    return int(bool(lost or twice or strangers or odd_refusals or differ))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--phones", type=int, default=10)
    parser.add_argument("--kills", type=int, default=21)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(torture(asked.events, asked.phones, asked.kills, Path(folder)))


if __name__ == "__main__":
    main()
