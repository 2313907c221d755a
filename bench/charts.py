"""Charts of a run, as SVG and PNG: told apart by shape and hatching first, by colour second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.display import format_time
from bench.results import Results, best, geometric_mean, main_tier, peer_names
from bench.targets import ours, value

# Okabe and Ito's colours, of different lightness, so that they differ in grey as well.
STYLES: dict[str, dict[str, str]] = {
    "wasmine": {"color": "#000000", "marker": "D", "hatch": ""},
    "wasmtime": {"color": "#D55E00", "marker": "s", "hatch": "//"},
    "node": {"color": "#56B4E9", "marker": "o", "hatch": ".."},
    "bun": {"color": "#F0E442", "marker": "^", "hatch": "xx"},
    "python": {"color": "#BBBBBB", "marker": "v", "hatch": "--"},
    "wasmine, interpreter": {"color": "#FFFFFF", "marker": "D", "hatch": "\\\\"},
}


def figure(width: float, height: float, columns: int = 1) -> tuple[Any, Any]:
    """An empty picture."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update(
        {
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "svg.hashsalt": "wasmine",
            "svg.fonttype": "none",
        }
    )
    import matplotlib.pyplot

    made: tuple[Any, Any] = matplotlib.pyplot.subplots(
        1, columns, figsize=(width, height), layout="constrained"
    )
    return made


def save(picture: Any, folder: Path, name: str) -> None:
    """Write both formats, without a date, so that the same numbers give the same file."""
    import matplotlib.pyplot

    folder.mkdir(parents=True, exist_ok=True)
    picture.savefig(folder / f"{name}.svg", metadata={"Date": None})
    picture.savefig(folder / f"{name}.png", dpi=130)
    matplotlib.pyplot.close(picture)


def layer_chart(results: Results, layer: str, folder: Path) -> bool:
    """One layer: for each benchmark, each runtime's time over wasmtime's. False for none."""
    tier = main_tier(results)
    names = [name for name, entry in results["benchmarks"].items() if entry["layer"] == layer]
    names = [name for name in names if best(results, name, "wasmtime") is not None][::-1]
    if not names or tier is None:
        return False
    picture, axes = figure(7.5, 1.2 + 0.3 * len(names))
    runtimes = {"wasmine": tier} | {peer: peer for peer in peer_names(results) if peer != "wasmtime"}
    for label, runtime in runtimes.items():
        points = [
            (theirs / base, i)
            for i, name in enumerate(names)
            if (theirs := best(results, name, runtime)) is not None
            and (base := best(results, name, "wasmtime")) is not None
        ]
        style = STYLES[label]
        axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            linestyle="none",
            marker=style["marker"],
            markersize=9 if label == "wasmine" else 7,
            markerfacecolor=style["color"],
            markeredgecolor="black",
            label=label,
            zorder=3 if label == "wasmine" else 2,
        )
    axes.axvline(1, color="black", linewidth=1, linestyle=":")
    axes.text(1, len(names) - 0.4, " wasmtime", fontsize=8)
    axes.set_xscale("log", base=2)
    ticks = [x for x in (1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8) if axes.get_xlim()[0] <= x <= axes.get_xlim()[1]]
    axes.set_xticks(ticks, [f"{x:g} x" for x in ticks])
    axes.set_yticks(range(len(names)), names)
    axes.grid(axis="y", linewidth=0.4)
    axes.set_xlabel("time over wasmtime's, compiled and warm (further left is faster)")
    axes.set_title(results["layers"][layer], loc="left", pad=16)
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.6 / (0.3 * len(names) + 0.7)), ncols=4, frameon=False
    )
    save(picture, folder, layer)
    return True


def bars(axes: Any, title: str, rows: dict[str, float], show: Any, log: bool = False) -> None:
    """A panel: one bar for each runtime, the number beside it."""
    labels = list(rows)[::-1]
    for i, label in enumerate(labels):
        style = STYLES[label]
        axes.barh(i, rows[label], color=style["color"], hatch=style["hatch"], edgecolor="black", height=0.65)
        axes.text(rows[label], i, " " + show(rows[label]), va="center", fontsize=8)
    axes.set_yticks(range(len(labels)), labels)
    if log:
        axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xlim(low, high * (12 if log else 1.45))
    axes.set_xticks([])
    axes.xaxis.minorticks_off()
    axes.spines["bottom"].set_visible(False)
    axes.set_title(title, loc="left", fontsize=9)


def story(results: Results, folder: Path) -> bool:
    """The whole in one picture: speed, the wait for a first result, memory, and what a call costs."""
    tier = main_tier(results)
    if tier is None:
        return False
    speed = {"wasmine": 1.0}
    for peer in peer_names(results):
        mean = geometric_mean(results, tier, peer)
        if mean:
            speed[peer] = 1 / mean
    panels: list[tuple[str, dict[str, float], Any, bool]] = [
        ("Running, compiled and warm:\ntime over wasmine's", speed, lambda x: f"{x:.2f} x", False)
    ]
    for title, name, suffix, show in (
        ("SQLite, from its bytes\nto a first result", "load", ", first result", format_time),
        ("Peak memory of a process\nthat computes fib(35)", "peak", "", lambda x: f"{x / 2**20:.0f} MiB"),
        ("A call from Python\n(log scale)", "call", "", format_time),
    ):
        rows = {"wasmine": ours(results, name, suffix)}
        rows |= {peer: value(results, name, peer + suffix) for peer in ("wasmtime", "node", "bun", "python")}
        given = {label: x for label, x in rows.items() if x is not None}
        if given:
            panels.append((title, given, show, name == "call"))
    picture, axes = figure(11, 2.3, len(panels))
    for panel, (title, rows_, show, log) in zip([axes] if len(panels) == 1 else axes, panels, strict=True):
        bars(panel, title, rows_, show, log)
    save(picture, folder, "story")
    return True


def draw(results: Results, folder: Path) -> list[str]:
    """Draw all that the run has; the names of the pictures."""
    drawn = ["story"] if story(results, folder) else []
    return drawn + [layer for layer in results["layers"] if layer_chart(results, layer, folder)]
