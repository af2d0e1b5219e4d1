"""Wards with one of everything, made through the real operations."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from flask import g
from sqlalchemy import select

from dispatch.accounts.models import Role, StaffAccount
from dispatch.citizens.models import Message
from dispatch.clock import now
from dispatch.custody.bag import take_in
from dispatch.custody.codes import envelope_label
from dispatch.custody.holdings import held_by
from dispatch.custody.models import ProofFile
from dispatch.custody.shifts import close_shift
from dispatch.custody.store import store
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.events import Actor, record, record_of_duty
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.dossiers.operations import Window
from dispatch.duty.links import link_for, token_of
from dispatch.duty.models import MonthRoster, Volunteer
from dispatch.duty.month import USUAL, ask
from dispatch.duty.times import say
from dispatch.field.devices import enrol
from dispatch.field.differences import shown_of
from dispatch.field.route import route_of
from dispatch.intake import fanpage
from dispatch.intake.operations import Call, Person, When, take
from dispatch.places.operations import Spot
from dispatch.planning.offers import OfferedWindow
from dispatch.tasks.models import Task
from dispatch.wards.map_store import current_map, store_map
from dispatch.wards.models import RoadChange, RoadPace, Ward
from dispatch.wards.operations import set_hotlines
from dispatch.words import fold
from routing.roads.starter import starter_map
from routing.roster.solve import solve_roster
from tests.app.makers import TODAY, make_account, make_duty, make_ward, procedure_of
from tests.app.planning_days import DOORS, a_draft, a_published_plan, hour
from tests.app.snapshots import Snapshot, snapshot
from tests.app.world import TOMORROW, World, spellings

LANDLINE, NOBODY_HAS_IT = "+842363821234", "can-bo-ho-tich"
GIVEN = ("Quỳnh Hoa", "Bảo Châu", "Khánh Ngân", "Đức Thịnh", "Thanh Mai", "Hữu Phước", "Diệu Hiền", "Gia Huy")
PICTURE = b"\xff\xd8\xff\xdb"  # enough for whoever only passes it on
RIDERS = ("Nhật Anh", "Minh Triết", "Hải Đăng")


def make_world(ward: Ward, family: str = "Trần") -> World:
    """Fill the ward. Its people carry this family name, so that two worlds can be told apart. Commits."""
    world = World(ward.id, family)
    make = _Maker(world, ward)
    g.ward = ward  # as in a request of this ward's
    make.ward_itself()
    make.duties()
    make.morning()
    make.after_the_ride()
    make.in_the_office()
    make.at_the_bag_desk()
    make.inbox()
    make.month()
    make.open_ends()
    db.session.commit()
    g.pop("ward")
    return world


def make_empty_world(ward: Ward) -> World:
    """A ward on its first day: people who may log in, and nothing else. Commits."""
    world = World(ward.id, "")
    for role in Role:
        world.sessions[role] = make_account(ward, role).get_id()
    db.session.commit()
    return world


class _Maker:
    def __init__(self, world: World, ward: Ward) -> None:
        self.world, self.ward, self.number = world, ward, count()
        self.phones = count(ward.id * 100 + 10)
        self.staff: dict[Role, StaffAccount] = {}

    def ward_itself(self) -> None:
        """Settings, staff, a stored map, a procedure that nobody on duty may carry."""
        ward = self.ward
        ward.office_name, ward.office_address, ward.old_names = "Bộ phận một cửa", "120 Ngô Quyền", ["Mân Thái"]
        ward.fanpage, ward.extra_holidays = "https://facebook.com/phuong", ["2026-12-31"]
        set_hotlines(ward, [("+842363831000", "landline"), ("+84905000111", "mobile")])
        for role in Role:
            self.staff[role] = make_account(ward, role, username=f"{role}-{ward.id}")
            self.world.sessions[role] = self.staff[role].get_id()
        self.desk = Actor("staff", self.staff[Role.HOTLINE].id)
        self.officer = Actor("staff", self.staff[Role.OFFICER].id)
        procedure_of(ward, "khai-tu").skill = NOBODY_HAS_IT
        store_map(ward, starter_map(), "tests")
        self.closed_streets()
        db.session.commit()
        current_map(ward)

    def closed_streets(self) -> None:
        """One street is flooded now, one was and is open again, both far from the routes; a pace was measured."""
        line = [[16.1200, 108.2600], [16.1210, 108.2600]]
        for name, lifted_at in (("Lê Đức Thọ", None), ("", now())):
            db.session.add(
                RoadChange(
                    ward_id=self.ward.id,
                    street=name,
                    length_m=111,
                    lines=[line],
                    speed_percent=0 if name else 50,
                    reason="Ngập nước",
                    starts_at=now() - timedelta(hours=1),
                    ends_at=now() + timedelta(days=30) if name else None,
                    made_at=now() - timedelta(hours=1),
                    made_by=self.staff[Role.DISPATCHER].id,
                    lifted_at=lifted_at,
                    lifted_by=self.staff[Role.ADMIN].id if lifted_at else None,
                )
            )

        pace = {"rides": 120, "factors": {"ferry": 1.1}, "made_at": now()}
        db.session.add(RoadPace(ward_id=self.ward.id, made_by=self.staff[Role.DISPATCHER].id, **pace))

    def duties(self) -> None:
        """Two volunteers today, one of them tomorrow too, a third one not on duty."""
        people = []
        for given in RIDERS:
            name = f"{self.world.family} {given}"
            phone = f"+8493{next(self.phones):07d}"
            volunteer = Volunteer(ward_id=self.ward.id, name=name, folded_name=fold(name), phone=phone)
            people.append(volunteer)
        db.session.add_all(people)
        db.session.flush()
        self.duty, self.other_duty = (make_duty(self.ward, person) for person in people[:2])
        make_duty(self.ward, people[0], TOMORROW)
        self.rider = Actor("volunteer", people[0].id)

    def month(self) -> None:
        """A month's roster to look at, swap in and take over, with a place that stays empty; one said when she can."""
        people = db.session.scalars(select(Volunteer).where(Volunteer.ward_id == self.ward.id)).all()
        roster = MonthRoster(
            ward_id=self.ward.id,
            month=date(2026, 12, 1),
            asked={**USUAL, "wanted": 2, "afresh": False, "skills": {NOBODY_HAS_IT: 1}},
            by_hand=[],
            made_at=now(),
            made_by=self.staff[Role.DISPATCHER].id,
        )
        say(people[0], {"2026-12-02:morning": "cannot", "2026-12-03:afternoon": "wants"}, [])
        roster.roster = solve_roster(ask(self.ward, roster, TODAY), 20, workers=1).model_dump(mode="json")
        db.session.add(roster)
        db.session.commit()

    def request(
        self,
        *,
        legs: str = "both",
        leg: str | None = "collect",
        hours: tuple[float, float] | None = None,
        day: date | None = TODAY,
        procedure: str = "tinh-trang-hon-nhan",
        phone: str = "",
    ) -> Dossier:
        """A call, as the hotline's form takes it."""
        number = next(self.number)
        person = Person(f"{self.world.family} {GIVEN[number % len(GIVEN)]}", phone or f"+8490{next(self.phones):07d}")
        when = When(Window(day), tell_by=now() + timedelta(hours=4))
        if hours and day:
            start, end = hour(self.ward, hours[0], day), hour(self.ward, hours[1], day)
            when = When(Window(day, start, end), offered=OfferedWindow(day, start, end))
        call = Call(
            form_key=f"form-{number}",
            channel="hotline",
            caller=person,
            beneficiary=person if number % 3 else Person(f"{self.world.family} thị {GIVEN[number % 8]}", None),
            procedure=procedure_of(self.ward, procedure),
            legs=legs,
            leg=leg,
            spot=Spot(f"{120 + number} Ngô Quyền", DOORS[number % len(DOORS)], confirmed=True, access_note="Cổng xanh"),
            when=when,
            note="Gọi trước khi đến",
        )
        return take(self.ward, call, self.staff[Role.HOTLINE].id)

    def morning(self) -> None:
        """Calls taken, the day planned and published, and the volunteers' phones enrolled; one rides more."""
        self.request(hours=(9, 11))
        self.request(phone=LANDLINE)
        for _ in range(5):
            self.request()
        self.request(procedure="khai-tu")
        self._with_result()
        db.session.commit()
        plan = a_published_plan(self.ward, seconds=0.2)
        routes = sorted(plan.routes, key=lambda route: -len(route.stops))
        links = [link_for(route.duty) for route in routes]
        enrolled = [enrol(link) for link in links]
        self.world.phones = tuple(key for _device, key in enrolled)
        # The other phone has not been told yet of the first door of its route.
        enrolled[1][0].shown = shown_of(route_of(routes[1].duty))[1:]
        self.world.token = token_of(links[0])
        ahead = [stop.job for stop in routes[0].stops if stop.job.state == "planned"]
        self.jobs = [job for job in ahead if job.leg == "collect"]
        self.duty, self.rider = routes[0].duty, Actor("volunteer", routes[0].duty.volunteer_id)
        db.session.commit()

    def after_the_ride(self) -> None:
        """One door done, one not done, one arrived at; the rest is still ahead."""
        done, failed, arrived = self.jobs[:3]
        for job in (done, failed, arrived):
            record("set_out", job, self.rider, duty_id=job.duty_id)
            record("arrived", job, self.rider, duty_id=job.duty_id)
        record("done", done, self.rider, data={"originals": 2, "copies": 1}, duty_id=done.duty_id)
        record("not_done", failed, self.rider, data={"reason": "nobody_home"}, duty_id=failed.duty_id)
        self._photo_of(failed)
        record(
            "incident",
            arrived,
            self.rider,
            data={"what": "dog"},
            notes={"position": "16.0935,108.2438"},
            duty_id=self.duty.id,
        )
        record_of_duty("incident", self.duty, self.rider, data={"what": "rain"}, notes={"position": "16.0935,108.2438"})
        late = {"minutes": 20}
        record_of_duty("running_late", self.duty, self.rider, data=late)
        operations.note(failed.dossier, "Nhà có chó dữ", self.desk)

    def _photo_of(self, job: Job) -> None:
        """What the phone sent after its report that the job was not done."""
        key = db.session.scalars(select(Event.key).where(Event.job_id == job.id, Event.kind == "not_done")).one()
        file = ProofFile(ward_id=self.ward.id, event_key=key, kind="photo", size_bytes=len(PICTURE), received_at=now())
        db.session.add(file)
        db.session.flush()
        store().put(file.public_id, PICTURE)

    def in_the_office(self) -> None:
        """A dossier in every state that follows the door; one was cancelled while a phone had no network."""
        self._received()
        operations.pause(self._received(), self.officer, "Thiếu bản chính giấy chứng sinh")
        operations.hand_to_citizen(self._with_result(), self.officer, f"{self.world.family} Người Nhận")
        self._with_result()
        self._collected()
        operations.cancel(self._collected(), self.desk)
        cancelled = self.request()
        operations.cancel(cancelled, self.desk)
        record("arrived", cancelled.jobs[0], self.rider, duty_id=self.duty.id)
        self.request(legs="return", leg=None, day=None)

    def _with_result(self) -> Dossier:
        dossier = self._received()
        operations.result_ready(dossier, self.officer)
        return dossier

    def _received(self) -> Dossier:
        dossier = self._collected()
        code = f"H17.20.263-261123-{dossier.id:04d}"
        operations.receive(dossier, code, TODAY + timedelta(days=3), self.officer)
        return dossier

    def _collected(self) -> Dossier:
        dossier = self.request(day=None)
        papers = {"originals": 1, "copies": 2, "envelope": envelope_label(dossier.id), "proof": "signature"}
        record("done", dossier.jobs[0], self.rider, data=papers, duty_id=self.duty.id)
        return dossier

    def at_the_bag_desk(self) -> None:
        """One bag was received and its shift signed with something still out; papers went from hand to hand."""
        carried = [self._collected() for _ in range(3)]
        record("passed_on", carried[0].jobs[0], self.rider, data={"duty_id": self.other_duty.id}, duty_id=self.duty.id)
        take_in([carried[1]], self.officer)
        reasons = {one.code: "Xe hỏng, sáng mai nộp" for one in held_by(self.other_duty.volunteer_id)}
        close_shift(self.other_duty, reasons, self.officer)
        wrong = self._with_result()
        operations.hand_to_volunteer(wrong, self.officer, self.duty.id)
        data = {"originals": 1, "copies": 0, "code": "wrong", "proof": "name"}
        record("done", wrong.jobs[-1], self.rider, data=data, duty_id=self.duty.id)

    def inbox(self) -> None:
        """Two people wrote on the fanpage; one has an answer."""
        for number in (1, 2):
            phone = spellings(f"+8490{next(self.phones):07d}")[2]
            words = f"Cho em hỏi, nhà ở {number} Ngô Quyền, số {phone}"
            name = f"{self.world.family} Nhắn Tin {number}"
            message = fanpage.arrived(self.ward, f"messenger:{self.ward.id}{number}", words, f"SM{number}", name)
        assert message is not None
        fanpage.answer(message, "Dạ phường sẽ gọi lại ngay ạ.", self.staff[Role.HOTLINE].id)

    def open_ends(self) -> None:
        """A draft beside the plan in force, a task under way, a link that was revoked, a message that went out."""
        db.session.commit()
        a_draft(self.ward, seconds=0.2)
        creator = self.staff[Role.DISPATCHER].id
        payload = {"day": TOMORROW.isoformat(), "seconds": 5}
        db.session.add(
            Task(
                ward_id=self.ward.id,
                kind="plan_day",
                payload=payload,
                state="running",
                fraction=0.4,
                progress={"cost": 812, "served": 5, "unserved": 1},
                lease_until=now() + timedelta(days=30),
                created_at=now(),
                created_by=creator,
            )
        )
        sent = db.session.scalars(
            select(Message).where(Message.ward_id == self.ward.id, Message.state == "queued")
        ).first()
        assert sent is not None
        sent.state, sent.sent_at = "sent", now()


@dataclass
class Worlds:
    """Two full wards in one database: ours is the one that the public pages show."""

    ours: World
    theirs: World
    rows: Snapshot


def make_worlds() -> Worlds:
    """Found and fill both."""
    ours, theirs = make_world(make_ward("Thọ Quang"), "Trần"), make_world(make_ward("Mân Thái"), "Tôn Nữ")
    return Worlds(ours, theirs, snapshot())
