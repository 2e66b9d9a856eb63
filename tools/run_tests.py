#!/usr/bin/env python3
"""Run weir's tests and count them: run_tests.py [--workers N] BUILD unit|wire|dialects|e2e ...

unit  every test that meson knows, two at a time.  A cmocka program counts as many
      tests as it has cases; any other program counts as one.
wire  tests/wire/run.py, one test a file.
dialects  tests/dialects/run.py and losses.py, one test a cell.
e2e   tests/e2e/run.py, one test a case.

What failed is told again at the end, before the last line: "N passed, N failed" and, when
any were, ", N skipped"."""
import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1:suppressions="
                    f"{ROOT}/tests/tsan.supp",
}
TAP_LINE = re.compile(r"^(ok|not ok)\b(.*)$", re.M)
TOTALS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)


TOLD_LINES = 15  # of a failed program's output, at the end


class Tally:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped
        self.told = []  # what failed, a text each

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.told += other.told

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


def tally_program(output, returncode):
    """What one test program did: by its TAP lines, and by how it ended."""
    tally = Tally()
    for verdict, rest in TAP_LINE.findall(output):
        if verdict == "not ok":
            tally.failed += 1
        elif re.search(r"#\s*skip", rest, re.I):
            tally.skipped += 1
        else:
            tally.passed += 1
    if returncode == 77 and tally.passed + tally.failed == 0:
        tally.skipped = max(1, tally.skipped)
    elif returncode != 0 and tally.failed == 0:
        tally.failed = 1  # it crashed, leaked or ran out of time
    elif returncode == 0 and tally.passed + tally.failed + tally.skipped == 0:
        tally.passed = 1
    return tally


def run_program(build, test):
    """In the build directory, as `meson test` does: fixtures are found from there."""
    env = {**os.environ, **SANITIZERS, "CMOCKA_MESSAGE_OUTPUT": "TAP", **test["env"]}
    began = time.monotonic()
    try:
        done = subprocess.run(test["cmd"], env=env, cwd=test["workdir"] or build,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=test["timeout"] or 600)
        output, code = done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"").decode(errors="replace")
        output, code = output + f"\ntimed out after {late.timeout} s\n", -1
    except OSError as e:
        output, code = f"it cannot be run: {e}\n", -1
    tally = tally_program(output, code)
    verdict = "FAILED" if tally.failed else "ok"
    print(f"{verdict:6} {test['name']}: {tally} ({time.monotonic() - began:.1f} s)",
          flush=True)
    if tally.failed:
        print(output, f"[exit code {code}]", flush=True)
        tally.told.append("\n".join([f"FAILED {test['name']} [exit code {code}]",
                                     *output.splitlines()[-TOLD_LINES:]]))
    return tally


def run_unit(build, _workers):
    listed = subprocess.run(["meson", "introspect", "--tests", str(build)], check=True,
                            stdout=subprocess.PIPE).stdout
    tests = json.loads(listed)
    total = Tally()
    with ThreadPoolExecutor(2) as pool:
        for tally in pool.map(partial(run_program, build), tests):
            total.add(tally)
    if not tests:
        print(f"FAILED {build}: meson knows no tests")
        total.failed += 1
    return total


def run_suite(command):
    """A suite that prints its own totals as its last line."""
    suite = subprocess.Popen(command, env={**os.environ, **SANITIZERS}, cwd=ROOT,
                             stdout=subprocess.PIPE, text=True, errors="replace")
    totals, told, last = None, [], deque(maxlen=TOLD_LINES)
    for line in suite.stdout:
        found = TOTALS.match(line)
        totals = found or totals
        if line.startswith("FAILED"):
            told.append(line.rstrip())
        if not found:
            print(line, end="", flush=True)
            last.append(line.rstrip())
    code = suite.wait()
    if totals is None:
        print(f"FAILED {command[1]}: ended with code {code} and without totals")
        return Tally(failed=1)
    tally = Tally(*(int(n or 0) for n in totals.groups()))
    tally.told = told or [f"FAILED {command[1]}:", *last] if tally.failed else []
    if code != 0 and tally.failed == 0:
        tally.failed = 1
    return tally


def run_wire(build, workers):
    return run_suite([sys.executable, "tests/wire/run.py", "--weir", str(build / "weir"),
                      "--workers", str(workers)])


def run_dialects(build, _workers):
    tally = Tally()
    for name in ("run", "losses"):
        tally.add(run_suite([sys.executable, f"tests/dialects/{name}.py", "--weir",
                             str(build / "weir")]))
    return tally


def run_e2e(build, _workers):
    return run_suite([sys.executable, "tests/e2e/run.py", "--weir", str(build / "weir")])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("build", type=Path)
    parser.add_argument("suites", nargs="+", choices=["unit", "wire", "dialects", "e2e"])
    args = parser.parse_args()
    runners = {"unit": run_unit, "wire": run_wire, "dialects": run_dialects, "e2e": run_e2e}
    total, totals = Tally(), args.build / "totals"
    totals.write_text("the tests have not come to their end\n")
    for suite in args.suites:
        tally = runners[suite](args.build.resolve(), args.workers)
        print(f"-- {suite}: {tally}", flush=True)
        total.add(tally)
    totals.write_text(f"{total}\n")
    for told in total.told:
        print(told)
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
