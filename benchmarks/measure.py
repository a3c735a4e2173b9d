"""Runs a command as a process and reads what the kernel accounted for it."""

import dataclasses
import json
import os
import subprocess
import time
from pathlib import Path
from typing import BinaryIO


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished process: wall seconds, peak resident MB (of the largest process in its tree, which
    on either side is the one that computes), the last JSON object that it printed on a line."""

    seconds: float
    peak_mb: float
    said: dict


def _start(
    command: list[str], environment: dict[str, str], folder: Path, output: BinaryIO
) -> subprocess.Popen:
    return subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def run(command: list[str], environment: dict[str, str], folder: Path, log: Path) -> Run:
    with open(log, "wb") as output:
        start = time.perf_counter()
        process = _start(command, environment, folder, output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    lines = log.read_text(errors="replace").splitlines()
    if status != 0:
        raise SystemExit("\n".join([*lines[-20:], f"failed: {' '.join(command)}", f"log: {log}"]))
    said = [line for line in lines if line.startswith("{")]
    return Run(seconds, usage.ru_maxrss * 1024 / 1e6, json.loads(said[-1]))


@dataclasses.dataclass(frozen=True)
class Parent:
    """What a process cost beside its longest child: seconds without it, its own peak resident MB."""

    seconds: float
    peak_mb: float


def run_parent(command: list[str], environment: dict[str, str], folder: Path, log: Path) -> Parent:
    with open(log, "wb") as output:
        start = time.perf_counter()
        process = _start(command, environment, folder, output)
        seen: dict[str, list[float]] = {}
        peak_kb = 0
        while process.poll() is None:
            now = time.perf_counter()
            peak_kb = max(peak_kb, _resident_peak_kb(process.pid))
            for child in _children(process.pid):
                seen.setdefault(child, [now, now])[1] = now
            time.sleep(0.02)
        seconds = time.perf_counter() - start
    if process.returncode != 0 or not seen:
        lines = log.read_text(errors="replace").splitlines()
        raise SystemExit("\n".join([*lines[-20:], f"failed: {' '.join(command)}", f"log: {log}"]))
    return Parent(seconds - max(b - a for a, b in seen.values()), peak_kb * 1024 / 1e6)


def _resident_peak_kb(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except OSError:
        pass  # It has just ended.
    return 0


def _children(pid: int) -> list[str]:
    children: list[str] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += (task / "children").read_text().split()
    except OSError:
        pass  # A thread or the process has just ended.
    return children
