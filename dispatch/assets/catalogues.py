"""Message catalogues: the .po files are kept, the .mo files that gettext reads are compiled from them."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PATTERN = "dispatch/**/translations/*/LC_MESSAGES/*.po"


def compile_catalogues(root: Path) -> list[Path]:
    """Compile every catalogue below `root` whose .mo is missing or older than its .po; return the files written.

    Only in a checkout: an installed wheel brings them compiled, often into a folder that nobody may write.
    """
    if not (root / "pyproject.toml").exists():
        return []
    stale = [source for source in sorted(root.glob(PATTERN)) if _is_stale(source)]
    return [_compile(source) for source in stale]


def _is_stale(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return not target.exists() or target.stat().st_mtime < source.stat().st_mtime


def _compile(source: Path) -> Path:
    with source.open("rb") as stream:
        catalogue = read_po(stream, locale=source.parent.parent.name, abort_invalid=True)
    target = source.with_suffix(".mo")
    # Renamed into place, so that no reader meets half a file; a name of this process's own, as several may start.
    fresh = target.with_suffix(f".mo.{os.getpid()}")
    with fresh.open("wb") as stream:
        write_mo(stream, catalogue)
    fresh.replace(target)
    return target
