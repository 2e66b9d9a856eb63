#!/usr/bin/env python3
"""What networks and processes do to an engine's connection: edges.py --weir WEIR

- recorded answers (plain, chunked, streamed) that end by a reset, and in order, after
  each of their bytes: never an answer that looks whole and is not;
- both sides writing one byte at a time;
- an engine that is stopped (SIGSTOP) under load, and goes on;
- connections whose other side vanished without a word (needs CAP_NET_ADMIN);
- a monotonic clock that jumps."""
import json
import os
import re
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import common

TCP_REPAIR = 19
TEXT = "all of it"
CONFIG = """
access_log: off
engines:
  - {{name: a, kind: openai, side: local, url: {url}, max_inflight: 0,
     timeouts: {{connect: 2s, first_byte: {first}, idle: {first}, total: 60s}},
     models: [{{name: m}}]}}
"""


def event(choices, **more):
    value = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
             "choices": choices, **more}
    return b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"


def recorded():
    """name: (bytes, from how many of them on nothing is missing)"""
    usage = {"prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 4}
    body = json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "m",
                       "usage": usage, "choices": [{
                           "index": 0, "finish_reason": "stop",
                           "message": {"role": "assistant", "content": TEXT}}]}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    plain = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    for at in range(0, len(body), 60):
        piece = body[at:at + 60]
        chunked += b"%x\r\n%s\r\n" % (len(piece), piece)
    chunked += b"0\r\n\r\n"
    events = [event([{"index": 0, "delta": {"role": "assistant", "content": ""}}])]
    events += [event([{"index": 0, "delta": {"content": word}}])
               for word in ("all ", "of ", "it")]
    events += [event([{"index": 0, "delta": {}, "finish_reason": "stop"}]),
               event([], usage=usage), b"data: [DONE]\n\n"]
    stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" \
        b"Transfer-Encoding: chunked\r\n\r\n"
    for data in events:
        stream += b"%x\r\n%s\r\n" % (len(data), data)
    done = stream.index(b"[DONE]") + len(b"[DONE]\n\n")
    stream += b"0\r\n\r\n"
    return {"plain": (plain, len(plain)), "chunked": (chunked, len(chunked)),
            "stream": (stream, done)}


class Player:
    """Plays a recorded answer: the prompt says "play NAME BYTES END" (END: reset, close,
    bytewise or vanish)."""

    def __init__(self):
        self.answers = recorded()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self.talk, args=(sock,), daemon=True).start()

    def talk(self, sock):
        try:
            data = b""
            while True:
                more = sock.recv(65536)
                if not more:
                    return
                data += more
                found = re.search(rb"play (\w+) (\d+) (\w+)", data)
                if found and data.rstrip().endswith(b"}"):
                    data = b""
                    name, n, how = found.groups()
                    if not self.play(sock, name.decode(), int(n), how.decode()):
                        return
        except OSError:
            pass
        finally:
            sock.close()

    def play(self, sock, name, n, how):
        answer = self.answers[name][0][:n]
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if how == "bytewise":
            for i in range(len(answer)):
                sock.sendall(answer[i:i + 1])
            return True
        sock.sendall(answer)
        if how == "vanish":
            time.sleep(0.05)  # until the answer is acknowledged
            sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
            return False
        if how == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return how == "keep"


def prompt(name, n, how):
    import talk
    return talk.chat(f"play {name} {n} {how}", "m", name == "stream")


def cut_everywhere(weir, player, name, how):
    """(how many cuts, troubles); a good answer after each keeps the breaker shut."""
    import talk
    answer, whole_from = player.answers[name]
    troubles = []
    talker = talk.Talker(weir.url)
    for n in range(len(answer) + 1):
        try:
            got = talker.ask(prompt(name, n, how))
            if got.is_ok and (n < whole_from or got.text != TEXT):
                troubles.append(f"{name} cut at {n} by {how} passed as whole: {got.body}")
            if not got.is_ok and n >= whole_from:
                troubles.append(f"{name} {how} at {n}: {got.error}, nothing was missing")
            if not TEXT.startswith(got.text):
                troubles.append(f"{name} {how} at {n}: text {got.text!r}")
            if not talker.ask(prompt("plain", 9999, "keep")).is_ok:
                troubles.append(f"after {name} {how} at {n}: no good answer any more")
        except talk.Unclean as why:
            troubles.append(f"{name} {how} at {n}: {why}")
    talker.close()
    return len(answer) + 1, troubles


def dribble(weir, player):
    import talk
    troubles = []
    for name in player.answers:
        body = json.dumps(prompt(name, 9999, "bytewise")).encode()
        raw = (b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
               b"application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
               % (len(body), body))
        with socket.create_connection(weir.url.split("//")[1].split(":"), 20) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for i in range(len(raw)):
                sock.sendall(raw[i:i + 1])
            got = b""
            while more := sock.recv(1):
                got += more
        if not got.startswith(b"HTTP/1.1 200") or (
                b'"it"' not in got if name == "stream" else TEXT.encode() not in got):
            troubles.append(f"{name}: {got[:300]}")
    return len(player.answers), troubles


def vanished(weir, player):
    """Engines' pooled connections, and clients, that are gone without FIN or RST."""
    import talk
    troubles = []
    for n in range(10):
        if not talk.ask(weir.url, prompt("plain", 9999, "vanish")).is_ok:
            troubles.append(f"{n}: before")
        time.sleep(0.06)
        try:
            if not talk.ask(weir.url, prompt("plain", 9999, "keep")).is_ok:
                troubles.append(f"{n}: after the engine's connection vanished")
        except talk.Unclean as why:
            troubles.append(f"{n}: {why}")
    for n in range(50):
        sock = socket.create_connection(weir.url.split("//")[1].split(":"), 20)
        sock.sendall(b"POST /v1/chat/completions HTTP/1.1\r\n" + b"Host: x" * (n % 2))
        sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        sock.close()
    if not talk.ask(weir.url, prompt("plain", 9999, "keep")).is_ok:
        troubles.append("after 50 clients vanished")
    return 60, troubles


def may_repair():
    with socket.socket() as sock:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        except OSError:
            return False
    return True


def stopped(_weir, _player):
    """An engine is stopped under load; the other one answers; it comes back."""
    import harness
    import talk
    from test_matrix import Sim
    sim, good = Sim("--profile", "instant"), harness.Engine()
    config = CONFIG.format(url=sim.url, first="500ms") + CONFIG.format(
        url=good.url, first="5s").split("engines:")[1].replace("name: a", "name: b")
    weir, troubles, ran = harness.Weir(config).start(), [], 0

    def ask(n):
        try:
            got = talk.ask(weir.url, talk.chat(f"x {n} [[sim:words=20]]", "m", n % 2 == 0))
        except talk.Unclean as why:
            return f"{n}: {why}"
        if got.is_ok or (n % 2 == 0 and got.code == "idle_timeout"):
            return None
        return f"{n}: {got.error}"
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            sim.process.send_signal(signal.SIGSTOP)
            troubles += filter(None, pool.map(ask, range(100)))
            sim.process.send_signal(signal.SIGCONT)
            ran += 100
            deadline = time.monotonic() + 40
            while talk.ask(weir.url, talk.chat("back?", "m")).headers.get(
                    "x-weir-engine") != "a":
                if time.monotonic() > deadline:
                    troubles.append("the engine is never asked again")
                    break
                time.sleep(0.1)
    weir.stop()
    rows = len({row["id"] for row in weir.ledger()})
    if rows < ran:
        troubles.append(f"{ran} requests and {rows} rows")
    weir.remove()
    sim.stop()
    good.shutdown()
    return ran, troubles


def clock_jumps(_weir, player):
    """A day forward while requests are under way ends them by their deadlines; back (a
    virtual machine that was restored), they wait until the clock has caught up."""
    import harness
    import talk
    from weirproc import Clock
    weir = harness.Weir(CONFIG.format(url=player.url, first="10s"))
    folder = tempfile.mkdtemp(prefix="weir-clock-")
    clock = Clock(f"{folder}/clock")
    weir.env["WEIR_CLOCK_FILE"] = clock.path
    weir.start()
    troubles, ran = [], 0
    for jump in (86_400_000, -3_600_000, 1, 10**9, -(10**9)):
        with ThreadPoolExecutor(4) as pool:
            # Half an answer, then silence: only the clock can end it.
            held = [pool.submit(talk.ask, weir.url, prompt("stream", 400, "keep"))
                    for _ in range(2)]
            time.sleep(0.2)
            clock.advance(jump)
            for f in held:
                ran += 1
                if jump <= 1:
                    clock.advance(120_000 - min(jump, 0))
                try:
                    got = f.result()
                    if got.code not in ("idle_timeout", "total_timeout",
                                        "first_byte_timeout"):
                        troubles.append(f"jump {jump}: {got.status} {got.error}")
                except talk.Unclean as why:
                    troubles.append(f"jump {jump}: {why}")
        ran += 1
        if not talk.ask(weir.url, prompt("plain", 9999, "keep")).is_ok:
            troubles.append(f"after jump {jump}: no good answer")
    weir.stop()
    if len(weir.ledger()) != ran:
        troubles.append(f"{ran} requests, {len(weir.ledger())} rows")
    weir.remove()
    os.unlink(clock.path)
    os.rmdir(folder)
    return ran, troubles


def main():
    args = common.arguments(__doc__)
    import harness
    player, table = Player(), common.Table()
    weir = harness.Weir(CONFIG.format(url=player.url, first="5s")).start()
    sent = 0
    for name in player.answers:
        for how in ("reset", "close"):
            ran, troubles = cut_everywhere(weir, player, name, how)
            sent += 2 * ran
            table.row(f"{name}: {how} at every byte", f"{ran} cuts", troubles)
    ran, troubles = dribble(weir, player)
    sent += ran
    table.row("one byte at a time, both ways", f"{ran} answers", troubles)
    weir.stop()
    rows = len(weir.ledger())
    table.row("a row for each of them", f"{sent} requests",
              [] if rows == sent else [f"{rows} rows"])
    weir.start()
    if may_repair():
        ran, troubles = vanished(weir, player)
        table.row("half-open connections", f"{ran} connections", troubles)
    else:
        print("SKIPPED half-open connections: TCP_REPAIR needs CAP_NET_ADMIN")
    weir.stop()
    for item, run in (("engine stopped and continued", stopped),
                      ("clock jumps", clock_jumps)):
        ran, troubles = run(weir, player)
        table.row(item, f"{ran} requests", troubles)
    table.row("no sanitizer report", args.weir,
              [weir.stderr[-2000:]] if common.SANITIZER.search(weir.stderr) else [])
    weir.remove()
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
