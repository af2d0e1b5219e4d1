"""The fanpage's inbox: conversations, what can be read from them, answers, and requests made of them."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import case, func, select
from wtforms import TextAreaField

from dispatch.accounts.looks import looked_at
from dispatch.accounts.models import Role
from dispatch.citizens.models import Message
from dispatch.database import db, one_or_404
from dispatch.dossiers.models import Dossier
from dispatch.forms import Form, at_most, required
from dispatch.intake import fanpage
from dispatch.intake.models import InboxMessage
from dispatch.security import allow

blueprint = Blueprint("inbox", __name__)

PAGE = 30


class AnswerForm(Form):
    text = TextAreaField(_l("Answer"), [required(), at_most(1900)])


@blueprint.get("/")
@allow(Role.HOTLINE)
def threads() -> ResponseReturnValue:
    """Conversations, newest first, with how many messages wait in each."""
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    new = func.sum(case(((InboxMessage.state == fanpage.NEW) & (InboxMessage.direction == "in"), 1), else_=0))
    last = func.max(InboxMessage.id)
    query = (
        select(InboxMessage.sender, new, last)
        .where(InboxMessage.ward_id == g.ward.id)
        .group_by(InboxMessage.sender)
        .order_by(last.desc())
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    rows = db.session.execute(query).all()
    messages = {
        m.id: m for m in db.session.scalars(select(InboxMessage).where(InboxMessage.id.in_([r[2] for r in rows])))
    }
    entries = [{"message": messages[last], "new": count} for _sender, count, last in rows[:PAGE]]
    looked_at("inbox_message", *(entry["message"].id for entry in entries))
    return render_template("inbox/threads.html", entries=entries, page_number=page, more=len(rows) > PAGE)


@blueprint.get("/<public_id>")
@allow(Role.HOTLINE)
def thread(public_id: str) -> ResponseReturnValue:
    """One conversation, and what can be done with it."""
    return _page(one_or_404(InboxMessage, public_id=public_id), AnswerForm(formdata=None))


@blueprint.post("/<public_id>/tra-loi")
@allow(Role.HOTLINE)
def answer(public_id: str) -> ResponseReturnValue:
    """Answer the way the message came."""
    message = one_or_404(InboxMessage, public_id=public_id)
    form = AnswerForm()
    if not form.validate():
        return _page(message, form), 422
    if fanpage.answer_until(message) is None:
        return _page(message, form), 409
    fanpage.answer(message, form.text.data or "", current_user.id)
    db.session.commit()
    flash(_("The answer is on its way."), "success")
    return redirect(url_for("inbox.thread", public_id=message.public_id), 303)


@blueprint.post("/<public_id>/xong")
@allow(Role.HOTLINE)
def done(public_id: str) -> ResponseReturnValue:
    """Nothing to do about what came in."""
    fanpage.settle(one_or_404(InboxMessage, public_id=public_id), fanpage.DONE)
    db.session.commit()
    flash(_("Put aside."), "success")
    return redirect(url_for("inbox.threads"), 303)


def _page(message: InboxMessage, form: AnswerForm) -> str:
    messages = fanpage.thread(message)
    looked_at("inbox_message", *(one.id for one in messages))
    incoming = [one for one in messages if one.direction == "in"]
    last = next((one for one in incoming if one.state == fanpage.NEW), incoming[0] if incoming else None)
    return render_template(
        "inbox/thread.html",
        form=form,
        message=message,
        messages=messages[::-1],
        last=last,
        read=fanpage.read(g.ward, last) if last else {},
        until=fanpage.answer_until(message),
        states=_states(messages),
        dossiers=_dossiers(messages),
    )


def _states(messages: list[InboxMessage]) -> dict[str, str]:
    """How far each answer has got, by the public id of its row."""
    keys = {fanpage.answer_key(one): one.public_id for one in messages if one.direction == "out"}
    query = select(Message.key, Message.state).where(Message.ward_id == g.ward.id, Message.key.in_(keys))
    return {keys[key]: state for key, state in db.session.execute(query.limit(len(keys) or 1))}


def _dossiers(messages: list[InboxMessage]) -> dict[int, str]:
    """Codes of the dossiers that were made of these messages, by request."""
    requests = {one.request_id for one in messages if one.request_id is not None}
    query = select(Dossier.request_id, Dossier.code).where(
        Dossier.ward_id == g.ward.id, Dossier.request_id.in_(requests)
    )
    return {row[0]: row[1] for row in db.session.execute(query.limit(200))}
