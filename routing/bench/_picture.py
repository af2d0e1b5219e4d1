"""Curves as SVG, with words beside them, in black and colour: cost over time, and what grows with a day."""

import math
from collections.abc import Mapping, Sequence
from html import escape

Trace = Sequence[tuple[float, int]]
WIDTH, HEIGHT, LEFT, BOTTOM, RIGHT = 760, 420, 80, 40, 120
COLOURS = ("#0b5cad", "#b4491f", "#2f7d32", "#6a3fa0", "#00727a", "#8a6100", "#a3195b")
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
        '<rect width="100%" height="100%" fill="#fff"/>',
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


def curves(title: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Lines of points over a number of jobs, both axes logarithmic; nothing may be 0 or less."""
    points = [point for line in lines.values() for point in line]
    (left, right), (low, high) = ([math.log(most(axis)) for most in (min, max)] for axis in zip(*points, strict=True))

    def x(number: float) -> float:
        return LEFT + (WIDTH - LEFT - 2 * RIGHT) * (math.log(number) - left) / max(1e-9, right - left)

    def y(number: float) -> float:
        return 30 + (HEIGHT - 30 - BOTTOM) * (high - math.log(number)) / max(1e-9, high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT}>',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{LEFT}" y="18">{escape(title)}, both axes logarithmic</text>',
        f'<path d="M{LEFT} 30V{HEIGHT - BOTTOM}H{WIDTH - 2 * RIGHT}" fill="none" stroke="#555"/>',
    ]
    for number in sorted({point[0] for point in points}):
        parts.append(f'<text x="{x(number):.0f}" y="{HEIGHT - 20}" text-anchor="middle">{number:g}</text>')
    for tens in range(math.ceil(low / math.log(10)), math.floor(high / math.log(10)) + 1):
        parts.append(f'<text x="{LEFT - 8}" y="{y(10.0**tens) + 4:.0f}" text-anchor="end">{10.0**tens:g}</text>')
    label_y = 0
    for number, (name, line) in enumerate(sorted(lines.items(), key=lambda item: -item[1][-1][1])):
        colour, label_y = COLOURS[number % len(COLOURS)], max(label_y + 15, round(y(line[-1][1])) + 4)
        steps = "L".join(f"{x(n):.1f} {y(figure):.1f}" for n, figure in line)
        parts.append(f'<path d="M{steps}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{WIDTH - 2 * RIGHT + 8}" y="{label_y}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])
