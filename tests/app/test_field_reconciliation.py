"""Generated histories: the same facts from phones and desk, delivered in any order and as often as one likes, end in
the same derived state (the rules stand in dispatch/field/recording.py)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask, current_app
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers.events import Origin, record
from dispatch.dossiers.models import Job
from dispatch.duty.models import Duty
from dispatch.wards.models import Ward
from tests.app.field_makers import make_jobs, make_route, open_phone
from tests.app.makers import STAFF, TODAY, make_duty, make_volunteer, make_ward

DOORS = 2
PHONES = 3  # two on one route, one on the route of somebody else who once had the same doors
MINUTES = st.integers(0, 40)
DOOR = st.integers(0, DOORS - 1)
TAP = st.tuples(
    st.just("tap"), st.integers(0, PHONES - 1), st.sampled_from(("arrived", "done", "not_done")), DOOR, MINUTES
)
UNDO = st.tuples(st.just("undo"), st.integers(0, 7), MINUTES)
DESK = st.tuples(st.just("desk"), st.sampled_from(("cancelled", "rescheduled", "planned", "unplanned")), DOOR, MINUTES)
Fact = tuple[Any, ...]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), facts=st.lists(st.one_of(TAP, TAP, UNDO, DESK), min_size=2, max_size=8))
def test_any_interleaving_ends_in_the_same_state(app: Flask, data: st.DataObject, facts: list[Fact]) -> None:
    numbers = list(range(len(facts)))
    delivery = data.draw(st.permutations(numbers))
    again = data.draw(st.lists(st.sampled_from(numbers), max_size=3))
    assert played(facts, [*delivery, *again]) == played(facts, sorted(numbers, key=lambda n: facts[n][-1]))


def test_what_is_taken_back_too_late_stays_with_the_volunteer_whichever_comes_first(app: Flask) -> None:
    facts: list[Fact] = [("tap", 0, "done", 0, 0), ("undo", 0, 6)]
    early, late = played(facts, [1, 0]), played(facts, [0, 1])
    assert early == late
    assert (early[0][0], early[0][-1]) == ("done", "volunteer")


def test_a_guess_of_the_system_that_does_not_fit_changes_nothing(app: Flask) -> None:
    """A visit that comes in first sets its rider out to the next door; one that comes in later does not."""
    facts: list[Fact] = [("desk", "cancelled", 1, 17), ("tap", 0, "done", 0, 0), ("desk", "unplanned", 1, 0)]
    assert played(facts, [0, 1, 2]) == played(facts, [1, 2, 0])


def played(facts: list[Fact], order: list[int]) -> list[tuple[Any, ...]]:
    """A ward of its own in which these facts come in, in this order; gives what is derived."""
    scene = Scene(facts)
    for number in order:
        scene.deliver(number)
    return scene.derived()


class Scene:
    def __init__(self, facts: list[Fact]) -> None:
        self.facts = facts
        self.ward: Ward = make_ward()
        self.duties = [make_duty(self.ward, make_volunteer(self.ward, name)) for name in ("An", "Bình")]
        self.jobs = make_jobs(self.ward, DOORS)
        self.begun = now() - timedelta(hours=1)
        for duty in reversed(self.duties):
            make_route(self.ward, duty, self.jobs)
        self.phones = [current_app.test_client() for _ in range(PHONES)]
        for phone, duty in zip(self.phones, (self.duties[0], self.duties[0], self.duties[1]), strict=True):
            open_phone(phone, duty)

    def key(self, number: int) -> str:
        return str(UUID(int=(self.ward.id << 64) + number, version=4))

    def at(self, number: int) -> datetime:
        return self.begun + timedelta(minutes=self.facts[number][-1], milliseconds=number)

    def deliver(self, number: int) -> None:
        kind, *rest = self.facts[number]
        if kind == "tap":
            phone, tap, door, _ = rest
            self.send(phone, number, {"kind": tap, "job": self.jobs[door].public_id})
        elif kind == "undo":
            self.undo(number, rest[0] % len(self.facts))
        else:
            self.decide(number, *rest[:2])

    def undo(self, number: int, target: int) -> None:
        if self.facts[target][0] == "tap":
            _, phone, _, door, _ = self.facts[target]
            undone = {"kind": "undone", "job": self.jobs[door].public_id, "corrects": self.key(target)}
            self.send(phone, number, undone)

    def send(self, phone: int, number: int, tap: dict[str, Any]) -> None:
        more = {"key": self.key(number), "seq": number, "occurred_at": self.at(number).isoformat()}
        counts = {"originals": number, "copies": 0, "reason": "refused"}
        answer = self.phones[phone].post("/tuyen/su-kien", json={**tap, **more, **counts})
        assert answer.status_code == 200

    def decide(self, number: int, kind: str, door: int) -> None:
        """What the desk decided at that moment, whatever had come in by then."""
        data = {"service_date": TODAY.isoformat(), "duty_id": self.duties[1].id, "eta": self.begun.isoformat()}
        origin = Origin(key=self.key(number), occurred_at=self.at(number))
        record(kind, db.session.get_one(Job, self.jobs[door].id), STAFF, data=data, origin=origin)
        db.session.commit()

    def derived(self) -> list[tuple[Any, ...]]:
        db.session.expire_all()
        return [self.state_of(db.session.get_one(Job, job.id)) for job in self.jobs]

    def state_of(self, job: Job) -> tuple[Any, ...]:
        times = [moment - self.begun if moment else None for moment in (job.arrived_at, job.finished_at)]
        state = "planned" if job.state == "under_way" else job.state  # whom the system told may differ
        duty = [db.session.get_one(Duty, id).volunteer.name for id in (job.duty_id,) if id]
        papers = (job.originals, job.copies, job.attempts, job.not_done_reason)
        return state, papers, times, duty, job.flags, job.dossier.state, job.dossier.flags, job.dossier.holder
