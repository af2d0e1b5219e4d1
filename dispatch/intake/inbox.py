from flask import Blueprint

blueprint = Blueprint("inbox", __name__)
