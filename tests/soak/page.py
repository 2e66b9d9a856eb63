#!/usr/bin/env python3
"""Minutes of streams beside open pages; nothing grows: page.py --weir WEIR

Two weirs of one worker, each with the same load: STREAMS streams of answers that end and begin
anew, from an engine that stamps each event, and ten short requests a second. Beside them each has
two pages open, one that reads and one that has stopped reading. One weir runs as it is and shows how
late events are and its memory; the other runs under callgrind, which counts the instructions of the
thread that serves and nothing of what else the machine does.

Each minute is a line. At the end stand the slopes over the minutes (the first WARM are left out: tables
and caches fill) with their standard errors. Instructions depend on how many events and requests a busy
machine let through in a minute, so these are taken out: the slope of instructions is that of time in a
linear fit by events, requests and time. No trend: the slope's interval of 95 % includes 0, or what it
comes to in an hour is below 5 % of the mean."""
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
# The last 16,384 requests stay in memory (gateway/recent.h), and four megabytes of the ledger's index (ledger/index):
# both are full before the first minute, else memory would rise until they are.
REMEMBERED = 100000
ANSWER_EVENTS = 30


def solve(matrix, right):
    """Gauss, with the largest pivot; the matrix is square and small."""
    rows = [list(r) + [b] for r, b in zip(matrix, right)]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(len(rows)):
            if k != i:
                by = rows[k][i] / rows[i][i]
                rows[k] = [a - by * b for a, b in zip(rows[k], rows[i])]
    return [r[-1] / r[i] for i, r in enumerate(rows)]


class Slope:
    """Least squares of values against minutes, and against what else moves them."""

    def __init__(self, values, *others):
        n = len(values)
        self.mean = sum(values) / n
        columns = [[1.0] * n, [i - (n - 1) / 2 for i in range(n)]]
        for other in others:
            mean = sum(other) / n
            columns.append([(x - mean) / (mean or 1) for x in other])
        squares = [[sum(a * b for a, b in zip(x, y)) for y in columns] for x in columns]
        found = solve(squares, [sum(a * b for a, b in zip(x, values)) for x in columns])
        rest = sum((y - sum(f * c[i] for f, c in zip(found, columns))) ** 2 for i, y in enumerate(values))
        df = n - len(columns)
        spread = solve(squares, [float(i == 1) for i in range(len(columns))])[1]
        self.each, self.error = found[1], math.sqrt(rest / df * spread)
        self.half = student(df) * self.error
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
    """Figures of one minute: delays in ms, memory in KB."""
    pid = str(counted.weir.pid)
    page_cost.control("-z", pid)
    plain.delays.clear()
    counted.delays.clear()
    answered, rows = counted.answered[0], counted.heard[0]
    await asyncio.sleep(seconds)
    late = [d for _, d in plain.delays]
    line = {"events": len(counted.delays), "requests": counted.answered[0] - answered, "rows": counted.heard[0] - rows,
            "p50": page_cost.quantile(late, .5), "p99": page_cost.quantile(late, .99), "memory": plain.rss_kb()}
    page_cost.control("-d", pid)
    for old in counted.folder.glob("callgrind.out.*"):
        if old.stat().st_size == 0:
            old.unlink()
    seen = page_cost.counted(counted.folder)
    for old in counted.folder.glob("callgrind.out.*"):
        old.unlink()
    if seen is None or not late:
        raise SystemExit("page: nothing was counted")
    return {**line, "all": seen[0], "timer": seen[1]}


async def run(binary, streams, minutes):
    lines = []
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        under = ["valgrind", "--tool=callgrind", "--separate-threads=yes", "--fair-sched=yes",
                 f"--callgrind-out-file={two}/callgrind.out.%p", "-q"]
        async with page_cost.World(binary, streams, Path(one), most=ANSWER_EVENTS) as plain, \
                page_cost.World(binary, streams, Path(two), under, most=ANSWER_EVENTS) as counted:
            await page_cost.many_requests(plain.port, REMEMBERED)
            pages = await plain.open_pages(2, 1) + await counted.open_pages(2, 1)
            await asyncio.sleep(5)
            began = time.monotonic()
            for minute in range(1, minutes + 1):
                line = await a_minute(plain, counted, max(1, began + 60 * minute - time.monotonic()))
                lines.append(line)
                print(f"minute {minute:3}: {line['all'] / 1e6:6.1f} million instructions of the serving thread, {line['timer'] / 1e6:5.1f} of them "
                      f"in the page's timer, for {line['events']} events, {line['requests']} requests, {line['rows']} messages of rows; "
                      f"event p50 {line['p50']:.2f} p99 {line['p99']:.2f} ms; {line['memory'] / 1024:.1f} MB; {plain.heard[1]} gaps", flush=True)
            ended = [str(p.exception()) for p in pages if p.done() and p.exception()]
            await page_cost.ended(pages)
            heard = (plain.heard, counted.heard)
    return lines, ended, heard


def main():
    args = common.arguments(__doc__, minutes=20, streams=250)
    table = common.Table()
    table.turns = None  # both weirs are watched by other means
    lines, ended, heard = asyncio.run(run(Path(args.weir).resolve(), args.streams, args.minutes))
    table.row("pages", f"{heard[0][0]} and {heard[1][0]} messages of rows, {heard[0][1]} and {heard[1][1]} gaps (more rows at once than "
              "are told: the machine stood still)", ended + ["no rows came" for h in heard if not h[0]])
    kept = lines[WARM:]
    if len(kept) < 7:
        print(f"fewer than {WARM + 7} minutes: no slopes")
        return table.end()
    column = {name: [line[name] for line in kept] for name in kept[0]}
    slopes = {"instructions of the thread": Slope(column["all"], column["events"], column["requests"]),
              "... in the page's timer": Slope(column["timer"], column["rows"], column["requests"]),
              "event p50 (ms)": Slope(column["p50"]), "event p99 (ms)": Slope(column["p99"]),
              "memory (KB)": Slope(column["memory"])}
    for name, s in slopes.items():
        verdict = s.verdict()
        table.row(name, f"mean {s.mean:,.2f}, slope {s.each:+,.3f} a minute, standard error {s.error:,.3f}, in an hour "
                  f"{100 * s.hour:+.1f} %: {verdict}", [verdict] if verdict == "it rises" else [])
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
