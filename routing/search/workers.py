"""The processes that search: how they start and end, and the one that is kept for the next request.

A new one takes two seconds until it can search: Python, numpy, OR-Tools and the kernel have to be loaded. So the last
one waits some minutes before it ends, one at most, and whoever expects to need one soon has it started ahead.
"""

import atexit
import os
import subprocess
import sys
import threading
from pathlib import Path

IDLE_S = 180.0
"""How long a process may wait for the next request. It holds some 200 MB."""


def start_module(module: str, stdin: int, stdout: int, *options: str) -> "subprocess.Popen[bytes]":
    """``python -m`` with this module. Not ``multiprocessing``, whose children import a whole web application here."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen([sys.executable, "-m", module, *options], stdin=stdin, stdout=stdout, env=environment)


def start() -> "subprocess.Popen[bytes]":
    """A new process that loads all that a search needs, and waits for a request."""
    return start_module("routing.search.worker", subprocess.PIPE, subprocess.PIPE)


def end(worker: "subprocess.Popen[bytes]") -> None:
    """Ends it at once, whatever it does."""
    worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue


class Standby:
    """Keeps one process at most, for ``idle_s`` seconds. A process whose parent is gone ends by itself."""

    def __init__(self, idle_s: float = IDLE_S) -> None:
        self.idle_s = idle_s
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None

    def prepare(self) -> None:
        """Has a process started ahead, or the one that waits go on waiting."""
        self.keep(self.take())

    def take(self) -> "subprocess.Popen[bytes]":
        """The process that waits, or a new one. Hand it back by ``keep``, or ``end`` it."""
        worker = self._swap()
        if worker is not None and worker.poll() is not None:
            end(worker)
            worker = None
        return worker or start()

    def keep(self, worker: "subprocess.Popen[bytes]") -> None:
        """Lets it wait for the next request; the one that has waited until now ends."""
        timer = threading.Timer(self.idle_s, self._give_up, [worker])
        timer.daemon = True
        before = self._swap(worker, timer)
        timer.start()  # not before it is known which one waits, or it could find nobody to end
        if before is not None:
            end(before)

    def close(self) -> None:
        """Ends the process that waits."""
        worker = self._swap()
        if worker is not None:
            end(worker)

    def _swap(
        self, worker: "subprocess.Popen[bytes] | None" = None, timer: threading.Timer | None = None
    ) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            before, self._worker = self._worker, worker
            ticking, self._timer = self._timer, timer
        if ticking is not None:
            ticking.cancel()
        return before

    def _give_up(self, worker: "subprocess.Popen[bytes]") -> None:
        with self._lock:
            if self._worker is not worker:
                return
            self._worker = self._timer = None
        end(worker)


standby = Standby()
atexit.register(standby.close)
