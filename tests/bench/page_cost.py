"""page_cost.py -- what open pages take of the streams beside them: page_cost.py BUILD [STREAMS]

STREAMS (1,000) streams of one event a second go through a weir of one worker, and ten short
requests a second, so that each page has rows to show.  First under callgrind, for ten of weir's
seconds each: instructions of the worker with no page and with one, and of those the ones inside
of the page's timer.  Then without it, for 20 seconds each and twice over in turn: the delay of
each event behind the engine's own stamp and weir's memory, with no page and with 50, of which
one has stopped reading."""
import asyncio
import functools
import itertools
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAD = (b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
        b"transfer-encoding: chunked\r\n\r\n")
CONFIG = """listen: 127.0.0.1:0
workers: 1
state_dir: {folder}/state
access_log: off
engines:
  - name: near
    kind: openai
    side: local
    url: http://127.0.0.1:{port}/v1
    max_inflight: 0
    models: [{{name: m}}]
"""
PAGES, OF_VISIT = 50, 16


def chunk(text):
    return b"%x\r\n%s\r\n" % (len(text), text)


def event(text, finish=None):
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


async def engine(reader, writer, most=None):
    """A stream gets an event with its stamp each second, without end or about `most` of them;
    anything else an answer at once."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(re.search(rb"content-length: (\d+)", head, re.I).group(1))
            body = await reader.readexactly(size)
            if b'"stream":true' not in body:
                answer = json.dumps({"choices": [{"index": 0, "finish_reason": "stop", "message": {
                    "role": "assistant", "content": "Yes."}}]}).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                             b"content-length: %d\r\n\r\n%s" % (len(answer), answer))
                continue
            writer.write(HEAD)
            for _ in itertools.count() if most is None else range(random.randint(1, 2 * most)):
                writer.write(chunk(event("%.6f " % time.monotonic())))
                await writer.drain()
                await asyncio.sleep(1)
            writer.write(chunk(event("", "stop")) + chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        writer.close()


def request(path, body, *fields):
    data = json.dumps(body, separators=(",", ":")).encode()
    return (f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            + "".join(f + "\r\n" for f in fields)
            + f"content-length: {len(data)}\r\n\r\n").encode() + data


async def stream(port, delays, begun, answered):
    """One answer after the other; what is refused is asked for again, over another connection."""
    asked = request("/v1/chat/completions", {"model": "m", "stream": True, "messages": [
        {"role": "user", "content": "Tell me."}]})
    mine = object()
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked)
        try:
            while line := await reader.readline():
                if line.startswith(b"HTTP/1.1 ") and b" 200 " not in line:
                    break
                if line == b"data: [DONE]\n":
                    answered[0] += 1
                    writer.write(asked)
                if stamp := re.search(rb'"content":\s*"(\d+\.\d+) "', line):
                    delays.append((time.monotonic(), time.monotonic() - float(stamp.group(1))))
                    begun.add(mine)
        except ConnectionError:
            pass
        finally:
            writer.close()
        await asyncio.sleep(1)


async def short_requests(port, answered):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while True:
        writer.write(request("/v1/chat/completions", {"model": "m", "messages": [
            {"role": "user", "content": "Yes?"}]}))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.search(rb"content-length: (\d+)", head).group(1)))
        answered[0] += 1
        await asyncio.sleep(0.1)


async def many_requests(port, n):
    """Short ones, as fast as they are answered; over eight connections."""
    async def some():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(n // 8):
            writer.write(request("/v1/chat/completions", {"model": "m", "messages": [
                {"role": "user", "content": "Yes?"}]}))
            await whole_answer(reader)
        writer.close()
    await asyncio.gather(*(some() for _ in range(8)))


async def whole_answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    return head.decode(), json.loads(await reader.readexactly(
        int(re.search(rb"content-length: (\d+)", head).group(1))))


async def visit(port, token):
    """Comes in by a link; what opens the page from then on. A visit may have 16 streams."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request("/v1/page", {"role": "view"}, f"authorization: Bearer {token}"))
    _, link = await whole_answer(reader)
    writer.write(request("/weir/api/enter", {"link": link["url"].partition("#in=")[2]}))
    head, entered = await whole_answer(reader)
    writer.close()
    cookie = re.search(r"weir_\d+=[^;]+", head).group(0)
    return f"cookie: {cookie}\r\nx-weir-page: {entered['mark']}\r\n"


async def page(port, opens, heard, reads=True):
    """opens: lines of a head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
    writer.write(f"GET /weir/events HTTP/1.1\r\nhost: 127.0.0.1\r\n{opens}\r\n".encode())
    if b" 200 " not in await reader.readline():
        raise SystemExit("page_cost: the page is refused")
    try:
        if not reads:
            writer.transport.pause_reading()
            await asyncio.sleep(3600)
        while some := await reader.read(1 << 16):
            heard[0] += some.count(b"event: rows")
            heard[1] += some.count(b"event: gap")
    finally:
        writer.close()


class World:
    """The engine, weir and the streams; pages come and go."""

    def __init__(self, binary, streams, folder, under=(), most=None):
        self.binary, self.nstreams, self.folder, self.under = binary, streams, folder, list(under)
        self.delays, self.begun, self.tasks, self.heard = [], set(), [], [0, 0]
        self.answered = [0]  # requests
        self.engine = functools.partial(engine, most=most)

    async def __aenter__(self):
        server = await asyncio.start_server(self.engine, "127.0.0.1", 0, backlog=4096)
        self.server = server
        config = self.folder / "weir.yaml"
        config.write_text(CONFIG.format(folder=self.folder, port=server.sockets[0].getsockname()[1]))
        self.log = open(self.folder / "log", "w")
        self.weir = subprocess.Popen([*self.under, self.binary, "serve", "-c", config],
                                     cwd=self.folder, stderr=self.log)
        while not (found := re.search(r"listening on http://127.0.0.1:(\d+)",
                                      (self.folder / "log").read_text())):
            await asyncio.sleep(0.1)
        self.port = int(found.group(1))
        self.token = (self.folder / "state/operator").read_text().split()[1]
        for i in range(self.nstreams):
            self.tasks.append(asyncio.create_task(stream(self.port, self.delays, self.begun, self.answered)))
            if i % 20 == 19:
                await asyncio.sleep(0.1)
        while len(self.begun) < self.nstreams:
            await asyncio.sleep(0.2)
        self.tasks.append(asyncio.create_task(short_requests(self.port, self.answered)))
        return self

    async def __aexit__(self, *_):
        for t in self.tasks:
            t.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.weir.terminate()
        while self.weir.poll() is None:
            await asyncio.sleep(0.1)
        self.server.close()
        self.log.close()

    def rss_kb(self):
        status = Path(f"/proc/{self.weir.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    async def open_pages(self, n, stopped):
        visits = [await visit(self.port, self.token) for _ in range(0, n, OF_VISIT)]
        return [asyncio.create_task(page(self.port, visits[i // OF_VISIT], self.heard, i >= stopped))
                for i in range(n)]


async def ended(tasks):
    for t in tasks:
        t.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def control(*words):
    subprocess.run(["callgrind_control", *words], check=True, capture_output=True)


def counted(folder):
    """Of the thread that serves: all instructions, and those inside of the page's timer."""
    for path in folder.glob("callgrind.out.*"):
        if path.stat().st_size == 0 or "http_reader_feed" not in path.read_text():
            continue
        told = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", path],
                              capture_output=True, text=True, check=True).stdout
        all_ = re.search(r"^ *([\d,]+) .*PROGRAM TOTALS", told, re.M)
        inside = re.findall(r"^ *([\d,]+) .*:on_tick", told, re.M)
        return [sum(int(x.replace(",", "")) for x in found)
                for found in ([all_.group(1)] if all_ else [], inside)]
    return None


async def instructions(binary, streams, pages, seconds=10):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        under = ["valgrind", "--tool=callgrind", "--separate-threads=yes", "--fair-sched=yes",
                 f"--callgrind-out-file={folder}/callgrind.out.%p", "-q"]
        async with World(binary, streams, folder, under) as w:
            open_ = await w.open_pages(pages, 0)
            await asyncio.sleep(3)
            pid, before = str(w.weir.pid), len(w.delays)
            control("-z", pid)
            w.heard[0], began = 0, time.monotonic()
            await asyncio.sleep(seconds)
            lasted, events = time.monotonic() - began, len(w.delays) - before
            control("-d", pid)
            await ended(open_)
            for old in folder.glob("callgrind.out.*"):
                if old.stat().st_size == 0:
                    old.unlink()
            seen = counted(folder)
        if seen is None:
            raise SystemExit("page_cost: callgrind has written nothing")
        return seen[0] / lasted, seen[1] / lasted, events / lasted, w.heard[0]


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))] * 1000 if values else float("nan")


async def beside(binary, streams, seconds=20):
    with tempfile.TemporaryDirectory() as name:
        async with World(binary, streams, Path(name)) as w:
            await asyncio.sleep(3)
            for turn in range(2):
                for pages in (0, PAGES):
                    open_ = await w.open_pages(pages, 1 if pages else 0)
                    await asyncio.sleep(2)
                    w.delays.clear()
                    w.heard[0] = 0
                    await asyncio.sleep(seconds)
                    half = w.delays[len(w.delays) // 2][0]
                    parts = [[d for t, d in w.delays if (t < half) == first] for first in (True, False)]
                    all_ = [d for _, d in w.delays]
                    print(f"{streams} streams, {pages:2} pages: event p50 {quantile(all_, .5):6.2f} ms, "
                          f"p99 {quantile(all_, .99):6.2f} ms; p99 of the halves "
                          f"{quantile(parts[0], .99):.2f}, {quantile(parts[1], .99):.2f} ms; "
                          f"memory {w.rss_kb() / 1024:.1f} MB; {w.heard[0]} messages of rows",
                          flush=True)
                    await ended(open_)


def main():
    binary = Path(sys.argv[1]).resolve() / "src/cmd/weir"
    streams = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    if shutil.which("valgrind"):
        for pages in (0, 1):
            all_, inside, events, heard = asyncio.run(instructions(binary, streams, pages))
            print(f"{streams} streams, {pages} page: {all_:13,.0f} instructions a second of the "
                  f"worker, {inside:11,.0f} of the page's timer, {events:,.0f} events a second, "
                  f"{heard} messages of rows", flush=True)
    else:
        print("page_cost: without valgrind no instructions are counted", file=sys.stderr)
    asyncio.run(beside(binary, streams))


if __name__ == "__main__":
    main()
