#!/usr/bin/env python3
"""Minutes of mixed load; memory and descriptors stay flat: mixed.py --weir WEIR

The load: plain and streamed requests, long prompts, tools, faults of the engine, clients
that leave in the middle, refused labels, unknown models, broken JSON, and a reload every
few seconds.  Flat: the mean of the last fifth of the run is not above the mean of the
second fifth by more than 10 % and 1 MiB.  Meant for a build without sanitizers, whose
own memory grows."""
import itertools
import random
import re
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import common

CONFIG = """
access_log: off
engines:
  - {{name: a, kind: openai, side: local, url: {url}, max_inflight: 0,
     timeouts: {{first_byte: 500ms, idle: 500ms}},
     models: [{{name: m, caps: [tools]}}]}}
  - {{name: b, kind: openai, side: local, url: {spare}, max_inflight: 0,
     models: [{{name: m, caps: [tools]}}]}}
  - {{name: c, kind: openai, side: cloud, url: {spare}, models: [{{name: big}}]}}
"""
FAULTS = ("reset-mid-stream", "cut-mid-stream", "error-in-200", "500", "429", "html-502",
          "garbage-sse", "empty-stream", "bad-json", "keepalive-close", "huge-event=300000")
SAMPLE_S = 0.5


class Mix(threading.Thread):
    def __init__(self, weir, number, is_over, counts):
        super().__init__(daemon=True)
        self.weir, self.is_over, self.counts = weir, is_over, counts
        self.random = random.Random(number)

    def run(self):
        import talk
        talker = talk.Talker(self.weir.url)
        while not self.is_over.is_set():
            kind = self.random.choice(("plain", "plain", "stream", "stream", "long",
                                       "tools", "fault", "leave", "label", "unknown",
                                       "broken"))
            try:
                got = self.one(talker, talk, kind)
                if got is not None and kind in ("plain", "stream", "long", "tools") \
                        and not got.is_ok and got.code not in (
                            "no_engine_available", "upstream_reset"):
                    self.counts["trouble"].append(f"{kind}: {got.error}")
            except talk.Unclean as why:
                self.counts["trouble"].append(f"{kind}: {why}")
            self.counts["asked"] += 1
            time.sleep(0.003)
        talker.close()

    def one(self, talker, talk, kind):
        stream = self.random.random() < 0.5
        if kind == "plain":
            return talker.ask(talk.chat("hello", "m"))
        if kind == "stream":
            return talker.ask(talk.chat("hello", "m", True))
        if kind == "long":
            return talker.ask(talk.chat("x " * self.random.randint(1, 60000), "m", stream))
        if kind == "tools":
            return talker.ask(talk.chat("hello", "m", stream, tools=[{
                "type": "function", "function": {"name": "f", "parameters": {
                    "type": "object", "properties": {}}}}]))
        if kind == "fault":
            return talker.ask(talk.chat(f"[[sim:{self.random.choice(FAULTS)}]]", "m",
                                        stream))
        if kind == "label":
            return talker.ask(talk.chat("hello", "big"), {
                "x-weir-sensitivity": "confidential"})
        if kind == "unknown":
            return talker.ask(talk.chat("hello", f"no-{self.random.random()}"))
        if kind == "broken":
            return talker.ask('{"model": "m", "messages": [')
        return self.leave()

    def leave(self):
        host, port = self.weir.url.split("//")[1].split(":")
        body = b'{"model":"m","stream":true,"messages":[{"role":"user","content":' \
               b'"[[sim:words=2000]]"}]}'
        with socket.create_connection((host, int(port)), 20) as sock:
            sock.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                         % (len(body), body))
            sock.recv(self.random.choice((1, 300, 5000)))


def rss_kb(pid):
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1))


def files_of(pid):
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def mean(values):
    return sum(values) / max(1, len(values))


def main():
    args = common.arguments(__doc__, minutes=5.0, clients=6, reload_s=5)
    import harness
    from test_matrix import Sim
    sim, spare, table = (Sim("--profile", "instant"), Sim("--profile", "instant"),
                         common.Table())
    weir = harness.Weir(CONFIG.format(url=sim.url, spare=spare.url)).start()
    pid = weir.process.pid
    is_over, counts, rss = threading.Event(), {"asked": 0, "trouble": []}, []
    files_before = files_of(pid)
    mixes = [Mix(weir, n, is_over, counts) for n in range(args.clients)]
    for mix in mixes:
        mix.start()
    end = time.monotonic() + args.minutes * 60
    next_reload, reloads = time.monotonic() + args.reload_s, 0
    while time.monotonic() < end and weir.process.poll() is None:
        time.sleep(SAMPLE_S)
        rss.append(rss_kb(pid))
        if time.monotonic() > next_reload:
            next_reload, reloads = next_reload + args.reload_s, reloads + 1
            weir.process.send_signal(signal.SIGHUP)
    is_over.set()
    for mix in mixes:
        mix.join()
    for _ in range(100):  # connections are closed by timers and by the other side
        files_after = files_of(pid)
        if files_after <= files_before + 10:
            break
        time.sleep(0.1)
    fifth = max(1, len(rss) // 5)
    early, late = mean(rss[fifth:2 * fifth]), mean(rss[-fifth:])
    table.row("answers", f"{counts['asked']} requests, {reloads} reloads",
              counts["trouble"])
    table.row("memory", f"{early / 1024:.1f} MiB in the second fifth, {late / 1024:.1f} in "
              f"the last, {max(rss) / 1024:.1f} at most",
              [] if late <= early * 1.1 + 1024 else ["it grows: " + " ".join(
                  str(n) for n in itertools.islice(rss, 0, None, max(1, len(rss) // 30)))])
    table.row("descriptors", f"{files_before} before, {files_after} after",
              [] if files_after <= files_before + 10 else ["they leak"])
    weir.stop()
    rows = weir.ledger()
    # A client that left before weir had read its request has none.
    table.row("rows", f"{len(rows)}", [] if len({r['id'] for r in rows}) == len(rows) <=
              counts["asked"] else [f"{counts['asked']} were asked"])
    weir.remove()
    sim.stop()
    spare.stop()
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
