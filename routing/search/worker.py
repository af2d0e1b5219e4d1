"""The process that searches: ``python -m routing.search.worker``, started by ``routing.search.process``.

It reads one pickled request from standard input, and writes progress and at last the plan, pickled, to
standard output. A byte on standard input asks it to stop; the end of standard input means that nobody waits
any more.
"""

import os
import pickle
import signal
import sys
import threading
from typing import BinaryIO

from routing.search.budget import Progress
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

    def tell(progress: Progress) -> None:
        _send(answers, progress)

    _send(answers, solve(**request, on_progress=tell, stop=stop))


def _listen(requests: BinaryIO, stop: threading.Event) -> None:
    while requests.read(1):
        stop.set()
    os._exit(0)


def _send(answers: BinaryIO, message: object) -> None:
    pickle.dump(message, answers)
    answers.flush()


if __name__ == "__main__":
    main()
