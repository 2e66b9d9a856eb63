#!/usr/bin/env python3
"""How much memory weir takes when clients and engines want a lot: memory.py --weir WEIR

In each case weir's resident memory must stay below `limits: buffered` and 64 MiB, small
requests must be answered meanwhile or refused in words, and afterwards nothing is counted
any more:

- two bodies of 30 MB that leave masked;
- 40 clients that do not read answers of 20 MB, restored ones and joined ones;
- 40 streams with an event of 15 MB that does not end;
- 12 bodies of 30 MB at once;
- 400 heads of 60 KB that do not end, and as many requests kept behind another one;
- 600 streams that nobody reads;
- vaults that are full, by 600 sessions of 2,000 masked values each."""
import hashlib
import itertools
import json
import re
import socket
import sys
import threading
import time
from pathlib import Path

import common

MIB = 1 << 20
SPARE = 64 * MIB
CONFIG = """
access_log: off
limits: {{body: 32MiB, buffered: {buffered}MiB, vaults: {vaults}MiB}}
engines:
  - {{name: home, kind: llama-server, side: local, url: {url}, max_inflight: 0, queue: 1000, models: [{{name: home}}]}}
  - {{name: sky, kind: openai, side: cloud, url: {url}, max_inflight: 0, queue: 1000, models: [{{name: sky}}]}}
"""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nConnection: close\r\n\r\n"
FINISH = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def delta(text):
    return b'data: {"choices":[{"index":0,"delta":{"content":"' + text + b'"}}]}\n\n'


class Engine:
    """Answers as the request's `user` member says."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self.talk, args=(sock,), daemon=True).start()

    def talk(self, sock):
        data = bytearray()
        try:
            while b"\r\n\r\n" not in data:
                data += sock.recv(65536) or b"\r\n\r\n"
            head, _, body = bytes(data).partition(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
            left, first = length - len(body), body[:4096]
            while left > 0:
                more = sock.recv(1 << 20)
                if not more:
                    return
                left -= len(more)
            how = re.search(rb'"user": ?"(\w+)"', first)
            getattr(self, how.group(1).decode() if how else "small")(sock)
        except (OSError, AttributeError):
            pass
        finally:
            sock.close()

    def small(self, sock):
        body = b'{"choices":[{"index":0,"message":{"content":"hello"},"finish_reason":"stop"}]}'
        sock.sendall(HEAD % b"application/json" + body)

    def plain(self, sock):
        sock.sendall(HEAD % b"application/json" +
                     b'{"choices":[{"index":0,"message":{"content":"')
        for _ in range(20):
            sock.sendall(b"words and " * 100_000)
        sock.sendall(b'"},"finish_reason":"stop"}]}')

    def joined(self, sock):
        sock.sendall(HEAD % b"text/event-stream")
        for _ in range(200):
            sock.sendall(delta(b"words and " * 10_000))
        sock.sendall(FINISH)

    def gather(self, sock):
        sock.sendall(HEAD % b"text/event-stream" + b'data: {"choices":[{"index":0,"delta":'
                     b'{"content":"')
        for _ in range(15):
            sock.sendall(b"x" * 1_000_000)
        time.sleep(8)

    def event(self, sock):
        sock.sendall(HEAD % b"text/event-stream" + delta(b"words and " * 1_500_000) + FINISH)

    def flood(self, sock):
        sock.sendall(HEAD % b"text/event-stream")
        for _ in range(2000):
            sock.sendall(delta(b"words and " * 1000))
        sock.sendall(FINISH)


def request(model, how, content="hi", stream=False, session="s"):
    body = json.dumps({"user": how, "model": model, "stream": stream, "messages": [
        {"role": "user", "content": content}]}).encode()
    return (b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
            b"application/json\r\nx-weir-session: %s\r\nContent-Length: %d\r\n\r\n" %
            (session.encode(), len(body)) + body)


def keys_of(n):
    """Of clients: the vaults of one key have half of the room at most."""
    lines = [f'  - {{name: k{i}, hash: "sha256:{hashlib.sha256(f"wk_{i}".encode()).hexdigest()}"}}'
             for i in range(n)]
    return "\n".join(["keys:"] + lines) + "\n" if n else ""


class Case:
    def __init__(self, buffered=64, spare=SPARE, env=None, vaults=None, keys=0,
                 from_idle=False):
        """from_idle: `spare` is what may be there beside what the idle program takes."""
        import harness
        self.engine = Engine()
        self.limit = buffered * MIB + spare
        self.vaults = vaults or buffered // 4
        self.weir = harness.Weir(CONFIG.format(url=self.engine.url, buffered=buffered,
                                               vaults=self.vaults) + keys_of(keys))
        self.keys = itertools.cycle([f"wk_{n}" for n in range(keys)] or [None])
        self.weir.key = next(self.keys)
        self.weir.env.update(env or {})
        self.weir.start()
        host, port = self.weir.url.split("//")[1].split(":")
        self.at, self.peak, self.is_over = (host, int(port)), 0, False
        if from_idle:
            self.limit += self.rss()
        self.troubles, self.slowest, self.nsmall, self.socks = [], 0, 0, []
        self.watcher = threading.Thread(target=self.watch, daemon=True)
        self.watcher.start()

    def rss(self):
        text = Path(f"/proc/{self.weir.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) * 1024

    def watch(self):
        while not self.is_over:
            self.peak = max(self.peak, self.rss())
            time.sleep(0.005)

    def connect(self):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(60)
        sock.connect(self.at)
        self.socks.append(sock)
        return sock

    def send(self, data):
        """In a thread of its own: weir may stop reading it."""
        def run():
            try:
                self.connect().sendall(data)
            except OSError:
                pass
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def ask(self, data, timeout=60):
        with socket.create_connection(self.at, timeout) as sock:
            key = next(self.keys)
            more = f"Authorization: Bearer {key}\r\n".encode() if key else b""
            sock.sendall(data.replace(b"Host:", more + b"Connection: close\r\nHost:", 1))
            got = bytearray()
            while more := sock.recv(1 << 20):
                got += more
        return int(got.split()[1]), bytes(got)

    def small_ones(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            began = time.monotonic()
            status, got = self.ask(request("home", "small"))
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.nsmall += 1
            if status not in (200, 503):
                self.troubles.append(f"a small request got {got[:200]}")
            time.sleep(0.02)

    def metric(self, name):
        _, got = self.ask(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return int(re.search(rf"\n{name} (\d+)".encode(), got).group(1))

    def end(self):
        """What was wrong, in words."""
        self.is_over = True
        self.watcher.join()
        for sock in self.socks:
            sock.close()
        if self.peak > self.limit:
            self.troubles.append(f"{self.peak >> 20} MiB, allowed are {self.limit >> 20}")
        deadline = time.monotonic() + 20
        while True:
            # What vaults hold stays, for the next request of their sessions.
            left = self.metric("weir_buffered_bytes") - self.metric("weir_guard_vault_bytes")
            if left <= 0 or time.monotonic() > deadline:
                break
            time.sleep(0.1)
        if left > 0:
            self.troubles.append(f"{left} bytes are still counted")
        try:
            self.weir.stop()
        except AssertionError as why:
            self.troubles.append(str(why))
        self.weir.remove()
        return self.troubles

    def figures(self):
        return (f"{self.peak >> 20} MiB of {self.limit >> 20}; {self.nsmall} small requests, "
                f"slowest {self.slowest * 1000:.0f} ms")


def masked_bodies(case):
    text = "Write to maria.schmidt@gmail.com. " + "lorem ipsum " * 2_500_000
    for thread in [case.send(request("sky", "small", text)) for _ in range(2)]:
        thread.join()
    case.small_ones(8)


def unread(case, model, how, clients=40, seconds=12):
    if model == "sky":  # a vault for the session, so that answers are restored
        case.ask(request("sky", "small", "Write to maria.schmidt@gmail.com."))
    for _ in range(clients):
        case.send(request(model, how))
        time.sleep(0.05)
    case.small_ones(seconds)


def gathered(case):
    for _ in range(40):
        case.send(request("home", "gather", stream=True))
    case.small_ones(8)


def bodies(case):
    data = request("home", "small", "lorem ipsum " * 2_500_000)
    for thread in [case.send(data) for _ in range(12)]:
        thread.join(30)
    case.small_ones(5)


def heads(case):
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n" + \
        b"".join(b"X-%d: %s\r\n" % (i, b"x" * 6000) for i in range(10))
    for _ in range(400):
        case.send(head)
    for _ in range(400):
        case.send(request("home", "gather") + request("home", "small", "x" * 60_000))
    case.small_ones(6)


def floods(case):
    for _ in range(600):
        case.send(request("home", "flood", stream=True))
    case.small_ones(12)


def full_vaults(case, sessions=600, values=2000, clients=6):
    numbers, fullest = iter(range(sessions)), 0

    def fill():
        for n in numbers:
            text = " ".join(f"user{n}.{i}@mail{i}.berlin-firma.de" for i in range(values))
            status, got = case.ask(request("sky", "small", text, session=f"vault-{n}"))
            if status not in (200, 503):
                case.troubles.append(f"session {n} got {got[:200]}")
    threads = [threading.Thread(target=fill, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        case.small_ones(0.5)
        fullest = max(fullest, case.metric("weir_guard_vault_bytes"))
    # Vaults go whole sessions at a time, and one key has half of the room at most.
    if fullest < case.vaults * MIB * 0.8:
        case.troubles.append(f"vaults held {fullest >> 20} MiB of {case.vaults}: not full")


CASES = {
    "two masked bodies of 30 MB": masked_bodies,
    "40 restored answers, unread": lambda c: unread(c, "sky", "plain"),
    "40 joined answers, unread": lambda c: unread(c, "home", "joined"),
    "40 streams of gathered events": gathered,
    "12 bodies of 30 MB": bodies,
    "400 heads, 400 kept requests": heads,
    "600 streams, unread": floods,
    "full vaults of 600 sessions": full_vaults,
}


def main():
    args = common.arguments(__doc__, only="")
    table = common.Table()
    for item, run in CASES.items():
        if args.only in item:
            case = (Case(vaults=32, keys=3) if run is full_vaults else
                    Case(256 if run is bodies else 64))
            run(case)
            troubles = case.end()
            table.row(item, case.figures(), troubles)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
