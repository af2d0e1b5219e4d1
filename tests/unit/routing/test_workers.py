"""The processes that search: one waits for the next request, one at most, and not for ever."""

import threading

import pytest

from routing.plan import Plan
from routing.search import process, workers
from routing.search.process import SearchFailedError, prepare_process, solve_in_process
from routing.search.workers import Standby, end, start
from routing.solve import solve
from tests.days import ward_day

UNHURRIED_S = 60.0


@pytest.fixture
def started(monkeypatch):
    """The processes that are started meanwhile; none waits before or after."""
    begun = []

    def counted():
        begun.append(start())
        return begun[-1]

    monkeypatch.setattr(workers, "start", counted)
    monkeypatch.setattr(process, "standby", Standby(10 * UNHURRIED_S))
    yield begun
    process.standby.close()
    assert all(worker.poll() is not None for worker in begun)


def test_the_next_search_finds_the_process_of_the_last_one_and_is_not_stopped_with_it(started):
    large, small, stop = ward_day(60, 6, seed=4), ward_day(15, 2, seed=4), threading.Event()
    stopped = solve_in_process(large, UNHURRIED_S, on_progress=lambda _: stop.set(), stop=stop)
    assert isinstance(stopped, Plan)
    plan = solve_in_process(small, UNHURRIED_S, seed=2, max_iterations=30)
    assert plan == solve(small, UNHURRIED_S, seed=2, max_iterations=30)
    assert len(started) == 1


def test_a_process_can_be_started_ahead(started):
    prepare_process()
    prepare_process()
    solve_in_process(ward_day(5, 1, seed=1), UNHURRIED_S, max_iterations=5)
    assert len(started) == 1


def test_one_process_waits_at_most(started):
    one, other = workers.start(), workers.start()
    process.standby.keep(one)
    process.standby.keep(other)
    assert one.poll() is not None
    assert process.standby.take() is other
    end(other)


def test_a_process_that_ended_while_it_waited_is_replaced(started):
    prepare_process()
    started[0].kill()
    started[0].wait()
    solve_in_process(ward_day(5, 1, seed=1), UNHURRIED_S, max_iterations=5)
    assert len(started) == 2


def test_nobody_waits_for_ever():
    worker = start()
    Standby(idle_s=0.01).keep(worker)
    assert worker.wait(UNHURRIED_S) != 0


def test_a_process_that_gave_no_answer_is_not_asked_again(started):
    with pytest.raises(ZeroDivisionError):
        solve_in_process(ward_day(60, 6, seed=4), UNHURRIED_S, on_progress=lambda _: 1 / 0)
    assert started[0].poll() is not None
    with pytest.raises(SearchFailedError):
        solve_in_process(None, 1.0)
    assert [worker.poll() is not None for worker in started] == [True, True]
