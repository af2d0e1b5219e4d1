"""The way from the street to the door, as one says it: `kiệt 45, nhà 12`."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _


def way_in(parts: Mapping[str, Any]) -> str:
    """From a place's `parts` (`routing.places.address.Address`); empty where house number and street say it all."""
    alleys = list(parts.get("alley") or ())
    said = [_("alley %(number)s", number=alleys[0])] if alleys else []
    said += [_("lane %(number)s", number=number) for number in alleys[1:]]
    if alleys and parts.get("number"):
        said.append(_("house %(number)s", number=parts["number"]))
    if parts.get("block"):
        said.append(_("block %(name)s", name=parts["block"]))
    if parts.get("flat"):
        said.append(_("flat %(number)s", number=parts["flat"]))
    return ", ".join(str(one) for one in said)
