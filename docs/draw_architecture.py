"""Draw the folders of the package by layer, from the import contract and docstrings.

python docs/draw_architecture.py
"""

import tomllib
from pathlib import Path

from neurograft.report.plotting import make_figure, render
from neurograft.report.style import BLUE, GREY, INK

ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT, GAP = 10.0, 0.72, 0.28


def list_layers() -> list[list[str]]:
    """List the folders of every layer, the top first, as the import contract does."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    return [[name.strip() for name in layer.split("|")] for layer in layers]


def main() -> None:
    """Write docs/figures/architecture.svg."""
    layers = list_layers()
    figure, axes = make_figure(WIDTH, len(layers) * (HEIGHT + GAP) * 0.92)
    for floor, names in enumerate(reversed(layers), start=1):
        bottom = floor * (HEIGHT + GAP)
        width = (WIDTH - 0.1 * (len(names) - 1)) / len(names)
        for place, name in enumerate(names):
            left = place * (width + 0.1)
            axes.fill(
                [left, left + width, left + width, left],
                [bottom, bottom, bottom + HEIGHT, bottom + HEIGHT],
                facecolor="#eef3fb", edgecolor=BLUE, lw=0.8,
            )  # fmt: skip
            axes.text(
                left + width / 2, bottom + HEIGHT / 2, name, ha="center", va="center",
                color=INK, fontsize=9.5, weight="bold",
            )  # fmt: skip
        axes.text(-0.15, bottom + HEIGHT / 2, str(floor), ha="right", va="center",
                  color=GREY)  # fmt: skip
    axes.annotate(
        "imports", xy=(WIDTH + 0.35, HEIGHT + GAP),
        xytext=(WIDTH + 0.35, len(layers) * (HEIGHT + GAP) + HEIGHT),
        arrowprops={"arrowstyle": "->", "color": GREY}, color=GREY, ha="center",
    )  # fmt: skip
    axes.set_xlim(-0.5, WIDTH + 0.8)
    axes.set_axis_off()
    target = ROOT / "docs" / "figures" / "architecture.svg"
    target.write_text(render(figure) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
