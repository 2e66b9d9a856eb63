#!/usr/bin/env python3
"""translated.py -- what translating takes: translated.py [options] BUILD

BUILD is a release build with -Dbench=true.  One weir has an engine of each dialect, all of
them the same mock.  Each round runs every load through every pair of a client's dialect
and an engine's, one after the other, OpenAI's own pair among them; a figure is the ratio
of the serving thread's CPU time (schedstat: user and system) to that pair's in the same
round: median over the rounds, least, greatest.  Memory is what the process has more than
when it was idle, with a thousand streams open, for each of them.  See docs/bench.md."""
import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from bench import PACE, Load, Sample, Table, run_load, spread, worker
from proxies import Mock, Weir, rss_bytes
from single import background, fresh

DIALECTS = ["openai", "openai-responses", "anthropic", "gemini", "ollama"]
SPEAKS = {"openai-responses": "responses"}  # where an engine's word is another
BASES = {"gemini": "/v1beta", "ollama": ""}  # of its url; else /v1
BASE = ("openai", "openai")
OWN = [(d, d) for d in DIALECTS[1:]]
PAIRS = [(d, "openai") for d in DIALECTS[1:]] + [("openai", d) for d in DIALECTS[1:]]

LOADS = [
    Load("request", "1 KB request, 32 connections", "requests", ["-c", "32"]),
    Load("agent", "100 KB agent body, 8 connections", "requests",
         ["-c", "8", "-a", "-b", "100000"]),
    Load("paced", "event one a turn, 500 streams, 10,000/s", "events",
         ["-c", "500", *PACE, "50"], goal=1.4),
    Load("burst", "event in a burst of 1,000, 8 streams", "events",
         ["-c", "8", "-e", "1000"], goal=1.4),
]
STREAMS = 1000
GOAL_BYTES = 8192  # of a translated stream, more than one of a single dialect


def model_of(engine):
    return f"m-{engine}"


def title_of(pair):
    return f"{pair[0]} client, {pair[1]} engine"


class Five(Weir):
    """weir with an engine of each dialect, each with a model of its own."""

    def write(self, path, text):
        head, rest = text.split("engines:\n", 1)
        keys = rest[rest.index("keys:\n"):]
        engines = "".join(
            f"  - name: {d}\n    side: local\n    speaks: {SPEAKS.get(d, d)}\n"
            f"    url: http://127.0.0.1:{self.mock.port}{BASES.get(d, '/v1')}\n"
            f"    max_inflight: 0\n    timeouts: {{connect: 30s}}\n"
            f"    models: [{{name: {model_of(d)}, as: mock-model, caps: [tools]}}]\n"
            for d in DIALECTS)
        super().write(path, f"{head}engines:\n{engines}{keys}")

    def start(self):
        self.process = self.start_one("plain", self.port, "")


def words_of(pair, words):
    return ["-D", pair[0], "-M", model_of(pair[1]), *words]


def measure(args, tools, weir, pairs, loads):
    """{load: {pair: [Sample, one a round]}}"""
    found = {load.name: {pair: [] for pair in pairs} for load in loads}
    for n in range(args.rounds):
        turn = pairs[n % len(pairs):] + pairs[:n % len(pairs)]
        for load in loads:
            for pair in turn:
                pid = weir.pid()
                result = run_load(tools, weir.port, words_of(pair, load.words),
                                  load.seconds * args.seconds, pid)
                found[load.name][pair].append(Sample(result, load.unit, pid))
        print(f"translated: round {n + 1} of {args.rounds}, load average "
              f"{os.getloadavg()[0]:.1f}", file=sys.stderr)
    return found


def fill(table, found, pairs, loads):
    for load in loads:
        seen = found[load.name]
        table.add(f"{load.name}.base", f"{load.title}: {title_of(BASE)}",
                  spread([worker(s) for s in seen[BASE]]), f"us CPU per {load.unit[:-1]}")
        for pair in pairs[1:]:
            table.add(f"{load.name}.{pair[0]}.{pair[1]}", f"  {title_of(pair)}",
                      spread([worker(a) / worker(b)
                              for a, b in zip(seen[pair], seen[BASE])]),
                      "x", load.goal if pair in PAIRS else None)
        for pair in pairs:
            faults = sum(s.faults for s in seen[pair])
            if faults:
                table.add_one(f"{load.name}.{pair[0]}.{pair[1]}.faults",
                              f"  errors and events out of order: {title_of(pair)}",
                              faults, "", goal=0)


def stream_bytes(tools, folder, mock, log, pair, turn):
    """RSS that each of STREAMS open streams adds, in a weir of its own."""
    weir = fresh(Five, f"memory-{turn}-{pair[0]}-{pair[1]}", folder, mock, log)
    one = words_of(pair, ["-c", "8", "-e", "1000"])
    run_load(tools, weir.port, one, 0.2)  # what the first streams take for all
    idle = rss_bytes(weir.pid())
    streams = background(tools, weir.port,
                         words_of(pair, ["-c", str(STREAMS), "-e", "100000", "-i", "500"]), 2)
    time.sleep(1)
    each = (rss_bytes(weir.pid()) - idle) / STREAMS
    streams.communicate()
    weir.stop()
    return each


def memory(table, args, tools, folder, mock, pairs, log):
    seen = {pair: [] for pair in pairs}
    for n in range(min(args.rounds, 3)):
        for pair in pairs:
            seen[pair].append(stream_bytes(tools, folder, mock, log, pair, n))
    table.add("memory.base", f"RSS of each of {STREAMS} open streams: {title_of(BASE)}",
              spread(seen[BASE]), "bytes")
    for pair in pairs[1:]:
        table.add(f"memory.{pair[0]}.{pair[1]}", f"  more than that: {title_of(pair)}",
                  spread([a - b for a, b in zip(seen[pair], seen[BASE])]), "bytes",
                  GOAL_BYTES if pair in PAIRS else None)


def read_arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("build", type=Path)
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--seconds", type=float, default=1.0, help="of a load's window")
    p.add_argument("--only", help="loads by name: request,agent,paced,burst,memory")
    p.add_argument("--client", help="pairs of this client's dialect alone")
    p.add_argument("--engine", help="... of this engine's")
    p.add_argument("--own", action="store_true",
                   help="also pairs of one dialect that is not OpenAI's")
    p.add_argument("--weir", type=Path, help="another weir than BUILD's")
    p.add_argument("--json", type=Path, help="write every value there")
    return p.parse_args()


def main():
    args = read_arguments()
    tools = args.build.resolve() / "tests/bench"
    Five.binary = (args.weir or args.build / "src/cmd/weir").resolve()
    wanted = args.only.split(",") if args.only else None
    loads = [load for load in LOADS if not wanted or load.name in wanted]
    pairs = [BASE] + [p for p in PAIRS + (OWN if args.own else [])
                      if args.client in (None, p[0]) and args.engine in (None, p[1])]
    table = Table()
    with tempfile.TemporaryDirectory(prefix="weir-translated-") as text:
        folder = Path(text)
        log = open(folder / "log", "wb")
        mock = Mock(tools, folder, log)
        weir = Five("weir", folder, mock, log)
        try:
            weir.start()
            fill(table, measure(args, tools, weir, pairs, loads), pairs, loads)
            weir.stop()
            if not wanted or "memory" in wanted:
                memory(table, args, tools, folder, mock, pairs, log)
        finally:
            weir.stop()
            mock.stop()
            log.close()
    table.show()
    if args.json:
        args.json.write_text(json.dumps({"rounds": args.rounds, "rows": table.rows},
                                        indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
