"""Public benchmark files: read as they are, known solutions cost what is published."""

import re
from pathlib import Path

import pytest

from routing.__main__ import main
from routing.evaluate import evaluate
from routing.formats.errors import InputError
from routing.formats.public import gehring_homberger, jd, read_public, wang_chen
from routing.plan import Plan
from routing.timing import schedule
from tests.conftest import SHARED_DATA

INSTANCES = SHARED_DATA / "instances"
needs_files = pytest.mark.skipif(not INSTANCES.exists(), reason="needs the public benchmark files (SHARED_DATA)")

GH = """c1
VEHICLE
NUMBER     CAPACITY
  2         200
CUSTOMER
CUST NO.  XCOORD.    YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE TIME
    0      0         0          0          0        634          0
    1      3         4         14          41        44         10
"""
WC = """Cdp
CUSTOMER  VEHICLE
NUMBER	  NUMBER     CAPACITY
   1        25       200
   0     0   0   0   0    0  1236   0
   1     1   1  10  30  912   967  90
"""
JD = """NAME : 2
DISPATCHINGCOST : 300
UNITCOST : 0.014
CAPACITY : 2.5
NODE_SECTION
0,0,0,0,960,0
1,0.0233,0.0396,210,240,30
2,0.5,0,0,60,30
3,0.5,0,0,60,30
DISTANCETIME_SECTION
0,1,1000,5
1,0,2000,6
DEPOT_SECTION
0
"""


def test_gehring_homberger():
    problem = gehring_homberger(GH)
    (job,) = problem.jobs
    assert (job.deliver, job.collect, job.service_s) == (14, 0, 100)
    assert (job.windows[0].start_s, job.windows[0].end_s) == (410, 440)
    assert [(shift.capacity, shift.spans[0].end_s) for shift in problem.shifts] == [(200, 6340)] * 2
    assert problem.travel_s(0, 1) == 50


def test_wang_chen():
    problem = wang_chen(WC)
    (job,) = problem.jobs
    assert (job.deliver, job.collect, problem.travel_s(0, 1)) == (10, 30, 141)
    assert problem.shifts[0].fixed_price == 200_000


def test_jd():
    problem = jd(JD)
    first = problem.jobs[0]
    assert (first.deliver, first.collect, first.service_s) == (23_300, 39_600, 30)
    assert (problem.travel_s(0, 1), problem.cost_of(0, 1), problem.cost_of(1, 0)) == (5, 14_000, 28_000)
    assert (problem.shifts[0].capacity, problem.shifts[0].fixed_price) == (2_500_000, 300_000)


@pytest.mark.parametrize(
    "content", [b"hello", b"\xb0\xff", b"VEHICLE\nCUSTOMER\n1 2\n", b"TYPE: MTVRPTWR\n", b"PDEMAND"]
)
def test_another_file_is_refused_and_named(tmp_path, capsys, content):
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.txt"):
        read_public(path)
    assert main(["bench", "planner", "--days", "", "--tight", "", "--files", str(path)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"x\.txt"):
        read_public(tmp_path / "x.txt")


def test_a_damaged_jd_file_is_refused(tmp_path):
    path = tmp_path / "x.vrpsdptw"
    path.write_text("NODE_SECTION\n1,2\nDISTANCETIME_SECTION\n")
    with pytest.raises(InputError, match=r"x\.vrpsdptw"):
        read_public(path)


@needs_files
@pytest.mark.parametrize(
    ("name", "jobs", "shifts"),
    [("200_1.vrpsdptw", 200, 67), ("cdp101.txt", 100, 25), ("r1_2_1.txt", 200, 50), ("MTVRPTWR_R201R0.5.vrp", 100, 8)],
)
def test_every_file_is_read(name, jobs, shifts):
    problem = read_public(INSTANCES / name)
    assert (len(problem.jobs), len(problem.shifts)) == (jobs, shifts)


@needs_files
@pytest.mark.parametrize("name", ["C201R0.5", "R201R0.5", "RC201R0.5"])
def test_a_published_plan_holds_and_costs_what_is_published(name):
    problem = read_public(INSTANCES / f"MTVRPTWR_{name}.vrp")
    text = Path(INSTANCES / f"MTVRPTWR_{name}.sol").read_text()
    routes = []
    for number, stops in enumerate(re.findall(r"Route #\d+: (.*)", text)):
        trips = [part.split() for part in re.split(r"(?<!\d)0(?!\d)", stops)]
        routes.append(in_time(problem, f"v{number}", trips))
    evaluation = evaluate(problem, Plan(tuple(routes)))
    assert evaluation.violations == ()
    assert evaluation.cost == int(re.findall(r"Cost: (\d+)", text)[0])


def in_time(problem, shift_id, trips):
    """The trips one after the other, each as early as what it carries may leave."""
    return schedule(problem, shift_id, [(0, jobs) for jobs in trips])
