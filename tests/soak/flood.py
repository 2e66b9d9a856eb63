#!/usr/bin/env python3
"""More connections than anybody means well with: flood.py --weir WEIR [--slow 2000]

- so many connections that send a head a byte at a time and never end it, beside clean
  streams of 20 clients with their own library and of 2,000 connections (--crowd): every
  stream is clean, every slow one gets its 408 and is closed;
- a limit of 64 descriptors, and four times as many clients: nothing spins, those who get
  in are answered, and afterwards weir serves as before;
- connections made and dropped as fast as they can be;
- a new configuration every 20 ms under load: no request fails, no descriptor is lost."""
import multiprocessing
import os
import resource
import selectors
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import common

CONFIG = """
access_log: off
timeouts: {{header: {header}}}
engines:
  - {{name: a, kind: openai, side: local, url: {url}, max_inflight: 0,
     models: [{{name: m}}]}}
"""
LINGER_S = 2  # how long weir waits for its 408 to be read before it closes
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


def address(weir):
    host, port = weir.url.split("//")[1].split(":")
    return host, int(port)


def open_slow(weir, n):
    socks = []
    for _ in range(n):
        sock = socket.create_connection(address(weir), 20)
        sock.setblocking(False)
        socks.append(sock)
    return socks


def drip(socks, is_over, seconds):
    """A byte to each in every round, until weir has closed all: how each ended, and the
    seconds of the longest round."""
    selector, ends = selectors.DefaultSelector(), {}
    for sock in socks:
        selector.register(sock, selectors.EVENT_READ)
    deadline = time.monotonic() + seconds
    at, got, longest = 0, {s: b"" for s in socks}, 0
    while len(ends) < len(socks) and time.monotonic() < deadline:
        began = time.monotonic()
        for sock in socks:
            if sock in ends:
                continue
            try:
                sock.send(HEAD[at:at + 1] or b"x")
            except BlockingIOError:
                pass
            except OSError:
                pass  # what weir said before is still to be read
        at += 1
        limit, ready = time.monotonic() + 0.5, True
        while ready or time.monotonic() < limit:
            ready = selector.select(0.05)
            for key, _ in ready:
                sock = key.fileobj
                try:
                    data = sock.recv(4096)
                except OSError:
                    data = b""
                got[sock] += data
                if not data:
                    ends[sock] = got[sock]
                    selector.unregister(sock)
        longest = max(longest, time.monotonic() - began)
    is_over.set()
    selector.close()
    return ends, longest


def stream_on(weir, is_over, answers):
    import talk
    talker = talk.Talker(weir.url)
    while not is_over.is_set():
        try:
            answers.append(talker.ask(talk.chat("x [[sim:words=40]]", "m", True)))
        except talk.Unclean as why:
            answers.append(why)
    talker.close()


class Crowd(multiprocessing.Process):
    """Connections that ask for one stream after another, all at once.  A process of its
    own: as a thread it would keep the others of this one from reading."""
    BODY = (b'{"model":"m","stream":true,"messages":[{"role":"user","content":'
            b'"x [[sim:words=40]]"}]}')
    REQUEST = (b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
               b"application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY))

    def __init__(self, weir, n):
        super().__init__(daemon=True)
        self.at, self.n, self.is_over = address(weir), n, multiprocessing.Event()
        self.results = multiprocessing.Queue()
        self.whole, self.troubles = 0, []

    def end(self):
        self.is_over.set()
        self.whole, self.troubles = self.results.get(timeout=150)
        self.join()

    def run(self):
        selector, got = selectors.DefaultSelector(), {}
        for _ in range(self.n):
            sock = socket.create_connection(self.at, 20)
            sock.sendall(self.REQUEST)
            selector.register(sock, selectors.EVENT_READ)
            got[sock] = b""
        deadline = time.monotonic() + 120
        while got and time.monotonic() < deadline:
            for key, _ in selector.select(0.1):
                sock = key.fileobj
                data = sock.recv(65536)
                got[sock] += data
                if data and not got[sock].endswith(b"\r\n0\r\n\r\n"):
                    continue
                self.judge(got[sock])
                got[sock] = b""
                if data and not self.is_over.is_set():
                    sock.sendall(self.REQUEST)
                    continue
                selector.unregister(sock)
                sock.close()
                del got[sock]
        if got:
            self.troubles.append(f"{len(got)} of the crowd's streams never ended")
        selector.close()
        self.results.put((self.whole, self.troubles))

    def judge(self, answer):
        if answer.startswith(b"HTTP/1.1 200 ") and b'"error"' not in answer and \
                answer.count(b"data: [DONE]") == 1:
            self.whole += 1
        else:
            self.troubles.append(f"the crowd: {answer[-200:]!r}")


def bad_of(answers):
    import talk
    return [str(getattr(a, "error", a)) for a in answers
            if isinstance(a, talk.Unclean) or not a.is_ok]


def slow_headers(sim, nslow, nstreams, ncrowd):
    import harness
    # Long enough for all to be open before the first is given up: who is still connecting
    # others does not read.
    header = f"{max(3, nslow // 1000)}s"
    weir = harness.Weir(CONFIG.format(url=sim.url, header=header)).start()
    is_over, answers = threading.Event(), []
    threads = [threading.Thread(target=stream_on, args=(weir, is_over, answers))
               for _ in range(nstreams)]
    crowd = Crowd(weir, ncrowd)
    crowd.start()
    for t in threads:
        t.start()
    socks = open_slow(weir, nslow)
    ends, longest = drip(socks, is_over, 60)
    for t in threads:
        t.join()
    crowd.end()
    troubles = bad_of(answers) + crowd.troubles
    told = sum(b" 408 " in text for text in ends.values())
    if len(ends) != nslow:
        troubles.append(f"{nslow - len(ends)} slow connections were never closed")
    # This side was too busy to read in time: then a reset has eaten the 408.
    is_late = longest > LINGER_S * 0.8
    if told < nslow * 95 // 100 and not is_late:
        troubles.append(f"only {told} of {nslow} were told why (408)")
    for sock in socks:
        sock.close()
    weir.stop()
    rows, streams = len(weir.ledger()), len(answers) + crowd.whole
    if rows != streams:
        troubles.append(f"{streams} streams, {rows} rows")
    weir.remove()
    late = f"; rounds took up to {longest:.1f} s, too late to read them" * is_late
    return (f"{len(ends)} closed ({told} by 408{late}) beside {len(answers)} streams of "
            f"{nstreams} clients and {crowd.whole} of {ncrowd} connections"), troubles


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def out_of_descriptors(sim, nclients):
    import harness
    import talk
    weir, troubles = harness.Weir(CONFIG.format(url=sim.url, header="10s")), []
    weir.start()
    resource.prlimit(weir.process.pid, resource.RLIMIT_NOFILE, (64, 64))
    idle = open_slow(weir, nclients)  # the kernel accepts them; weir cannot take them all
    time.sleep(0.5)
    before = cpu_s(weir.process.pid)
    time.sleep(2)
    spent = cpu_s(weir.process.pid) - before
    if spent > 0.5:
        troubles.append(f"{spent:.2f} s of CPU in 2 s without work: it spins")
    for sock in idle:
        sock.close()
    with ThreadPoolExecutor(100) as pool:  # more than there are descriptors
        def ask(n):
            try:
                return talk.ask(weir.url, talk.chat("x", "m", n % 2 == 0))
            except talk.Unclean as why:
                return why
        answers = list(pool.map(ask, range(300)))
    unclean = [str(a) for a in answers if isinstance(a, talk.Unclean)]
    well = sum(not isinstance(a, talk.Unclean) and a.is_ok for a in answers)
    troubles += unclean
    codes = {a.code for a in answers if not isinstance(a, talk.Unclean) and not a.is_ok}
    if codes - {"out_of_descriptors"}:  # the engine is well, and must not be blamed
        troubles.append(f"refused for {codes}")
    if not talk.ask(weir.url, talk.chat("after", "m")).is_ok:
        troubles.append("no good answer when all had gone")
    weir.stop()
    weir.remove()
    return (f"{nclients} idle ({spent:.2f} s CPU in 2 s), then 300 requests, {well} ok, "
            f"{300 - well - len(unclean)} clean errors"), troubles


def churn(sim, seconds):
    """Connections that come and go, with half a head, a whole request or nothing."""
    import harness
    import talk
    weir = harness.Weir(CONFIG.format(url=sim.url, header="10s")).start()
    is_over, answers = threading.Event(), []
    thread = threading.Thread(target=stream_on, args=(weir, is_over, answers))
    thread.start()
    body = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"bye"}]}'
    whole = (b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
             b"application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    deadline, n = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        with socket.create_connection(address(weir), 20) as sock:
            sock.sendall((b"", HEAD, whole, whole[:-5])[n % 4])
        n += 1
    is_over.set()
    thread.join()
    troubles = bad_of(answers)
    if not talk.ask(weir.url, talk.chat("after", "m")).is_ok:
        troubles.append("no good answer afterwards")
    weir.stop()
    twice = len(weir.ledger()) - len({r["id"] for r in weir.ledger()})
    if twice:
        troubles.append(f"{twice} rows twice")
    weir.remove()
    return f"{n} connections in {seconds} s beside {len(answers)} streams", troubles


def descriptors(weir):
    return len(os.listdir(f"/proc/{weir.process.pid}/fd"))


def reload_storm(sim, seconds):
    import harness
    weir = harness.Weir(CONFIG.format(url=sim.url, header="10s")).start()
    path = weir.folder / "weir.yaml"
    text, next_path = path.read_text(), weir.folder / "next.yaml"
    is_over, answers = threading.Event(), []
    threads = [threading.Thread(target=stream_on, args=(weir, is_over, answers))
               for _ in range(8)]
    before = descriptors(weir)
    for t in threads:
        t.start()
    deadline, n = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        n += 1
        next_path.write_text(f"{text}\naliases: {{a{n}: m}}\n")
        next_path.rename(path)
        weir.process.send_signal(signal.SIGHUP)
        time.sleep(0.02)
    is_over.set()
    for t in threads:
        t.join()
    time.sleep(1.5)  # the last one may be taken at the next look at the file
    troubles, taken = bad_of(answers), weir.stderr.count("reloaded")
    import talk
    if not talk.ask(weir.url, talk.chat("last", f"a{n}")).is_ok:
        troubles.append("the last configuration is not the one that serves")
    if taken < 2:
        troubles.append(f"{taken} of {n} configurations were taken")
    if descriptors(weir) > before + 16 + 2:  # its clients' connections, and two to engines
        troubles.append(f"{before} descriptors before, {descriptors(weir)} after")
    weir.stop()
    if len(weir.ledger()) != len(answers) + 1:
        troubles.append(f"{len(answers) + 1} requests, {len(weir.ledger())} rows")
    weir.remove()
    return f"{n} files, {taken} taken, beside {len(answers)} streams", troubles


def main():
    args = common.arguments(__doc__, slow=2000, streams=20, crowd=2000, clients=256,
                            churn_s=5, storm_s=10)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < args.slow + args.crowd + 500:
        sys.exit(f"this shell may open {hard} files only; see ulimit -Hn")
    from test_matrix import Sim
    sim, table = Sim("--profile", "instant"), common.Table()
    table.row("slow heads", *slow_headers(sim, args.slow, args.streams, args.crowd))
    table.row("64 descriptors", *out_of_descriptors(sim, args.clients))
    table.row("come and go", *churn(sim, args.churn_s))
    table.row("reload storm", *reload_storm(sim, args.storm_s))
    sim.stop()
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
