"""`python app.py geocode`: one address, or a table of them."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dispatch.command_line import application, cli, migrate_schema
from dispatch.database import db
from dispatch.wards.operations import found_ward
from tests.conftest import SHARED_DATA, skip_or_fail

EXTRACT = SHARED_DATA / "hai_chau.osm.pbf"


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["geocode", *arguments])


def test_without_a_ward_it_asks_the_starter_map(data_dir: Path) -> None:
    done = _run("12 ngo quyen, tho quang")
    assert done.exit_code == 0, done.output
    assert "number=12; street=Ngô Quyền; ward=Thọ Quang" in done.output
    assert "1. 12 Ngô Quyền, street, 16." in done.output
    assert "Chưa đủ chắc" in done.output


def test_candidates_of_a_family_are_all_listed(data_dir: Path) -> None:
    lines = _run("19 Mân Quang").output.splitlines()
    assert sum("Mân Quang" in line for line in lines[1:]) > 3


def test_what_lies_elsewhere_is_said_and_not_placed(data_dir: Path) -> None:
    app, _settings = application()
    migrate_schema(app)
    with app.app_context():
        found_ward("Phường Sơn Trà", old_names=["Thọ Quang"])
        db.session.commit()
    done = _run("Tổ 25, An Hải")
    assert (done.exit_code, "area" in done.output) == (0, False)
    assert "thuộc An Hải, ngoài địa bàn Phường Sơn Trà" in done.output
    done = _run("H12/K34/5 Trần Nhân Tông")
    assert "street=Trần Nhân Tông" in done.output
    assert "không có đường Trần Nhân Tông" in done.output
    assert "1. K34/12/5 Trần Thánh Tông, interpolated" in done.output


def test_a_table_keeps_its_rows_and_its_truth(data_dir: Path) -> None:
    source, target = data_dir / "in.csv", data_dir / "out.csv"
    source.write_text(
        "code,address,lat,lon\na,12 Ngô Quyền,16.1012,108.2473\nb,,,\nc,Ngô Quyền,x,108.2\n"
        "d,9 Không Có Thật,16.1,108.2\n",
        encoding="utf-8-sig",
    )
    done = _run("--csv", str(source), "--out", str(target))
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(target.read_text("utf-8").splitlines()))
    names = "code address truth_lat truth_lon lat lon class radius_m probability understood"
    assert list(rows[0]) == names.split()
    assert [row["code"] for row in rows] == ["a", "b", "c", "d"]
    assert (rows[0]["truth_lat"], rows[0]["class"]) == ("16.1012", "street")
    assert abs(float(rows[0]["lat"]) - 16.1012) < 0.001
    assert 0 < float(rows[0]["probability"]) < 1
    assert rows[3]["class"] == "area"
    assert "p50" in done.output
    assert "Hiệu chuẩn" in done.output


@pytest.mark.parametrize(("arguments", "words"), [((), "Cần TEXT"), (("--csv", __file__), "Cần TEXT")])
def test_what_is_missing_is_said(data_dir: Path, arguments: tuple[str, ...], words: str) -> None:
    done = _run(*arguments)
    assert done.exit_code == 2
    assert words in done.output


def test_a_table_without_addresses_is_refused(data_dir: Path) -> None:
    (data_dir / "in.csv").write_text("name\nx\n", encoding="utf-8")
    done = _run("--csv", str(data_dir / "in.csv"), "--out", str(data_dir / "out.csv"))
    assert done.exit_code == 1
    assert "cột address" in done.output


def test_a_map_file_needs_no_database(data_dir: Path) -> None:
    if not EXTRACT.exists():
        skip_or_fail("the real extract is not here")
    done = _run("--map", str(EXTRACT), "41 le hong phong")
    assert "1. 41 Lê Hồng Phong, exact" in done.output
    assert not list(data_dir.iterdir())


def test_a_file_that_is_no_map_is_refused(data_dir: Path) -> None:
    (data_dir / "no.osm").write_text("?", encoding="utf-8")
    done = _run("--map", str(data_dir / "no.osm"), "12 Ngô Quyền")
    assert done.exit_code == 1
    assert "Không đọc được bản đồ" in done.output
