"""Where pictures are kept: outside the database, behind a port of three functions.

A folder in `DATA_DIR`, or a bucket (`bucket.py`) where `FILES_URL` names one.
"""

import os
from pathlib import Path
from typing import Protocol

from flask import Flask, current_app

from dispatch.config import Settings


class StoreUnreachable(RuntimeError):
    """The store does not answer, or does not let us in; the same may work later."""


class Store(Protocol):
    """Bytes by name. `get` gives None for what is not there; deleting what is not there is no error.

    A store may be another machine: never call it in a transaction. `place` is where it is, in words for the operator.
    """

    @property
    def place(self) -> str: ...

    def put(self, name: str, content: bytes) -> None: ...

    def get(self, name: str) -> bytes | None: ...

    def delete(self, name: str) -> None: ...


class FolderStore:
    """Files in a folder that only this user may read; the first letters of a name spread them over sub-folders."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.place = folder, str(folder)

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


def configure_store(app: Flask, settings: Settings) -> None:
    """The store of the settings. Raises ConfigurationError where what it needs is not installed."""
    if not settings.files_url:
        app.extensions["files"] = FolderStore(settings.data_dir / "files")
        return
    from dispatch.custody.bucket import bucket_of

    app.extensions["files"] = bucket_of(settings)


def store() -> Store:
    """The store of this installation."""
    found: Store = current_app.extensions["files"]
    return found
