#!/usr/bin/env python3
"""How much of each room the tests run: coverage.py BUILD [--under ROOM] [--goals]

Reads what a build with -Db_coverage=true has counted, by gcov.  A line is covered when any
test ran it, a branch when any test took it, whichever program it was in.  Branches of an
assert() are left out: they are there never to be taken.

Without options: a table of rooms.  --under ROOM: the lines of that room that no test ran,
and those with a branch that none took.  --goals: exit 1 when one of GATED is below 95 % of
lines or 85 % of branches."""
import argparse
import gzip
import json
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GATED = ("gateway", "engine", "dialect", "scan", "mask", "guard", "ledger")
LINES_GOAL, BRANCHES_GOAL = 95.0, 85.0


class File:
    def __init__(self):
        self.lines = defaultdict(int)
        self.branches = defaultdict(dict)  # line -> branch number -> times taken


def read_counts(data):
    """What one object file has counted."""
    out = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities",
                          str(data)], cwd=data.parent, capture_output=True, check=True)
    text = out.stdout
    if text[:2] == b"\x1f\x8b":
        text = gzip.decompress(text)
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def source_of(name, where):
    """Its path from ROOT; None: it is not ours, or was when an older build made this object."""
    path = (Path(where) / name).resolve()
    return str(path.relative_to(ROOT)) if path.is_file() and ROOT in path.parents else None


def collect(build):
    files = defaultdict(File)
    notes = sorted(build.rglob("*.gcno"))
    if not notes:
        sys.exit(f"{build} has no counts; build and run the tests by: make coverage")
    with ThreadPoolExecutor(2) as pool:
        for documents in pool.map(read_counts, notes):
            for document in documents:
                for entry in document["files"]:
                    source = source_of(entry["file"],
                                       document.get("current_working_directory", build))
                    if source and source.startswith("src/"):
                        add(files[source], entry)
    return files


def add(file, entry):
    for line in entry["lines"]:
        n = line["line_number"]
        file.lines[n] += line["count"]
        for i, branch in enumerate(line["branches"]):
            taken = file.branches[n]
            taken[i] = taken.get(i, 0) + branch["count"]


def without_asserts(name, file):
    text = (ROOT / name).read_text(encoding="utf-8").split("\n")
    for n in list(file.branches):
        if n <= len(text) and "assert(" in text[n - 1]:
            del file.branches[n]


class Sum:
    def __init__(self):
        self.lines = self.lines_hit = self.branches = self.branches_hit = 0

    def take(self, file):
        self.lines += len(file.lines)
        self.lines_hit += sum(1 for n in file.lines.values() if n)
        for taken in file.branches.values():
            self.branches += len(taken)
            self.branches_hit += sum(1 for n in taken.values() if n)

    def line_rate(self):
        return 100.0 * self.lines_hit / self.lines if self.lines else 100.0

    def branch_rate(self):
        return 100.0 * self.branches_hit / self.branches if self.branches else 100.0

    def row(self, name):
        return (f"{name:<12} {self.lines_hit:>6} of {self.lines:<6} {self.line_rate():6.1f} % "
                f"{self.branches_hit:>8} of {self.branches:<6} {self.branch_rate():6.1f} %")


def by_room(files):
    rooms, total = defaultdict(Sum), Sum()
    for name, file in files.items():
        rooms[name.split("/")[1]].take(file)
        total.take(file)
    return rooms, total


def print_rooms(rooms, total):
    print(f"{'room':<12} {'lines':>16} {'':>8} {'branches':>18}")
    for name in sorted(rooms):
        print(rooms[name].row(name))
    print(total.row("all"))


def print_open(files, room):
    for name in sorted(f for f in files if f.startswith(f"src/{room}/")):
        file = files[name]
        for n in sorted(file.lines):
            missed = sum(1 for c in file.branches.get(n, {}).values() if not c)
            if not file.lines[n]:
                print(f"{name}:{n}: never run")
            elif missed:
                print(f"{name}:{n}: {missed} of {len(file.branches[n])} branches never taken")


def below_goals(rooms):
    low = [r for r in GATED if r in rooms and (rooms[r].line_rate() < LINES_GOAL or
                                               rooms[r].branch_rate() < BRANCHES_GOAL)]
    for name in low:
        print(f"{name} is below {LINES_GOAL:.0f} % of lines or {BRANCHES_GOAL:.0f} % of branches")
    return bool(low)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--under", metavar="ROOM")
    parser.add_argument("--goals", action="store_true")
    args = parser.parse_args()
    files = collect(args.build.resolve())
    for name, file in files.items():
        without_asserts(name, file)
    rooms, total = by_room(files)
    if args.under:
        print_open(files, args.under)
    else:
        print_rooms(rooms, total)
    return 1 if args.goals and below_goals(rooms) else 0


if __name__ == "__main__":
    sys.exit(main())
