"""Measures time and memory beside MONAI's, on this machine: the two in turn, pair by pair.

A run of all rows writes docs/reference/performance.md and benchmarks/results/performance.json; where
some are left out both go to benchmarks/target. COVID_REAL_DATA names the folder with ct/covid (a DICOM series)
and adrenal (a dataset.json with its images); rows whose data is not there are left out.
"""

import argparse
import dataclasses
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import measure
import report

HERE = Path(__file__).resolve().parent
TARGET = HERE / "target"
WORK = TARGET / "comparison"
PEERS = HERE / "peers"
THREADS = str(min(2, os.cpu_count() or 1))
SHAPE = "192,192,64"

# What the JVM that computes is given by the goals; MONAI runs with the default allocator, as its
# users run it.
OURS = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "OMP_NUM_THREADS": THREADS,
}
THEIRS = {"OMP_NUM_THREADS": THREADS}


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table. The section is what is timed: repetitions within the process after its
    warm-up, whose median counts, or the whole process. Our time and memory divided by MONAI's shall
    not be above the targets."""

    name: str
    title: str
    section: str
    ours: Callable[[], list[str]]
    theirs: Callable[[], list[str]]
    time_target: float
    memory_target: float
    input: Path | None = None


def java(main: str, *arguments: object) -> list[str]:
    classpath = (TARGET / "classpath").read_text().strip()
    path = f"{TARGET / 'classes'}{os.pathsep}{classpath}"
    options = ["-Xmx2048m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
    home = os.environ.get("JAVA_HOME")
    executable = str(Path(home, "bin/java")) if home else "java"
    return [executable, *options, "-cp", path, f"org.covidmmar.benchmarks.{main}", *map(str, arguments)]


def python(script: str, *arguments: object) -> list[str]:
    return [sys.executable, str(PEERS / script), *map(str, arguments)]


def network(name: str, title: str, warmup: int, repeats: int) -> Row:
    arguments = [name, SHAPE, 1, warmup, repeats, THREADS]
    return Row(
        name,
        f"{title}, 192x192x64, batch 1",
        f"median of {repeats} after {warmup}",
        lambda: java("NetworkTiming", *arguments),
        lambda: python("network.py", *arguments),
        1.0,
        1.0,
    )


def rows() -> list[Row]:
    scan = [WORK / "ct.nii.gz", WORK / "lungs.nii.gz", SHAPE, 2, 5, THREADS]
    dataset = WORK / "dataset.json"
    epoch = [dataset, "64,64,64", 8, THREADS]
    return [
        network("step", "training step", 2, 5),
        network("forward", "forward pass", 2, 10),
        Row(
            "preprocess",
            "preprocessing of a CT, 512x512x148 to 192x192x64",
            "median of 5 after 2",
            lambda: java("PreprocessingTiming", *scan),
            lambda: python("preprocess.py", *scan),
            0.5,
            0.5,
            WORK / "ct.nii.gz",
        ),
        Row(
            "epoch",
            "an epoch of 96 volumes of 64x64x64, batch 8, and validation of 16",
            "whole process",
            lambda: java("EpochTiming", *epoch, empty("ours")),
            lambda: python("epoch.py", *epoch, empty("theirs") / "model.pt"),
            1.0,
            1.0,
            dataset,
        ),
    ]


def empty(name: str) -> Path:
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def one(row: Row, ours: bool) -> dict:
    log = WORK / f"{row.name}-{'ours' if ours else 'theirs'}.log"
    command = row.ours() if ours else row.theirs()
    run = measure.run(command, OURS if ours else THEIRS, WORK, log)
    seconds = statistics.median(run.said["seconds"]) if "seconds" in run.said else run.seconds
    return {"seconds": round(seconds, 4), "peak_mb": round(run.peak_mb, 1)} | (
        {"versions": run.said["versions"]} if "versions" in run.said else {}
    )


def ratio(pairs: list[dict], figure: str) -> dict:
    ratios = [pair["ours"][figure] / pair["theirs"][figure] for pair in pairs]
    middle = statistics.median(ratios)
    return {k: round(v, 3) for k, v in zip(("median", "min", "max"), (middle, min(ratios), max(ratios)))}


def compared(row: Row, count: int) -> dict:
    pairs = []
    for n in range(count):
        pair = {"ours": one(row, True), "theirs": one(row, False)}
        pairs.append(pair)
        print(f"{row.name} {n + 1}/{count}: {json.dumps(pair)}", flush=True)
    return {
        "name": row.name,
        "title": row.title,
        "section": row.section,
        "time": ratio(pairs, "seconds") | {"target": row.time_target},
        "memory": ratio(pairs, "peak_mb") | {"target": row.memory_target},
        "pairs": pairs,
    }


def maven(count: int) -> dict:
    """What Maven costs beside the JVM that computes, in `mvn covid:train` on the epoch's data."""
    root = HERE.parent
    wrapper = root / "mvnw"
    home = Path.home() / ".m2/repository"
    command = [str(wrapper) if wrapper.exists() else "mvn", "-B", "-q"]
    command += [f"-Dmaven.repo.local={TARGET / 'repository'}", f"-Dmaven.repo.local.tail={home}"]
    plugin = ["-pl", "covid-mmar-maven-plugin", "-am", "-DskipTests", "install"]
    subprocess.run([*command, *plugin], cwd=root, stdin=subprocess.DEVNULL, check=True)
    experiment = HERE / "experiment"
    goal = ["covid:train", f"-Dcovid.dataRoot={WORK}", f"-Dcovid.threads={THREADS}"]
    parents = []
    for n in range(count):
        for left in ("mlruns", ".covid", "target"):
            shutil.rmtree(experiment / left, ignore_errors=True)
        parent = measure.run_parent([*command, "-o", *goal], {}, experiment, WORK / "maven.log")
        parents.append(dataclasses.asdict(parent))
        print(f"maven {n + 1}/{count}: {json.dumps(parents[-1])}", flush=True)
    return {"runs": parents}


def machine() -> dict:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    java_version = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True)
    return {
        "cpu": cpu or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": f"{platform.system()} {platform.release()}",
        "threads": int(THREADS),
        "java": java_version.stderr.splitlines()[0],
        "python": platform.python_version(),
        **{name: version(name) for name in ("monai", "torch", "numpy", "nibabel")},
    }


def main() -> None:
    every = rows()
    parser = argparse.ArgumentParser(
        prog="benchmarks/run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    choices = [row.name for row in every] + ["maven"]
    parser.add_argument("--rows", help="comma-separated: " + ", ".join(choices))
    parser.add_argument("--pairs", type=int, default=5, help="pairs a row (5)")
    arguments = parser.parse_args()
    names = arguments.rows.split(",") if arguments.rows else choices
    unknown = set(names) - set(choices)
    if unknown or arguments.pairs < 1:
        parser.error(f"no such row: {', '.join(unknown)}" if unknown else "--pairs below 1")

    WORK.mkdir(parents=True, exist_ok=True)
    data = os.environ.get("COVID_REAL_DATA")
    if data:
        subprocess.run(python("inputs.py", data, WORK), check=True)
    results = []
    for row in every:
        if row.name in names and row.input and not (data and row.input.exists()):
            print(f"{row.name}: left out, its data is not under COVID_REAL_DATA ({data or 'not set'})")
        elif row.name in names:
            results.append(compared(row, arguments.pairs))
    found = {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "rows": results}
    if "maven" in names and data:
        found["maven"] = maven(arguments.pairs)
    whole = len(results) == len(every) and "maven" in found
    output = HERE / "results" if whole else TARGET
    page = HERE.parent / "docs/reference/performance.md" if whole else TARGET / "performance.md"
    for file, text in (
        (output / "performance.json", json.dumps(found, indent=1) + "\n"),
        (page, report.page(found)),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        print(f"wrote: {file}")
    print(report.table(found))


if __name__ == "__main__":
    main()
