"""The roster: every rule with a month counted by hand, small months against every possibility."""

from collections import Counter
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from routing.bench._months import month
from routing.roster.fairness import cost_of, fair_shares
from routing.roster.problem import Fixed, History, Person, RosterProblem, Rules, Slot
from routing.roster.roster import RosterProgress
from routing.roster.solve import solve_roster

MONDAY = date(2026, 12, 7)
HALVES = ("m", "a")


def slot(number, half="m", wanted=1, **columns):
    """A half-day, `number` days after a Monday."""
    return Slot(id=f"{number}{half}", date=MONDAY + timedelta(days=number), wanted=wanted, **{"backups": 0} | columns)


def filled(slots, people, fixed=(), **rules):
    problem = RosterProblem(slots=slots, people=people, fixed=fixed, rules=Rules(**rules))
    roster = solve_roster(problem, workers=1)
    assert roster.optimal
    return roster


def on_duty(roster):
    return {assigned.slot: set(assigned.on_duty) for assigned in roster.slots}


def test_nobody_serves_when_not_available():
    roster = filled([slot(0), slot(1)], [Person(id="a", unavailable=["0m"]), Person(id="b", unavailable=["1m"])])
    assert on_duty(roster) == {"0m": {"b"}, "1m": {"a"}}


def test_an_empty_place_says_why():
    people = [Person(id="a", unavailable=["0m"]), Person(id="b"), Person(id="c")]
    roster = filled([slot(0, wanted=4)], people, [Fixed(person="c", slot="0m", on=False)])
    (empty,) = roster.unfilled
    assert (empty.slot, empty.missing, empty.skill) == ("0m", 3, None)
    assert empty.blocked.model_dump(exclude_defaults=True) == {"unavailable": 1, "off_by_hand": 1}
    assert roster.unfilled_minimal


def test_a_skill_that_is_asked_for_is_there():
    people = [Person(id="a", skills=["notary"]), *(Person(id=name) for name in "bcd")]
    roster = filled([slot(0, wanted=2, skills={"notary": 1})], people)
    assert "a" in on_duty(roster)["0m"]


def test_a_skill_that_nobody_has_is_reported_and_the_places_are_filled():
    roster = filled([slot(0, wanted=2, skills={"notary": 1})], [Person(id="a"), Person(id="b")])
    (empty,) = roster.unfilled
    assert (empty.missing, empty.skill) == (1, "notary")
    assert on_duty(roster)["0m"] == {"a", "b"}


def test_at_most_so_many_half_days_a_week_counting_those_before_the_month():
    slots = [slot(number, half) for number in (2, 3) for half in HALVES]
    person = Person(id="a", recent=[MONDAY, MONDAY, MONDAY - timedelta(days=1)])
    roster = filled(slots, [person], most_a_week=4)
    assert roster.shares[0].served == 2
    assert {empty.blocked.week_full for empty in roster.unfilled} == {1}


def test_four_working_days_in_any_five_counting_those_before_the_month():
    before = tuple(MONDAY + timedelta(days=number) for number in (0, 1))
    slots = [slot(number) for number in (2, 3, 4, 5)]
    roster = filled(slots, [Person(id="a", recent=before)], most_a_week=9)
    # Any five days from Monday hold at most two of 2, 3, 4 beside Monday and Tuesday; then 1..5 and 2..6 bind.
    assert roster.shares[0].served == 3
    (empty,) = roster.unfilled
    assert empty.blocked.resting == 1


def test_both_half_days_are_one_working_day():
    slots = [slot(number, half) for number in range(5) for half in HALVES]
    roster = filled(slots, [Person(id="a")], most_a_week=99)
    assert roster.shares[0].served == 8


def test_who_served_more_before_serves_less_now():
    people = [
        Person(id="a", history=History(served=12, fair_share=10)),
        Person(id="b", history=History(served=8, fair_share=10)),
    ]
    roster = filled([slot(number) for number in range(4)], people)
    assert {share.person: share.served for share in roster.shares} == {"a": 0, "b": 4}


def test_a_wish_decides_between_equals():
    people = [Person(id="a", wishes={"0m": -1}), Person(id="b", wishes={"1m": -1})]
    roster = filled([slot(0), slot(1)], people)
    assert on_duty(roster) == {"0m": {"b"}, "1m": {"a"}}
    assert [(share.wishes_kept, share.wishes_missed) for share in roster.shares] == [(1, 0), (1, 0)]


def test_what_is_fixed_by_hand_holds_against_every_rule():
    fixed = [Fixed(person="a", slot="0m"), Fixed(person="a", slot="1m"), Fixed(person="b", slot="0m")]
    people = [Person(id="a", unavailable=["0m"]), Person(id="b"), Person(id="c")]
    roster = filled([slot(0), slot(1), slot(2)], people, fixed, most_a_week=1)
    assert on_duty(roster) == {"0m": {"a", "b"}, "1m": {"a"}, "2m": {"c"}}


def test_somebody_on_call_is_not_on_duty_and_could_come():
    people = [Person(id="a"), Person(id="b", unavailable=["0m"]), Person(id="c")]
    roster = filled([slot(0, backups=1), slot(1, backups=1)], people)
    for assigned in roster.slots:
        assert len(assigned.on_call) == 1
        assert not set(assigned.on_call) & set(assigned.on_duty)
    assert "b" not in roster.slots[0].on_call


def test_nobody_on_call_is_reported():
    roster = filled([slot(0, backups=1)], [Person(id="a")])
    (empty,) = roster.unfilled
    assert (empty.backup, empty.missing) == (True, 1)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"people": [{"id": "a", "unavailable": ["x"]}]}, "people.0.unavailable"),
        ({"people": [{"id": "a"}, {"id": "a"}]}, "people: two"),
        ({"fixed": [{"person": "z", "slot": "0m"}]}, "fixed.0"),
    ],
)
def test_what_refers_to_nothing_is_refused(changes, path):
    problem = {"slots": [slot(0).model_dump()], "people": [{"id": "a"}]} | changes
    with pytest.raises(ValidationError, match=path):
        RosterProblem(**problem)


@st.composite
def small_months(draw):
    """Three people, up to five half-days on three days: all 2^15 ways can be counted."""
    slots = [
        slot(number, half, wanted=draw(st.integers(0, 2)), skills=draw(st.sampled_from([{}, {"notary": 1}])))
        for number, half in draw(st.lists(st.sampled_from([*product(range(3), HALVES)]), max_size=4, unique=True))
    ]
    ids = [known.id for known in slots]
    some = st.lists(st.sampled_from(ids), max_size=2, unique=True) if ids else st.just([])
    people = [
        Person(
            id=name,
            skills=draw(st.sampled_from([(), ("notary",)])),
            unavailable=draw(some),
            wishes=dict.fromkeys(draw(some), draw(st.sampled_from([-1, 1]))),
            history=History(served=draw(st.integers(0, 3)), fair_share=2),
        )
        for name in "abc"
    ]
    rules = Rules(most_a_week=draw(st.integers(1, 3)), work_days=2, in_days=3)
    return RosterProblem(slots=slots, people=people, rules=rules)


def ways(problem):
    """(empty places, cost) of every month that keeps the rules."""
    pairs = [(p, s) for p in problem.people for s in problem.slots if s.id not in p.unavailable]
    for chosen in product((False, True), repeat=len(pairs)):
        on = [pair for pair, yes in zip(pairs, chosen, strict=True) if yes]
        here = Counter(s.id for _p, s in on)
        skilled = Counter((s.id, skill) for p, s in on for skill in p.skills)
        mine = {p.id: [s for q, s in on if q is p] for p in problem.people}
        if any(here[s.id] > s.wanted for s in problem.slots):
            continue
        if any(len(slots) > problem.rules.most_a_week for slots in mine.values()):
            continue
        if any(len({s.date for s in slots}) > problem.rules.work_days for slots in mine.values()):
            continue
        empty = sum(s.wanted - here[s.id] for s in problem.slots)
        empty += sum(max(0, n - skilled[s.id, skill]) for s in problem.slots for skill, n in s.skills.items())
        yield empty, cost_of(problem, {who: {s.id for s in slots} for who, slots in mine.items()})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(small_months())
def test_a_small_month_is_the_best_of_all_ways(problem):
    roster = solve_roster(problem, workers=1)
    assert roster.optimal
    empty = sum(item.missing for item in roster.unfilled if not item.backup)
    assert (empty, roster.cost) == min(ways(problem))


@pytest.mark.parametrize("days", [3, 20])
def test_fair_shares_add_up_to_the_places(days):
    problem = month(seed=3, days=days)
    assert sum(fair_shares(problem).values()) == pytest.approx(sum(known.wanted for known in problem.slots))


def test_nobodys_fair_share_is_more_than_they_can():
    problem = RosterProblem(slots=[slot(0, wanted=3), slot(1)], people=[Person(id="a"), Person(id="b")])
    assert fair_shares(problem) == {"a": 2, "b": 2}


def test_a_whole_month_keeps_every_rule():
    problem = month(seed=1, people=12, wanted=4)
    roster = solve_roster(problem, workers=1)
    for person in problem.people:
        for kind in ("on_duty", "on_call"):
            mine = [problem.slot_by_id[a.slot] for a in roster.slots if person.id in getattr(a, kind)]
            assert not {known.id for known in mine} & person.unavailable
        taken = [problem.slot_by_id[a.slot] for a in roster.slots if person.id in a.on_duty + a.on_call]
        weeks = Counter(known.date.isocalendar()[:2] for known in taken)
        assert max(weeks.values()) <= problem.most_a_week(person)
        days = {known.date for known in taken}
        assert all(sum(first <= day < first + timedelta(days=5) for day in days) <= 4 for first in days)


def test_it_says_how_it_goes_and_stops_when_asked():
    told: list[RosterProgress] = []

    def stop_at_once(progress):
        told.append(progress)
        return False

    roster = solve_roster(month(seed=2), workers=1, on_progress=stop_at_once)
    assert len(told) == 1
    assert told[0].step in ("places", "fairness")  # the first may be proven before anybody is told
    assert roster.stopped
    assert len(roster.slots) == len(month(seed=2).slots)
