"""Photos and signatures: made anew, kept once, seen only by role, forgotten with time."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from dispatch.accounts.models import Look, Role
from dispatch.clock import now
from dispatch.custody.files import forget_files
from dispatch.custody.models import ProofFile
from dispatch.custody.store import store
from dispatch.database import db
from dispatch.duty.links import revoke
from dispatch.duty.models import Duty
from dispatch.wards.models import Ward
from tests.app.field_makers import make_jobs, make_route, open_phone, send, tap
from tests.app.makers import login_as, make_duty, make_volunteer

GPS = 0x8825


def photo(width: int = 2400, height: int = 1800) -> bytes:
    """As a phone's camera writes it: large, lying on its side, with the place in it."""
    picture, out = Image.new("RGB", (width, height), "navy"), BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif.get_ifd(GPS)[2] = (16.0, 5.0, 36.0)
    exif[0x010F] = "Oppo"
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def upload(client: FlaskClient, key: str, content: bytes, kind: str = "photo") -> TestResponse:
    return client.post("/tuyen/tep", data={"key": key, "kind": kind, "file": (BytesIO(content), "anh.jpg")})


@pytest.fixture
def duty(ward: Ward, client: FlaskClient) -> Duty:
    duty = make_duty(ward, make_volunteer(ward))
    make_route(ward, duty, make_jobs(ward, 1))
    open_phone(client, duty)
    return duty


def test_a_picture_is_made_anew_and_kept_once(duty: Duty, client: FlaskClient) -> None:
    key = str(uuid4())
    assert upload(client, key, photo()).get_json()["state"] == "accepted"
    assert upload(client, key, photo()).get_json()["state"] == "known"
    kept = db.session.scalars(select(ProofFile)).one()
    content = store().get(kept.public_id)
    assert content is not None
    with Image.open(BytesIO(content)) as picture:
        assert picture.size == (1200, 1600), "upright and no larger than needed"
        assert not picture.getexif()
    assert b"Oppo" not in content


def test_it_is_accepted_before_its_event_and_after_the_link(
    ward: Ward, duty: Duty, client: FlaskClient, app: Flask
) -> None:
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    revoke(duty)
    db.session.commit()
    done = tap("done", job, originals=1)
    assert upload(client, done["key"], photo(), "signature").status_code == 200
    kept = db.session.scalars(select(ProofFile)).one()
    officer = app.test_client()
    login_as(officer, ward, Role.OFFICER)
    assert officer.get(f"/ban-giao/tep/{kept.public_id}").status_code == 404, "nobody knows yet whose it is"
    send(client, done)
    shown = officer.get(f"/ban-giao/tep/{kept.public_id}")
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    look = db.session.scalars(select(Look).where(Look.page == "custody.file")).one()
    assert look.subject_id == job.dossier.beneficiary_id
    assert kept.public_id in officer.get(f"/ho-so/{job.dossier.code}").text
    hotline = app.test_client()
    login_as(hotline, ward, Role.HOTLINE)
    assert hotline.get(f"/ban-giao/tep/{kept.public_id}").status_code == 403
    assert kept.public_id not in hotline.get(f"/ho-so/{job.dossier.code}").text


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [(b"<svg onload=alert(1)>", "photo", 422), (b"", "signature", 422), (photo(60, 40), "passport", 400)],
)
def test_what_is_no_picture_is_turned_away(
    duty: Duty, client: FlaskClient, content: bytes, kind: str, status: int
) -> None:
    assert upload(client, str(uuid4()), content, kind).status_code == status
    assert db.session.scalars(select(ProofFile)).all() == []


def test_a_page_of_somebody_else_sends_nothing(duty: Duty, client: FlaskClient) -> None:
    form = {"key": str(uuid4()), "kind": "photo", "file": (BytesIO(photo(60, 40)), "anh.jpg")}
    assert client.post("/tuyen/tep", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_pictures_are_forgotten_with_time(ward: Ward, duty: Duty, client: FlaskClient) -> None:
    old, young = str(uuid4()), str(uuid4())
    for key in (old, young):
        upload(client, key, photo(60, 40))
    rows = {file.event_key: file for file in db.session.scalars(select(ProofFile))}
    rows[old].received_at = now() - timedelta(days=91)
    db.session.commit()
    forget_files(ward.id)
    assert store().get(rows[old].public_id) is None
    assert store().get(rows[young].public_id) is not None
    assert rows[old].deleted_at is not None
    assert upload(client, old, photo(60, 40)).get_json()["state"] == "known", "it does not come back"
