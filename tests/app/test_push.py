"""Push messages to phones, over HTTP against a push service on loopback that checks signature and encryption."""

import re
import time
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from dispatch.command_line import cli
from dispatch.config import ConfigurationError, Settings, load_settings
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.duty.links import reissue
from dispatch.duty.models import Duty
from dispatch.live.keys import new_key
from dispatch.live.models import PushSubscription
from dispatch.live.push import public_key, send_pushes
from dispatch.tasks.queue import start_embedded_worker
from dispatch.wards.models import Ward
from tests.app.conftest import move_clock
from tests.app.field_makers import make_jobs, make_route, open_phone, send, tap
from tests.app.makers import STAFF, make_duty, make_volunteer
from tests.app.push_server import PushServer, push_server

WORDS = "Tuyến của bạn có thay đổi. Mở để xem."


@pytest.fixture
def settings(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """With a key, and loopback as a push service."""
    settings: Settings = app.config["SETTINGS"]
    monkeypatch.setattr(settings, "vapid_private_key", new_key())
    monkeypatch.setattr(settings, "push_services", "127.0.0.1")
    monkeypatch.setattr(settings, "public_url", "https://hoso.example.vn")
    return settings


@pytest.fixture
def service(settings: Settings) -> Iterator[PushServer]:
    with push_server() as service:
        yield service


@pytest.fixture
def duty(ward: Ward, client: FlaskClient, service: PushServer) -> Duty:
    """A phone that has seen its three doors and wants to be told."""
    duty = make_duty(ward, make_volunteer(ward))
    make_route(ward, duty, make_jobs(ward, 3))
    open_phone(client, duty)
    assert 'data-on=""' in client.get("/tuyen").text
    answer = client.post("/tuyen/thong-bao", json=service.subscription())
    assert answer.get_json() == {"on": True}
    assert 'data-on="yes"' in client.get("/tuyen").text
    send_pushes(ward.id)
    assert service.posts == 0, "what it has seen is no news"
    return duty


def subscriptions() -> int:
    return db.session.scalar(select(func.count()).select_from(PushSubscription)) or 0


def change(ward: Ward, duty: Duty) -> None:
    """The desk plans another door."""
    route = [stop.job for stop in _stops(duty)]
    make_route(ward, duty, [*route, *make_jobs(ward, 1)])


def _stops(duty: Duty) -> list:  # type: ignore[type-arg]
    from dispatch.planning.in_force import plan_in_force

    plan = plan_in_force(duty.ward_id, duty.service_date)
    return [stop for route in plan.routes for stop in route.stops] if plan else []


def test_a_change_is_told_once_signed_encrypted_and_without_names(
    ward: Ward, duty: Duty, client: FlaskClient, service: PushServer
) -> None:
    change(ward, duty)
    send_pushes(ward.id)
    send_pushes(ward.id)
    (told,) = service.heard
    assert told["text"] == WORDS
    assert told["key"] == public_key()
    assert told["claims"]["aud"] == service.url
    assert told["claims"]["sub"] == "https://hoso.example.vn"
    assert time.time() < told["claims"]["exp"] <= time.time() + 24 * 3600
    assert int(told["ttl"]) > 0
    assert f'data-key="{public_key()}"' in client.get("/tuyen").text


def test_what_the_volunteer_does_is_no_news_and_what_the_desk_takes_away_is(
    ward: Ward, duty: Duty, client: FlaskClient, service: PushServer
) -> None:
    jobs = [stop.job for stop in _stops(duty)]
    send(client, tap("set_out", jobs[0]), tap("arrived", jobs[0]), tap("done", jobs[0]))
    send_pushes(ward.id)
    assert service.posts == 0
    operations.cancel(jobs[2].dossier, STAFF)
    db.session.commit()
    send_pushes(ward.id)
    assert [told["text"] for told in service.heard] == [WORDS]


def test_a_clear_failure_is_tried_again_later_and_then_left(
    app: Flask, ward: Ward, duty: Duty, service: PushServer
) -> None:
    service.answers.extend([503, 429])
    change(ward, duty)
    send_pushes(ward.id)
    send_pushes(ward.id)
    assert service.posts == 1, "not at once"
    move_clock(app, minutes=2)
    send_pushes(ward.id)
    assert (service.posts, service.heard) == (2, [])
    move_clock(app, minutes=6)
    send_pushes(ward.id)
    assert [told["text"] for told in service.heard] == [WORDS]
    service.answers.extend([500] * 20)
    change(ward, duty)
    for _ in range(20):
        send_pushes(ward.id)
        move_clock(app, minutes=25)
    assert service.posts == 3 + 4, "three more tries, then the page alone says it"
    assert subscriptions() == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_forgotten(ward: Ward, duty: Duty, service: PushServer, status: int) -> None:
    service.answers.append(status)
    change(ward, duty)
    send_pushes(ward.id)
    assert subscriptions() == 0


@pytest.mark.parametrize("status", [400, 403, 413, 307])
def test_what_is_refused_is_not_sent_again_or_elsewhere(
    app: Flask, ward: Ward, duty: Duty, service: PushServer, status: int
) -> None:
    service.answers.append(status)
    change(ward, duty)
    send_pushes(ward.id)
    assert [told for told in service.heard if told["path"] == "/elsewhere"] == []
    if status != 307:
        move_clock(app, hours=1)
        send_pushes(ward.id)
        assert service.posts == 1


def test_it_goes_with_the_link(app: Flask, ward: Ward, duty: Duty, service: PushServer) -> None:
    reissue(duty)
    change(ward, duty)
    send_pushes(ward.id)
    assert (subscriptions(), service.posts) == (0, 0)


def test_it_can_be_turned_off(ward: Ward, duty: Duty, client: FlaskClient, service: PushServer) -> None:
    assert client.post("/tuyen/thong-bao/tat", json={}).get_json() == {"on": False}
    change(ward, duty)
    send_pushes(ward.id)
    assert (subscriptions(), service.posts) == (0, 0)


def test_the_task_queue_sends_it_after_the_commit(
    app: Flask, ward: Ward, duty: Duty, service: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "queue_mode", "embedded")
    consumer = start_embedded_worker(app)
    try:
        change(ward, duty)
        for _ in range(600):
            if service.heard:
                break
            time.sleep(0.1)
    finally:
        consumer.stop(graceful=True)
    assert [told["text"] for told in service.heard][:1] == [WORDS]


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://example.vn/push",
        "https://fcm.googleapis.com.example.vn/push",
        "http://fcm.googleapis.com/push",
        "https://fcm.googleapis.com:8443/push",
        "https://me@fcm.googleapis.com/push",
        "https://127.0.0.1/push",
        "http://localhost:6379/",
        "https://fcm.googleapis.com/" + "x" * 3000,
        "https://[::1",
        "",
    ],
)
def test_this_server_posts_to_known_services_alone(
    duty: Duty, client: FlaskClient, service: PushServer, settings: Settings, endpoint: str
) -> None:
    settings.push_services = "fcm.googleapis.com"
    body = {**service.subscription(), "endpoint": endpoint}
    assert client.post("/tuyen/thong-bao", json=body).status_code == 400
    good = {**body, "endpoint": "https://fcm.googleapis.com/fcm/send/abc"}
    assert client.post("/tuyen/thong-bao", json=good).status_code == 200
    assert client.post("/tuyen/thong-bao", json={**good, "keys": {"p256dh": "x", "auth": "y"}}).status_code == 400


def test_without_keys_nothing_is_offered(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    make_route(ward, duty, make_jobs(ward, 1))
    open_phone(client, duty)
    assert "field-push.js" not in client.get("/tuyen").text
    with push_server() as service:
        assert client.post("/tuyen/thong-bao", json=service.subscription()).status_code == 400


def test_the_command_makes_a_key_that_the_settings_take() -> None:
    line = CliRunner().invoke(cli, ["push", "keys"]).output.strip()
    key = re.fullmatch(r"VAPID_PRIVATE_KEY=(\S+)", line)
    assert key is not None
    assert load_settings(vapid_private_key=key[1]).sends_push
    assert not load_settings(vapid_private_key=key[1], demo=True).sends_push
    with pytest.raises(ConfigurationError, match="VAPID_PRIVATE_KEY"):
        load_settings(vapid_private_key="not a key")
