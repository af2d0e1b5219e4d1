"""The benchmark: its judge sees what is broken, its days can be served, its table and picture are made."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from routing.__main__ import main
from routing.bench._days import tight_day, ward_day
from routing.bench._judge import judge
from routing.bench._peers import ours
from routing.bench._picture import picture
from routing.evaluate import evaluate
from routing.formats.public import gehring_homberger
from routing.plan import Plan, Unserved
from routing.roads.starter import starter_map
from routing.timing import schedule
from tests.unit.routing.line import day, job, shift
from tests.unit.routing.test_public_formats import GH


@pytest.fixture(scope="module")
def network():
    return starter_map().network


def test_the_same_seed_makes_the_same_day(network):
    assert ward_day(20, 3, network).to_dict() == ward_day(20, 3, network).to_dict()
    assert ward_day(20, 3, network).to_dict() != ward_day(20, 4, network).to_dict()


def test_what_is_ready_late_is_ready_before_its_window_ends(network):
    jobs = tight_day(200, 1, network).jobs
    assert {bool(one.release_s) for one in jobs} == {True, False}
    assert all(one.release_s < window.end_s for one in jobs for window in one.windows)


@pytest.mark.parametrize("make", [ward_day, tight_day])
def test_the_judge_agrees_about_a_good_plan(make, network):
    problem = make(15, 2, network)
    run = ours(problem, 0.5, 1)
    evaluation = evaluate(problem, run.plan)
    assert evaluation.feasible
    wrong, left_out, cost = judge(problem, run.plan)
    assert (wrong, left_out, cost) == ([], evaluation.unserved, evaluation.cost - evaluation.unserved_price)


PROBLEM = day(
    [job("a", 1, deliver=1, release_s=500), job("b", 2, deliver=1, skills=frozenset({"x"})), job("c", 3, windows=())],
    [shift(capacity=1)],
)


def sentences(problem, *trips):
    one = problem.shifts[0].id
    return judge(problem, Plan((schedule(problem, one, trips),)))[0]


def test_the_judge_sees_what_is_broken():
    assert any("units at the start" in why for why in sentences(PROBLEM, (0, ["a", "b"])))
    assert any("cannot do b" in why for why in sentences(PROBLEM, (0, ["b"])))
    assert any("served 2 times" in why for why in sentences(PROBLEM, (0, ["c", "c"])))
    late = replace(PROBLEM, shifts=tuple(replace(s, max_trips=1) for s in PROBLEM.shifts))
    assert any("trips in a span" in why for why in sentences(late, (0, ["a"]), (0, ["c"])))
    impossible = gehring_homberger(GH.replace("41        44", "1        2"))
    assert any("late at 1" in why for why in sentences(impossible, (0, ["1"])))
    assert judge(PROBLEM, Plan((), (Unserved("a"),)))[1] == 3


def test_the_table_is_printed_and_the_picture_drawn(tmp_path, capsys):
    path = tmp_path / "cost.svg"
    options = ["--days", "12", "--tight", "", "--limit", "0.5", "--solvers", "ours,OR-Tools", "--picture", str(path)]
    assert main(["bench", "planner", *options]) == 0
    printed = capsys.readouterr().out
    assert "| ward 12 | " in printed
    assert "seed 1" in printed
    assert ElementTree.fromstring(path.read_text()).tag.endswith("svg")


def test_a_picture_of_nothing_and_of_hostile_names_is_well_formed():
    ElementTree.fromstring(picture("<&>", {}))
    words = "".join(ElementTree.fromstring(picture("a", {"<b>": [(1.0, 5)], "c": [(0.5, 9), (2.0, 4)]})).itertext())
    assert "<b>" in words


def test_growth_is_measured_and_drawn(capsys, tmp_path):
    drawn = tmp_path / "growth.svg"
    assert main(["bench", "growth", "--days", "10,20", "--limit", "0.2", "--picture", str(drawn)]) == 0
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[0] for row in rows] == ["| 10", "| 20", "| power"]
    assert {len(row.split(" | ")) for row in rows} == {len(head.split(" | "))}
    words = list(ElementTree.parse(drawn).getroot().itertext())
    assert {"10", "20", "matrix tables, s", "ranked places, s"} <= set(words)


def test_a_month_is_measured(capsys):
    code = main(
        ["bench", "roster", "--months", "1", "--people", "8", "--wanted", "2", "--threads", "1", "--limit", "1"]
    )
    row = capsys.readouterr().out.splitlines()[-1]
    assert row.startswith("| 0 |")
    assert ("| yes |" in row) == (code == 0)
