#!/usr/bin/env python3
"""peers.py -- weir beside two LLM gateways: peers.py [options] BUILD PEERS_DIR

Portkey's gateway (npm) and LiteLLM's proxy (PyPI) are installed into PEERS_DIR, which is
never committed, and run with the least they can do: one process, one engine, no log, no
key, no database.  weir runs as in bench.py: a key, a policy, the ledger on disk.  Loads are
small enough for all of them, CPU time is that of the whole process with all its threads.
What cannot be installed is left out, and the reason printed."""
import argparse
import http.client
import json
import os

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import run_load
from proxies import (Haproxy, Mock, Proxy, Weir, rss_bytes,
                     start, stop, wait_for_port)
from single import BODY, KEY

START_SECONDS = 120

LITELLM = """
model_list:
  - model_name: m
    litellm_params: {{model: openai/m, api_base: "http://127.0.0.1:{mock}/v1", api_key: none}}
litellm_settings: {{telemetry: false, set_verbose: false}}
"""


def install(command, what):
    """None, or why it could not be installed."""
    print(f"peers: installing {what}", file=sys.stderr)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    except (OSError, subprocess.TimeoutExpired) as e:
        return str(e)
    last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
    return None if done.returncode == 0 else last[0]


class Portkey(Proxy):
    title, package = "Portkey gateway", "@portkey-ai/gateway"

    @classmethod
    def prepare(cls, folder):
        cls.root = folder / "portkey"
        cls.script = cls.root / "node_modules" / cls.package / "build/start-server.js"
        if not cls.script.exists():
            why = install(["npm", "install", "--no-audit", "--no-fund", "--prefix",
                           cls.root, cls.package], f"{cls.package} from npm")
            if why:
                return why
        description = json.loads((cls.script.parent.parent / "package.json").read_text())
        cls.version = description["version"]
        return None

    def start(self):
        self.fields = ("x-portkey-provider: openai\r\n"
                       f"x-portkey-custom-host: http://127.0.0.1:{self.mock.port}/v1\r\n")
        self.process = start(["node", self.script, f"--port={self.port}", "--headless"],
                             self.cpu, self.log,
                             env={**os.environ, "NODE_ENV": "production"})
        wait_for_port(self.port, self.process, START_SECONDS)


class Litellm(Proxy):
    title, package, fields = "LiteLLM proxy", "litellm[proxy]", ""

    @classmethod
    def prepare(cls, folder):
        root = folder / "litellm"
        cls.program = root / "bin/litellm"
        if not cls.program.exists():
            why = (install([sys.executable, "-m", "venv", root], "a Python environment") or
                   install([root / "bin/pip", "install", "-q", cls.package],
                           f"{cls.package} from PyPI"))
            if why:
                return why
        shown = subprocess.run([root / "bin/pip", "show", "litellm"], capture_output=True,
                               text=True, timeout=60).stdout
        cls.version = next((line.split()[1] for line in shown.splitlines()
                            if line.startswith("Version:")), "?")
        return None

    def start(self):
        path = self.folder / "litellm.yaml"
        path.write_text(self.settings(LITELLM))
        quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR",
                 "LITELLM_TELEMETRY": "False", "NO_PROXY": "*",
                 "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true"}
        self.process = start([self.program, "--config", path, "--host", "127.0.0.1",
                              "--port", str(self.port), "--num_workers", "1"],
                             self.cpu, self.log, env={**os.environ, **quiet})
        wait_for_port(self.port, self.process, START_SECONDS)


class PeerWeir(Weir):
    title, fields, version = "weir", "", ""

    def start(self):
        self.process = self.start_one("plain", self.port,
                                      f"http://127.0.0.1:{self.mock.port}/v1")


class PeerHaproxy(Haproxy):
    title, fields, version = "HAProxy", "", ""


def ask(proxy, seconds):
    """The first answer, tried until it is one."""
    deadline = time.monotonic() + seconds
    fields = dict(line.split(": ", 1) for line in proxy.fields.split("\r\n") if line)
    while True:
        c = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=30)
        try:
            c.request("POST", "/v1/chat/completions", BODY,
                      {"content-type": "application/json",
                       "authorization": f"Bearer {KEY}", **fields})
            answer = c.getresponse()
            text = answer.read()
            if answer.status == 200:
                return
            why = f"{answer.status} {text[:200]!r}"
        except OSError as e:
            why = str(e)
        finally:
            c.close()
        if time.monotonic() > deadline:
            raise SystemExit(f"peers: {proxy.title} does not answer: {why}")
        time.sleep(0.05)


def process_us(result, unit):
    spent = sum(t["after_ns"] - t["before_ns"] for t in result["threads"])
    return spent / max(result[unit], 1) / 1e3


def measure(kind, args, tools, folder, mock, log, direct):
    began = time.perf_counter()
    proxy = kind(kind.__name__.lower(), folder, mock, log)
    proxy.start()
    try:
        ask(proxy, START_SECONDS)
        found = {"start_ms": (time.perf_counter() - began) * 1e3}
        time.sleep(1)
        found["rss_mib"] = rss_bytes(proxy.process.pid) / 2**20
        more = ["-H", proxy.fields] if proxy.fields else []

        def load(what, words):
            """Its results, or none when the gateway does not get it done."""
            try:
                seen = [run_load(tools, proxy.port, [*words, *more], args.seconds,
                                 proxy.process.pid) for _ in range(args.rounds)]
            except SystemExit as e:
                print(f"peers: {kind.title} fails at {what}: {str(e).splitlines()[-1]}")
                return []
            bad = sum(r["errors"] + r["disorder"] for r in seen)
            if bad:
                print(f"peers: {kind.title} at {what}: {bad} errors or lost events")
            return seen

        def note(key, values):
            values = list(values)
            if values:
                found[key] = statistics.median(values)

        seen = load("plain requests", ["-c", "16"])
        note("request_us", (process_us(r, "requests") for r in seen))
        note("requests_s", (r["requests"] / r["seconds"] for r in seen))
        seen = load("streams", ["-c", "50", "-e", "1000000", "-i", "50"])
        note("event_us", (process_us(r, "events") for r in seen))
        note("event_lag_p99_ms", (r["lag_p99_us"] / 1e3 for r in seen))
        seen = load("one connection", ["-c", "1"])
        for key in ("p50_us", "p99_us"):
            note(f"added_{key}", (r[key] - direct[key] for r in seen))
        found["rss_after_mib"] = rss_bytes(proxy.process.pid) / 2**20
        return found
    finally:
        proxy.stop()


COLUMNS = [("request_us", "us CPU a request", 1), ("requests_s", "requests a second", 0),
           ("event_us", "us CPU an event", 1), ("event_lag_p99_ms", "event lag p99, ms", 2),
           ("added_p50_us", "added p50, us", 0), ("added_p99_us", "added p99, us", 0),
           ("rss_mib", "RSS idle, MiB", 1), ("rss_after_mib", "RSS after, MiB", 1),
           ("start_ms", "start to answer, ms", 0)]


def show(found):
    names = list(found)
    print(f"{'':22}" + "".join(f"{name:>26}" for name in names))
    for key, title, digits in COLUMNS:
        cells = (f"{found[n][key]:,.{digits}f}" if key in found[n] else "-" for n in names)
        print(f"{title:22}" + "".join(f"{cell:>26}" for cell in cells))


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("build", type=Path)
    p.add_argument("peers", type=Path)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, default=3.0, help="of a load's window")
    p.add_argument("--json", type=Path, help="write every figure there")
    args = p.parse_args()
    tools = args.build.resolve() / "tests/bench"
    PeerWeir.binary = (args.build / "src/cmd/weir").resolve()
    folder = args.peers.resolve()
    folder.mkdir(exist_ok=True)
    kinds, found = [PeerHaproxy, PeerWeir], {}
    for kind in (Portkey, Litellm):
        why = kind.prepare(folder)
        if why:
            print(f"peers: {kind.title} left out, it cannot be installed here: {why}")
        else:
            kinds.append(kind)
    with tempfile.TemporaryDirectory(prefix="weir-peers-") as text, \
            open(Path(text) / "log", "wb") as log:
        mock = Mock(tools, Path(text), log)
        try:
            seen = [run_load(tools, mock.port, ["-c", "1"], args.seconds)
                    for _ in range(args.rounds)]
            direct = {k: statistics.median(r[k] for r in seen) for k in ("p50_us", "p99_us")}
            for kind in kinds:
                found[f"{kind.title} {kind.version}".strip()] = measure(
                    kind, args, tools, Path(text), mock, log, direct)
        finally:
            mock.stop()
    show(found)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
