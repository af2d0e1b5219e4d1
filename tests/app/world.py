"""The values that addresses take in a ward with one of everything.

The cross-cutting tests run over the whole address table with it: a route with an argument that `World.cases` does not
know fails there, so a new page is covered or complained about, never forgotten.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, selectinload
from werkzeug.routing import AnyConverter, Rule

from dispatch.accounts.models import Role, StaffAccount
from dispatch.citizens.models import Message
from dispatch.custody.models import ProofFile
from dispatch.database import db
from dispatch.dossiers.catalogue import Procedure
from dispatch.dossiers.models import Dossier, Job
from dispatch.duty.models import Duty, Volunteer
from dispatch.intake.models import Citizen, InboxMessage
from dispatch.office.page import ACTIONS
from dispatch.planning.models import Plan
from dispatch.tasks.models import Task
from dispatch.wards.map_store import current_map
from dispatch.wards.models import RoadChange, Ward
from tests.app.makers import TODAY

TOMORROW = TODAY + timedelta(days=1)
EMPTY_DAY = date(2027, 3, 1)

# What arguments of addresses stand for, by `view.argument`, `feature.argument` or `argument`.
ROWS: dict[str, InstrumentedAttribute[str]] = {
    "duty_id": Duty.public_id,
    "staff.public_id": StaffAccount.public_id,
    "procedures.public_id": Procedure.public_id,
    "volunteers.public_id": Volunteer.public_id,
    "duty.public_id": Duty.public_id,
    "month.public_id": Volunteer.public_id,
    "inbox.public_id": InboxMessage.public_id,
    "tasks.public_id": Task.public_id,
    "planning.public_id": Plan.public_id,
    "planning.take_off.public_id": Duty.public_id,
    "calls.public_id": Message.public_id,
    "demo.public_id": Duty.public_id,
    "roads.public_id": RoadChange.public_id,
    "custody.file.public_id": ProofFile.public_id,
}
PLAIN = {
    "day": (TODAY.isoformat(), TOMORROW.isoformat(), EMPTY_DAY.isoformat(), "2026-11-22"),
    "monday": (TODAY.isoformat(),),
    "month": ("2026-12", "2026-11", "2027-03"),
    "role": ("hotline",),
    "z": ("14",),
    "x": ("13118",),
    "y": ("7449",),
    "installed.icon.size": ("180", "192", "512"),
    "office.act.kind": tuple(ACTIONS),
}


@dataclass
class World:
    """The ward's row, its people's family name, and what opens its pages.

    `sessions` by role; `phones` are the keys of two enrolled phones: one at a door, one before its first; `token` is a
    route link's.
    """

    ward_id: int
    family: str
    sessions: dict[Role, str] = field(default_factory=dict)
    phones: tuple[str, ...] = ()
    token: str = ""

    def cases(self, rule: Rule) -> list[dict[str, str]]:
        """Ways of filling in the rule's arguments with what is in this ward; the first is the plainest.

        Every value of every argument occurs, but not every combination.
        """
        if rule.arguments == {"code", "job_id"}:
            return [{"code": job.dossier.code, "job_id": job.public_id} for job in self._jobs()]
        values = {name: self._values(rule, name) for name in sorted(rule.arguments)}
        if not all(values.values()):
            return []
        plainest = {name: found[0] for name, found in values.items()}
        others = [{**plainest, name: value} for name, found in values.items() for value in found[1:]]
        return [plainest, *others]

    def _jobs(self) -> list[Job]:
        """One of each kind: leg and state."""
        jobs = db.session.scalars(select(Job).where(Job.ward_id == self.ward_id).order_by(Job.id.desc())).all()
        return list({(job.leg, job.state, bool(job.flags)): job for job in jobs}.values())

    def _codes(self) -> list[str]:
        """Codes of one dossier of each kind: its state, and how its visits stand."""
        query = select(Dossier).where(Dossier.ward_id == self.ward_id).order_by(Dossier.id.desc())
        dossiers = db.session.scalars(query.options(selectinload(Dossier.jobs))).all()
        kinds = {(one.state, *((job.leg, job.state) for job in one.jobs)): one.code for one in dossiers}
        return list(kinds.values())

    def _values(self, rule: Rule, argument: str) -> list[str]:
        """What an argument can be: looked up by view, by feature, then by its name alone."""
        converter = rule._converters[argument]
        if isinstance(converter, AnyConverter):
            return sorted(converter.items)
        feature = rule.endpoint.partition(".")[0]
        for name in (f"{rule.endpoint}.{argument}", f"{feature}.{argument}", argument):
            if name in PLAIN:
                return list(PLAIN[name])
            if name in ROWS:
                return self._all(ROWS[name])
            if name in ("planning.put_in.public_id", "job_id"):
                return [job.public_id for job in self._jobs()]
        if argument == "code":
            return self._codes()
        if argument == "version":
            return [current_map(db.session.get_one(Ward, self.ward_id)).version]
        if argument == "token":
            return [self.token] if self.token else []
        raise LookupError(f"tests/app/world.py does not know <{argument}> of {rule.endpoint} in {rule.rule}")

    def _all(self, column: InstrumentedAttribute[str]) -> list[str]:
        """One column of the ward's rows, in the order in which they were made."""
        table = column.class_
        return list(db.session.scalars(select(column).where(table.ward_id == self.ward_id).order_by(table.id)))

    def searches(self) -> list[tuple[Role | None, str, dict[str, str]]]:
        """Pages that answer what somebody typed: as whom, where, and what. Nothing of it stands in the address."""
        dossiers = select(Dossier).where(Dossier.ward_id == self.ward_id).order_by(Dossier.id)
        tracked = [
            (None, "/tra-cuu/", {"code": one.code, "digits": (one.request.caller.phone or "")[-4:]})
            for one in db.session.scalars(dossiers.where(Dossier.code.in_(self._codes())))
        ]
        return [
            *tracked,
            (Role.HOTLINE, "/ho-so/", {"q": self.family}),
            (Role.OFFICER, "/mot-cua/tim", {"q": self.family}),
        ]

    def personal_words(self) -> dict[int, tuple[str, ...]]:
        """What pages may show of each citizen only where the look is recorded: name, and phone as it may be written."""
        people = db.session.scalars(select(Citizen).where(Citizen.ward_id == self.ward_id))
        return {person.id: (person.name, *spellings(person.phone)) for person in people}


def spellings(phone: str | None) -> tuple[str, ...]:
    """A number as it stands in the database, as it is dialled, and as pages show it."""
    if phone is None:
        return ()
    dialled = "0" + phone.removeprefix("+84")
    return (phone, dialled, f"{dialled[:4]} {dialled[4:7]} {dialled[7:]}")
