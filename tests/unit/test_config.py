"""Settings: what is wrong is said at the start, and an installation makes its own key."""

from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest

from dispatch.config import ConfigurationError, load_settings


def test_a_worker_without_a_queue_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="QUEUE_URL"):
        load_settings(data_dir=tmp_path, tasks="worker", queue_url="")


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    with ThreadPool(8) as pool:
        keys = pool.map(lambda _: load_settings(data_dir=tmp_path, secret_key="").secret_key, range(8))
    assert len(keys[0]) >= 43
    assert set(keys) == {keys[0]}


def test_an_empty_key_file_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()
    with pytest.raises(ConfigurationError, match=r"secret\.key"):
        load_settings(data_dir=tmp_path, secret_key="")
