"""The process that searches, or proves: ``python -m routing.search.worker``, started by ``routing.search.process``.

It reads pickled requests from standard input, one after the other, and writes progress and at last the answer to each,
pickled, to standard output. ``STOP`` on standard input ends a search early; the end of standard input means that nobody
waits any more.
"""

import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

from routing.plan import Plan
from routing.search import warm
from routing.search.process import STOP, Answer
from routing.solve import solve


def main() -> None:
    """Serves requests for as long as there is somebody who could ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent decides when to stop, also on Ctrl-C.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # What a library prints must not get among the answers.
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    stop = threading.Event()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests, stop), daemon=True).start()
    warm.begin()  # Who is kept waiting for a request loads meanwhile.

    def tell(progress: object) -> None:
        _send(answers, progress)

    while True:
        request = requests.get()
        _send(answers, Answer(WORKS[request.pop("work")](tell, stop, **request)))


def _solve(tell: Callable[[object], None], stop: threading.Event, **asked: Any) -> Plan:
    return solve(**asked, on_progress=tell, stop=stop)


def _prove(tell: Callable[[object], None], stop: threading.Event, **asked: Any) -> object:
    from routing.bound.proof import prove

    if hasattr(os, "nice"):  # Whoever plans meanwhile comes first.
        os.nice(10)
    return prove(**asked, on_progress=tell, stop=stop)


WORKS = {"solve": _solve, "prove": _prove}


def _listen(messages: BinaryIO, requests: "queue.SimpleQueue[dict[str, Any]]", stop: threading.Event) -> None:
    """A request comes when the one before is answered: what asked that one to stop is over then."""
    while True:
        try:
            message = pickle.load(messages)
        except EOFError:
            os._exit(0)
        if message == STOP:
            stop.set()
        else:
            stop.clear()
            requests.put(message)


def _send(answers: BinaryIO, message: object) -> None:
    pickle.dump(message, answers)
    answers.flush()


if __name__ == "__main__":
    main()
