"""Who holds what, for the desk and the office."""

import logging

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.custody import holdings
from dispatch.custody.files import dossier_of
from dispatch.custody.models import ProofFile
from dispatch.custody.pictures import TYPES
from dispatch.custody.shifts import closed_among
from dispatch.custody.store import StoreUnreachable, store
from dispatch.database import db, one_or_404
from dispatch.office.lists import duties_today
from dispatch.security import allow

log = logging.getLogger(__name__)
blueprint = Blueprint("custody", __name__)
DESK = (Role.OFFICER, Role.DISPATCHER, Role.HOTLINE)


@blueprint.get("/")
@allow(*DESK)
def overview() -> ResponseReturnValue:
    """Every volunteer who holds papers, and how many dossiers lie at the office."""
    held, duties = holdings.held_by_volunteers(), list(duties_today().values())
    duties.sort(key=lambda duty: duty.volunteer.folded_name)
    looked_at("volunteer", *(one.volunteer.id for one in held), *(duty.volunteer_id for duty in duties))
    return render_template(
        "custody/overview.html",
        held=held,
        counts={one.volunteer.id: len(one.dossiers) for one in held},
        duties=duties,
        closed=closed_among(duties),
        at_office=holdings.number_at_office(),
        receives=Role.OFFICER in current_user.roles,
        answers=bool({Role.HOTLINE, Role.DISPATCHER} & current_user.roles),
    )


@blueprint.get("/tep/<public_id>")
@allow(Role.OFFICER, Role.DISPATCHER)
def file(public_id: str) -> ResponseReturnValue:
    """A photo or signature; whoever looks at it is written down."""
    kept = one_or_404(ProofFile, public_id=public_id)
    dossier, name, kind = dossier_of(kept), kept.public_id, kept.kind
    if dossier is None:
        abort(404)
    looked_at("citizen", dossier.beneficiary_id)
    db.session.rollback()
    try:
        content = store().get(name)
    except StoreUnreachable:
        log.exception("a picture could not be fetched")
        abort(503)
    return Response(content, mimetype=TYPES[kind]) if content is not None else abort(404)
