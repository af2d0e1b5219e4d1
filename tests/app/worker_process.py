"""A worker process as `python app.py worker` starts it, with one kind of work more: it waits for a file to appear."""

import time
from pathlib import Path
from typing import Any

from app import create_app
from dispatch.tasks.queue import run_worker
from dispatch.tasks.runner import Running, work

KIND = "wait_for_file"


@work(KIND)
def wait_for_file(task: Running) -> dict[str, Any]:
    """Report until the file is there, or somebody asks to stop."""
    while not Path(task.payload["file"]).exists():
        if not task.report(0.5):
            return {"stopped": True}
        time.sleep(0.05)
    return {"seen": True}


if __name__ == "__main__":
    run_worker(create_app())
