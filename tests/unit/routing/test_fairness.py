"""Work is shared: beyond a fair share a visit has a price, and everybody on duty rides."""

from routing.evaluate import evaluate
from routing.fairness import fair_shares
from routing.plan import Plan
from routing.solve import solve
from tests.days import AFTERNOON, MORNING, ward_day
from tests.unit.routing.line import day, job, route, shift


def test_shares_go_by_the_time_that_a_shift_still_has() -> None:
    # Mornings are 14400 s, afternoons 12600 s: 27000 + 14400 + 12600 = 54000 s for 20 visits.
    # Whole day 10; morning 20 * 14400 / 54000 = 5.33, so 5; afternoon 4.67: the largest remainder takes the last visit.
    people = [shift("whole"), shift("early", spans=(MORNING,)), shift("late", spans=(AFTERNOON,))]
    problem = day([job(str(n), 1) for n in range(20)], people)
    assert fair_shares(problem) == {"whole": 10, "early": 5, "late": 5}


def test_shares_add_up_so_that_nobody_can_be_spared() -> None:
    people = [shift(name) for name in "abcdefghij"]
    shares = fair_shares(day([job(str(n), 1) for n in range(83)], people))
    assert sorted(shares.values()) == [8] * 7 + [9] * 3


def test_a_few_visits_are_nobodys_burden() -> None:
    problem = day([job(str(n), 1) for n in range(3)], [shift("a"), shift("b"), shift("c")])
    assert set(fair_shares(problem).values()) == {4}


def test_what_lies_beyond_the_share_is_priced() -> None:
    # Ten visits at the first door, two people: five each is fair. Seven and three: two beyond, 2 x 600.
    # Travel: each rides 600 s out and 600 s back, in bags of ten.
    jobs = [job(str(n), 1, collect=1) for n in range(10)]
    problem = day(jobs, [shift("a", capacity=10), shift("b", capacity=10)])
    names = [str(n) for n in range(10)]
    uneven = Plan((route(problem, (0, names[:7]), shift_id="a"), route(problem, (0, names[7:]), shift_id="b")))
    even = Plan((route(problem, (0, names[:5]), shift_id="a"), route(problem, (0, names[5:]), shift_id="b")))
    assert (evaluate(problem, uneven).cost, evaluate(problem, uneven).crowded_stops) == (2400 + 1200, 2)
    assert (evaluate(problem, even).cost, evaluate(problem, even).crowded_stops) == (2400, 0)


def test_everybody_on_duty_rides() -> None:
    problem = ward_day(60, 6, seed=3)
    plan = solve(problem, 60, seed=1, max_iterations=60)
    stops = {r.shift_id: sum(1 for _ in r.visits()) for r in plan.routes}
    assert len([count for count in stops.values() if count]) == 6
    assert evaluate(problem, plan).crowded_stops <= 3
