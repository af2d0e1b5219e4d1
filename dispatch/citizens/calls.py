from flask import Blueprint

from dispatch.citizens import sending  # noqa: F401 - registers the work that sends messages

blueprint = Blueprint("calls", __name__)
