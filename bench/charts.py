"""A run's charts, as SVG that reads on light and on dark pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

WIDTH, ROW, LABEL, RIGHT, TOP = 760, 24, 250, 120, 46
_COLOURS = {"key or hash": "#b8b8b8", "AWS": "#6fa8dc", "ours": "#e07b39", "floor": "#6fa8dc", "artefact": "#e07b39"}
_INK = "#808080"


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of parts, each of a colour's name and a length, and a text behind them."""

    label: str
    parts: Sequence[tuple[str, float]]
    text: str


def bars(title: str, rows: Sequence[Bar]) -> str:
    """A horizontal bar chart; the longest bar takes all the width there is."""
    longest = max(sum(length for _, length in row.parts) for row in rows)
    scale = (WIDTH - LABEL - RIGHT) / longest
    height = TOP + ROW * len(rows) + 10
    names = list(dict.fromkeys(name for row in rows for name, _ in row.parts))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img"'
        f' font-family="system-ui, sans-serif" font-size="12" fill="{_INK}"><title>{escape(title)}</title>'
    )
    out = [head, f'<text x="0" y="14" font-size="14">{escape(title)}</text>']
    for index, name in enumerate(names):
        x = LABEL + 110 * index
        out.append(f'<rect x="{x}" y="24" width="10" height="10" fill="{_COLOURS[name]}"/>')
        out.append(f'<text x="{x + 14}" y="33">{escape(name)}</text>')
    for index, row in enumerate(rows):
        y, x = TOP + ROW * index, float(LABEL)
        out.append(f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end">{escape(row.label)}</text>')
        for name, length in row.parts:
            out.append(
                f'<rect x="{x:.1f}" y="{y}" width="{length * scale:.1f}" height="{ROW - 8}" fill="{_COLOURS[name]}"/>'
            )
            x += length * scale
        out.append(f'<text x="{x + 6:.1f}" y="{y + 13}">{escape(row.text)}</text>')
    return "\n".join([*out, "</svg>\n"])


def of_run(run: Mapping[str, Any]) -> dict[str, str]:
    """The charts of the sections that the run has, by file name."""
    charts = {}
    if "cold start" in run:
        rows = [
            Bar(
                f"{name}: {what}",
                [("floor" if name == "floor" else "artefact", one["median"])],
                f"{1e3 * one['median']:.0f} ms, {one['ratio']['value']:.2f} x",
            )
            for name, by_what in run["cold start"].items()
            for what, one in by_what.items()
        ]
        charts["cold-start.svg"] = bars("Cold start, median", rows)
    if "warm" in run:
        rows = [_warm_bar(row, one) for row, by_name in run["warm"].items() for name, one in [*by_name.items()][:1]]
        charts["warm.svg"] = bars("Warm creation, median of each part", rows)
    if "flatness" in run:
        rows = [
            Bar(f"{int(size):,} instances: {name}", [(name, one["median"])], f"p95 {1e3 * one['p95']:.1f} ms")
            for size in run["flatness"]["ours"]
            for name in ("ours", "floor")
            for one in [run["flatness"][name][size]]
        ]
        charts["flatness.svg"] = bars("Creation by the number of instances, median", rows)
    return charts


def _warm_bar(row: str, one: Mapping[str, Any]) -> Bar:
    work, waited = one["work"]["median"], one["waited"]["median"]
    own = max(0.0, one["median"] - work - waited)
    return Bar(row, [("key or hash", work), ("AWS", waited), ("ours", own)], f"{1e3 * one['median']:.1f} ms")
