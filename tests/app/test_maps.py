"""The ward's map: the starter map, bringing in another by file or from a server, and what pages get of it."""

import gzip
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from dispatch.accounts.models import Role, StaffAccount
from dispatch.command_line import cli
from dispatch.database import db
from dispatch.duty.links import link_for
from dispatch.field.devices import COOKIE, enrol
from dispatch.tasks.models import Task
from dispatch.tasks.runner import run_kind
from dispatch.wards.map_store import current_map
from dispatch.wards.map_tasks import FETCH, FILE
from dispatch.wards.models import Ward, WardMap
from tests.app.makers import OFFICE, login_as, make_duty, make_volunteer, make_ward

LAT, LON = OFFICE
NODES = [(1, 0.0, 0.0), (2, 0.002, 0.0), (3, 0.002, 0.003), (4, 0.0, 0.003)]
OVERPASS = {
    "elements": [
        *({"type": "node", "id": id, "lat": LAT + lat, "lon": LON + lon} for id, lat, lon in NODES),
        {
            "type": "node",
            "id": 9,
            "lat": LAT + 0.001,
            "lon": LON + 0.0001,
            "tags": {"addr:housenumber": "12", "addr:street": "Ngô Quyền"},
        },
        {"type": "way", "id": 10, "nodes": [1, 2], "tags": {"highway": "secondary", "name": "Ngô Quyền"}},
        {"type": "way", "id": 11, "nodes": [2, 3, 4], "tags": {"highway": "residential", "name": "Mân Quang 3"}},
    ]
}


@pytest.fixture
def admin(client: FlaskClient, ward: Ward) -> StaffAccount:
    return login_as(client, ward, Role.ADMIN)


def upload(client: FlaskClient, data: bytes, name: str) -> Any:
    answer = client.post("/ban-do/tep", data={"file": (BytesIO(data), name)})
    answer.request.environ["wsgi.input"].close()  # the client keeps large bodies in a file
    return answer


def work(app: Flask, kind: str, ward: Ward) -> None:
    """What the worker does, with a session of its own."""
    ward_id = ward.id
    db.session.commit()
    with app.app_context():
        run_kind(kind, ward_id)
    db.session.expire_all()


def last_task() -> Task:
    return db.session.scalars(select(Task).order_by(Task.id.desc()).limit(1)).one()


def test_without_an_import_the_starter_map_is_in_force(client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    loaded = current_map(ward)
    assert loaded.id is None
    assert loaded.gazetteer.locate("Ngô Quyền")
    assert "OpenStreetMap" in loaded.attribution
    assert "Bản đồ tạm của Thọ Quang" in client.get("/ban-do/").text


def test_an_uploaded_file_becomes_the_map(app: Flask, client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    assert upload(client, json.dumps(OVERPASS).encode(), "ward.json").status_code == 302
    task = last_task()
    path = Path(task.payload["path"])
    assert path.is_file()
    assert f"/viec-nen/{task.public_id}" in client.get("/ban-do/").text
    work(app, FILE, ward)
    assert not path.exists()
    assert last_task().state == "done"
    loaded = current_map(ward)
    assert loaded.id is not None
    assert set(loaded.gazetteer.streets) == {"Ngô Quyền", "Mân Quang 3"}
    page = client.get("/ban-do/").text
    assert "ward.json" in page
    state = client.get(f"/viec-nen/{task.public_id}").json
    assert state is not None
    assert state["state"] == "done"
    assert state["url"] == "/ban-do/"


def test_the_newest_map_is_in_force_and_wards_have_their_own(app: Flask, client: FlaskClient, ward: Ward) -> None:
    other = make_ward("Mân Thái")
    login_as(client, other, Role.ADMIN)
    for name in ("first.json", "second.json"):
        upload(client, json.dumps(OVERPASS).encode(), name)
        work(app, FILE, other)
    maps = db.session.scalars(select(WardMap).order_by(WardMap.id)).all()
    assert [m.source for m in maps] == ["first.json", "second.json"]
    assert current_map(other).id == maps[1].id
    assert current_map(ward).id is None


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty.json"),
        (b"{}", "no-elements.json"),
        (b"not a map", "text.osm.pbf"),
        (b"<osm></osm>", "empty.osm"),
        (b"<html>", "page.osm"),
        (b"\x00" * 5000, "zeros.osm.pbf"),
        (json.dumps({"elements": []}).encode(), "nothing.json"),
        (json.dumps({"elements": [{"type": "node", "id": "x"}]}).encode(), "wrong.json"),
    ],
)
def test_a_file_that_is_no_map_leaves_the_map_and_a_sentence(
    app: Flask, client: FlaskClient, admin: StaffAccount, ward: Ward, data: bytes, name: str
) -> None:
    upload(client, data, name)
    work(app, FILE, ward)
    task = last_task()
    assert task.state == "failed"
    assert task.error not in ("", "unexpected")
    assert not Path(task.payload["path"]).exists()
    assert task.error in client.get("/ban-do/").text
    assert current_map(ward).id is None


@pytest.mark.parametrize("name", ["", "ward.exe", "../../etc/passwd", "x" * 5000])
def test_other_files_are_refused(client: FlaskClient, admin: StaffAccount, name: str) -> None:
    assert upload(client, b"x", name).status_code == 302
    assert db.session.scalars(select(Task)).all() == []


def test_a_name_with_folders_stays_in_the_data_folder(client: FlaskClient, admin: StaffAccount, app: Flask) -> None:
    upload(client, b"x", "../../../tmp/evil.json")
    path = Path(last_task().payload["path"])
    assert path.parent == app.config["SETTINGS"].data_dir.absolute() / "uploads"


def test_only_one_map_is_brought_in_at_a_time(client: FlaskClient, admin: StaffAccount) -> None:
    upload(client, json.dumps(OVERPASS).encode(), "ward.json")
    upload(client, json.dumps(OVERPASS).encode(), "ward.json")
    client.post("/ban-do/tai")
    assert len(db.session.scalars(select(Task)).all()) == 1


def test_an_import_is_stopped(app: Flask, client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    upload(client, json.dumps(OVERPASS).encode(), "ward.json")
    # somebody presses the button just after the work has begun
    task = last_task()
    task.stop_requested = True
    db.session.commit()
    work(app, FILE, ward)
    assert last_task().state == "stopped"
    assert current_map(ward).id is None
    assert client.get("/ban-do/").status_code == 200


def test_large_files_are_for_administrators_only(app: Flask, client: FlaskClient, admin: StaffAccount) -> None:
    large = b'{"elements": []}' + b" " * 5_000_000
    assert upload(client, large, "large.json").status_code == 302
    stranger = app.test_client()
    assert upload(stranger, large, "large.json").status_code in (401, 413)


class Overpass(BaseHTTPRequestHandler):
    """Answers as an Overpass server does."""

    answer: ClassVar[tuple[int, bytes]] = (200, b"")
    agents: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.agents.append(self.headers["User-Agent"])
        status, body = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture
def overpass(app: Flask) -> Iterator[type[Overpass]]:
    server = HTTPServer(("127.0.0.1", 0), Overpass)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings = app.config["SETTINGS"]
    usual, settings.overpass_url = settings.overpass_url, f"http://127.0.0.1:{server.server_port}/api/interpreter"
    yield Overpass
    settings.overpass_url = usual
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_map_is_fetched(
    app: Flask, client: FlaskClient, admin: StaffAccount, ward: Ward, overpass: type[Overpass]
) -> None:
    overpass.answer = (200, json.dumps(OVERPASS).encode())
    assert client.post("/ban-do/tai").status_code == 302
    work(app, FETCH, ward)
    assert last_task().state == "done"
    assert "Mân Quang 3" in current_map(ward).gazetteer.streets
    assert overpass.agents[-1].startswith("ship-ho-so/")


def test_a_refusal_is_told(
    app: Flask, client: FlaskClient, admin: StaffAccount, ward: Ward, overpass: type[Overpass]
) -> None:
    overpass.answer = (400, b"Error: parse error")
    client.post("/ban-do/tai")
    work(app, FETCH, ward)
    assert last_task().state == "failed"
    assert "từ chối" in client.get("/ban-do/").text


def test_without_a_network_one_is_told(app: Flask, client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    settings = app.config["SETTINGS"]
    usual, settings.overpass_url = settings.overpass_url, "http://127.0.0.1:9/api/interpreter"
    try:
        client.post("/ban-do/tai")
        work(app, FETCH, ward)
    finally:
        settings.overpass_url = usual
    assert "Không kết nối được máy chủ bản đồ" in client.get("/ban-do/").text


def test_fetching_needs_to_know_where(client: FlaskClient, admin: StaffAccount, ward: Ward) -> None:
    ward.office_lat = ward.office_lon = None
    client.post("/ban-do/tai")
    assert db.session.scalars(select(Task)).all() == []


def test_the_base_map_is_gzipped_and_not_sent_twice(client: FlaskClient, ward: Ward) -> None:
    login_as(client, ward, Role.HOTLINE)
    packed = client.get("/ban-do/nen.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    plain = client.get("/ban-do/nen.json")
    assert json.loads(gzip.decompress(packed.data)) == plain.json
    assert plain.json is not None
    assert plain.json["attribution"]
    again = client.get("/ban-do/nen.json", headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_base_map_is_for_staff_and_volunteers_phones(app: Flask, client: FlaskClient, ward: Ward) -> None:
    phone = app.test_client()
    assert phone.get("/ban-do/nen.json").status_code == 401
    _device, key = enrol(link_for(make_duty(ward, make_volunteer(ward))))
    phone.set_cookie(COOKIE, key, domain="ward.test")
    assert phone.get("/ban-do/nen.json").status_code == 200


# --- The command line


def run(tmp_path: Path, *words: str, monkeypatch: pytest.MonkeyPatch, **environment: str) -> Any:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(cli, words, catch_exceptions=False)


def test_commands_found_a_ward_and_give_it_a_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(tmp_path, "init", monkeypatch=monkeypatch)
    assert first.exit_code == 0
    assert "/cai-dat/bat-dau" in first.output
    assert run(tmp_path, "init", monkeypatch=monkeypatch).output == first.output
    file = tmp_path / "ward.json"
    file.write_text(json.dumps(OVERPASS))
    assert "2 đường" in run(tmp_path, "map", "import", str(file), monkeypatch=monkeypatch).output
    said = run(tmp_path, "route", "12 Ngô Quyền", "Mân Quang 3", monkeypatch=monkeypatch)
    assert said.exit_code == 0
    assert "Ngô Quyền → Mân Quang 3" in said.output
    lost = run(tmp_path, "route", "12 Ngô Quyền", "Xyz", monkeypatch=monkeypatch)
    assert (lost.exit_code, "Chưa tìm được vị trí của “Xyz”" in lost.output) == (1, True)
    file.write_text("{}")
    wrong = run(tmp_path, "map", "import", str(file), monkeypatch=monkeypatch)
    assert wrong.exit_code == 1
    assert "không đọc được" in wrong.output
    away = run(tmp_path, "map", "fetch", monkeypatch=monkeypatch, OVERPASS_URL="http://127.0.0.1:9/")
    assert away.exit_code == 1
    user = ("user", "add", "hoa", "--role", "admin")
    short = run(tmp_path, *user, monkeypatch=monkeypatch, PASSWORD="ngắn")
    assert short.exit_code == 1
    assert run(tmp_path, *user, monkeypatch=monkeypatch, PASSWORD="một mật khẩu dài").exit_code == 0
    assert run(tmp_path, *user, monkeypatch=monkeypatch).exit_code == 1
    assert "/cai-dat/bat-dau" not in run(tmp_path, "init", monkeypatch=monkeypatch).output


def test_nobody_waits_for_the_database_while_a_map_comes_in(ward: Ward, client: FlaskClient, app: Flask) -> None:
    login_as(client, ward, Role.ADMIN)
    app.config["WTF_CSRF_ENABLED"] = True  # what reads a form first
    written: list[int] = []

    class Upload(BytesIO):
        def readinto(self, into: Any) -> int:
            if not written:
                with db.engine.begin() as connection:  # on SQLite it would wait half a minute, and fail
                    written.append(connection.execute(update(Ward).values(city="Đà Nẵng")).rowcount)
            return super().readinto(into)

    try:
        body = Upload(b"--x\r\n\r\n--x--\r\n")
        client.post("/ban-do/tep", input_stream=body, content_type="multipart/form-data; boundary=x", content_length=17)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert written == [1]


def test_a_citys_map_goes_out_in_tiles_that_are_fetched_once(
    client: FlaskClient, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    login_as(client, ward, Role.HOTLINE)
    assert "features" in client.get("/ban-do/nen.json").json
    monkeypatch.setattr("dispatch.wards.map_store.LARGEST_WHOLE", 0)
    about = client.get("/ban-do/nen.json").json
    west, south, east, north = about["bounds"]
    assert west < LON < east
    assert south < LAT < north
    assert "OpenStreetMap" in about["attribution"]
    tile = client.get(about["tiles"].format(z=14, x=13118, y=7449))
    assert (tile.status_code, tile.mimetype) == (200, "application/vnd.mapbox-vector-tile")
    assert "Ngô Quyền".encode() in tile.data
    assert "immutable" in tile.headers["Cache-Control"]
    assert client.get("/ban-do/o/00000000/14/13118/7449.mvt").status_code == 404
