"""The phone page as an installed application: what the phone keeps is whole."""

import gzip
import re
from io import BytesIO
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from dispatch.field.installed import shell
from dispatch.wards.models import Ward
from tests.app.field_makers import make_jobs, make_route, open_phone
from tests.app.makers import make_duty, make_volunteer


def test_every_script_that_the_page_needs_is_kept(app: Flask, ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    make_route(ward, duty, make_jobs(ward, 1))
    open_phone(client, duty)
    with app.test_request_context():
        kept = set(shell())
    page = client.get("/tuyen").text
    assert set(re.findall(r'/static/((?:js|css)/[^"]+)"', page)) <= kept
    for name in kept:
        if name.endswith(".js"):
            text = (Path(app.static_folder or "") / name).read_text("utf-8")
            needed = {f"js/{other}" for other in re.findall(r"from '\./([\w-]+\.js)'", text)}
            assert needed <= kept, name


def test_the_worker_knows_the_release_that_the_page_names(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    open_phone(client, duty)
    worker, page = client.get("/tuyen/sw.js"), client.get("/tuyen")
    assert f'const VERSION = "{page.headers["X-Shell"]}"' in worker.text
    assert worker.headers["Service-Worker-Allowed"] == "/"
    seconds = int(page.headers["X-Reads-For"])
    assert 0 < seconds < 24 * 3600, "names leave the phone with the end of the link"


def test_the_phone_gets_its_text_compressed_and_the_desk_does_not(app: Flask, ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    make_route(ward, duty, make_jobs(ward, 3))
    open_phone(client, duty)
    zipped = {"Accept-Encoding": "gzip, br"}
    for name in ("js/field.js", "css/phone.css"):
        packed = client.get(f"/static/{name}", headers=zipped)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        plain = (Path(app.static_folder or "") / name).read_bytes()
        assert len(packed.data) < len(plain) / 2 + 100
        assert gzip.decompress(packed.data) == plain
    assert client.get("/tuyen", headers=zipped).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/tuyen").headers
    assert "Content-Encoding" not in client.get("/dang-nhap", headers=zipped).headers


def test_home_screens_find_an_icon_and_a_start_without_a_token(ward: Ward, client: FlaskClient) -> None:
    open_phone(client, make_duty(ward, make_volunteer(ward)))
    page = client.get("/tuyen").text
    told = client.get("/tuyen/ung-dung.webmanifest")
    assert told.mimetype == "application/manifest+json"
    manifest = told.get_json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/tuyen", "/tuyen", "standalone")
    found = re.search(r'rel="apple-touch-icon" href="([^"]+)"', page)
    assert found is not None
    wanted = [(found[1], "180x180"), *((icon["src"], icon["sizes"]) for icon in manifest["icons"])]
    assert {size for _at, size in wanted} >= {"180x180", "192x192", "512x512", "any"}, "what Android and iOS ask for"
    assert any(icon["purpose"] == "maskable" for icon in manifest["icons"])
    for at, size in wanted:
        with client.get(at) as answer:
            content = answer.data
        assert answer.status_code == 200
        if size != "any":
            with Image.open(BytesIO(content)) as picture:
                assert (picture.format, f"{picture.width}x{picture.height}") == ("PNG", size)
                assert picture.getpixel((2, 2)) == (11, 92, 125), "filled to its corners"
    assert client.get("/tuyen/bieu-tuong-100000.png").status_code == 404
