"""What local engines have in memory, as weir tells it on the page's paths and in `weir top`; and the
engine of `weir up --model`, stopped and started by whoever operates weir."""
import json
import os
import resource
import signal
import sys
import threading
import time
import unittest
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import harness
import test_up

PS = {"models": [
    {"name": "a:7b", "size": 6591830464, "size_vram": 5333539264, "expires_at": "2026-10-17T16:47:07Z"},
    {"name": "<b>\u202e\u001b[31m", "size": 0, "expires_at": "2318-01-01T00:00:00Z"}]}
LLAMA = {"/v1/models": {"data": [{"id": "q", "meta": {"size": 539392}}]}, "/props": {"is_sleeping": False}}
CONFIG = """engines:
  - {{name: olla, kind: ollama, side: local, api_key: k1, url: "{olla}/v1", models: [{{name: m}}]}}
  - {{name: llama, kind: llama-server, side: local, url: "{llama}/v1", models: [{{name: q}}]}}
  - {{name: plain, kind: openai, side: local, url: "{plain}/v1", models: [{{name: p}}]}}
  - {{name: large, kind: ollama, side: local, url: "{large}/v1", models: [{{name: l}}]}}
  - {{name: silent, kind: ollama, side: local, url: "{silent}/v1", models: [{{name: s}}]}}
  - {{name: safe, kind: ollama, side: local, url: "{safe}", ca_file: "{ca}", models: [{{name: t}}]}}
  - {{name: lab, kind: sim, side: local, models: [{{name: play}}]}}
  - {{name: sky, kind: ollama, side: cloud, url: "{sky}/v1", models: [{{name: c, price: openai/gpt-4o}}]}}
"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Authorization"]))
        if self.server.answers is None:
            self.server.is_over.wait(harness.PATIENCE_S)
        answer = (self.server.answers or {}).get(self.path)
        body = json.dumps(answer).encode()
        self.send_response(404 if answer is None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # the answer came too late


class Fake(ThreadingHTTPServer):
    """Answers GETs as told; answers None: never."""
    daemon_threads = True

    def __init__(self, answers):
        self.answers, self.asked, self.is_over = answers, [], threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def shutdown(self):
        self.is_over.set()
        super().shutdown()


class SafeHandler(harness.EngineHandler):
    def do_GET(self):
        self.reply(PS)


class Safe(harness.TlsEngine):
    def finish_request(self, request, client_address):
        SafeHandler(request, client_address, self)


class Memory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fakes = {"olla": Fake({"/api/ps": PS}), "llama": Fake(LLAMA), "plain": Fake({}),
                     "large": Fake({"/api/ps": {"models": [{"name": "x" * (300 << 10)}]}}),
                     "silent": Fake(None), "sky": Fake({"/api/ps": PS})}
        safe = Safe()
        for fake in (*cls.fakes.values(), safe):
            cls.addClassCleanup(fake.shutdown)
        cls.weir = harness.Weir(CONFIG.format(safe=safe.url, ca=safe.ca_file,
                                              **{name: f.url for name, f in cls.fakes.items()})).start()
        cls.addClassCleanup(cls.weir.remove)
        cls.addClassCleanup(cls.weir.stop)

    def now(self, path="engines"):
        token = (self.weir.folder / "state/operator").read_text().splitlines()[1]
        request = urllib.request.Request(f"{self.weir.url}/weir/api/{path}", headers={"Authorization": "Bearer " + token})
        with urllib.request.urlopen(request, timeout=20) as answer:
            said = json.load(answer)
        return {e["name"]: e["memory"] for e in said["now" if path == "engines" else "engines"]}

    def told(self):
        """Once all were asked: the slowest has a second."""
        deadline = time.monotonic() + harness.PATIENCE_S
        while True:
            said = self.now()
            if all(said[n] for n in ("olla", "llama", "safe", "lab")) or time.monotonic() > deadline:
                return said

    def test_local_engines_say_what_they_have_in_memory(self):
        said = self.told()
        self.assertEqual(said["olla"], {"more": 0, "models": [
            {"name": "a:7b", "bytes": 6591830464, "gpu_bytes": 5333539264, "weights_bytes": None,
             "until_ms": 1792255627000, "stays": False},
            {"name": "<b>??[31m", "bytes": None, "gpu_bytes": None, "weights_bytes": None, "until_ms": None, "stays": True}]})
        self.assertEqual([(m["name"], m["bytes"], m["weights_bytes"]) for m in said["llama"]["models"]], [("q", None, 539392)])
        self.assertEqual([m["name"] for m in said["safe"]["models"]], ["a:7b", "<b>??[31m"])
        self.assertEqual([(m["name"], m["bytes"], m["stays"]) for m in said["lab"]["models"]], [("play", 4700000000, True)])
        for name in ("plain", "large", "silent", "sky"):
            self.assertIsNone(said[name], name)
        self.assertEqual(self.now("overview")["olla"], said["olla"])
        self.assertEqual(self.fakes["sky"].asked, [])
        self.assertEqual(self.fakes["plain"].asked, [])
        for _ in range(20):
            self.now()
        self.assertLessEqual(self.fakes["olla"].asked.count(("/api/ps", "Bearer k1")), 3)
        self.assertEqual({path for path, _ in self.fakes["olla"].asked}, {"/api/ps"})
        self.assertEqual({path for path, _ in self.fakes["llama"].asked}, {"/v1/models", "/props"})

    def test_the_terminal_shows_it(self):
        self.told()
        done = self.weir.run("top", "-c", "weir.yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        line = next(line for line in done.stdout.splitlines() if line.startswith("Memory"))
        self.assertTrue(line.startswith("Memory  olla a:7b 6.6 GB+<b>??[31m, llama q 0.5 MB weights"), line)


# Answers at once, but "hold" only when the file `go` is there, and nothing at all while `mute` is.
ENGINE = """import os, sys, time, threading
sys.path.insert(0, {e2e!r})
import test_up
model, port = sys.argv[1], int(sys.argv[2])
if os.path.exists("bad"):
    sys.exit(7)
class Handler(test_up.FakeHandler):
    def reply(self, value):
        while os.path.exists("mute"):
            time.sleep(0.02)
        super().reply(value)
    def do_POST(self):
        if os.path.exists("hold"):
            open("held", "w").close()
            while not os.path.exists("go"):
                time.sleep(0.02)
        super().do_POST()
test_up.FakeHandler = Handler
test_up.Fake({{"/v1/models": {{"data": [{{"id": "mine", "owned_by": "me"}}]}}}}, port)
open("pid", "w").write(str(os.getpid()))
while True:
    time.sleep(1)
"""


class Running(test_up.Case):
    """A weir that runs an engine, which knows the files above."""

    def setUp(self):
        self.weir = self.up(*test_up.NONE)
        (self.weir.folder / "mine.gguf").write_text("GGUF")
        (self.weir.folder / "engine.py").write_text(ENGINE.format(e2e=os.path.dirname(os.path.abspath(__file__))))
        self.weir.words += ["--model", "mine.gguf", "--engine-command", f"{sys.executable} engine.py {{model}} {{port}}"]
        self.weir.env["WEIR"] = harness.WEIR
        self.weir.start()

    def file(self, name, is_there=True):
        path = self.weir.folder / name
        path.touch() if is_there else path.unlink(missing_ok=True)
        return path

    def pid(self):
        return int((self.weir.folder / "pid").read_text())

    def is_alive(self, pid):
        try:
            os.kill(pid, 0)
        except OSError:
            return False
        return True

    def call(self, path, body=None):
        token = (self.weir.folder / "home/weir/operator").read_text().splitlines()[1]
        request = urllib.request.Request(self.weir.url + path, body and json.dumps(body).encode(),
                                         {"Authorization": "Bearer " + token, "content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as e:
            return e.code, json.load(e)

    def state(self):
        engines = self.call("/weir/api/overview")[1]["engines"]
        return next((e["run"] for e in engines if e["run"]), {})

    def until(self, state):
        self.weir.wait(lambda: self.state().get("state") == state, f"say {state}, but {self.state()}")

    def refused(self):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.weir.ask()
        said = json.load(caught.exception)["error"]
        return caught.exception.code, said["code"], said["message"], caught.exception.headers["Retry-After"]

    def order(self, do, *more):
        return self.weir.run("engine", do, "engine", "--why", f"a test: {do}", *more)


class Ordered(Running):
    def test_it_is_stopped_when_it_has_finished_and_stays_stopped(self):
        first = self.pid()
        self.assertEqual(self.weir.run("engine").stdout.split(" since ")[0], "engine: running")
        self.file("hold")
        answers = []
        held = threading.Thread(target=lambda: answers.append(self.weir.ask()))
        held.start()
        self.weir.wait((self.weir.folder / "held").exists, "ask the engine")
        done = self.order("stop", "--no-wait")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("engine: stopping since", done.stdout)
        self.assertIn("(a test: stop), 1 requests under way", done.stdout)
        self.assertEqual(self.refused(), (503, "no_engine_available", "engine 'engine' is stopped by the operator, and no other can "
                                          "answer this; come again later, or ask whoever operates weir", "30"))
        self.assertTrue(self.is_alive(first))
        self.assertEqual(self.state()["state"], "stopping")
        self.file("go")
        held.join(harness.PATIENCE_S)
        self.assertEqual(answers, [("from mine", "local")])
        self.until("stopped")
        self.assertFalse(self.is_alive(first))
        self.assertEqual(self.state()["why"], "a test: stop")
        # Looking again, as often as it likes, takes nothing away and starts nothing.
        for _ in range(4):
            self.weir.process.send_signal(signal.SIGHUP)
            time.sleep(1.1)
        self.assertEqual(self.state()["state"], "stopped")
        self.assertEqual(self.refused()[0], 503)
        self.assertIn("stopped", self.weir.run("top").stdout)
        status, again = self.call("/weir/api/engines/engine/stop", {"why": "once more"})
        self.assertEqual((status, again["run"]["state"], again["run"]["why"]), (200, "stopped", "a test: stop"))
        self.file("hold", False)
        done = self.order("start")
        self.assertEqual((done.returncode, done.stdout.split(" since ")[0]), (0, "engine: running"), done.stderr)
        self.assertEqual(self.weir.ask(), ("from mine", "local"))
        self.assertNotEqual(self.pid(), first)
        past = self.call("/weir/api/engines")[1]["engines"][0]["breaker_past"]
        self.assertEqual([(p["what"], p["why"]) for p in past], [("started", "by the operator: a test: start"), ("stopped", "a test: stop")])
        proof = json.loads(self.weir.run("prove", "--json").stdout)
        self.assertEqual((proof["stopped"], proof["started"]), (1, 1))
        self.assertRegex(self.weir.run("prove").stdout, r"Stopped  an engine, by the operator: 1 time, started 1 time\n"
                         r" +2.*  stopped engine  a test: stop\n +2.*  started engine  a test: start")

    def test_what_takes_too_long_is_cut_off(self):
        self.file("hold")
        codes = []

        def ask():
            body = json.dumps({"model": "auto", "messages": [{"role": "user", "content": "Hello"}]}).encode()
            try:
                urllib.request.urlopen(urllib.request.Request(self.weir.url + "/v1/chat/completions", body, {"content-type": "application/json"}), timeout=90)
            except urllib.error.HTTPError as e:
                codes.append((e.code, json.load(e)["error"]["code"]))
        held = threading.Thread(target=ask)
        held.start()
        self.weir.wait((self.weir.folder / "held").exists, "ask the engine")
        os.kill(self.pid(), signal.SIGSTOP)  # nor does it hear that it is to end
        self.assertEqual(self.order("stop", "--no-wait").returncode, 0)
        self.weir.wait(lambda: "are cut off" in self.weir.stderr, "cut it off", 60)
        self.until("stopped")
        held.join(harness.PATIENCE_S)
        self.assertEqual(codes, [(502, "upstream_reset")])

    def test_a_start_that_fails_says_how_it_ended(self):
        self.assertEqual(self.order("stop").returncode, 0)
        self.file("bad")
        done = self.order("start")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"^engine: failed since .* \(it ended with exit code 7; started again in 1 s\)")
        self.assertEqual(self.refused()[2].split(",")[0], "engine 'engine' is being started")
        self.file("bad", False)
        self.until("running")
        self.assertEqual(self.weir.ask(), ("from mine", "local"))

    def test_nobody_else_is_taken_for_it(self):
        port = next(e["port"] for e in self.call("/weir/api/engines")[1]["engines"])
        self.assertEqual(self.order("stop").returncode, 0)
        other = test_up.Fake({"/v1/models": {"data": [{"id": "evil", "owned_by": "me"}]}}, port)
        self.addCleanup(other.shutdown)
        self.weir.process.send_signal(signal.SIGHUP)
        done = self.order("start")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"(somebody else listens on its port {port})", done.stdout)
        self.assertEqual(self.refused()[0], 503)
        other.shutdown()
        other.server_close()
        self.until("running")
        self.assertEqual(self.weir.ask(), ("from mine", "local"))

    def test_without_its_record_nothing_is_done(self):
        was = resource.prlimit(self.weir.process.pid, resource.RLIMIT_FSIZE)
        pid = self.pid()
        resource.prlimit(self.weir.process.pid, resource.RLIMIT_FSIZE, (1, was[1]))
        status, said = self.call("/v1/engines/engine/stop", {"why": "a test"})
        self.assertEqual((status, said["error"]["code"]), (503, "audit_unwritable"))
        self.assertIn("so engine 'engine' stays as it is", said["error"]["message"])
        self.assertEqual(self.state()["state"], "running")
        self.assertEqual(self.order("stop").returncode, 1)
        resource.prlimit(self.weir.process.pid, resource.RLIMIT_FSIZE, was)
        self.assertTrue(self.is_alive(pid))
        self.assertEqual(self.weir.ask(), ("from mine", "local"))
        # The chain is written again from some second on.
        self.weir.wait(lambda: self.order("stop").returncode == 0, "stop it")
        self.assertFalse(self.is_alive(pid))

    def test_orders_one_after_the_other_end_as_the_last_says(self):
        """Also when they come while the one before is not done."""
        for _ in range(3):
            for do in ("stop", "start"):
                self.assertEqual(self.order(do, "--no-wait").returncode, 0)
        self.until("running")
        self.assertEqual(self.weir.ask(), ("from mine", "local"))
        orders = [threading.Thread(target=self.order, args=(do, "--no-wait")) for do in ("stop", "start") * 4]
        for order in orders:
            order.start()
        for order in orders:
            order.join(harness.PATIENCE_S)
        self.weir.wait(lambda: self.state()["state"] in ("running", "stopped"), "come to rest")
        done = self.order("start")
        self.assertEqual((done.returncode, done.stdout.split(" since ")[0]), (0, "engine: running"), done.stderr)
        self.assertEqual(self.weir.ask(), ("from mine", "local"))

    def test_it_dies_by_itself_and_is_stopped(self):
        self.file("bad")
        os.kill(self.pid(), signal.SIGKILL)
        self.until("failed")
        self.assertRegex(self.state()["why"], r"^it (was ended by signal 9 \(Killed\)|ended with exit code 7); started again in \d+ s$")
        self.assertEqual(self.refused()[2].split(",")[0], "engine 'engine' is being started")
        past = self.call("/weir/api/engines")[1]["engines"][0]["breaker_past"]
        self.assertEqual([p["what"] for p in past], ["died"])
        self.assertEqual(self.order("stop").returncode, 0)
        self.file("bad", False)
        time.sleep(3)
        self.assertEqual(self.state()["state"], "stopped")
        self.assertEqual(self.order("start").returncode, 0)


if __name__ == "__main__":
    unittest.main()
