"""Solving in a process of its own, so that a server's threads go on answering.

The kernel lets other threads run, but OR-Tools' routing model keeps Python's lock while it searches (measured: a
thread that wanted to run every 10 ms waited for all of 3 s), and compiling the kernel takes it much of the time.
"""

import pickle
import queue
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from routing.plan import Plan
from routing.problem import Problem
from routing.search.budget import OnProgress, Stop
from routing.search.workers import end, standby, start, start_module

if TYPE_CHECKING:  # OR-Tools' models take a moment to load
    from routing.bound.bound import Bound
    from routing.bound.proof import OnProof

STOP = "stop"
"""What a worker reads where its search is to end early."""
LOOK_EVERY_S = 0.1
GRACE_S = 30.0
"""How much longer than its limit a search may take before it is given up (start, load on the machine)."""


class SearchFailedError(RuntimeError):
    """The process that searched ended, or hung, without a plan."""


def solve_in_process(
    problem: Problem,
    limit_s: float,
    seed: int = 1,
    on_progress: OnProgress | None = None,
    stop: Stop | None = None,
    start: Plan | None = None,
    max_iterations: int | None = None,
) -> Plan:
    """As ``routing.solve.solve``, in a process of its own that ends with this one.

    ``on_progress`` is called in the calling thread; when it returns ``False``, or once ``stop`` is set, the
    best plan so far comes back soon. May be called from any thread, and several times at once. Raises
    ``SearchFailedError`` when the process dies or hangs.
    """
    request = {
        "work": "solve",
        "problem": problem,
        "limit_s": limit_s,
        "seed": seed,
        "start": start,
        "max_iterations": max_iterations,
    }
    worker = standby.take()
    plan: Plan = _answered(worker, request, _Listener(on_progress, stop), limit_s + GRACE_S)
    standby.keep(worker)
    return plan


def prove_in_process(
    problem: Problem, plan: Plan, limit_s: float, on_progress: "OnProof | None" = None, stop: Stop | None = None
) -> "Bound":
    """As ``routing.bound.bound.lower_bound``, in a process of low priority. Otherwise as ``solve_in_process``."""
    request = {"work": "prove", "problem": problem, "plan": plan, "limit_s": limit_s}
    worker = start()
    bound: Bound = _answered(worker, request, _Listener(on_progress, stop), limit_s + GRACE_S)
    end(worker)
    return bound


def prepare_process() -> None:
    """Has a process started ahead for somebody who will soon want a short search; it ends after some minutes."""
    standby.prepare()


def _answered(
    worker: "subprocess.Popen[bytes]", request: dict[str, Any], listener: "_Listener", patience_s: float
) -> Any:
    """What the process answers. It is ended where it gives no answer."""
    try:
        assert worker.stdin is not None
        _write(worker.stdin, request)
        return _await_answer(worker, listener, patience_s)
    except BaseException:
        end(worker)
        raise


def warm_up() -> None:
    """Has the kernel compiled, with low priority, in a process that nobody waits for; at once where it is already.

    To be called when a server is set up or starts, so that the first plan finds it.
    """
    _warming.append(start_module("routing.search.warm", subprocess.DEVNULL, subprocess.DEVNULL, "--gently"))


_warming: "list[subprocess.Popen[bytes]]" = []


@dataclass(frozen=True, slots=True)
class _Listener:
    """Who hears of progress, and may want to stop."""

    on_progress: Callable[[Any], bool | None] | None
    stop: Stop | None

    def wants_to_stop(self) -> bool:
        return self.stop is not None and self.stop.is_set()


@dataclass(frozen=True, slots=True)
class Answer:
    """The last word of a worker."""

    value: Any


def _await_answer(worker: "subprocess.Popen[bytes]", listener: _Listener, patience_s: float) -> Any:
    assert worker.stdin is not None
    assert worker.stdout is not None
    messages: queue.Queue[Any] = queue.Queue()
    threading.Thread(target=_receive, args=(worker.stdout, messages), daemon=True).start()
    asked = False
    waits = int(patience_s / LOOK_EVERY_S)
    while waits > 0:
        wanted = listener.wants_to_stop()
        try:
            message = messages.get(timeout=LOOK_EVERY_S)
        except queue.Empty:
            message = None
            waits -= 1
        if isinstance(message, Answer):
            return message.value
        if isinstance(message, Exception):
            raise SearchFailedError(f"The search ended without a plan: {message!r}.")
        if message is not None and listener.on_progress is not None:
            wanted = listener.on_progress(message) is False or wanted
        if wanted and not asked:
            asked = True
            _write(worker.stdin, STOP)
    raise SearchFailedError(f"The search gave no plan within {patience_s:.0f} s.")


def _write(pipe: IO[bytes], message: object) -> None:
    """Writes to a worker that may have ended: what became of it is seen where its answers are read."""
    try:
        pipe.write(pickle.dumps(message))
        pipe.flush()
    except OSError:
        return


def _receive(answers: IO[bytes], messages: "queue.Queue[Any]") -> None:
    """Passes on everything that comes up to the answer, or to the exception that ended it."""
    message: Any = None
    while not isinstance(message, (Answer, Exception)):
        try:
            message = pickle.load(answers)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError) as ended:
            message = ended
        messages.put(message)
