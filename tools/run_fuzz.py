#!/usr/bin/env python3
"""Run libFuzzer targets of a build: run_fuzz.py [--runs N] BUILD SECONDS [NAME ...]

Two targets at a time, each for SECONDS (and at most N inputs); no NAME: every target.
The kept corpus of target fuzz_X is tests/fuzz/corpus/X; what a run finds grows in the
build directory only.  A crash leaves its input there, its output is printed, and the run
fails."""
import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
TAIL_LINES = 60


def run(target, args):
    """One target: whether it found nothing."""
    kept = ROOT / "tests/fuzz/corpus" / target.name.removeprefix("fuzz_")
    grown = args.build / "corpus" / target.name
    grown.mkdir(parents=True, exist_ok=True)
    command = [str(target), f"-max_total_time={args.seconds}", f"-runs={args.runs}",
               "-print_final_stats=1", "-timeout=10", "-rss_limit_mb=2048", str(grown)]
    if kept.is_dir():
        command.append(str(kept))
    done = subprocess.run(command, cwd=args.build, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    runs = RUNS.search(done.stdout)
    is_good = done.returncode == 0 and runs is not None
    if not is_good:
        print("\n".join(done.stdout.splitlines()[-TAIL_LINES:]))
    print(f"{'ok' if is_good else 'FAILED':6} {target.name}: "
          f"{runs.group(1) if runs else 'no'} inputs", flush=True)
    return is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=-1)
    parser.add_argument("build", type=lambda p: Path(p).resolve())
    parser.add_argument("seconds", type=int)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    targets = [p for p in sorted((args.build / "tests/fuzz").glob("fuzz_*"))
               if p.is_file() and os.access(p, os.X_OK)
               and (not args.names or p.name.removeprefix("fuzz_") in args.names)]
    missing = set(args.names) - {p.name.removeprefix("fuzz_") for p in targets}
    if missing or not targets:
        sys.exit(f"run_fuzz: not built: {', '.join(sorted(missing)) or 'any target'}")
    with ThreadPoolExecutor(2) as pool:
        good = list(pool.map(lambda t: run(t, args), targets))
    print(f"{len(targets)} fuzzers, {good.count(False)} with a finding")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
