"""Everybody and everything the demo's stories are told with."""

import random
from dataclasses import dataclass, field
from datetime import date

from dispatch.accounts.models import Role, StaffAccount
from dispatch.demo.people import Door
from dispatch.demo.rides import Rides
from dispatch.dossiers.catalogue import Procedure
from dispatch.duty.models import Duty, Volunteer
from dispatch.wards.models import Ward

VOLUNTEERS = 30
STAFF = {
    Role.HOTLINE: "Lê Thị Mai",
    Role.DISPATCHER: "Phan Quốc Huy",
    Role.OFFICER: "Đặng Thu Hà",
    Role.CHAIRMAN: "Võ Đình Khôi",
    Role.ADMIN: "Ngô Minh Tuệ",
}


@dataclass
class Cast:
    """The ward, its people, its doors, and who is on duty when. `rng` makes a demo the same again."""

    ward: Ward
    rng: random.Random
    doors: list[Door]
    rides: Rides
    staff: dict[Role, StaffAccount] = field(default_factory=dict)
    volunteers: list[Volunteer] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    duties: dict[date, list[Duty]] = field(default_factory=dict)
    citizens: int = 0

    def next_phone(self) -> str:
        """An invented mobile number that no other citizen of the demo has; nothing is ever sent to it."""
        self.citizens += 1
        return f"+8490500{self.citizens:04d}"
