"""A ward's day as `routing` sees it: hand-written expectations."""

from datetime import timedelta

from flask import Flask

from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.operations import Window
from dispatch.planning.bridge import build_problem
from dispatch.wards.models import Ward
from routing.problem import TimeWindow
from tests.app.makers import STAFF, TODAY, make_job, procedure_of
from tests.app.planning_days import DOORS, a_job, hour, on_duty, set_clock

HOUR_S = 3600


def test_a_day_becomes_a_problem(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 6))
    an, binh = on_duty(ward, "An", bag_capacity=7, skills=["ky-so"])[0], on_duty(ward, "Bình", halves=("afternoon",))[0]
    collect = a_job(ward, 0, hours=(9, 10.5))
    back = a_job(ward, 1, "return")
    procedure_of(ward, "tinh-trang-hon-nhan").skill = "ky-so"
    db.session.commit()

    problem, facts = build_problem(ward, TODAY, now())

    asked, brought = problem.job_by_id[collect.public_id], problem.job_by_id[back.public_id]
    assert (asked.service_s, asked.setup_s) == (300 + 2 * 30, 60)
    assert (brought.service_s, brought.setup_s) == (180, 60)
    assert (asked.collect, asked.deliver, brought.collect, brought.deliver) == (1, 0, 0, 1)
    assert asked.windows == (TimeWindow(9 * HOUR_S, 10 * HOUR_S + 1800),)
    assert brought.windows == ()
    assert asked.skills == {"ky-so"}
    assert (asked.priority, asked.cutoff_s, asked.only_shift, asked.preferred_shift) == (2, None, None, None)
    first, second = problem.shift_by_id[an.public_id], problem.shift_by_id[binh.public_id]
    morning = TimeWindow(7 * HOUR_S + 1800, 11 * HOUR_S + 1800)
    afternoon = TimeWindow(13 * HOUR_S + 1800, 17 * HOUR_S)
    assert (first.spans, first.capacity, first.skills, first.start_s) == ((morning, afternoon), 7, {"ky-so"}, None)
    assert (second.spans, second.capacity, second.skills) == ((afternoon,), ward.bag_capacity, frozenset())
    assert problem.duration_s.shape == (3, 3)
    assert facts.blocked == ()


def test_two_dossiers_at_one_door_share_a_location(app: Flask, ward: Ward) -> None:
    on_duty(ward, "An")
    one, other = a_job(ward, 3), a_job(ward, 3)
    db.session.commit()
    problem, _facts = build_problem(ward, TODAY, now())
    assert problem.job_by_id[one.public_id].location == problem.job_by_id[other.public_id].location == 1
    assert DOORS[3] == one.place.point


def test_a_promise_is_hard_and_a_wish_is_not_looked_at_beside_it(app: Flask, ward: Ward) -> None:
    on_duty(ward, "An")
    job = a_job(ward, hours=(8, 11))
    operations.promise(job, hour(ward, 9), hour(ward, 10), STAFF)
    db.session.commit()
    problem, _facts = build_problem(ward, TODAY, now())
    asked = problem.job_by_id[job.public_id]
    assert (asked.windows, asked.priority) == ((TimeWindow(9 * HOUR_S, 10 * HOUR_S),), 4)


def test_same_day_dossiers_have_a_cutoff_and_a_promised_one_a_hard_one(app: Flask, ward: Ward) -> None:
    on_duty(ward, "An")
    priced, hard = a_job(ward, procedure="khai-sinh"), a_job(ward, 1, procedure="khai-sinh")
    operations.promise(hard, hour(ward, 9), hour(ward, 10), STAFF, same_day=True)
    db.session.commit()
    problem, _facts = build_problem(ward, TODAY, now())
    cutoffs = [
        (problem.job_by_id[j.public_id].cutoff_s, problem.job_by_id[j.public_id].cutoff_hard) for j in (priced, hard)
    ]
    assert cutoffs == [(15 * HOUR_S, False), (15 * HOUR_S, True)]
    set_clock(app, hour(ward, 15.5))
    problem, _facts = build_problem(ward, TODAY, now())
    assert problem.job_by_id[priced.public_id].cutoff_s is None


def test_which_jobs_fit_a_day(app: Flask, ward: Ward) -> None:
    on_duty(ward, "An")
    tomorrow, yesterday = TODAY + timedelta(days=1), TODAY - timedelta(days=3)
    fitting = [a_job(ward), a_job(ward, 1, day=None), a_job(ward, 2, day=yesterday)]
    a_job(ward, 3, day=tomorrow)
    passed = a_job(ward, 4, day=yesterday, hours=(9, 10))
    unpinned = a_job(ward, 5)
    assert unpinned.place is not None
    unpinned.place.lat = unpinned.place.lon = None
    waiting_for_result = a_job(ward, 6)
    make_job(waiting_for_result.dossier, "return", Window(TODAY))
    operations.cancel(a_job(ward, 7).dossier, STAFF)
    db.session.commit()
    problem, facts = build_problem(ward, TODAY, now())
    assert set(problem.job_by_id) == {job.public_id for job in (*fitting, waiting_for_result)}
    assert dict(facts.blocked) == {passed.id: "window_passed", unpinned.id: "no_pin"}


def test_what_was_handed_to_a_volunteer_rides_with_that_volunteer(app: Flask, ward: Ward) -> None:
    an, binh, chi = on_duty(ward, "An", "Bình", "Chi")
    job, lost = a_job(ward, 1, "return"), a_job(ward, 2, "return")
    operations.hand_to_volunteer(job.dossier, STAFF, binh.id)
    operations.hand_to_volunteer(lost.dossier, STAFF, chi.id)
    chi.off_at = now()
    db.session.commit()
    problem, facts = build_problem(ward, TODAY, now())
    assert problem.job_by_id[job.public_id].only_shift == binh.public_id
    assert dict(facts.blocked) == {lost.id: "papers_out"}
    assert set(problem.shift_by_id) == {an.public_id, binh.public_id}


def test_half_days_that_are_over_are_left_out(app: Flask, ward: Ward) -> None:
    an = on_duty(ward, "An")[0]
    on_duty(ward, "Bình", halves=("morning",))
    a_job(ward)
    db.session.commit()
    set_clock(app, hour(ward, 12))
    problem, _facts = build_problem(ward, TODAY, now())
    assert list(problem.shift_by_id) == [an.public_id]
    assert problem.shift_by_id[an.public_id].spans == (TimeWindow(13 * HOUR_S + 1800, 17 * HOUR_S),)
    assert problem.shift_by_id[an.public_id].start_s is None
