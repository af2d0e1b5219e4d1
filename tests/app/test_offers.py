"""Windows that the hotline offers: none without a plan, and those that are offered can be kept."""

from datetime import timedelta

from flask import Flask

from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.operations import Window
from dispatch.planning.offers import offers_for
from dispatch.wards.models import Ward
from tests.app.makers import STAFF, TODAY, procedure_of
from tests.app.planning_days import DOORS, a_job, a_published_plan, hour, on_duty, set_clock

NEXT = TODAY + timedelta(days=2)  # 24 November is a holiday since 2026


def test_without_a_plan_the_caller_is_told_later(app: Flask, ward: Ward) -> None:
    procedure = procedure_of(ward)
    set_clock(app, hour(ward, 10))
    offers = offers_for(ward, DOORS[0], "collect", procedure)
    assert (offers.windows, offers.tell_by) == ([], hour(ward, 17))
    set_clock(app, hour(ward, 17.5))
    assert offers_for(ward, DOORS[0], "collect", procedure).tell_by == hour(ward, 17, NEXT)


def test_windows_lie_ahead_inside_the_half_days(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 6.5))
    on_duty(ward, "An")
    a_job(ward)
    a_published_plan(ward)
    set_clock(app, hour(ward, 9.1))
    offers = offers_for(ward, DOORS[2], "collect", procedure_of(ward))
    assert offers.tell_by is None
    assert [(w.start, w.end) for w in offers.windows] == [
        (hour(ward, 10.5), hour(ward, 11.5)),
        (hour(ward, 13.5), hour(ward, 15)),
        (hour(ward, 15), hour(ward, 16.5)),
    ]
    assert offers_for(ward, None, "collect", procedure_of(ward)).windows == []


def test_every_offered_window_can_be_kept(app: Flask, ward: Ward) -> None:
    """Each window is promised in turn, and planning again serves that job and everybody else."""
    set_clock(app, hour(ward, 6.5))
    on_duty(ward, "An", halves=("morning",))
    for door in range(8):
        a_job(ward, door)
    a_published_plan(ward)
    procedure = procedure_of(ward, "tinh-trang-hon-nhan")
    offered = offers_for(ward, DOORS[7], "collect", procedure).windows
    assert offered
    for window in offered[:2]:
        job = a_job(ward, 7)
        operations.reschedule(job, Window(window.day, window.start, window.end), STAFF)
        operations.promise(job, window.start, window.end, STAFF)
        db.session.commit()
        plan = a_published_plan(ward)
        assert plan.figures["unserved"] == 0
        stop = next(stop for route in plan.routes for stop in route.stops if stop.job_id == job.id)
        assert window.start <= stop.starts_at <= window.end
        operations.cancel(job.dossier, STAFF)
        db.session.commit()


def test_a_full_day_offers_nothing(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 6.5))
    on_duty(ward, "An", halves=("morning",), bag_capacity=1)
    for number in range(4):
        a_job(ward, number)
    a_published_plan(ward)
    set_clock(app, hour(ward, 11))
    offers = offers_for(ward, DOORS[0], "collect", procedure_of(ward))
    assert offers.windows == []
    assert offers.tell_by is not None


def test_skills_and_the_next_working_day_count(app: Flask, ward: Ward) -> None:
    set_clock(app, hour(ward, 6.5))
    on_duty(ward, "An", day=NEXT)
    a_job(ward, day=NEXT)
    a_published_plan(ward, NEXT)
    procedure = procedure_of(ward)
    assert {window.day for window in offers_for(ward, DOORS[1], "return", procedure).windows} == {NEXT}
    procedure.skill = "hộ tịch"
    assert offers_for(ward, DOORS[1], "return", procedure).windows == []
