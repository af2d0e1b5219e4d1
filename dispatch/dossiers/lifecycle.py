"""What may follow what, one table a life cycle. The README's diagrams are drawn from these tables.

The tables guard commands from the desk. The projection is total all the same: what happened at a door is a fact and
holds in any state, and a fact that the table did not expect leaves a flag for the desk to look at.
"""

from dataclasses import dataclass

Table = dict[tuple[str, str], str]


@dataclass(frozen=True)
class LifeCycle:
    """States and what leads from one to the next; `facts` lead to their state from wherever they come."""

    name: str
    start: str
    table: Table
    facts: dict[str, str]
    final: frozenset[str]

    def allows(self, state: str, kind: str) -> bool:
        """Whether the desk may give this command now."""
        return (state, kind) in self.table

    def follow(self, state: str, kind: str) -> tuple[str, str | None]:
        """State after an event of this kind, and a flag where the event was not expected in that state."""
        if (state, kind) in self.table:
            return self.table[state, kind], None
        return self.facts.get(kind, state), f"{kind} in {state}"

    @property
    def states(self) -> list[str]:
        """All states, in the order in which the table names them."""
        named = [self.start, *(s for (before, _), after in self.table.items() for s in (before, after))]
        return list(dict.fromkeys(named))

    def mermaid(self) -> str:
        """The diagram for the README (mermaid.js state diagram)."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        lines += [f"    {a} --> {b}: {kind}" for (a, kind), b in self.table.items() if a != b]
        lines += [f"    {state} --> [*]" for state in self.states if state in self.final]
        return "\n".join(lines)


def _table(*rows: tuple[str, str, str]) -> Table:
    """Rows of (states separated by blanks, event, next state, or `.` to stay)."""
    return {
        (before, kind): before if after == "." else after for befores, kind, after in rows for before in befores.split()
    }


_UNDER_WAY = "requested carried in_process paused result_ready returning to_bring_in to_give_back"
_OFFICIAL = "in_process paused result_ready returning to_give_back closed given_back"
_ANY_JOB = "open planned under_way at_door undecided done given_up posted cancelled"

JOB = LifeCycle(
    name="job",
    start="open",
    table=_table(
        ("open", "opened", "open"),
        ("open planned under_way at_door undecided", "promised", "."),
        ("open planned", "planned", "planned"),
        ("under_way at_door", "planned", "."),
        ("planned under_way", "unplanned", "open"),
        ("open planned under_way at_door", "rescheduled", "open"),
        ("open", "relocated", "open"),
        ("planned", "relocated", "open"),
        ("open planned", "set_out", "under_way"),
        ("open planned under_way", "arrived", "at_door"),
        ("open planned under_way at_door", "done", "done"),
        ("open planned under_way at_door", "not_done", "undecided"),
        ("undecided", "retry", "open"),
        ("undecided", "gave_up", "given_up"),
        ("undecided open planned", "posted", "posted"),
        ("open planned under_way at_door undecided", "cancelled", "cancelled"),
        (_ANY_JOB, "checked", "."),
        (_ANY_JOB, "incident", "."),
        (_ANY_JOB, "passed_on", "."),
        ("done", "gave_back", "."),
    ),
    facts={"done": "done"},
    final=frozenset({"done", "given_up", "posted", "cancelled"}),
)

DOSSIER = LifeCycle(
    name="dossier",
    start="requested",
    table=_table(
        ("requested", "opened", "requested"),
        ("requested", "collected", "carried"),
        ("requested carried", "received", "in_process"),
        ("carried in_process to_give_back", "handed_in", "."),
        ("to_bring_in", "handed_in", "to_give_back"),
        ("returning", "handed_in", "result_ready"),
        ("in_process", "paused", "paused"),
        ("paused", "resumed", "in_process"),
        ("in_process paused", "refused", "result_ready"),
        ("requested in_process", "result_ready", "result_ready"),
        ("result_ready", "handed_to_volunteer", "returning"),
        ("to_give_back", "handed_to_volunteer", "."),
        ("returning", "brought_back", "result_ready"),
        ("to_give_back", "brought_back", "."),
        ("carried to_bring_in to_give_back", "gave_back", "given_back"),
        ("result_ready", "handed_to_citizen", "closed"),
        ("to_give_back", "handed_to_citizen", "given_back"),
        ("result_ready returning", "returned", "closed"),
        ("to_bring_in to_give_back", "returned", "given_back"),
        ("result_ready returning", "posted", "closed"),
        ("to_give_back", "posted", "given_back"),
        ("requested", "cancelled", "cancelled"),
        ("carried", "cancelled", "to_bring_in"),
        ("in_process paused result_ready returning", "cancelled", "to_give_back"),
        ("cancelled", "collected", "to_bring_in"),
        (_OFFICIAL, "recoded", "."),
        (f"{_UNDER_WAY} closed given_back cancelled", "noted", "."),
        (f"{_UNDER_WAY} closed given_back cancelled", "checked", "."),
        (f"{_UNDER_WAY} closed given_back cancelled", "explained", "."),
    ),
    facts={"collected": "carried", "returned": "closed", "gave_back": "given_back"},
    final=frozenset({"closed", "given_back", "cancelled"}),
)
