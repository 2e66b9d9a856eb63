#!/usr/bin/env python3
"""Run every libFuzzer target of a build for a bounded time: run_fuzz.py BUILD SECONDS

The kept corpus of target fuzz_X is tests/fuzz/corpus/X; what a run finds grows in the
build directory only.  A crash leaves its input there and the run fails."""
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    build, seconds = Path(sys.argv[1]).resolve(), sys.argv[2]
    targets = [p for p in sorted((build / "tests/fuzz").glob("fuzz_*"))
               if p.is_file() and os.access(p, os.X_OK)]
    failed = [] if targets else ["no target was built"]
    for target in targets:
        kept = ROOT / "tests/fuzz/corpus" / target.name.removeprefix("fuzz_")
        grown = build / "corpus" / target.name
        grown.mkdir(parents=True, exist_ok=True)
        command = [str(target), f"-max_total_time={seconds}", "-print_final_stats=1",
                   "-timeout=10", "-rss_limit_mb=2048", str(grown)]
        if kept.is_dir():
            command.append(str(kept))
        print(f"== {target.name}", flush=True)
        if subprocess.run(command, cwd=build).returncode != 0:
            failed.append(target.name)
    print(f"{len(targets)} targets, failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
