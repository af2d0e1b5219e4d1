"""A small torture: the whole one is `python -m tests.torture` (10,000 events, 10 phones, 21 kills)."""

from pathlib import Path

from tests.torture.__main__ import torture


def test_nothing_is_lost_and_nothing_counts_twice_while_servers_are_killed(tmp_path: Path) -> None:
    lines: list[str] = []
    assert torture(300, 4, 4, tmp_path, lines.append) == 0, lines
    assert "kills of the server: 4" in lines[1]
    assert "taps made: 300;" in lines[2]
