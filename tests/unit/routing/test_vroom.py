"""VROOM's JSON: its files run as they are, ours say more, and whatever is wrong is named by its path."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.__main__ import main
from routing.evaluate import evaluate
from routing.formats.errors import InputError
from routing.formats.vroom.check import wrong_with
from routing.formats.vroom.read import read_input
from routing.formats.vroom.read_plan import read_plan
from routing.formats.vroom.write import write_plan
from routing.plan import Plan, Unserved
from routing.solve import solve

LINE = [[abs(a - b) * 100 for b in range(6)] for a in range(6)]  # six places, 100 s apart
VEHICLE = {"id": 1, "start_index": 0, "end_index": 0}


def asked(*jobs, vehicles=(VEHICLE,), durations=LINE, **more):
    return {"vehicles": list(vehicles), "jobs": list(jobs), "matrices": {"car": {"durations": durations}}} | more


def job(number, at, **keys):
    return {"id": number, "location_index": at} | keys


def solved(data, iterations=5):
    read = read_input(json.dumps(data))
    return read, write_plan(read, solve(read.problem, 60.0, max_iterations=iterations))


def route_of(output, number=0):
    return output["routes"][number]


def kinds(route):
    return [(step["type"], step.get("id"), step["arrival"]) for step in route["steps"]]


def test_a_route_is_written_step_by_step():
    data = asked(
        job(7, 1, service=60, setup=30, delivery=[2], description="cổng xanh"),
        job(8, 3, service=10, pickup=[1], time_windows=[[1000, 2000]]),
        vehicles=[VEHICLE | {"capacity": [2], "costs": {"fixed": 5}}],
    )
    _read, output = solved(data)
    route = route_of(output)
    assert kinds(route) == [("start", None, 0), ("job", 7, 100), ("job", 8, 390), ("end", None, 1310)]
    assert [step["load"] for step in route["steps"]] == [[2], [0], [1], [1]]
    assert [step["waiting_time"] for step in route["steps"]] == [0, 0, 610, 0]
    assert (route["duration"], route["cost"], route["service"], route["setup"]) == (600, 605, 70, 30)
    assert (output["summary"]["cost"], output["summary"]["unassigned"], output["code"]) == (605, 0, 0)
    assert (output["summary"]["delivery"], output["summary"]["pickup"]) == ([2], [1])
    assert route["steps"][1]["description"] == "cổng xanh"


def test_the_costs_of_the_matrix_are_what_travel_costs():
    data = asked(job(1, 1), job(2, 2))
    data["matrices"]["car"]["costs"] = [[way // 10 for way in row] for row in LINE]
    assert solved(data)[1]["summary"] == solved(data)[1]["summary"] | {"cost": 40, "duration": 400}


def test_a_vehicle_may_end_elsewhere_or_anywhere():
    _read, elsewhere = solved(asked(job(1, 2), vehicles=[{"id": 1, "start_index": 0, "end_index": 5}]))
    assert route_of(elsewhere)["cost"] == 500
    _read, anywhere = solved(asked(job(1, 2), vehicles=[{"id": 1, "start_index": 0}]))
    assert route_of(anywhere)["cost"] == 200
    assert "location_index" not in route_of(anywhere)["steps"][-1]
    _read, from_anywhere = solved(asked(job(1, 2), vehicles=[{"id": 1, "end_index": 5}]))
    assert route_of(from_anywhere)["cost"] == 300


def test_the_sum_of_priorities_comes_before_the_count():
    vehicle = VEHICLE | {"time_window": [0, 1000]}
    near = [job(number, 1, service=300) for number in (1, 2)]
    _read, output = solved(asked(*near, job(3, 5, priority=1), vehicles=[vehicle]))
    assert [step.get("id") for step in route_of(output)["steps"]] == [None, 3, None]
    assert sorted(left["id"] for left in output["unassigned"]) == [1, 2]
    _read, by_count = solved(asked(*near, job(3, 5), vehicles=[vehicle]))
    assert [left["id"] for left in by_count["unassigned"]] == [3]
    assert by_count["unassigned"][0]["reasons"]


def test_a_window_holds_the_start_of_the_setup():
    _read, output = solved(asked(job(1, 1, setup=50, service=10, time_windows=[[200, 300]])))
    (step,) = (step for step in route_of(output)["steps"] if step["type"] == "job")
    assert step["arrival"] + step["waiting_time"] == 200


def test_at_a_shared_door_the_second_job_needs_no_setup_and_check_knows_its_window():
    """VROOM's own plan: the second job begins at 160, inside its window, though it has a setup of 50 by itself."""
    data = asked(job(1, 1, service=60), job(2, 1, setup=50, service=10, time_windows=[[150, 165]]))
    steps = [
        {"type": "start", "arrival": 0},
        {"type": "job", "id": 1, "arrival": 100, "service": 60},
        {"type": "job", "id": 2, "arrival": 160, "service": 10},
        {"type": "end", "arrival": 270},
    ]
    output = {"summary": {"cost": 200}, "routes": [{"vehicle": 1, "steps": steps}], "unassigned": []}
    assert wrong_with(json.dumps(data), json.dumps(output)) == []
    data["jobs"][1]["time_windows"] = [[150, 159]]
    assert wrong_with(json.dumps(data), json.dumps(output)) == ["window: job 2 begins at 160"]
    _read, ours = solved(data)
    assert wrong_with(json.dumps(data), json.dumps(ours)) == []


def test_several_trips_have_a_reload_between_them():
    vehicle = VEHICLE | {"capacity": [1], "max_trips": 2}
    data = asked(job(1, 1, delivery=[1]), job(2, 2, delivery=[1]), vehicles=[vehicle], handling=30)
    _read, output = solved(data)
    types = [step["type"] for step in route_of(output)["steps"]]
    assert types == ["start", "job", "reload", "job", "end"]
    (reload,) = (step for step in route_of(output)["steps"] if step["type"] == "reload")
    assert (reload["waiting_time"], reload["load"]) == (30, [1])
    _read, once = solved(asked(*data["jobs"], vehicles=[VEHICLE | {"capacity": [1]}]))
    assert len(once["unassigned"]) == 1


def test_what_cannot_fill_a_bag_is_no_dimension():
    jobs = [job(number, number, delivery=[1, 1]) for number in (1, 2)]
    _read, output = solved(asked(*jobs, vehicles=[VEHICLE | {"capacity": [100, 2]}]))
    assert [step["load"] for step in route_of(output)["steps"]] == [[2, 2], [1, 1], [0, 0], [0, 0]]


NO_JOB = {"vehicles": [VEHICLE], "matrices": {"car": {"durations": LINE}}}
WRONG = [
    (asked(job(1, 9)), "jobs.0.location_index"),
    (asked(job(1, 1), job(1, 2)), "jobs.1.id"),
    (asked({"id": 1}), "jobs.0.location_index"),
    (asked(job(1, 1, servce=3)), "jobs.0.servce"),
    (asked(job(1, 1, service=1.5)), "jobs.0.service"),
    (asked(job(1, 1, service=-1)), "jobs.0.service"),
    (asked(job(1, 1, priority=101)), "jobs.0.priority"),
    (asked(job(1, 1, time_windows=[[5, "6"]])), "jobs.0.time_windows.0.1"),
    (asked(job(1, 1, time_windows=[[6, 5]])), "jobs.0.time_windows.0"),
    (asked(job(1, 1, after=5)), "jobs.0.after"),
    (asked(job(1, 1, delivery=[1])), "jobs.0.delivery"),
    (asked(job(1, 1), shipments=[{"pickup": {}, "delivery": {}}]), "shipments"),
    (asked(job(1, 1), durations=[[0, 1], [1]]), "matrices.car.durations.1"),
    (asked(job(1, 1), durations=[[0, -1], [1, 0]]), "matrices.car.durations.0.1"),
    (asked(vehicles=[VEHICLE | {"breaks": [{"id": 1}]}]), "vehicles.0.breaks"),
    (asked(vehicles=[VEHICLE | {"profile": "bike"}]), "matrices"),
    (asked(vehicles=[VEHICLE, VEHICLE | {"id": 2, "profile": "bike"}]), "vehicles.1.profile"),
    (asked(vehicles=[VEHICLE | {"speed_factor": 2.0}]), "vehicles.0.speed_factor"),
    (asked(vehicles=[VEHICLE | {"costs": {"fixed": 1, "per_km": 2}}]), "vehicles.0.costs.per_km"),
    (asked(vehicles=[{"id": 1}]), "vehicles.0"),
    (asked(vehicles=[VEHICLE | {"time_window": [9, 2]}]), "vehicles.0.time_window"),
    (asked(vehicles=[VEHICLE | {"spans": [[0, 9], [5, 20]]}]), "vehicles.0"),
    (asked(vehicles=[]), "vehicles"),
    ({"jobs": []}, "vehicles"),
    ([], ""),
]


@pytest.mark.parametrize(("data", "path"), WRONG, ids=[path or "list" for _data, path in WRONG])
def test_what_is_wrong_is_named_by_its_path(data, path):
    with pytest.raises(InputError) as refused:
        read_input(json.dumps(data))
    assert refused.value.path == path


def test_no_jobs_are_no_routes():
    _read, output = solved(NO_JOB)
    assert (output["routes"], output["unassigned"]) == ([], [])


@st.composite
def inputs(draw):
    """Small days in VROOM's words, with and without keys of ours."""
    some = st.integers(0, 3)
    jobs = []
    for number in range(draw(st.integers(0, 6))):
        keys = {"service": draw(st.integers(0, 90)), "setup": draw(st.sampled_from([0, 45]))}
        keys |= {"delivery": [draw(some)], "pickup": [draw(some)], "priority": draw(st.sampled_from([0, 0, 9, 100]))}
        if draw(st.booleans()):
            start = draw(st.integers(0, 2000))
            keys["time_windows"] = [[start, start + draw(st.integers(0, 900))]]
        if draw(st.booleans()):
            keys["release"] = draw(st.integers(0, 1500))
        jobs.append(job(number, draw(st.integers(0, 5)), **keys))
    vehicles = []
    for number in range(draw(st.integers(1, 2))):
        ends = draw(st.sampled_from([{"start_index": 0}, {"end_index": 3}, {"start_index": 0, "end_index": 0}]))
        keys = draw(st.sampled_from([{}, {"time_window": [0, 3000]}, {"max_tasks": 2}, {"costs": {"fixed": 70}}]))
        trips = {"max_trips": draw(st.integers(1, 3))} if ends.get("end_index") == 0 else {}
        vehicles.append({"id": number, "capacity": [draw(st.integers(1, 6))]} | ends | keys | trips)
    return asked(*jobs, vehicles=vehicles)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inputs())
def test_what_is_written_is_read_as_the_same_plan(data):
    read, output = solved(data, iterations=2)
    to_check = read_input(json.dumps(data), to_check=True)
    stated = read_plan(to_check, json.dumps(output))
    plan, cost = stated.plan, stated.cost
    evaluation = evaluate(to_check.problem, plan)
    assert evaluation.violations == ()
    assert cost == evaluation.cost - evaluation.unserved_price
    assert len(plan.unserved) == output["summary"]["unassigned"]
    assert cost == sum(route["cost"] for route in output["routes"])
    assert wrong_with(json.dumps(data), json.dumps(output)) == []
    for route in output["routes"]:
        for before, after in zip(route["steps"], route["steps"][1:], strict=False):
            left = before["arrival"] + before["waiting_time"] + before["setup"] + before["service"]
            assert after["arrival"] - left == after["duration"] - before["duration"]
            assert max(after["load"]) <= read.input.vehicles[route["vehicle"]].capacity[0]


WHOLE = asked(
    job(1, 1, setup=5, service=60, delivery=[1], pickup=[0], skills=[1], priority=3, time_windows=[[0, 900]]),
    job(2, 4, release=30, after=1, after_delay=5, late_per_minute=2, cutoff=900, excluded_vehicles=[2], in_force=1),
    vehicles=[
        VEHICLE
        | {"capacity": [3], "skills": [1], "spans": [[0, 2000], [3000, 5000]], "max_trips": 2, "max_work": 4000},
        {"id": 2, "start_index": 2, "time_window": [0, 5000], "max_tasks": 3, "capacity": [1], "costs": {"fixed": 9}}
        | {"locks": {"next": [], "frozen": None, "under_way": {"since": 10, "at_index": 3, "carried": 1}}},
    ],
    handling=20,
    office=0,
    prices={"crowded_stop": 5},
)
HOSTILE = st.sampled_from(
    [None, True, -1, 0, 1.5, "x", "", [], {}, [[]], [1, 2, 3], {"a": 1}, 10**30, 2**31, 2**62, [[5, 1]], float("inf")]
)


def paths(value, at=()):
    """Every place in nested lists and dicts."""
    yield at
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from paths(value[key], (*at, key))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([path for path in paths(WHOLE) if path]), HOSTILE)
def test_whatever_stands_anywhere_is_read_or_refused(path, hostile):
    data = json.loads(json.dumps(WHOLE))
    *above, last = path
    here = data
    for key in above:
        here = here[key]
    here[last] = hostile
    try:
        read = read_input(json.dumps(data))
    except InputError:
        return
    write_plan(read, Plan((), tuple(Unserved(job.id) for job in read.problem.jobs)))


ANSWER = solved(WHOLE)[1]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([path for path in paths(ANSWER) if path]), HOSTILE)
def test_whatever_stands_anywhere_in_an_answer_is_judged_or_refused(path, hostile):
    output = json.loads(json.dumps(ANSWER))
    *above, last = path
    here = output
    for key in above:
        here = here[key]
    here[last] = hostile
    try:
        reasons = wrong_with(json.dumps(WHOLE), json.dumps(output))
    except InputError:
        return
    assert all(reason.partition(":")[0] for reason in reasons)


# --- The commands


@pytest.fixture
def run(tmp_path, capsys):
    """Run a command on JSON; gives its exit code, what it wrote, and what it said beside."""

    def command(name, *files, options=()):
        paths = []
        for number, content in enumerate(files):
            path = tmp_path / f"{number}.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            paths.append(str(path))
        code = main([name, *paths, *options])
        out = capsys.readouterr()
        return code, json.loads(out.out), out.err

    return command


DAY = asked(job(1, 1), job(2, 4, time_windows=[[0, 900]]))


@pytest.mark.parametrize("command", ["solve", "baseline"])
def test_a_file_is_solved_and_found_good(run, command):
    code, output, said = run(command, DAY, options=["--time-limit", "0.2"])
    assert (code, output["summary"]["cost"], said) == (0, 800, "")
    assert run("check", DAY, output) == (0, {"ok": True, "reasons": []}, "")


def test_check_says_what_is_broken(run):
    _code, output, _said = run("solve", DAY, options=["--iterations", "2"])
    late = json.loads(json.dumps(output))
    for step in late["routes"][0]["steps"]:
        step["arrival"] += 1000
    code, found, said = run("check", DAY, late)
    assert code == 1
    assert [reason.partition(":")[0] for reason in found["reasons"]] == ["window"]
    assert found["reasons"][0] in said
    assert re.fullmatch(
        r"window: vehicle \d+, job \d+, by \d+ \(.*\)\. Service starts inside one .*\.", found["reasons"][0]
    )
    assert run("check", DAY, "{")[1]["error"].partition(":")[0].endswith("1.json")
    output["summary"]["cost"] -= 1
    assert run("check", DAY, output)[1]["reasons"] == ["summary.cost is 799, but the plan costs 800"]


def test_the_same_seed_and_iterations_give_the_same_plan(run):
    options = ["--iterations", "3", "--seed", "4", "--threads", "2"]
    first, second = (run("solve", DAY, options=options)[1] for _ in range(2))
    assert first["routes"] == second["routes"]


def test_what_cannot_be_read_is_an_error_and_no_traceback(run, capsys):
    for content in ("{", json.dumps(asked(job(1, 1, x=1)))):
        code, output, said = run("solve", content)
        assert (code, output["code"]) == (2, 2)
        assert output["error"] in said
    assert main(["solve", "/nowhere.json"]) == 2
    assert "/nowhere.json" in capsys.readouterr().err


def test_a_roster_is_filled_from_json(run):
    slots = [{"id": "m", "date": "2026-12-07", "wanted": 1}]
    problem = {"slots": slots, "people": [{"id": "an"}, {"id": "binh", "unavailable": ["m"]}]}
    code, roster, _said = run("roster", problem, options=["--threads", "1"])
    assert (code, roster["optimal"], roster["slots"][0]["on_duty"]) == (0, True, ["an"])
    code, output, _said = run("roster", {"slots": [{"id": "m", "date": "2026-13-07", "wanted": 1}], "people": []})
    assert code == 2
    assert output["error"].startswith("slots.0.date: ")
