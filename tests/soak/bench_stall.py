#!/usr/bin/env python3
"""`weir bench --rate 10` beside an engine that stalls for ten seconds: bench_stall.py --weir WEIR

Who should have begun in the stall waited for its end: of 120 requests the 99th percentile
is 9.8 + .81 * .1 s.  The same engine under a closed loop shows what that hides.  Fails when
the open loop's p99 is not 9.9 s within 0.2 s."""
import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

STALL_S, BEFORE, REQUESTS, PER_S = 10, 10, 120, 10
EVENTS = "".join(f"data: {json.dumps(said)}\n\n" for said in (
    {"choices": [{"index": 0, "delta": {"content": "hello"}}]},
    {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
ANSWER = EVENTS.encode() + b"data: [DONE]\n\n"
HEAD = (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        b"Content-Length: %d\r\n\r\n" % len(ANSWER))


class Engine:
    """Answers at once, but for the ten seconds that begin with one of its requests."""

    def __init__(self):
        self.seen, self.until, self.port, ready = 0, 0.0, 0, threading.Event()

        async def main():
            server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=256)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await asyncio.Event().wait()
        threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
        ready.wait()

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                await reader.readexactly(size)
                self.seen += 1
                if self.seen == BEFORE + 2:  # a warm-up came first
                    self.until = time.monotonic() + STALL_S
                await asyncio.sleep(max(0, self.until - time.monotonic()))
                writer.write(HEAD + ANSWER)
        except (asyncio.IncompleteReadError, IndexError, ConnectionError):
            writer.close()


def latencies(weir, *words):
    engine = Engine()
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/trace"
        subprocess.run([weir, "bench", f"http://127.0.0.1:{engine.port}/v1#m", "--local",
                        "--requests", str(REQUESTS), "--trace", path, *words], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "HOME": folder})
        with open(path, encoding="utf-8") as lines:
            traces = [json.loads(line) for line in lines]
    traces = [t for t in traces if not t["is_warmup"]]
    assert len(traces) == REQUESTS and all(t["end"] == "done" for t in traces)
    return sorted((t["end_us"] - t.get("intended_us", t["start_us"])) / 1e6 for t in traces)


def p99(values):
    rank = .99 * (len(values) - 1)
    low = int(rank)
    return values[low] + (rank - low) * (values[low + 1] - values[low])


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--weir", required=True)
    weir = words.parse_args().weir
    opened = p99(latencies(weir, "--rate", str(PER_S)))
    closed = p99(latencies(weir, "--concurrency", "1"))
    print(f"p99 of the latency, {REQUESTS} requests, one stall of {STALL_S} s: "
          f"{opened:.3f} s in an open loop of {PER_S} requests/s, {closed:.4f} s in a closed one")
    if abs(opened - 9.9) > .2:
        sys.exit("bench_stall: the open loop does not tell the stall")


if __name__ == "__main__":
    main()
