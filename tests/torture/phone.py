"""A phone that taps, saves, sends, loses answers, sends again and in disorder; its clock is wrong."""

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

KINDS = ("arrived", "arrived", "done", "done", "not_done", "undone")
REASONS = ("nobody_home", "papers_not_ready", "refused", "other")
AT_ONCE = 12


@dataclass
class Phone:
    """`jobs` are public ids of the doors of its route; `taps` is what its storage holds."""

    name: int
    port: int
    cookie: str
    jobs: list[str]
    wanted: int
    taps: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    lost: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.name)
        self.wrong = timedelta(seconds=self.dice.choice((0, 0, 47, -3600, 7200, -86_400)))
        self.lock = threading.Lock()

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.wrong

    def run(self) -> None:
        """Tap until all is tapped, and send until all is answered."""
        while len(self.taps) < self.wanted or self.unanswered():
            if len(self.taps) < self.wanted and self.dice.random() < 0.8:
                for _ in range(self.dice.randint(1, 8)):
                    self.tap()
            if self.dice.random() < 0.1:
                time.sleep(self.dice.random())  # no network for a while
                continue
            self.send()

    def tap(self) -> None:
        if len(self.taps) >= self.wanted:
            return
        left = self.wanted - len(self.taps)
        kind = self.dice.choice(KINDS)
        job = self.dice.choice(self.jobs)
        if left <= len(self.jobs):  # in the end each door is finished
            kind, job = "done", self.jobs[left - 1]
        tap = {
            "key": str(UUID(int=self.dice.getrandbits(128), version=4)),
            "kind": kind,
            "job": job,
            "seq": len(self.taps) + 1,
            "occurred_at": self.clock().isoformat(),
            "originals": self.dice.randint(0, 5),
            "copies": self.dice.randint(0, 5),
            "reason": self.dice.choice(REASONS),
        }
        if kind == "undone":
            own = [one for one in self.taps[-20:] if one["kind"] != "undone"]
            if not own:
                return
            target = self.dice.choice(own)
            tap |= {"corrects": target["key"], "job": target["job"]}
        self.taps.append(tap)

    def unanswered(self) -> list[dict[str, Any]]:
        return [tap for tap in self.taps if tap["key"] not in self.answers]

    def send(self) -> None:
        """Some of what waits, in disorder now and then, with duplicates of what was answered long ago."""
        batch = self.unanswered()[:AT_ONCE]
        if self.answers and self.dice.random() < 0.3:
            batch += self.dice.sample(self.taps[: len(self.answers)], min(3, len(self.answers)))
        if self.dice.random() < 0.3:
            self.dice.shuffle(batch)
        if not batch:
            return
        self.sent += len(batch)
        try:
            for key, state in self._post(batch, lose=self.dice.random() < 0.1):
                self.answers[key] = state
        except (OSError, http.client.HTTPException, ValueError):
            self.lost += 1
            time.sleep(0.05)

    def _post(self, batch: list[dict[str, Any]], *, lose: bool) -> list[tuple[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            body = json.dumps({"now": self.clock().isoformat(), "events": batch})
            headers = {"Content-Type": "application/json", "Cookie": f"phone={self.cookie}"}
            connection.request("POST", "/tuyen/su-kien", body, headers)
            if lose:
                time.sleep(self.dice.random() * 0.1)
                raise OSError("the answer is lost")
            answer = connection.getresponse()
            if answer.status != 200:
                raise ValueError(answer.status)
            return [(one["key"], one["state"]) for one in json.loads(answer.read())["answers"]]
        finally:
            connection.close()
