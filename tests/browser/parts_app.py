"""A small application whose pages are made of our component macros, under the product's own content policy."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from dispatch.security import CONTENT_POLICY

ROOT = Path(__file__).parents[2]
BASE = {
    "type": "FeatureCollection",
    "attribution": "© OpenStreetMap",
    "features": [
        {
            "type": "Feature",
            "properties": {"kind": "road", "class": "primary", "name": "Ngô Quyền"},
            "geometry": {"type": "LineString", "coordinates": [[108.22, 16.06], [108.23, 16.07]]},
        }
    ],
}


def stop(route: int, lon: float) -> dict[str, Any]:
    properties = {"kind": "stop", "route": route, "number": "1", "title": "19 Mân Quang <3>", "lines": ["09:10"]}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [lon, 16.065]}}


ROUTES = {"type": "FeatureCollection", "features": [stop(0, 108.221), stop(1, 108.227)]}


LEGS = [SelectChoice("collect", "Nhận"), SelectChoice("return", "Trả")]


class PartsForm(FlaskForm):
    phone = StringField("Số điện thoại", [InputRequired("Vui lòng điền mục này.")])
    street = StringField("Đường")
    lat = HiddenField()
    lon = HiddenField()
    leg = RadioField("Cần gì", choices=LEGS, validators=[InputRequired("Chọn một.")])
    skills = SelectMultipleField(
        "Kỹ năng", choices=[SelectChoice("a", "A")], widget=ListWidget(), option_widget=CheckboxInput()
    )
    consent = BooleanField("Người gọi đồng ý")


def make_app() -> Flask:
    app = Flask("dispatch", root_path=str(ROOT / "dispatch"), template_folder="../templates")
    app.config.update(SECRET_KEY="test", BABEL_DEFAULT_LOCALE="vi", BABEL_TRANSLATION_DIRECTORIES="translations")
    folders = [Path(__file__).parent / "pages", ROOT / "templates"]
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])  # type: ignore[assignment]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app)
    CSRFProtect(app)
    state = {"fragment": 0, "stopped": False}

    @app.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_POLICY
        return response

    @app.route("/", methods=["GET", "POST"])
    def parts() -> ResponseReturnValue:
        form = PartsForm()
        if request.method == "POST" and form.validate():
            flash("Đã lưu.", "success")
            return redirect("/routes", 303)
        return render_template("parts.html", form=form), 422 if form.errors else 200

    @app.get("/suggest")
    def suggest() -> ResponseReturnValue:
        return [{"label": "Ngô Quyền", "lat": 16.065, "lon": 108.225}, {"label": request.args["q"]}]

    @app.get("/fragment")
    def fragment() -> ResponseReturnValue:
        state["fragment"] += 1
        count = state["fragment"] // 4
        response = make_response(f'<p id="count">{count}</p><button type="button" id="inside">Nút</button>')
        response.set_etag(str(count))
        return response.make_conditional(request)

    @app.get("/progress")
    def progress() -> ResponseReturnValue:
        if state["stopped"]:
            return {"state": "stopped", "url": "/phone"}
        return {"state": "running", "fraction": 0.25, "text": "Đang tìm", "detail": "Chi phí 12"}

    @app.post("/stop")
    def stop_it() -> ResponseReturnValue:
        state["stopped"] = True
        return "", 204

    app.add_url_rule("/base.json", "base", lambda: BASE)
    app.add_url_rule("/routes.json", "routes_json", lambda: ROUTES)
    app.add_url_rule("/routes", "routes", lambda: render_template("routes.html"))
    app.add_url_rule("/phone", "phone", lambda: render_template("door.html"))
    app.add_url_rule("/manifest", "installed.manifest", lambda: {"name": "Các phần"})
    app.add_url_rule("/icon-<int:size>.png", "installed.icon", lambda size: Response(mimetype="image/png"))
    app.add_url_rule("/language", "accounts.language", lambda: "")
    return app


def _whole(response: Response) -> Response:
    """Read files at once: Werkzeug's server leaves them open when a browser hangs up in the middle, with a warning."""
    if response.direct_passthrough:
        response.direct_passthrough = False
        response.get_data()
        response.close()
    return response


def serve(app: Flask) -> Iterator[str]:
    """Serve an application on loopback for as long as the generator lives; yields its address."""
    app.after_request(_whole)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
