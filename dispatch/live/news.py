"""That the desk changed something on a route, written in the transaction that changes it; a task tells the phones."""

from collections.abc import Collection

from flask import current_app
from sqlalchemy import select, update

from dispatch.clock import tick
from dispatch.database import db
from dispatch.duty.models import RouteLink
from dispatch.live.models import PushSubscription
from dispatch.tasks.queue import wake

TASK = "send_pushes"
CHANGES = ("planned", "unplanned", "promised", "rescheduled", "relocated", "cancelled", "posted", "gave_up", "retry")
"""Events of a job with which the desk may change what a volunteer's phone shows."""


def route_changed(ward_id: int, duty_ids: Collection[int]) -> None:
    """Phones of these duties that want to be told have news. The caller commits."""
    if not duty_ids or not current_app.config["SETTINGS"].sends_push:
        return
    links = select(RouteLink.id).where(
        RouteLink.ward_id == ward_id, RouteLink.duty_id.in_(duty_ids), RouteLink.revoked_at.is_(None)
    )
    of_them = update(PushSubscription).where(PushSubscription.ward_id == ward_id, PushSubscription.link_id.in_(links))
    news = of_them.values(news_at=tick(), next_try_at=None, attempts=0)
    db.session.execute(news, execution_options={"synchronize_session": False})
    wake(TASK, ward_id)
