"""Getting the compiled kernel: at once where it has been compiled before, else compiled by a process of its own.

``python -m routing.search.warm`` compiles it into numba's folder on disk (a quarter of a minute once for each
environment). Only one process on a machine does that, others wait for it. A mark in that folder says that it is done;
it names the texts of kernel and quick bound, numba and the processor.
"""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
from filelock import FileLock

from routing.problem import Job, Problem, Shift, TimeWindow
from routing.search.workers import start_module

_compiled = threading.Event()
_ready = threading.Event()
_begun = threading.Lock()
_thread: threading.Thread | None = None
_failed: list[Exception] = []


def begin() -> None:
    """Starts to get the kernel, unless that has begun before."""
    global _thread
    with _begun:
        if _thread is None:
            _thread = threading.Thread(target=_get, daemon=True, name="kernel")
            _thread.start()


def is_compiled() -> bool:
    """Whether nothing but loading is left to do. Never, where the kernel is not to be had."""
    return _compiled.is_set() and not _failed


def is_ready(patience_s: float = 0.0) -> bool:
    """Whether the kernel can be called; waits for it, if asked to. Never, where numba is not to be had."""
    _ready.wait(patience_s)
    return _ready.is_set() and not _failed


def is_settled() -> bool:
    """Whether the kernel can be called, or will never be."""
    return _ready.is_set()


def _get() -> None:
    """OR-Tools keeps Python's lock while it searches meanwhile: a compiler in this process would hardly get on."""
    try:
        if not _mark().exists():
            start_module("routing.search.warm", subprocess.DEVNULL, subprocess.DEVNULL).wait()
        if _mark().exists():
            _compiled.set()
        _load()  # Where the other process failed, this one compiles.
    except (ImportError, OSError, RuntimeError) as error:  # RuntimeError: numba found no place for its files.
        _failed.append(error)
    finally:
        _compiled.set()
        _ready.set()


def _mark() -> Path:
    """The file that is there once this kernel has been compiled for this numba and this processor."""
    from llvmlite.binding import get_host_cpu_name
    from numba import __version__

    from routing.bound import walks
    from routing.search import kernel

    bound = crc32(Path(walks.__file__).read_bytes())
    name = f"kernel-{kernel.TEXT:x}-{bound:x}-{__version__}-{get_host_cpu_name()}.compiled"
    return Path(kernel.search.stats.cache_path) / name


def _load() -> None:
    """Runs the kernel once. ``improve`` is wanted with it: what it imports takes as long as a small day is given."""
    import routing.search.improve  # noqa: F401
    from routing.bound.quick import quick_bound
    from routing.search.arrays import make_arrays
    from routing.search.team import Search

    problem = _tiny()
    search = Search(make_arrays(problem, problem.jobs), seed=1)
    search.run(1, 1.0)
    quick_bound(problem)


def compile_once() -> None:
    """Compiles the kernel unless that has been done; waits while another process does it."""
    mark = _mark()
    mark.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(mark.with_suffix(".lock")):
        if not mark.exists():
            _load()
            mark.touch()


def _tiny() -> Problem:
    """The smallest problem that runs through everything."""
    table = np.array([[0, 60], [60, 0]])
    job = Job("a", 1, 60)
    return Problem((job, replace(job, id="b", after="a")), (Shift("s", (TimeWindow(0, 9000),), 1),), table, table)


if __name__ == "__main__":
    if "--gently" in sys.argv and hasattr(os, "nice"):  # Nobody waits yet.
        os.nice(5)
    compile_once()
