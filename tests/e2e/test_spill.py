"""More requests than the local engine takes: the queue fills, the rest goes to the cloud
if its label lets it and else is told when to come again; keys take turns; a reload under
load loses nothing and a bad file changes nothing."""
import collections
import hashlib
import json
import os
import re
import signal
import threading
import time
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import harness
import talk

PARALLEL, PLACES, QUEUE = 100, 4, 16
RELOADS = int(os.environ.get("WEIR_RELOADS", "20"))


class Held(ThreadingHTTPServer):
    """An engine that answers nothing before `release`; `order` is who came when."""
    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), HeldHandler)
        self.release, self.order, self.peak, self.now = threading.Event(), [], 0, 0
        self.lock, self.came = threading.Lock(), threading.Condition()
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def wait_for(self, n):
        with self.came:
            return self.came.wait_for(lambda: len(self.order) >= n, harness.PATIENCE_S)

    def enter(self, said):
        with self.came:
            self.order.append(said)
            self.now += 1
            self.peak = max(self.peak, self.now)
            self.came.notify_all()
        self.release.wait(60)

    def leave(self):
        with self.came:
            self.now -= 1


class HeldHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.enter(asked["messages"][-1]["content"])
        body = json.dumps({"id": "c", "object": "chat.completion", "created": 1,
                           "model": asked["model"], "usage": harness.USAGE, "choices": [
                               {"index": 0, "finish_reason": "stop", "message": {
                                   "role": "assistant", "content": "late"}}]}).encode()
        self.server.leave()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


LOCAL = """
  - name: here
    kind: openai
    side: local
    url: {url}
    max_inflight: {places}
    queue: {queue}
    models: [{{name: m}}]
"""
CLOUD = """
  - name: sky
    kind: openai
    side: cloud
    url: {url}
    models: [{{name: big}}]
"""


class Case(unittest.TestCase):
    def engine(self):
        engine = Held()
        self.addCleanup(engine.server_close)
        self.addCleanup(engine.shutdown)
        self.addCleanup(engine.release.set)
        return engine

    def weir(self, config):
        weir = harness.Weir(config)
        self.addCleanup(weir.remove)
        return weir.start()


def ask(weir, name, label="public", **headers):
    return talk.ask(weir.url, talk.chat(name), {
        "x-request-id": name, "x-weir-sensitivity": label, **headers}, timeout_s=60)


class Spill(Case):
    def test_a_hundred_at_once(self):
        here, sky = self.engine(), self.engine()
        sky.release.set()
        weir = self.weir("access_log: off\nengines:" + LOCAL.format(
            url=here.url, places=PLACES, queue=QUEUE) + CLOUD.format(url=sky.url))
        labels = {f"r{i}": "internal" if i % 2 else "public" for i in range(PARALLEL)}
        with ThreadPoolExecutor(PARALLEL) as pool:
            asked = {n: pool.submit(ask, weir, n, label) for n, label in labels.items()}
            # Whoever does not wait for the local engine is answered while it is held.
            deadline = time.monotonic() + harness.PATIENCE_S
            while (sum(f.done() for f in asked.values()) < PARALLEL - PLACES - QUEUE
                   and time.monotonic() < deadline):
                time.sleep(0.01)
            early = {n for n, f in asked.items() if f.done()}
            here.release.set()
            answers = {n: f.result() for n, f in asked.items()}
        weir.stop()
        self.assertEqual(len(early), PARALLEL - PLACES - QUEUE)
        self.assertEqual((here.peak, len(here.order)), (PLACES, PLACES + QUEUE))
        self.assertEqual(sorted(here.order + sky.order),
                         sorted(n for n, a in answers.items() if a.is_ok))
        self.assertEqual({labels[n] for n in sky.order}, {"public"})
        for name, answer in answers.items():
            if labels[name] == "public":
                self.assertTrue(answer.is_ok, f"{name}: {answer.error}")
            elif not answer.is_ok:
                self.assertEqual((answer.status, answer.code), (503, "queue_full"))
                self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
        rows = {row["client_id"]: row for row in weir.ledger()}
        self.assertEqual(set(rows), set(labels))
        for name, row in rows.items():
            self.assertEqual(row["outcome"], "ok" if answers[name].is_ok else "refused")

    def test_a_key_that_floods_does_not_shut_another_out(self):
        here = self.engine()
        keys = [f'  - {{name: {k}, hash: "sha256:'
                f'{hashlib.sha256(k.encode()).hexdigest()}"}}' for k in ("greedy", "shy")]
        weir = self.weir("access_log: off\nengines:" + LOCAL.format(
            url=here.url, places=1, queue=64) + "keys:\n" + "\n".join(keys))

        def ask_as(key, name):
            return ask(weir, name, authorization=f"Bearer {key}")
        with ThreadPoolExecutor(40) as pool:
            asked = [pool.submit(ask_as, "greedy", f"greedy{i}") for i in range(30)]
            self.assertTrue(here.wait_for(1))
            self.wait_for_queue(weir, "greedy", 29)
            asked += [pool.submit(ask_as, "shy", f"shy{i}") for i in range(2)]
            self.wait_for_queue(weir, "greedy", 31)
            here.release.set()
            self.assertTrue(all(f.result().is_ok for f in asked))
        weir.stop()
        places = [i for i, name in enumerate(here.order) if name.startswith("shy")]
        self.assertLessEqual(max(places), 4, here.order)
        self.assertEqual(len(weir.ledger()), 32)

    def wait_for_queue(self, weir, key, n):
        request = urllib.request.Request(weir.url + "/metrics",
                                         headers={"authorization": f"Bearer {key}"})
        deadline = time.monotonic() + harness.PATIENCE_S
        queued = None
        while queued != n and time.monotonic() < deadline:
            with urllib.request.urlopen(request, timeout=20) as answer:
                queued = int(re.search(r'weir_engine_queued\{engine="here"\} (\d+)',
                                       answer.read().decode()).group(1))
        self.assertEqual(queued, n)


class Reload(Case):
    ENGINES = "access_log: off\npolicy: {policy}\nengines:" + LOCAL

    def setUp(self):
        self.here = harness.Engine()
        self.addCleanup(self.here.shutdown)

    def config(self, n):
        return self.ENGINES.format(
            policy=("local-first", "deadline", "complexity")[n % 3], url=self.here.url,
            places=n % 5 + 4, queue=64 + n) + f"aliases: {{a{n}: m}}\n"

    def write(self, weir, text):
        text += f"\nlisten: 127.0.0.1:0\nstate_dir: {weir.folder}/state\n"
        text += f"workers: {harness.WORKERS}\n" if harness.WORKERS else ""
        (weir.folder / "next.yaml").write_text(text)
        (weir.folder / "next.yaml").rename(weir.folder / "weir.yaml")

    def load(self, weir, is_over, answers):
        talker = talk.Talker(weir.url)
        while not is_over.is_set():
            n = len(answers)
            try:
                answers.append(talker.ask(talk.chat(f"hello {n}", "m", n % 2 == 0)))
            except talk.Unclean as why:
                answers.append(why)
        talker.close()

    def wait(self, weir, text, times, what):
        deadline = time.monotonic() + harness.PATIENCE_S
        while weir.stderr.count(text) < times:
            if time.monotonic() > deadline:
                self.fail(f"{what}: {weir.stderr[-2000:]}")
            time.sleep(0.005)

    def test_under_load_nothing_fails(self):
        weir = self.weir(self.config(0))
        is_over, answers = threading.Event(), [[] for _ in range(4)]
        threads = [threading.Thread(target=self.load, args=(weir, is_over, a))
                   for a in answers]
        for t in threads:
            t.start()
        try:
            for n in range(1, RELOADS + 1):
                self.write(weir, self.config(n))
                weir.process.send_signal(signal.SIGHUP)
                self.wait(weir, "reloaded", n, "a good file was not taken")
                self.assertTrue(self.knows(weir, f"a{n}"), f"reload {n}")
            seen = weir.stderr.count("reloaded")
            self.write(weir, self.config(RELOADS + 1))  # and without a signal
            self.wait(weir, "reloaded", seen + 1, "a changed file was not noticed")
        finally:
            is_over.set()
            for t in threads:
                t.join()
        weir.stop()
        every = [a for one in answers for a in one]
        bad = [a for a in every if isinstance(a, talk.Unclean) or not a.is_ok]
        self.assertEqual(bad, [], [getattr(b, "error", b) for b in bad[:3]])
        self.assertGreater(len(every), RELOADS)
        outcomes = collections.Counter(row["outcome"] for row in weir.ledger())
        self.assertEqual(set(outcomes), {"ok"})

    @staticmethod
    def knows(weir, name):
        """The worker takes a new setup a moment after the reload is reported."""
        deadline = time.monotonic() + harness.PATIENCE_S
        while time.monotonic() < deadline:
            if talk.ask(weir.url, talk.chat("hello", name)).is_ok:
                return True
        return False

    def test_a_bad_file_changes_nothing_and_says_so(self):
        weir = self.weir(self.config(0))
        good = self.config(0)
        bad = [good + "nonsense: 1\n", "engines: [", "", good.replace("local\n", "moon\n"),
               good.replace("engines:", "engines: []\nx:"),
               good.replace("aliases: {a0: m}", "aliases: {a0: nobody}"),
               good + "workers: 3\n", "\0\1\2"]
        for n, text in enumerate(bad, 1):
            self.write(weir, text)
            weir.process.send_signal(signal.SIGHUP)
            self.wait(weir, "the running configuration stays", n, f"bad file {n}")
            self.assertTrue(talk.ask(weir.url, talk.chat("hello", "a0")).is_ok)
        self.assertNotIn("reloaded", weir.stderr)
        weir.stop()
