"""Where pictures are kept: outside the database, behind a port of three functions.

The folder in `DATA_DIR` is the only store that comes with the program. An object store would be another class with
these functions, chosen in `store()`.
"""

import os
from pathlib import Path
from typing import Protocol

from flask import current_app


class Store(Protocol):
    """Bytes by name. `get` gives None for what is not there; deleting what is not there is no error."""

    def put(self, name: str, content: bytes) -> None: ...

    def get(self, name: str) -> bytes | None: ...

    def delete(self, name: str) -> None: ...


class FolderStore:
    """Files in a folder that only this user may read; the first letters of a name spread them over sub-folders."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, content: bytes) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def get(self, name: str) -> bytes | None:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name


def store() -> Store:
    """The store of this installation."""
    return FolderStore(current_app.config["SETTINGS"].data_dir / "files")
