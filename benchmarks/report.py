"""Writes what was measured as a page."""

import statistics
from pathlib import Path


def table(found: dict) -> str:
    lines = [
        "| | ours | MONAI | time, ours / MONAI | ours | MONAI | memory, ours / MONAI |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found["rows"]:
        cells = [row["title"]]
        for figure, unit, name in (("seconds", "s", "time"), ("peak_mb", "MB", "memory")):
            for side in ("ours", "theirs"):
                middle = statistics.median(pair[side][figure] for pair in row["pairs"])
                cells.append(f"{middle:.2f} s" if unit == "s" else f"{middle:.0f} MB")
            r = row[name]
            cells.append(f"**{r['median']:.2f}** ({r['min']:.2f}–{r['max']:.2f})")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def targets(found: dict) -> str:
    missed = [
        f"{row['title']}: {name} {row[name]['median']:.2f}, target {row[name]['target']:.2f}"
        for row in found["rows"]
        for name in ("time", "memory")
        if row[name]["median"] > row[name]["target"]
    ]
    if not missed:
        return "Every row meets its target."
    return "Targets missed:\n\n" + "\n".join(f"- {line}" for line in missed)


def written(name: str) -> str:
    """What another benchmark printed, with how it was measured."""
    return (Path(__file__).resolve().parent / "results" / f"{name}.md").read_text()


def page(found: dict) -> str:
    machine = found["machine"]
    ours = next(
        (
            pair["ours"]["versions"]
            for row in found["rows"]
            for pair in row["pairs"]
            if "versions" in pair["ours"]
        ),
        {},
    )
    pairs = ", ".join(f"{row['name']} {len(row['pairs'])}" for row in found["rows"])
    sections = "\n".join(f"- {row['title']}: {row['section']}" for row in found["rows"])
    return f"""# Time and memory beside MONAI's

Written by `benchmarks/run` on {found["date"]}; the figures of every run are in `benchmarks/results/performance.json`.

{table(found)}

Times and memory are medians; the ratio is the median of the ratios pair by pair, with the smallest and the largest.
Below 1 is faster, or smaller, than MONAI. The targets are 1.0, and 0.5 for preprocessing. {targets(found)}
{maven(found)}
{written("conversion")}{written("shared-machine")}## Where

{machine["cpu"]}, {machine["cores"]} cores, {machine["memory_gb"]} GB, {machine["system"]}; {machine["threads"]} threads on either side.

- Ours: {machine["java"]}; libtorch {ours.get("libtorch", "")} through DJL {ours.get("djl", "")}, {ours.get("isa", "")}
- MONAI {machine["monai"]}, PyTorch {machine["torch"]}, NumPy {machine["numpy"]}, nibabel {machine["nibabel"]}, Python {machine["python"]}

## How it was measured

Each figure is of a process of its own; ours and MONAI's run in turn, pair by pair ({pairs}), so that a drift of the
machine's speed meets both. Memory is the peak resident memory of the process that computes, as the kernel accounts for
it, with everything that the process loads. What is timed:

{sections}

Both sides do the same work in float32: DenseNet121 in channels-last, cross entropy, Adam with learning rate 1e-4 and
weight decay 1e-5, the recipe mmar, flips along three axes. The scan is a chest CT of 148 slices, gzipped NIfTI, its mask
made by a threshold; the volumes are those of AdrenalMNIST3D. The epoch reads, preprocesses, trains, evaluates, and
writes the weights.

- MONAI is written as its documentation advises: `channels_last_3d`, fused Adam, `CacheDataset` filled by as many threads
  as compute, `ThreadDataLoader`, `inference_mode`. It runs with the system's default allocator settings.
- Ours runs in the JVM that a goal starts, with the allocator settings and the heap that the goal gives it
  (`MALLOC_ARENA_MAX`, `MALLOC_MMAP_THRESHOLD_`, `MALLOC_TRIM_THRESHOLD_`): they are a part of what is compared. An epoch
  of ours also writes the cache of preprocessed volumes, the checkpoints and the run's journal.
- Maven itself is not in these figures, save where it is said.
"""


def maven(found: dict) -> str:
    cost = found.get("maven")
    if not cost:
        return ""
    seconds, peak_mb = (
        statistics.median(run[figure] for run in cost["runs"]) for figure in ("seconds", "peak_mb")
    )
    return f"""
Maven's own part of `mvn covid:train` on the same epoch, beside the JVM that computes: {seconds:.1f} s and
{peak_mb:.0f} MB (medians of {len(cost["runs"])} runs).
"""
