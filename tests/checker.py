"""An independent judge of plans: plain dicts in, sentences about what is wrong out. Imports nothing of ``routing``.

Problem and plan look as ``Problem.to_dict`` and ``Plan.to_dict`` write them. Times are seconds since
midnight, stated times are taken at their word and then held against travel, setup, service, windows, spans,
bags and promises.
"""

from typing import Any

Facts = dict[str, Any]


def check(problem: Facts, plan: Facts) -> list[str]:
    """Everything that is wrong with the plan; an empty list for a good one."""
    jobs = {job["id"]: job for job in problem["jobs"]}
    shifts = {shift["id"]: shift for shift in problem["shifts"]}
    wrong = _check_attendance(jobs, plan)
    ridden = [route["shift_id"] for route in plan["routes"]]
    wrong += [f"shift {shift} has more than one route" for shift in set(ridden) if ridden.count(shift) > 1]
    for route in plan["routes"]:
        if route["shift_id"] not in shifts:
            wrong.append(f"shift {route['shift_id']} is not on duty")
        else:
            wrong += _check_route(problem, jobs, shifts[route["shift_id"]], route)
    return wrong + _check_locks(shifts, plan) + _check_links(problem, jobs, shifts, plan)


def _check_locks(shifts: Facts, plan: Facts) -> list[str]:
    """Frozen routes are as they were, and who is riding to a door goes there first."""
    wrong = []
    orders = {
        route["shift_id"]: [[trip["span"], [visit["job_id"] for visit in trip["visits"]]] for trip in route["trips"]]
        for route in plan["routes"]
    }
    for shift in shifts.values():
        order = orders.get(shift["id"], [])
        if shift["frozen"] is not None and order != shift["frozen"]:
            wrong.append(f"{shift['id']}: the frozen route has changed")
        if shift["next_stops"]:
            started = order[0][1] if order and order[0][0] == _span_under_way(shift) else []
            if started[: len(shift["next_stops"])] != shift["next_stops"]:
                wrong.append(f"{shift['id']}: does not go to its next stop first")
    return wrong


def _check_links(problem: Facts, jobs: Facts, shifts: Facts, plan: Facts) -> list[str]:
    """What waits for another job leaves when that one's papers have been brought and processed."""
    left, came = {}, {}
    for route in plan["routes"]:
        for number, trip in enumerate(route["trips"]):
            for visit in trip["visits"]:
                left[visit["job_id"]] = trip["leave_office_s"]
                if route["shift_id"] in shifts and _goal(problem, shifts[route["shift_id"]], route, number) is None:
                    came[visit["job_id"]] = trip["back_s"]
    waiting = [job for job in jobs.values() if job["after"] is not None and job["id"] in left]
    return [
        f"job {job['id']}: leaves before {job['after']} has come in"
        for job in waiting
        if job["after"] not in came or left[job["id"]] < came[job["after"]] + job["after_delay_s"]
    ]


def _goal(problem: Facts, shift: Facts, route: Facts, number: int) -> Any:
    """Where a trip ends, if not at the office."""
    own = shift["end_location"]
    if own is None or own == problem["office"] or number < len(route["trips"]) - 1:
        return None
    return own if route["trips"][number]["span"] == len(shift["spans"]) - 1 else None


def _check_attendance(jobs: Facts, plan: Facts) -> list[str]:
    visits = [v["job_id"] for route in plan["routes"] for trip in route["trips"] for v in trip["visits"]]
    named = visits + [item["job_id"] for item in plan["unserved"]]
    wrong = [f"job {job} is lost" for job in jobs if job not in named]
    wrong += [f"job {job} is in the plan twice" for job in set(named) if named.count(job) > 1]
    wrong += [f"job {job} is unknown" for job in set(named) if job not in jobs]
    return wrong


def _check_route(problem: Facts, jobs: Facts, shift: Facts, route: Facts) -> list[str]:
    name, wrong = shift["id"], []
    for span in {trip["span"] for trip in route["trips"]}:
        if sum(trip["span"] == span for trip in route["trips"]) > shift["max_trips"]:
            wrong.append(f"{name}: too many trips in span {span}")
    visits = sum(len(trip["visits"]) for trip in route["trips"])
    if shift["max_stops"] is not None and visits > shift["max_stops"]:
        wrong.append(f"{name}: too many stops")
    if shift["max_work_s"] is not None and _work_s(problem, jobs, shift, route) > _most_work_s(problem, shift):
        wrong.append(f"{name}: works too long")
    free_s = _free_at_first_s(problem, shift, route)
    for number, trip in enumerate(route["trips"]):
        first = number == 0 and trip["span"] == _span_under_way(shift)
        if trip["leave_office_s"] < free_s:
            wrong.append(f"{name}: trip {number} leaves before the volunteer is free")
        free_s = trip["back_s"] + problem["handling_s"]
        goal = _goal(problem, shift, route, number)
        wrong += [f"{name}: {text}" for text in _check_trip(problem, jobs, shift, trip, first, goal)]
    return wrong


def _origin(problem: Facts, shift: Facts, first: bool) -> int:
    if first and shift["start_s"] is not None:
        return int(shift["start_location"])
    if first and shift["begin_location"] is not None:
        return int(shift["begin_location"])
    return int(problem["office"])


def _most_work_s(problem: Facts, shift: Facts) -> int:
    """Who is out is at least asked to come home."""
    most_s = int(shift["max_work_s"])
    if shift["start_s"] is not None:
        ways = problem["duration_s"][shift["start_location"]]
        end = problem["office"] if shift["end_location"] is None else shift["end_location"]
        most_s = max(most_s, ways[problem["office"]], ways[end])
    return most_s


def _work_s(problem: Facts, jobs: Facts, shift: Facts, route: Facts) -> int:
    total = 0
    for number, trip in enumerate(route["trips"]):
        here = _origin(problem, shift, number == 0 and trip["span"] == _span_under_way(shift))
        door = None
        for job in (jobs[visit["job_id"]] for visit in trip["visits"] if visit["job_id"] in jobs):
            total += problem["duration_s"][here][job["location"]] + job["service_s"]
            total += job["setup_s"] if door != job["location"] else 0
            here = door = job["location"]
        goal = _goal(problem, shift, route, number)
        total += problem["duration_s"][here][problem["office"] if goal is None else goal]
    return total


def _span_under_way(shift: Facts) -> int:
    if shift["start_s"] is None:
        return 0
    begun = [i for i, span in enumerate(shift["spans"]) if span["start_s"] <= shift["start_s"]]
    return begun[-1] if begun else 0


def _free_at_first_s(problem: Facts, shift: Facts, route: Facts) -> int:
    """When the first trip of the route can begin."""
    if shift["start_s"] is None:
        return 0
    out = shift["start_location"] != problem["office"]
    if not out or not route["trips"] or route["trips"][0]["span"] == _span_under_way(shift):
        return int(shift["start_s"])
    home_s = problem["duration_s"][shift["start_location"]][problem["office"]]
    return int(shift["start_s"] + home_s + problem["handling_s"])


def _check_trip(problem: Facts, jobs: Facts, shift: Facts, trip: Facts, first: bool, goal: Any) -> list[str]:
    if not 0 <= trip["span"] < len(shift["spans"]):
        return [f"there is no span {trip['span']}"]
    under_way = first and shift["start_s"] is not None
    origin = _origin(problem, shift, first)
    end = problem["office"] if goal is None else goal
    known = [(jobs[visit["job_id"]], visit) for visit in trip["visits"] if visit["job_id"] in jobs]
    wrong = _check_span(problem, shift, trip, under_way, end)
    wrong += _check_clock(problem, trip, known, origin, end)
    wrong += _check_bag(problem, shift, [job for job, _ in known], first)
    for job, visit in known:
        wrong += [f"job {job['id']}: {text}" for text in _check_visit(shift, trip, job, visit, goal)]
        if job["aboard"] and not (first and job["only_shift"] == shift["id"]):
            wrong.append(f"job {job['id']}: its papers are in another bag, or not on this trip")
        if job["deliver"] and not job["aboard"] and under_way and origin != problem["office"]:
            wrong.append(f"job {job['id']}: its papers are at the office, the trip is not")
    return wrong


def _check_span(problem: Facts, shift: Facts, trip: Facts, under_way: bool, end: int) -> list[str]:
    span, wrong = shift["spans"][trip["span"]], []
    ends_s = span["end_s"]
    if under_way:  # Who is too far out to be back in time is only asked to come home.
        home_s = problem["duration_s"][shift["start_location"]][end]
        ends_s = max(ends_s, max(shift["start_s"], span["start_s"]) + home_s)
    if trip["leave_office_s"] < span["start_s"]:
        wrong.append("a trip leaves before its half-day begins")
    if trip["back_s"] > ends_s:
        wrong.append("a trip is back after its half-day has ended")
    return wrong


def _check_clock(problem: Facts, trip: Facts, known: list[tuple[Facts, Facts]], origin: int, end: int) -> list[str]:
    wrong, here, now_s, door = [], origin, trip["leave_office_s"], None
    for job, visit in known:
        ready_s = visit["arrive_s"] + (0 if door == job["location"] else job["setup_s"])
        if visit["arrive_s"] < now_s + problem["duration_s"][here][job["location"]]:
            wrong.append(f"job {job['id']}: reached sooner than one can ride")
        if visit["start_s"] < ready_s:
            wrong.append(f"job {job['id']}: served before it is set up")
        if visit["leave_s"] < visit["start_s"] + job["service_s"]:
            wrong.append(f"job {job['id']}: left before the service is done")
        here = door = job["location"]
        now_s = visit["leave_s"]
    if trip["back_s"] < now_s + problem["duration_s"][here][end]:
        wrong.append("back at the office sooner than one can ride")
    return wrong


def _check_bag(problem: Facts, shift: Facts, jobs: list[Facts], first: bool) -> list[str]:
    before = 0
    if first:
        in_bag = [j for j in problem["jobs"] if j["aboard"] and j["only_shift"] == shift["id"]]
        before = shift["carried"] + sum(job["deliver"] for job in in_bag)
    load = before + sum(job["deliver"] for job in jobs if not job["aboard"])
    loads = [load]
    for job in jobs:
        load += job["collect"] - job["deliver"]
        loads.append(load)
    return ["the bag is too small"] if max(loads) > max(shift["capacity"], before) else []


def _check_visit(shift: Facts, trip: Facts, job: Facts, visit: Facts, goal: Any) -> list[str]:
    wrong = []
    windows = job["windows"]
    if windows and not any(w["start_s"] <= visit["start_s"] <= w["end_s"] for w in windows):
        too_late = visit["start_s"] > max(w["end_s"] for w in windows)
        if job["late_per_min"] is None or not too_late:
            wrong.append("served outside its windows")
    if trip["leave_office_s"] < job["release_s"]:
        wrong.append("leaves before it may")
    if shift["id"] in job["excluded_shifts"]:
        wrong.append("rides with a shift that it shall not ride with")
    if not set(job["skills"]) <= set(shift["skills"]):
        wrong.append("the volunteer lacks a skill")
    if job["only_shift"] is not None and job["only_shift"] != shift["id"]:
        wrong.append("rides with the wrong shift")
    if job["cutoff_hard"] and (trip["back_s"] > job["cutoff_s"] or goal is not None):
        wrong.append("misses its cut-off")
    return wrong
