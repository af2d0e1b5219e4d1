"""What every page shares: an answer for two people who save the same thing at the same moment."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from dispatch.accounts.models import Role
from dispatch.wards.models import Ward
from tests.app.makers import login_as


def test_two_writers_at_once_get_a_sentence(
    app: Flask, client: FlaskClient, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    login_as(client, ward, Role.CHAIRMAN)

    def clash() -> None:
        raise IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed"))

    clash.access = app.view_functions["reports.overview"].access  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "reports.overview", clash)
    answer = client.get("/bao-cao/")
    assert answer.status_code == 409
    assert "Có người khác vừa lưu cùng lúc" in answer.text
