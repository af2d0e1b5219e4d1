"""A dossier's past, written as the events that would have made it, then derived once."""

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch.database import db
from dispatch.dossiers.events import Actor
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.dossiers.projection import project


class Past:
    """Writes events with times of the past for one dossier; keys come from the seed, so a demo is the same again."""

    def __init__(self, dossier: Dossier, rng: random.Random) -> None:
        self.dossier, self.rng = dossier, rng

    def job(self, leg: str, created_at: datetime) -> Job:
        job = Job(ward_id=self.dossier.ward_id, dossier_id=self.dossier.id, leg=leg, created_at=created_at)
        db.session.add(job)
        db.session.flush()
        return job

    def write(
        self,
        kind: str,
        at: datetime,
        actor: Actor,
        *,
        job: Job | None = None,
        duty_id: int | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Append one event as it would have been recorded then."""
        db.session.add(
            Event(
                ward_id=self.dossier.ward_id,
                key=str(UUID(int=self.rng.getrandbits(128), version=4)),
                kind=kind,
                dossier_id=self.dossier.id,
                job_id=job.id if job else None,
                duty_id=duty_id,
                actor_kind=actor.kind,
                actor_id=actor.id,
                occurred_at=at,
                received_at=at,
                data=dict(data or {}),
            )
        )

    def close(self) -> None:
        """Derive the states from what was written."""
        db.session.flush()
        project(self.dossier)
