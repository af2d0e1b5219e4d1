"""Rules of the house that a machine can check."""

import ast
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = sorted(p for folder in ("dispatch", "routing") for p in (ROOT / folder).rglob("*.py"))
NOT_OURS = {".git", ".venv", "vendor", "node_modules", "__pycache__", "var", ".hypothesis"}
TEXT_FILES = [
    p
    for p in ROOT.rglob("*")
    if p.is_file()
    and not {".git", ".venv", "vendor", "node_modules", "__pycache__", "var", ".hypothesis"}
    & set(p.relative_to(ROOT).parts)
    and p.suffix in {".py", ".md", ".toml", ".json", ".html", ".js", ".css", ".po", ".csv", ""}
]


def imported_by(path: Path) -> set[str]:
    """Top-level packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", [p for p in PYTHON if "routing" in p.relative_to(ROOT).parts[:1]], ids=str)
def test_routing_imports_nothing_of_dispatch_nor_the_web_nor_the_database(path: Path) -> None:
    assert not imported_by(path) & {"dispatch", "app", "flask", "sqlalchemy", "flask_sqlalchemy"}


def test_the_independent_checker_does_not_know_routing() -> None:
    assert not imported_by(ROOT / "tests" / "checker.py") & {"routing", "dispatch", "app", "tests"}


def test_modules_are_small() -> None:
    lengths = {p: len(p.read_text("utf-8").splitlines()) for p in PYTHON if "versions" not in p.parts}
    assert {str(p): n for p, n in lengths.items() if n > (600 if p.name == "kernel.py" else 400)} == {}
    assert statistics.median(lengths.values()) <= 100


def test_no_package_registry_is_named() -> None:
    hosts = re.compile(r"registry\.npmjs|pypi\.org|pythonhosted|deb\.debian")
    own = Path(__file__)
    assert [str(p) for p in TEXT_FILES if p != own and hosts.search(p.read_text("utf-8", "ignore"))] == []


def test_migrations_go_forward_in_one_line() -> None:
    versions = sorted((ROOT / "dispatch" / "migrations" / "versions").glob("*.py"))
    revisions = [re.findall(r'^(?:down_)?revision = (?:"(\w+)"|None)', v.read_text(), re.M) for v in versions]
    assert [r[1] for r in revisions] == ["", *(r[0] for r in revisions[:-1])]
