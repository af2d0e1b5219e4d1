from flask import Blueprint

blueprint = Blueprint("maps", __name__)
