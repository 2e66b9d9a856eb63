#!/usr/bin/env python3
"""Run the wire tests: run.py --weir BUILD/weir [--workers N] [-v] [FILE.wt ...]

Each file is one test, in a process, a folder and ports of its own.  docs/testing.md
describes the language.  The last line is "N passed, N failed[, N skipped]"."""
import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIMIT_S = 120  # for one file
SKIPPED = 77


def run_file(args, tls_folder, path):
    command = [sys.executable, str(HERE / "scene.py"), "--weir", args.weir, "--workers",
               str(args.workers), "--tls", tls_folder, str(path)]
    if args.verbose:
        command.append("-v")
    began = time.monotonic()
    # A session of its own, so that whatever a test leaves behind can be ended.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          start_new_session=True) as process:
        try:
            output, _ = process.communicate(timeout=LIMIT_S)
            code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            output, _ = process.communicate()
            output, code = output + b"\ntook longer than %d s\n" % LIMIT_S, -1
    return code, output.decode(errors="replace"), time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--weir", required=True)
    parser.add_argument("--workers", default="1")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-v", "--verbose", action="store_true",
                        help="show the transcript of passing tests too")
    parser.add_argument("files", nargs="*", type=Path)
    args = parser.parse_args()
    args.weir = str(Path(args.weir).resolve())
    files = args.files or sorted(HERE.glob("*.wt"))
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory(prefix="weir-tls-") as tls_folder, \
            ThreadPoolExecutor(args.jobs) as pool:
        results = pool.map(lambda f: run_file(args, tls_folder, f), files)
        for path, (code, output, seconds) in zip(files, results):
            passed, failed, skipped = (passed + (code == 0),
                                       failed + (code not in (0, SKIPPED)),
                                       skipped + (code == SKIPPED))
            verdict = {0: "ok", SKIPPED: "SKIPPED"}.get(code, "FAILED")
            print(f"{verdict:7} wire/{path.stem} ({seconds:.1f} s)", flush=True)
            if output and (code != 0 or args.verbose):
                print(output, flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
