"""Numbers of stops on a printed map: those that would cover one another stand together, as `3–5, 8`."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

HIGH = 60  # of a mark, in tenths of a millimetre; as wide where it holds one number
DIGIT = 22  # what each further letter adds to that
GRAZE = 0.8  # marks may touch at their edges: the numbers are still read


@dataclass(frozen=True)
class Mark:
    """What stands at one place of the paper: the labels of its stops in riding order, around (x, y)."""

    labels: tuple[str, ...]
    x: float
    y: float

    @property
    def text(self) -> str:
        """`7`, `3–5`, `⌂, 2, 8`."""
        runs: list[list[str]] = []
        for label in self.labels:
            if runs and _follows(runs[-1][-1], label):
                runs[-1].append(label)
            else:
                runs.append([label])
        return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)

    @property
    def width(self) -> int:
        return HIGH + DIGIT * max(0, len(self.text) - 2)

    def covers(self, other: "Mark") -> bool:
        """So near that one of the numbers could not be read."""
        near = abs(self.x - other.x) < GRAZE * (self.width + other.width) / 2
        return near and abs(self.y - other.y) < GRAZE * HIGH

    def with_(self, other: "Mark") -> "Mark":
        """Both as one, amid their stops."""
        mine, its = len(self.labels), len(other.labels)
        x, y = (mine * self.x + its * other.x) / (mine + its), (mine * self.y + its * other.y) / (mine + its)
        return Mark(tuple(sorted((*self.labels, *other.labels), key=_order)), x, y)


def joined(marks: Sequence[Mark]) -> list[Mark]:
    """The marks, with none that covers another."""
    left = list(marks)
    while pair := next(((a, b) for a, b in combinations(left, 2) if a.covers(b)), None):
        left = [mark for mark in left if mark not in pair]
        left.append(pair[0].with_(pair[1]))
    return left


def _order(label: str) -> tuple[int, str]:
    return (int(label), "") if label.isdecimal() else (-1, label)


def _follows(before: str, label: str) -> bool:
    return before.isdecimal() and label.isdecimal() and int(label) == int(before) + 1
