"""guarded.py -- what the scanner costs those beside it: small streams while prompts of a
megabyte are scanned, idle memory and start with the scanner on."""
import http.client
import json
import random
import threading
import time

from proxies import KEY, Weir, rss_bytes
from single import BODY, fresh

PROMPT_BYTES, PROMPTS_A_SECOND, ROUNDS, SECONDS = 1 << 20, 5, 5, 2
WORDS = ("the of and to in is for that with as on are this be from by an at or which was "
         "service request latency customer invoice Monday Berlin report server index "
         "release Martha budget column review patch meeting queue").split()


class Guarded(Weir):
    """weir with a cloud engine (another port of the same mock): only then is scanned."""

    def write(self, path, text):
        cloud = (f"  - name: sky\n    side: cloud\n    url: http://127.0.0.1:{self.mock.port}"
                 f"/v1\n    models: [{{name: big, price: openai/gpt-4o}}]\n")
        super().write(path, text.replace("engines:\n", "engines:\n" + cloud, 1))


def prompt(seed):
    """Prose with names, numbers and lines, as long as an agent's."""
    pick, parts, size = random.Random(seed), [], 0
    while size < PROMPT_BYTES:
        word = pick.choice(WORDS) if pick.random() < 0.97 else str(pick.randrange(10**6))
        parts.append(word + ("\n" if pick.random() < 0.08 else " "))
        size += len(parts[-1])
    return json.dumps({"model": "m", "messages": [
        {"role": "user", "content": "".join(parts)}]}).encode()


class Prompts(threading.Thread):
    """Sends prompts one after another, at a steady pace while weir keeps up, until told to stop."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.bodies, self.is_over = port, [prompt(i) for i in range(4)], False
        self.statuses = []

    def run(self):
        due = time.monotonic()
        while not self.is_over:
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            c.request("POST", "/v1/chat/completions",
                      self.bodies[len(self.statuses) % len(self.bodies)],
                      {"content-type": "application/json",
                       "authorization": f"Bearer {KEY}"})
            answer = c.getresponse()
            answer.read()
            self.statuses.append(answer.status)
            c.close()
            due = max(due + 1 / PROMPTS_A_SECOND, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))

    def stop(self):
        self.is_over = True
        self.join()
        if not self.statuses or set(self.statuses) != {200}:
            raise SystemExit(f"bench: prompts were answered {self.statuses}")


def scanning(table, tools, folder, mock, log, run_load, **_):
    """Event lag of 1,000 streams, alone and while prompts are scanned; interleaved."""
    began = time.perf_counter()
    proxy = fresh(Guarded, "weir-guarded", folder, mock, log)
    c = http.client.HTTPConnection("127.0.0.1", proxy.port)
    c.request("POST", "/v1/chat/completions", BODY,
              {"content-type": "application/json", "authorization": f"Bearer {KEY}"})
    c.getresponse().read()
    started_ms = (time.perf_counter() - began) * 1e3
    idle = rss_bytes(proxy.pid())
    streams = ["-c", "1000", "-e", "1000000", "-i", "50"]
    rates, alone, sent = [], [], 0
    for _round in range(ROUNDS):
        quiet = run_load(tools, proxy.port, streams, SECONDS, proxy.pid())["lag_p99_us"]
        prompts = Prompts(proxy.port)
        prompts.start()
        beside = run_load(tools, proxy.port, streams, SECONDS, proxy.pid())["lag_p99_us"]
        prompts.stop()
        sent += len(prompts.statuses)
        alone.append(quiet / 1e3)
        rates.append(beside / quiet)
    proxy.stop()
    rates.sort()
    table.add_one("scanning.idle", "RSS when idle, scanner on", idle / 2**20, "MiB", 32)
    table.add_one("scanning.start", "start to first answer, scanner on (two processes)",
                  started_ms, "ms", 150)
    table.add_one("scanning.alone", "event lag p99 of 1,000 streams, scanner idle",
                  sorted(alone)[ROUNDS // 2], "ms")
    table.add("scanning", f"  beside prompts of 1 MB, {sent / ROUNDS / SECONDS:.1f} a second, to alone",
              {"median": rates[ROUNDS // 2], "min": rates[0], "max": rates[-1],
               "values": rates}, "x", 1.2)
