"""What local engines have in memory, as weir tells it on the page's paths and in `weir top`."""
import json
import threading
import time
import unittest
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import harness

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


if __name__ == "__main__":
    unittest.main()
