"""Pictures in a bucket: the same as in a folder, through the real client, against a server that checks signatures."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from dispatch.accounts.models import Role
from dispatch.clock import now
from dispatch.command_line import cli
from dispatch.config import Settings, load_settings
from dispatch.custody.files import forget_files, keep_file
from dispatch.custody.models import ProofFile
from dispatch.custody.store import StoreUnreachable, configure_store, store
from dispatch.database import db
from dispatch.duty.models import Device
from dispatch.wards.models import Ward
from tests.app import s3_server
from tests.app.field_makers import make_jobs, make_route, open_phone, send, tap
from tests.app.makers import login_as, make_duty, make_volunteer
from tests.app.s3_server import Bucket
from tests.app.test_custody_files import photo, upload


def settings_of(bucket: Bucket, app: Flask, **others: str) -> Settings:
    keys = {"files_key_id": s3_server.KEY_ID, "files_secret": s3_server.SECRET, **others}
    url = f"s3://{s3_server.BUCKET}/son-tra"
    folder = app.config["SETTINGS"].data_dir
    return load_settings(data_dir=folder, files_url=url, files_endpoint=bucket.url, **keys)


@pytest.fixture
def bucket(app: Flask) -> Iterator[Bucket]:
    before = app.extensions["files"]
    with s3_server.serving() as bucket:
        configure_store(app, settings_of(bucket, app))
        yield bucket
    app.extensions["files"] = before


def test_a_bucket_does_what_a_folder_does(bucket: Bucket) -> None:
    store().put("abc", b"one")
    store().put("abc", b"two")
    assert bucket.objects == {"son-tra/abc": b"two"}
    assert store().get("abc") == b"two"
    assert store().get("nothing") is None
    store().delete("abc")
    store().delete("abc")
    assert bucket.objects == {}


def test_a_wrong_secret_is_said_and_not_taken_for_an_empty_bucket(bucket: Bucket, app: Flask) -> None:
    configure_store(app, settings_of(bucket, app, files_secret="wrong"))
    with pytest.raises(StoreUnreachable, match="SignatureDoesNotMatch"):
        store().get("abc")
    with pytest.raises(StoreUnreachable):
        store().put("abc", b"one")
    assert bucket.objects == {}


def test_a_picture_goes_to_the_bucket_and_is_forgotten_there(
    ward: Ward, client: FlaskClient, app: Flask, bucket: Bucket
) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    [job] = make_jobs(ward, 1)
    make_route(ward, duty, [job])
    open_phone(client, duty)
    done = tap("done", job, originals=1)
    send(client, done)
    assert upload(client, done["key"], photo(), "signature").get_json()["state"] == "accepted"
    kept = db.session.scalars(select(ProofFile)).one()
    assert list(bucket.objects) == [f"son-tra/{kept.public_id}"]
    officer = app.test_client()
    login_as(officer, ward, Role.OFFICER)
    assert officer.get(f"/ban-giao/tep/{kept.public_id}").data == bucket.objects[f"son-tra/{kept.public_id}"]
    kept.received_at = now() - timedelta(days=91)
    db.session.commit()
    forget_files(ward.id)
    assert bucket.objects == {}
    assert db.session.get_one(ProofFile, kept.id).deleted_at is not None


def test_while_the_bucket_is_down_the_phone_keeps_the_picture(
    ward: Ward, client: FlaskClient, app: Flask, bucket: Bucket
) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    make_route(ward, duty, make_jobs(ward, 1))
    open_phone(client, duty)
    key, bucket.is_down = str(uuid4()), True
    assert upload(client, key, photo(60, 40)).status_code == 503, "the phone tries again after any 5xx"
    assert db.session.scalars(select(ProofFile)).all() == []
    bucket.is_down = False
    assert upload(client, key, photo(60, 40)).get_json()["state"] == "accepted"
    row = db.session.scalars(select(ProofFile)).one()
    row.received_at = now() - timedelta(days=91)
    db.session.commit()
    bucket.is_down = True
    with pytest.raises(StoreUnreachable):
        forget_files(ward.id)
    assert db.session.get_one(ProofFile, row.id).deleted_at is None, "not said to be gone while it may be there"
    bucket.is_down = False
    forget_files(ward.id)
    assert bucket.objects == {}


def test_a_picture_that_nobody_can_fetch_now_is_no_missing_page(
    ward: Ward, client: FlaskClient, app: Flask, bucket: Bucket
) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    [job] = make_jobs(ward, 1)
    make_route(ward, duty, [job])
    open_phone(client, duty)
    done = tap("done", job, originals=1)
    send(client, done)
    upload(client, done["key"], photo(), "signature")
    officer = app.test_client()
    login_as(officer, ward, Role.OFFICER)
    bucket.is_down = True
    kept = db.session.scalars(select(ProofFile)).one()
    answer = officer.get(f"/ban-giao/tep/{kept.public_id}")
    assert answer.status_code == 503
    assert "thử lại" in answer.text


def test_an_upload_that_was_cut_off_leaves_no_second_copy(ward: Ward, client: FlaskClient, bucket: Bucket) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    make_route(ward, duty, make_jobs(ward, 1))
    open_phone(client, duty)
    key, phone = str(uuid4()), db.session.scalars(select(Device)).one()

    def pull_the_plug(*_: object) -> None:
        raise OSError("the database is gone")

    event.listen(db.session, "before_flush", pull_the_plug)
    try:
        with pytest.raises(OSError, match="gone"):
            keep_file(phone, key, "photo", photo(60, 40))
    finally:
        event.remove(db.session, "before_flush", pull_the_plug)
    db.session.rollback()
    first = list(bucket.objects)
    assert upload(client, key, photo(60, 40)).get_json()["state"] == "accepted"
    assert list(bucket.objects) == first == [f"son-tra/{db.session.scalars(select(ProofFile)).one().public_id}"]


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"FILES_URL": "https://bucket"}, "s3://bucket"),
        ({"FILES_URL": "s3://ho-so"}, "FILES_KEY_ID"),
        (
            {"FILES_URL": "s3://ho-so", "FILES_KEY_ID": "a", "FILES_SECRET": "b", "FILES_ENDPOINT": "kho"},
            "https://host",
        ),
    ],
)
def test_wrong_settings_are_said_at_the_start(app: Flask, environment: dict[str, str], sentence: str) -> None:
    folder = str(app.config["SETTINGS"].data_dir)
    result = CliRunner().invoke(cli, ["init"], env={"DATA_DIR": folder, **environment})
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_missing_package_is_said_at_the_start(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch.custody.bucket.find_spec", lambda _: None)
    folder = str(app.config["SETTINGS"].data_dir)
    keys = {"FILES_URL": "s3://ho-so", "FILES_KEY_ID": "a", "FILES_SECRET": "b"}
    result = CliRunner().invoke(cli, ["init"], env={"DATA_DIR": folder, **keys})
    assert result.exit_code == 2
    assert "pip install '.[s3]'" in result.stderr


def test_backup_and_restore_say_where_the_pictures_are(app: Flask, tmp_path: Path) -> None:
    keys = {"FILES_URL": "s3://ho-so/son-tra", "FILES_KEY_ID": "a", "FILES_SECRET": "b"}
    environment = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "", "SECRET_KEY": "test", **keys}
    run = CliRunner()
    file = str(tmp_path / "phuong.zip")
    assert run.invoke(cli, ["init"], env=environment).exit_code == 0
    assert "s3://ho-so/son-tra/" in run.invoke(cli, ["backup", file], env=environment).stdout
    assert "s3://ho-so/son-tra/ vẫn giữ nguyên" in run.invoke(cli, ["restore", file], env=environment).stdout
    plain = {**environment, "FILES_URL": ""}
    assert str(tmp_path / "files") in run.invoke(cli, ["backup", file], env=plain).stdout
