"""The process that searches, or proves: ``python -m routing.search.worker``, started by ``routing.search.process``.

It reads one pickled request from standard input, and writes progress and at last the answer, pickled, to
standard output. A byte on standard input asks it to stop; the end of standard input means that nobody waits
any more.
"""

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

from routing.plan import Plan
from routing.search.process import Answer
from routing.solve import solve


def main() -> None:
    """Serves one request."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent decides when to stop, also on Ctrl-C.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # What a library prints must not get among the answers.
    requests = sys.stdin.buffer
    request = pickle.load(requests)
    stop = threading.Event()
    threading.Thread(target=_listen, args=(requests, stop), daemon=True).start()

    def tell(progress: object) -> None:
        _send(answers, progress)

    _send(answers, Answer(WORKS[request.pop("work")](tell, stop, **request)))


def _solve(tell: Callable[[object], None], stop: threading.Event, **asked: Any) -> Plan:
    return solve(**asked, on_progress=tell, stop=stop)


def _prove(tell: Callable[[object], None], stop: threading.Event, **asked: Any) -> object:
    from routing.bound.proof import prove

    if hasattr(os, "nice"):  # Whoever plans meanwhile comes first.
        os.nice(10)
    return prove(**asked, on_progress=tell, stop=stop)


WORKS = {"solve": _solve, "prove": _prove}


def _listen(requests: BinaryIO, stop: threading.Event) -> None:
    while requests.read(1):
        stop.set()
    os._exit(0)


def _send(answers: BinaryIO, message: object) -> None:
    pickle.dump(message, answers)
    answers.flush()


if __name__ == "__main__":
    main()
