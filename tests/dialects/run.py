#!/usr/bin/env python3
"""Every dialect of clients against every dialect of engines: run.py [--weir FILE] [--json]
[--only CASE]... [--client NAME] [--engine NAME] [--jobs N]

Clients, engines and what must arrive are written here a second time, from the public documents of
the wire formats and apart from weir's code.  Prints a table: a row a case, a column a pair; in it a
letter for the plain answer and one for the stream:

    +  as it must be      -  refused by name, as it must be      X  wrong (reasons stand below)
    .  this client or engine has no words for it

The last line is "N passed, N failed", of the cells that are no dot; what is wrong beside the cells
counts as failed.  The exit code is 1 when any is."""
import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cell as cells  # noqa: E402
from cases import CASES  # noqa: E402
from engine import Engine  # noqa: E402
from selfcheck import selfcheck  # noqa: E402
from world import World  # noqa: E402

# What differs from run to run.
ONCE = re.compile(r"qz[a-p]{5}zq|\bwr-\w+|\bs-[0-9a-f]+")
LETTER = {"ok": "+", "refused": "-", "red": "X", "none": "."}
SHORT = {"openai": "chat", "responses": "resp", "anthropic": "anth", "gemini": "gemi",
         "ollama": "olla"}


def known(weir, speaks):
    """Does this weir have engines that speak so?"""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write("engines:\n  - {name: e, kind: openai, side: local, url: \"http://127.0.0.1:9/v1\", "
                   f"speaks: {speaks}, models: [{{name: m}}]}}\n")
        file.flush()
        return subprocess.run([weir, "check", "-c", file.name], capture_output=True,
                              check=False).returncode == 0


class Worlds:
    """The weirs that the chosen cells need, started side by side."""

    def __init__(self, weir, chosen, engines):
        wanted = {}
        for case, client, _, mode in chosen:
            key = f"{client} {mode}" if case.side == "fails" else case.side
            rows = wanted.setdefault(key, {})
            for name, engine in engines.items():
                if case.side == "fails":
                    rows[f"{case.name}-{name}"] = (engine, "local")
                elif case.side == "both":
                    rows[f"both-{name}"] = (engine, case.more["sides"][name])
                else:
                    rows[name if case.side == "local" else f"cloud-{name}"] = (engine, case.side)
        with ThreadPoolExecutor(4) as pool:
            self.of = dict(zip(wanted, pool.map(lambda rows: World(weir, [
                (name, *row) for name, row in rows.items()]), wanted.values())))

    def __getitem__(self, key):
        return self.of[key]

    def end(self):
        """Faults of weir itself."""
        found = []
        for key, world in self.of.items():
            code = world.end()
            if code != 0:
                found.append(f"weir ({key}) ended with {code}: {world.stderr[-3000:]}")
        return found


def choose(options):
    for case in CASES:
        if options.only and not any(word in case.name for word in options.only):
            continue
        for one in case.cells():
            if options.client in (None, one[1]) and options.engine in (None, one[2]):
                yield one


def play(options):
    """([(case, client, engine, mode, verdict, why)], [faults])."""
    engines, absent = {}, []
    for name, speaker in cells.SPEAKERS.items():
        if known(options.weir, speaker.SPEAKS):
            engines[name] = Engine(speaker)
        else:
            absent.append(name)
    chosen = list(choose(options))
    worlds = Worlds(options.weir, [c for c in chosen if c[2] not in absent], engines)

    def one(which):
        case, client, engine, mode = which
        if engine in absent:
            return (case.name, client, engine, mode, "red", f"no `speaks:` for {engine}")
        return (case.name, client, engine, mode,
                *cells.run(case, client, engine, mode, worlds, engines))
    with ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(one, chosen))
    faults = worlds.end()
    faults += [f"the {name} engine got a request that nobody expected: {stray}"
               for name, engine in engines.items() for stray in engine.strays[:3]]
    return results, faults


def table(results):
    columns = sorted({(r[1], r[2]) for r in results},
                     key=lambda c: (cells.NAMES.index(c[0]), cells.NAMES.index(c[1])))
    rows = {}
    for case, client, engine, mode, verdict, _ in results:
        rows.setdefault(case, {}).setdefault((client, engine), {})[mode] = LETTER[verdict]
    width = max(len(case) for case in rows)
    clients = [c for c in cells.NAMES if any(col[0] == c for col in columns)]
    lines = []
    for part in range(2):
        line = "client".ljust(width) if part == 0 else "engine".ljust(width)
        for client in clients:
            of = [c for c in columns if c[0] == client]
            text = client if part == 0 else "".join(SHORT[c[1]].ljust(5) for c in of)
            line += "  " + text.ljust(5 * len(of))
        lines.append(line.rstrip())
    for case, row in rows.items():
        line = case.ljust(width)
        for client in clients:
            line += "  " + "".join("".join(
                row.get(column, {}).get(mode, " ") for mode in cells.MODES).ljust(5)
                for column in columns if column[0] == client)
        lines.append(line.rstrip())
    return lines


def report(results, faults, seconds):
    print("\n".join(table(results)), flush=True)
    reasons = {}
    for case, client, engine, mode, verdict, why in results:
        if verdict == "red":
            alike = re.sub(f"'((?:m-)?(?:cloud-|both-)?){engine}'", r"'\1ENGINE'", ONCE.sub("...", why))
            where = reasons.setdefault(alike, {})
            where.setdefault(case, []).append(f"{client}->{engine}{' stream' * (mode == 'stream')}")
    if reasons:
        print("\nwrong:")
    for why, where in reasons.items():
        print(f"* {why}")
        for case, cells_of in list(where.items())[:6]:
            more = f" and {len(cells_of) - 4} more" if len(cells_of) > 4 else ""
            print(f"    {case}: {', '.join(cells_of[:4])}{more}")
        if len(where) > 6:
            print(f"    and {len(where) - 6} cases more")
    for fault in faults:
        print(f"  {fault}")
    counted = [r for r in results if r[4] != "none"]
    right = sum(r[4] != "red" for r in counted)
    print(f"\n{right} of {len(counted)} cells ({seconds:.0f} s)")
    print(f"{right} passed, {len(counted) - right + len(faults)} failed")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", default="build-test/weir")
    parser.add_argument("--only", action="append", help="cases whose name has this in it")
    parser.add_argument("--client", choices=cells.NAMES)
    parser.add_argument("--engine", choices=cells.NAMES)
    parser.add_argument("--jobs", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    began = time.monotonic()
    if not any(choose(options)):
        parser.error("no such case")
    results, faults = play(options)
    faults += [f"the checker itself: {fault}" for fault in selfcheck(
        {c[0].name: c[0] for c in choose(options)}.values())]
    if options.json:
        names = ("case", "client", "engine", "mode", "verdict", "why")
        print(json.dumps({"cells": [dict(zip(names, r)) for r in results], "faults": faults}))
    else:
        report(results, faults, time.monotonic() - began)
    return 1 if faults or any(r[4] == "red" for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
