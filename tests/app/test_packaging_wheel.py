"""The wheel is whole: alone, away from the checkout, it renders Vietnamese pages and serves the map library."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.conftest import REQUIRE_ALL, skip_or_fail

ROOT = Path(__file__).parents[2]
LOOK = """
import app
client = app.create_app().test_client()
page, library = client.get("/khong-co-trang-nay"), client.get("/static/vendor/maplibre-gl/maplibre-gl.mjs")
words = "Không có trang này" in page.text
print(app.__file__, page.status_code, words, library.status_code, len(library.data) > 500_000)
"""


def test_the_wheel_renders_outside_the_checkout(tmp_path: Path) -> None:
    if not REQUIRE_ALL:
        skip_or_fail("builds a wheel with build packages from the registries: only where everything is required (CI)")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, env={**os.environ, "PATH": str(tmp_path)})  # no Node
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    environment = {"PYTHONPATH": str(tmp_path / "site"), "DATA_DIR": str(tmp_path / "data"), "PYTHONUTF8": "1"}
    look = subprocess.run(
        [sys.executable, "-c", LOOK], check=True, cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert look.stdout.split() == [str(tmp_path / "site" / "app.py"), "404", "True", "200", "True"]
