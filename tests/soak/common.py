"""common.py -- what the soak runs share: the harness of the end-to-end tests, and tables."""
import argparse
import os
import re
import sys
import time
from pathlib import Path

import turns

TESTS = Path(__file__).resolve().parents[1]
for folder in ("e2e", "wire"):
    sys.path.insert(0, str(TESTS / folder))

SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|"
                       r"[Aa]ssertion")


def arguments(doc, **more):
    """--weir, and one --name per keyword with its default."""
    parser = argparse.ArgumentParser(description=doc.split("\n", maxsplit=1)[0])
    parser.add_argument("--weir", required=True)
    for name, default in more.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(default),
                            default=default, help=f"({default})")
    args = parser.parse_args()
    os.environ["WEIR"] = str(Path(args.weir).resolve())
    import harness
    Table.turns = turns.Turns(args.weir).watch(harness)
    return args


class Table:
    """Lines of "item  ran  result"; `end` says how many held and returns the exit code."""
    turns = None

    def __init__(self):
        self.began, self.failed, self.passed = time.monotonic(), 0, 0

    def row(self, item, ran, troubles):
        verdict = "FAILED" if troubles else "ok"
        self.failed += bool(troubles)
        self.passed += not troubles
        print(f"{verdict:7} {item:34} {ran}", flush=True)
        for line in list(troubles)[:10]:
            print(f"        {line}", flush=True)
        if len(troubles) > 10:
            print(f"        ... and {len(troubles) - 10} more", flush=True)

    def end(self):
        if self.turns and self.turns.looks:
            self.row("longest turn of a loop", self.turns.told(), self.turns.troubles())
        print(f"{self.passed} passed, {self.failed} failed "
              f"({time.monotonic() - self.began:.0f} s)")
        return 1 if self.failed or not self.passed else 0
