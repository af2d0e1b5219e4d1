"""What an installation is made of: locked browser libraries, declared dependencies, nothing third-party in the tree."""

import ast
import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "dispatch" / "assets"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OF_A_SETTING = PROJECT["optional-dependencies"]["s3"]  # imported only where a setting asks for it


def locked() -> dict[str, dict[str, str]]:
    packages = json.loads((ASSETS / "package-lock.json").read_text())["packages"]
    return {name.removeprefix("node_modules/"): entry for name, entry in packages.items() if name}


def test_every_browser_library_is_locked_by_its_content_and_by_no_address() -> None:
    assert {name for name, entry in locked().items() if not entry["integrity"].startswith("sha512-")} == set()
    assert {name for name, entry in locked().items() if "resolved" in entry} == set()


def test_the_lock_holds_what_package_json_asks_for() -> None:
    wanted = json.loads((ASSETS / "package.json").read_text())["dependencies"]
    assert wanted == {"echarts": "^6.0.0", "maplibre-gl": "^6.0.0", "qr": "^0.7.0"}
    major = {"echarts": "6", "maplibre-gl": "6", "qr": "0"}
    assert {name: locked()[name]["version"].split(".")[0] for name in wanted} == major


def test_the_installation_brought_what_the_scripts_import() -> None:
    scripts = ROOT / "dispatch" / "static" / "js"
    wanted = {
        (script.parent / found).resolve()
        for script in scripts.glob("*.js")
        for found in re.findall(r"'(\.\./vendor/[^']+)'", script.read_text("utf-8"))
    }
    assert {path.name for path in wanted} == {
        "maplibre-gl.mjs",
        "maplibre-gl.css",
        "echarts.common.min.js",
        "decode.js",
    }
    assert [path for path in wanted if not path.is_file()] == [], "run: pip install -e ."


def test_every_package_that_is_imported_is_declared() -> None:
    """Declared itself, or required by one that is declared (werkzeug comes with flask)."""
    declared = {canonicalize_name(Requirement(line).name) for line in [*PROJECT["dependencies"], *OF_A_SETTING]}
    second = {
        canonicalize_name(Requirement(line).name) for name in declared if installed(name) for line in requires(name)
    }
    homes = metadata.packages_distributions()
    missing = {
        module
        for module in imported_modules() - set(sys.stdlib_module_names) - {"dispatch", "routing", "app"}
        if not {canonicalize_name(home) for home in homes.get(module, [])} & (declared | second)
    }
    assert missing == set()


def installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def requires(name: str) -> list[str]:
    return metadata.requires(name) or []


def imported_modules() -> set[str]:
    files = [ROOT / "app.py", *(ROOT / "dispatch").rglob("*.py"), *(ROOT / "routing").rglob("*.py")]
    build = ASSETS / "hatch_build.py"  # runs in the build's own environment
    nodes = [node for file in files if file != build for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    froms = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.split(".")[0] for name in plain | froms}
