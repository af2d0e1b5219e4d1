"""The README is true: its diagrams are the tables, its settings are the settings, its commands exist."""

import re
from pathlib import Path

from dispatch.command_line import cli
from dispatch.config import Settings
from dispatch.dossiers.lifecycle import DOSSIER, JOB

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def test_the_diagrams_are_drawn_from_the_tables() -> None:
    assert re.findall(r"```mermaid\n(.*?)\n```", README, re.S) == [JOB.mermaid(), DOSSIER.mermaid()]


def test_every_setting_is_explained() -> None:
    table = README.split("### Settings")[1].split("### Commands")[0]
    assert set(re.findall(r"`([A-Z][A-Z_]+)`", table)) >= {name.upper() for name in Settings.model_fields}


def test_every_command_is_named() -> None:
    named = set(re.findall(r"`(\w+)(?: \w+)?`", README.split("### Commands")[1].split("## The house")[0]))
    assert set(cli.commands) <= named
    assert named - set(cli.commands) <= {"python"}


def test_the_first_two_blocks_are_the_two_commands() -> None:
    first, second = re.findall(r"^```sh\n(.*?)\n```$", README, re.S | re.M)[:2]
    assert "\n" not in first
    assert "\n" not in second
    assert first.endswith("app.py demo")
    assert second.endswith("-m pytest")
