"""Ground for all tests: the real engines, a clock that stands where a test puts it, and small makers of rows."""

import os
from pathlib import Path

import pytest

from routing.search.workers import standby

standby.idle_s = 5.0  # tests side by side would keep a process each
SHARED_DATA = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"


def skip_or_fail(reason: str) -> None:
    """Skip with a reason a reader accepts; where everything is required (CI), fail instead."""
    if REQUIRE_ALL:
        pytest.fail(f"required here: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project."""
    if not SHARED_DATA.is_dir():
        skip_or_fail(f"no real data in {SHARED_DATA}")
    return SHARED_DATA
