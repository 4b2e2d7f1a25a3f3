"""What the system says of a process and its children: memory and processor time. Linux only (`/proc`)."""

import os
from pathlib import Path

KIB_PER_MB = 1_000_000 / 1024


def resident_mb(pid: int) -> float:
    """Resident memory of the process and all below it, in MB (10⁶ bytes); shared pages count in each."""
    kib = sum(_kib(member, "status", "VmRSS:") for member in [pid, *_below(pid)])
    return kib / KIB_PER_MB


def proportional_mb(pid: int) -> float:
    """The same with shared pages counted once: each process has its share of them."""
    return sum(_kib(member, "smaps_rollup", "Pss:") for member in [pid, *_below(pid)]) / KIB_PER_MB


def cpu_seconds(pid: int) -> float:
    """Processor time the process has used so far, user and system."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _kib(pid: int, file: str, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0  # it has ended meanwhile
    for line in lines:
        if line.startswith(field):
            return int(line.split()[1])
    return 0


def _below(pid: int) -> list[int]:
    parents = {int(place.name): _parent(int(place.name)) for place in Path("/proc").iterdir() if place.name.isdigit()}
    found, looking = [], [pid]
    while looking:
        parent = looking.pop()
        children = [child for child, its_parent in parents.items() if its_parent == parent]
        found += children
        looking += children
    return found


def _parent(pid: int) -> int:
    try:
        return int(_stat(pid)[1])
    except OSError:
        return 0  # it has ended meanwhile


def _stat(pid: int) -> list[str]:
    """Fields of `/proc/<pid>/stat` after the name, which may itself hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
