"""The address part of a form: words, pin, how to find the door."""

import math
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, ValidationError

from dispatch.forms import Form, at_most, required
from dispatch.places.lookup import same_door
from dispatch.places.operations import Spot
from routing.geo import Point, distance_m

FAR_M = 50_000


class AddressForm(Form):
    """An address with its pin. `pin_for` is the address for which the pin in `lat` and `lon` was set."""

    address = StringField(_l("Address"), [required(), at_most(300)])
    lat = HiddenField()
    lon = HiddenField()
    pin_for = HiddenField()
    pin_confirmed = BooleanField(_l("The caller confirms that the pin is right"))
    access_note = StringField(_l("How to find the door"), [at_most(300)])

    @property
    def pin(self) -> tuple[float, float] | None:
        """(latitude, longitude) of the pin, unless it was set for another address than the one that stands here."""
        point = read_point(self.lat.data, self.lon.data)
        if point is None or not self.address.data:
            return None
        return point if same_door(g.ward, str(self.pin_for.data or "")[:300], self.address.data) else None

    @property
    def spot(self) -> Spot:
        """What the form says, for `keep_place`."""
        pin = self.pin
        confirmed = bool(self.pin_confirmed.data) and pin is not None
        return Spot(self.address.data or "", pin, confirmed, self.access_note.data or "")

    def validate_address(self, field: Any) -> None:
        pin, office = self.pin, g.ward.office
        if pin is not None and office is not None and distance_m(Point(*pin), Point(*office)) > FAR_M:
            raise ValidationError(_l("The pin lies far outside the ward. Please set it again."))


def read_point(lat: str | None, lon: str | None) -> tuple[float, float] | None:
    """Degrees from two texts; None where they are no position on earth."""
    try:
        point = float(lat or ""), float(lon or "")
    except ValueError:
        return None
    if not (math.isfinite(point[0]) and math.isfinite(point[1])):
        return None
    return point if abs(point[0]) <= 90 and abs(point[1]) <= 180 else None
