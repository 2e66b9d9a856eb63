#!/usr/bin/env python3
"""How far is `weir bench` from the engine's own clock?  And how much can it time?

    accuracy.py [--rate] BUILD

The engine (mock.c) notes when it had read each request and when it sent each event, by
CLOCK_MONOTONIC, which is one clock for both; `weir bench --trace` has its own stamps of
the same.  Differences of the time to first token, of the gaps between tokens and of the
whole answer are printed as they are, at 1 to 256 streams: what the way through the kernel
takes is in them.  With --rate the engine sends as fast as it can, and what is printed is
how many events a second one core decodes and times, and what became of its time.

weir bench has one CPU and the engine another.  Exit code 1: a p50 or p99 is above 1 ms, a
rate below 30,000 events/s, or more than 5 % of the time is neither weir's work nor its
waiting for the engine."""
import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WEIR_CPU, ENGINE_CPU = "0", "1"
STREAMS = (1, 16, 64, 256)
EVENTS, PACE_MS, MOST_MS = 25, 10, 1.0
LEAST_RATE, MOST_UNTOLD = 30000, 5
# Streams, events of each, ms between them (0: none), requests.  With a pace each event is
# a read of its own.
LOADS = ((64, 1000, 1, 128), (256, 1000, 2, 512), (1, 2000, 0, 200), (64, 2000, 0, 256),
         (256, 2000, 0, 1024))
# Before everybody else where that is permitted: what else runs here is not measured.
FIRST = ["chrt", "-f", "1"] if subprocess.run(
    ["chrt", "-f", "1", "true"], stderr=subprocess.DEVNULL).returncode == 0 else []


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(build, folder, streams, requests, events, pace_ms, *words):
    """(what `weir bench --json` printed, its traces, the engine's diary by number)"""
    port, prompts = free_port(), folder / "prompts.jsonl"
    trace, diary = folder / "trace.jsonl", folder / "diary"
    prompts.write_text(json.dumps({"prompt": f"bench events={events} pace_ms={pace_ms}."}))
    engine = subprocess.Popen([*FIRST, "taskset", "-c", ENGINE_CPU, build / "tests/bench/bench_mock",
                               "-d", diary, str(port)])
    time.sleep(0.3)
    try:
        done = subprocess.run(
            [*FIRST, "taskset", "-c", WEIR_CPU, build / "src/cmd/weir", "bench",
             f"http://127.0.0.1:{port}/v1#m", "--local", "--workload", prompts,
             "--concurrency", str(streams), "--requests", str(requests), "--json", *words],
            stdout=subprocess.PIPE, check=True, env={**os.environ, "HOME": str(folder)})
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.wait()
    traces = []
    if "--trace" in words:
        traces = [json.loads(line) for line in trace.read_text().splitlines()]
    pages = {}
    for line in diary.read_text().splitlines():
        number, read_us, *sent_us = map(int, line.split())
        pages[number] = (read_us, sent_us)
    return json.loads(done.stdout), traces, pages


def quantile(values, p):
    """Linear between ranks, as weir's."""
    values, rank = sorted(values), p * (len(values) - 1)
    low = int(rank)
    high = min(low + 1, len(values) - 1)
    return values[low] + (rank - low) * (values[high] - values[low])


def differences(traces, pages):
    """{figure: differences in ms}, of the requests that were measured."""
    found = {"TTFT": [], "ITL": [], "end to end": [], "each stamp": []}
    for t in traces:
        if t["is_warmup"]:
            continue
        read_us, sent = pages[t["number"]]
        got = [at for at, kind, _ in t["events"] if kind == "text"]
        if t["end"] != "done" or len(got) != len(sent):
            sys.exit(f"accuracy: request {t['number']} ended as {t['end']} with "
                     f"{len(got)} of {len(sent)} events")
        found["TTFT"].append((got[0] - t["start_us"]) - (sent[0] - read_us))
        found["end to end"].append((t["end_us"] - t["start_us"]) - (sent[-1] - read_us))
        found["each stamp"] += [g - s for g, s in zip(got, sent)]
        found["ITL"] += [(got[i] - got[i - 1]) - (sent[i] - sent[i - 1])
                         for i in range(1, len(got))]
    return {name: [abs(us) / 1000 for us in values] for name, values in found.items()}


def accuracy(build, folder):
    is_good = True
    print(f"Differences in ms, p50 / p99; an event each {PACE_MS} ms.")
    print(f"{'streams':>8}{'events':>8}  " +
          "".join(f"{n:>18}" for n in ("TTFT", "ITL", "end to end", "each stamp")))
    for n in STREAMS:
        _, traces, pages = run(build, folder, n, max(200, 4 * n), EVENTS, PACE_MS, "--trace",
                               folder / "trace.jsonl")
        cells = []
        found = differences(traces, pages)
        for values in found.values():
            p50, p99 = quantile(values, .5), quantile(values, .99)
            is_good &= p99 <= MOST_MS
            cells.append(f"{p50:>10.3f} /{p99:>6.3f}")
        print(f"{n:>8}{len(found['each stamp']):>8}  " + "".join(cells), flush=True)
    return is_good


def rate(build, folder):
    is_good = True
    print(f"{'streams':>8}  {'the engine sends':<22}{'events/s':>10}{'at work':>9}"
          f"{'waited for it':>15}{'unaccounted':>13}")
    for n, events, pace_ms, requests in LOADS:
        out, *_ = run(build, folder, n, requests, events, pace_ms)
        own = next(t for s in out["sections"].values() for t in s["tables"]
                   if t["id"] == "own")["rows"][0]
        sends = f"one each {pace_ms} ms" if pace_ms else "as fast as it can"
        is_good &= float(own["events/s"]) >= LEAST_RATE and \
            float(own["unaccounted"].rstrip("%")) <= MOST_UNTOLD
        print(f"{n:>8}  {sends:<22}{own['events/s']:>10}{own['at work']:>9}"
              f"{own['waited for the engine']:>15}{own['unaccounted']:>13}", flush=True)
    return is_good


def main():
    words = argparse.ArgumentParser(description=__doc__,
                                    formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--rate", action="store_true")
    words.add_argument("build", type=Path)
    words = words.parse_args()
    if (os.cpu_count() or 1) < 2:
        sys.exit("accuracy: weir bench and the engine need a CPU each")
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}: what else runs here delays "
          "either side and is in the p99.")
    with tempfile.TemporaryDirectory() as folder:
        is_good = (rate if words.rate else accuracy)(words.build, Path(folder))
    sys.exit(0 if is_good else "accuracy: a figure is outside its limits")


if __name__ == "__main__":
    main()
