#!/usr/bin/env python3
"""Minutes of streams beside open pages; nothing grows: page.py --weir WEIR

Two weirs of one worker, each with the same load: STREAMS streams of answers that end and begin
anew, from an engine that stamps each event, and ten short requests a second. Beside them each has
two pages open, one that reads and one that has stopped reading. One weir runs as it is and shows how
late events are and its memory; the other runs under callgrind, which counts the instructions of the
thread that serves and nothing of what else the machine does.

Each minute is a line. At the end stand the slopes over the minutes (the first WARM are left out: tables
and caches fill) with their standard errors. No trend: the slope's interval of 95 % includes 0, or what
it comes to in an hour is below 5 % of the mean."""
import asyncio
import math
import sys
import tempfile
import time
from pathlib import Path

import common

sys.path.insert(0, str(common.TESTS / "bench"))
import page_cost  # noqa: E402

WARM = 3
ANSWER_EVENTS = 30


class Slope:
    """Least squares of values against minutes."""

    def __init__(self, values):
        n = len(values)
        at = [i - (n - 1) / 2 for i in range(n)]
        spread = sum(x * x for x in at)
        self.mean = sum(values) / n
        self.each = sum(x * y for x, y in zip(at, values)) / spread
        rest = sum((y - self.mean - self.each * x) ** 2 for x, y in zip(at, values))
        self.error = math.sqrt(rest / (n - 2) / spread)
        self.half = student(n - 2) * self.error
        self.hour = 60 * self.each / self.mean if self.mean else 0.0

    def verdict(self):
        if abs(self.each) <= self.half:
            return "no trend"
        if abs(self.hour) < 0.05:
            return "no trend: below 5 % in an hour"
        return "it rises" if self.each > 0 else "it falls"


def student(df):
    """Its quantile of 97.5 %, from that of the normal distribution (Cornish and Fisher)."""
    z = 1.959964
    return (z + (z ** 3 + z) / (4 * df) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * df ** 2)
            + (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * df ** 3))


async def a_minute(plain, counted, seconds):
    """One line of figures: instructions for each event, delays in ms, memory in KB."""
    pid = str(counted.weir.pid)
    page_cost.control("-z", pid)
    plain.delays.clear()
    counted.delays.clear()
    await asyncio.sleep(seconds)
    late, events = [d for _, d in plain.delays], len(counted.delays)
    page_cost.control("-d", pid)
    for old in counted.folder.glob("callgrind.out.*"):
        if old.stat().st_size == 0:
            old.unlink()
    seen = page_cost.counted(counted.folder)
    for old in counted.folder.glob("callgrind.out.*"):
        old.unlink()
    if seen is None or not events or not late:
        raise SystemExit("page: nothing was counted")
    return {"instructions an event": seen[0] / events, "page timer, an event": seen[1] / events,
            "event p50 (ms)": page_cost.quantile(late, .5), "event p99 (ms)": page_cost.quantile(late, .99),
            "memory (KB)": plain.rss_kb(), "events": events, "instructions": seen[0]}


async def run(binary, streams, minutes):
    lines = []
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        under = ["valgrind", "--tool=callgrind", "--separate-threads=yes", "--fair-sched=yes",
                 f"--callgrind-out-file={two}/callgrind.out.%p", "-q"]
        async with page_cost.World(binary, streams, Path(one), most=ANSWER_EVENTS) as plain, \
                page_cost.World(binary, streams, Path(two), under, most=ANSWER_EVENTS) as counted:
            pages = await plain.open_pages(2, 1) + await counted.open_pages(2, 1)
            await asyncio.sleep(5)
            began = time.monotonic()
            for minute in range(1, minutes + 1):
                line = await a_minute(plain, counted, max(1, began + 60 * minute - time.monotonic()))
                lines.append(line)
                print(f"minute {minute:3}: {line['instructions'] / 1e6:8.1f} million instructions of the serving thread, "
                      f"{line['instructions an event']:7.0f} an event ({line['page timer, an event']:5.0f} in the page's timer), event p50 "
                      f"{line['event p50 (ms)']:6.2f} p99 {line['event p99 (ms)']:7.2f} ms, {line['memory (KB)'] / 1024:5.1f} MB, "
                      f"{plain.heard[0]} messages of rows, {plain.heard[1]} gaps", flush=True)
            ended = [str(p.exception()) for p in pages if p.done() and p.exception()]
            await page_cost.ended(pages)
            heard = (plain.heard, counted.heard)
    return lines, ended, heard


def main():
    args = common.arguments(__doc__, minutes=20, streams=250)
    table = common.Table()
    table.turns = None  # both weirs are watched by other means
    lines, ended, heard = asyncio.run(run(Path(args.weir).resolve(), args.streams, args.minutes))
    table.row("pages", f"{heard[0][0]} and {heard[1][0]} messages of rows", ended + [
        f"gaps: {h[1]}" for h in heard if h[1]] + ["no rows came" for h in heard if not h[0]])
    kept = lines[WARM:]
    if len(kept) < 5:
        print(f"fewer than {WARM + 5} minutes: no slopes")
        return table.end()
    for name in ("instructions an event", "page timer, an event", "event p50 (ms)", "event p99 (ms)", "memory (KB)"):
        s = Slope([line[name] for line in kept])
        verdict = s.verdict()
        table.row(name, f"mean {s.mean:.2f}, slope {s.each:+.4f} a minute, standard error {s.error:.4f}, in an hour "
                  f"{100 * s.hour:+.1f} %: {verdict}", [verdict] if verdict == "it rises" else [])
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
