#!/usr/bin/env python3
"""Run the end-to-end tests: run.py --weir BUILD/weir [NAME ...]

They drive the program from outside with real clients: the official OpenAI SDK (npm),
curl, many threads, kill -9.  NAME picks the modules, classes or cases that contain it.
The last line is "N passed, N failed[, N skipped]"; a skip says loudly what is missing."""
import argparse
import os
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.passed, self.began = 0, time.monotonic()

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def say(self, verdict, test, detail=""):
        name = ".".join(test.id().split(".")[-3:])
        print(f"{verdict:7} e2e/{name} ({time.monotonic() - self.began:.1f} s)"
              + (f"\n{detail}" if detail else ""), flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self.say("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say("FAILED", test, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.say("FAILED", test, self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self.say("FAILED", subtest, self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say("SKIPPED", test, f"******** skipped: {reason} ********")


def cases_of(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from cases_of(item)
        else:
            yield item


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--weir", required=True)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    os.environ["WEIR"] = str(Path(args.weir).resolve())
    sys.path.insert(0, str(HERE))
    found = unittest.defaultTestLoader.discover(str(HERE), top_level_dir=str(HERE))
    wanted = [c for c in cases_of(found)
              if not args.names or any(n in c.id() for n in args.names)]
    result = Result()
    unittest.TestSuite(wanted).run(result)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print(f"{result.passed} passed, {failed} failed"
          + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
