"""Getting the compiled kernel: at once where its cache is warm, in the background where it has to be compiled.

``python -m routing.search.warm`` compiles it into the cache (a quarter of a minute once for each environment), so
that later processes find it.
"""

import os
import threading
from dataclasses import replace

import numpy as np

from routing.problem import Job, Problem, Shift, TimeWindow

_ready = threading.Event()
_begun = threading.Lock()
_thread: threading.Thread | None = None
_failed: list[Exception] = []


def begin() -> None:
    """Starts to load or compile the kernel, unless that has begun before."""
    global _thread
    with _begun:
        if _thread is None:
            _thread = threading.Thread(target=_load, daemon=True, name="kernel")
            _thread.start()


def is_ready(patience_s: float = 0.0) -> bool:
    """Whether the kernel can be called; waits for it, if asked to. Never, where numba is not to be had."""
    _ready.wait(patience_s)
    return _ready.is_set() and not _failed


def _load() -> None:
    try:
        from routing.search.arrays import make_arrays
        from routing.search.team import Search

        problem = _tiny()
        search = Search(make_arrays(problem, problem.jobs), seed=1)
        search.run(1, 1.0)
    except (ImportError, RuntimeError) as error:  # RuntimeError: numba found no place for its cache.
        _failed.append(error)
    finally:
        _ready.set()


def _tiny() -> Problem:
    """The smallest problem that runs through everything."""
    table = np.array([[0, 60], [60, 0]])
    job = Job("a", 1, 60)
    return Problem((job, replace(job, id="b", after="a")), (Shift("s", (TimeWindow(0, 9000),), 1),), table, table)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)
    begin()
    raise SystemExit(0 if is_ready(600.0) else "The kernel could not be compiled: " + repr(_failed))
