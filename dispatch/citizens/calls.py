from flask import Blueprint

blueprint = Blueprint("calls", __name__)
