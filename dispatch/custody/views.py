"""Who holds what, for the desk and the office."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.custody import holdings
from dispatch.security import allow

blueprint = Blueprint("custody", __name__)
DESK = (Role.OFFICER, Role.DISPATCHER, Role.HOTLINE)


@blueprint.get("/")
@allow(*DESK)
def overview() -> ResponseReturnValue:
    """Every volunteer who holds papers, and how many dossiers lie at the office."""
    held = holdings.held_by_volunteers()
    looked_at("volunteer", *(one.volunteer.id for one in held))
    return render_template("custody/overview.html", held=held, at_office=holdings.number_at_office())
