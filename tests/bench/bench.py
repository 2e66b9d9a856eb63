#!/usr/bin/env python3
"""bench.py -- weir beside HAProxy and nginx: bench.py [options] BUILD

BUILD is a release build with -Dbench=true.  Proxies run on CPU 0, engine and load on
CPU 1.  Each round runs every load through every proxy, one after the other, so that
what else the machine does hits all of them; a figure is the median over the rounds of
its ratio to HAProxy in the same round, with the least and the greatest.  CPU time is
the kernel's (schedstat) for each thread.  See docs/bench.md."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import guarded
import single
from proxies import (KEY, LOAD_CPU, Direct, Haproxy, Mock, Nginx, Weir, cpu_ns)

PACE = ["-e", "1000000", "-i"]  # a stream without end


BEFORE = "before"


class Before(Weir):
    """Another binary, of an earlier version."""


class Load:
    """One shape of traffic: unit is what CPU time is divided by."""

    def __init__(self, name, title, unit, words, is_tls=False, goal=None, seconds=1.0):
        self.name, self.title, self.unit, self.words = name, title, unit, words
        self.is_tls, self.goal, self.seconds = is_tls, goal, seconds


LOADS = [
    Load("request", "1 KB request, 64 connections", "requests", ["-c", "64"], goal=1.0),
    Load("paced", "SSE event, 1,000 streams, 20,000/s", "events",
         ["-c", "1000", *PACE, "50"], goal=0.85, seconds=1.5),
    Load("burst", "SSE event in a burst of 200, 8 streams", "events",
         ["-c", "8", "-e", "200"]),
    Load("burst1000", "SSE event in a burst of 1,000, 8 streams", "events",
         ["-c", "8", "-e", "1000"]),
    Load("body", "100 KB body, 16 connections", "requests", ["-c", "16", "-b", "100000"],
         goal=1.3),
    Load("agent", "1 MB agent body, 4 connections", "requests",
         ["-c", "4", "-a", "-b", "1000000"], goal=1.5),
    Load("tls_request", "1 KB request, TLS engine, 32 connections", "requests",
         ["-c", "32"], is_tls=True, goal=0.95),
    Load("tls_paced", "SSE event, TLS engine, 500 streams, 10,000/s", "events",
         ["-c", "500", *PACE, "50"], is_tls=True, goal=0.95, seconds=1.5),
    Load("latency", "one connection: time of a request", "requests", ["-c", "1"]),
    Load("streams", "SSE event, 5,000 streams, 5,000/s", "events",
         ["-c", "5000", *PACE, "1000"], seconds=2.0),
]


class Sample:
    """What one run of one load through one proxy showed."""

    def __init__(self, result, unit, pid):
        self.result = result
        n = max(result[unit], 1)
        spent = {t["tid"]: t["after_ns"] - t["before_ns"] for t in result["threads"]}
        self.worker_us = max(spent.values(), default=0) / n / 1e3
        workers = [ns for t, ns in spent.items() if self.is_worker(result, t)]
        if workers:
            self.worker_us = sum(workers) / n / 1e3
        user = {t["tid"]: t["user_ns"] for t in result["threads"]}
        self.user_us = user[max(spent, key=spent.get)] / n / 1e3 if spent else 0
        before = {t["tid"]: t["before_ns"] for t in result["threads"]}
        self.whole_us = (self.settled(pid) - sum(before.values())) / n / 1e3
        self.faults = result["errors"] + result["disorder"]

    @staticmethod
    def is_worker(result, tid):
        return any(t["tid"] == tid and t["name"].startswith("weir-worker")
                   for t in result["threads"])

    @staticmethod
    def settled(pid):
        """CPU time of all threads once the process has nothing left to do."""
        was, quiet = sum(cpu_ns(pid).values()), 0
        for _ in range(200):
            time.sleep(0.05)
            now = sum(cpu_ns(pid).values())
            quiet = quiet + 1 if now - was < 500_000 else 0
            was = now
            if quiet == 3:
                break
        return was


def run_load(tools, port, words, seconds, pid=0, cpu=LOAD_CPU):
    command = ["taskset", "-c", str(cpu), tools / "bench_load", "-p", str(port), "-k", KEY,
               "-d", str(seconds), "-P", str(pid), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise SystemExit(f"bench: {' '.join(map(str, command))}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def measure(args, tools, proxies, loads):
    """{load: {proxy: [Sample, one a round]}}"""
    found = {load.name: {p.name: [] for p in proxies} for load in loads}
    for n in range(args.rounds):
        for load in loads:
            turn = proxies[n % len(proxies):] + proxies[:n % len(proxies)]
            for proxy in turn:
                if proxy.name == "direct" and load.name != "latency":
                    continue
                pid = proxy.pid(load.is_tls)
                result = run_load(tools, proxy.tls_port if load.is_tls else proxy.port,
                                  load.words, load.seconds * args.seconds, pid)
                found[load.name][proxy.name].append(Sample(result, load.unit, pid))
        print(f"bench: round {n + 1} of {args.rounds}, load average "
              f"{os.getloadavg()[0]:.1f}", file=sys.stderr)
    return found


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values),
            "values": values}


def ratios(samples, name, of, base=None, to="haproxy"):
    """Per-round ratios to HAProxy, or to another."""
    base = base or of
    pairs = zip(samples[name], samples[to])
    return spread([of(a) / base(b) for a, b in pairs if base(b)])


def worker(sample):
    return sample.worker_us


def user(sample):
    return sample.user_us


def whole(sample):
    return sample.whole_us


def added(found, name, key):
    """Per-round microseconds added to the same round's direct time."""
    return [p.result[key] - d.result[key]
            for p, d in zip(found["latency"][name], found["latency"]["direct"])]


class Table:
    def __init__(self):
        self.rows = []

    def add(self, name, title, seen, unit, goal=None, note=""):
        reached = None if goal is None else seen["median"] <= goal
        self.rows.append({"name": name, "title": title, "unit": unit, "goal": goal,
                          "reached": reached, "note": note, **seen})

    def add_one(self, name, title, value, unit, goal=None, at_least=None, note=""):
        row = {"name": name, "title": title, "unit": unit, "median": value, "min": value,
               "max": value, "values": [value], "note": note,
               "goal": goal if goal is not None else at_least}
        row["reached"] = (None if row["goal"] is None else
                          value <= goal if goal is not None else value >= at_least)
        self.rows.append(row)

    def show(self):
        print(f"{'figure':58} {'median':>9} {'min':>9} {'max':>9} {'goal':>7}")
        for r in self.rows:
            goal = "" if r["goal"] is None else f"{r['goal']:g}"
            mark = {None: "", True: "  ok", False: "  NOT REACHED"}[r["reached"]]
            print(f"{r['title']:58} {r['median']:9.2f} {r['min']:9.2f} {r['max']:9.2f} "
                  f"{goal:>7} {r['unit']}{mark}{'; ' if r['note'] else ''}{r['note']}")


def burst_marginal(found, name, key):
    """Per round: what one more event of a burst costs, in ns, the stream's own cost
    taken out by the difference between bursts of 1,000 and of 200."""
    both = zip(found["burst1000"][name], found["burst"][name])
    return [(key(a) * 1000 - key(b) * 200) / 800 * 1e3 for a, b in both]


def fill(table, found, loads, names):
    for load in loads:
        seen = found[load.name]
        for name in names:
            us = spread([worker(s) for s in seen[name]])
            table.add(f"{load.name}.{name}.us", f"{load.title}: {name}", us,
                      f"us CPU per {load.unit[:-1]}")
        for name in names:
            if name == "haproxy" or "haproxy" not in names:
                continue
            what = {"weir": "weir's worker", BEFORE: "the earlier weir's worker"}.get(name, name)
            table.add(f"{load.name}.{name}.ratio", f"  {what} / HAProxy",
                      ratios(seen, name, worker), "x",
                      load.goal if name == "weir" else None)
        if BEFORE in names:
            table.add(f"{load.name}.weir.before", "  weir's worker / the earlier weir's",
                      ratios(seen, "weir", worker, to=BEFORE), "x", 1.02)
        if load.name == "request" and {"weir", "haproxy"} <= set(names):
            table.add("request.weir.whole", "  weir's whole process, indexed / HAProxy",
                      ratios(seen, "weir", whole, worker), "x", 1.5)
        lag = load.unit == "events" and "-i" in load.words
        for name in names if lag else []:
            table.add(f"{load.name}.{name}.lag", f"  event lag p99: {name}",
                      spread([s.result["lag_p99_us"] / 1e3 for s in seen[name]]), "ms",
                      50 if load.name == "streams" and name == "weir" else None)
        for name in names:
            if name in seen and seen[name]:
                faults = sum(s.faults for s in seen[name])
                if faults:
                    table.add_one(f"{load.name}.{name}.faults",
                                  f"  errors and events out of order: {name}", faults,
                                  "", goal=0)
    fill_latency(table, found, names)
    if "burst" in found and "burst1000" in found:
        for name in names:
            table.add(f"burst.{name}.marginal", f"one more event in a burst: {name}",
                      spread(burst_marginal(found, name, worker)),
                      "ns CPU, kernel included")
            table.add(f"burst.{name}.user", f"  of these outside the kernel: {name}",
                      spread(burst_marginal(found, name, user)), "ns CPU",
                      100 if name == "weir" else None)


def fill_latency(table, found, names):
    if "latency" not in found or not found["latency"].get("direct"):
        return
    for key in ("p50_us", "p99_us"):
        for name in names:
            table.add(f"added.{name}.{key}", f"added {key[:3]}, one connection: {name}",
                      spread(added(found, name, key)), "us")
        if {"weir", "haproxy"} <= set(names):
            pairs = zip(added(found, "weir", key), added(found, "haproxy", key))
            table.add(f"added.ratio.{key}", f"  weir / HAProxy, added {key[:3]}",
                      spread([a / b for a, b in pairs if b > 0] or [0]), "x", 1.0)


def read_arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("build", type=Path)
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--seconds", type=float, default=2.0, help="of a load's window")
    p.add_argument("--only", help="loads and single figures, by name: request,paced,...")
    p.add_argument("--proxies", default="haproxy,nginx,weir")
    p.add_argument("--weir", type=Path, help="another weir than BUILD's")
    p.add_argument("--before", type=Path,
                   help="an earlier weir, interleaved: what its worker took is compared")
    p.add_argument("--json", type=Path, help="write every value there")
    return p.parse_args()


def main():
    args = read_arguments()
    tools = args.build.resolve() / "tests/bench"
    Weir.binary = (args.weir or args.build / "src/cmd/weir").resolve()
    wanted = args.only.split(",") if args.only else None
    loads = [load for load in LOADS if not wanted or load.name in wanted]
    names = args.proxies.split(",")
    kinds = {"haproxy": Haproxy, "nginx": Nginx, "weir": Weir, BEFORE: Before}
    if args.before:
        Before.binary = args.before.resolve()
        names.append(BEFORE)
    table = Table()
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as text:
        folder = Path(text)
        log = open(folder / "log", "wb")
        mock = Mock(tools, folder, log)
        proxies = [kinds[name](name, folder, mock, log) for name in names]
        if any(load.name == "latency" for load in loads):
            proxies.append(Direct("direct", folder, mock, log))
        try:
            for proxy in proxies:
                proxy.start()
            fill(table, measure(args, tools, proxies, loads), loads, names)
            figures = {**single.FIGURES, "scanning": guarded.scanning}
            single.add_all(figures, table, tools, folder, mock, proxies, wanted, run_load, log)
        finally:
            for proxy in proxies:
                proxy.stop()
            mock.stop()
            log.close()
    table.show()
    if args.json:
        args.json.write_text(json.dumps({"rounds": args.rounds, "rows": table.rows},
                                        indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
