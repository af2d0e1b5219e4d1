"""Cost over time as an SVG: one step line a solver, drawn with words beside it, in black and colour."""

from collections.abc import Mapping, Sequence
from html import escape

Trace = Sequence[tuple[float, int]]
WIDTH, HEIGHT, LEFT, BOTTOM, RIGHT = 760, 420, 80, 40, 120
COLOURS = ("#0b5cad", "#b4491f", "#2f7d32", "#6a3fa0")
FONT = 'font-family="sans-serif" font-size="13"'


def picture(title: str, traces: Mapping[str, Trace]) -> str:
    """Costs up, seconds to the right; a solver that found one plan is a dot."""
    drawn = {name: sorted(trace) for name, trace in traces.items() if trace}
    ends_s = max((trace[-1][0] for trace in drawn.values()), default=1.0)
    finals = [trace[-1][1] for trace in drawn.values()] or [0]
    low, high = min(finals) * 0.995, max(finals) * 1.06

    def x(seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / ends_s

    def y(cost: float) -> float:
        return 30 + (HEIGHT - 30 - BOTTOM) * (high - min(cost, high)) / max(1e-9, high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT}>',
        f'<text x="{LEFT}" y="18">{escape(title)}: cost of the best plan over seconds</text>',
        f'<path d="M{LEFT} 30V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="#555"/>',
    ]
    for share in (0.0, 0.5, 1.0):
        cost, seconds = low + share * (high - low), share * ends_s
        parts.append(f'<text x="{LEFT - 8}" y="{y(cost) + 4:.0f}" text-anchor="end">{cost:.0f}</text>')
        parts.append(f'<text x="{x(seconds):.0f}" y="{HEIGHT - 20}" text-anchor="middle">{seconds:.1f} s</text>')
    for (name, trace), colour in zip(drawn.items(), COLOURS, strict=False):
        steps = f"M{x(trace[0][0]):.1f} {y(trace[0][1]):.1f}"
        steps += "".join(f"H{x(seconds):.1f}V{y(cost):.1f}" for seconds, cost in trace[1:])
        parts.append(f'<path d="{steps}H{x(ends_s):.1f}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<circle cx="{x(trace[-1][0]):.1f}" cy="{y(trace[-1][1]):.1f}" r="3" fill="{colour}"/>')
        label_y = y(trace[-1][1]) + 4
        parts.append(f'<text x="{WIDTH - RIGHT + 6}" y="{label_y:.0f}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])
