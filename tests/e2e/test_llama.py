"""A real llama.cpp as the local engine, where one can be had.

WEIR_TINY_GGUF names a model file; the engine is WEIR_LLAMA_SERVER (a llama-server) or
the Python package llama_cpp with its server.  Nothing is asserted on free text: only on
shape, counts and what the ledger makes of them."""
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import unittest
import urllib.request

from harness import TlsEngine, Weir


def command(port):
    """(command, kind) of the engine, or a reason why there is none."""
    model = os.environ.get("WEIR_TINY_GGUF")
    if not model:
        return None, "WEIR_TINY_GGUF names no model file"
    server = os.environ.get("WEIR_LLAMA_SERVER")
    if server:
        return [server, "-m", model, "--port", str(port), "-t", "1"], "llama-server"
    python = os.environ.get("WEIR_LLAMA_PYTHON", sys.executable)
    if python == sys.executable and not importlib.util.find_spec("llama_cpp"):
        return None, "no WEIR_LLAMA_SERVER, and no Python package llama_cpp"
    return [python, "-m", "llama_cpp.server", "--model", model, "--port", str(port),
            "--n_threads", "1", "--model_alias", "tiny"], "openai"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class LiveEngine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        port = free_port()
        words, kind = command(port)
        if not words:
            raise unittest.SkipTest(f"no live llama.cpp: {kind}")
        cls.engine = subprocess.Popen(words, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.engine.wait)
        cls.addClassCleanup(cls.engine.kill)
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=1)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise AssertionError("the engine does not start") from None
                time.sleep(0.1)
        cloud = TlsEngine()
        cls.addClassCleanup(cloud.shutdown)
        cls.weir = Weir(f"engines:\n  - name: llama\n    kind: {kind}\n    side: local\n"
                        f"    url: http://127.0.0.1:{port}/v1\n    models: [{{name: tiny}}]\n"
                        f"  - name: sky\n    kind: openai\n    side: cloud\n"
                        f"    url: {cloud.url}\n    ca_file: {cloud.ca_file}\n"
                        f"    models: [{{name: gpt-4o, price: openai/gpt-4o}}]\n")
        cls.addClassCleanup(cls.weir.remove)
        cls.weir.start()

    @classmethod
    def tearDownClass(cls):
        cls.weir.stop()

    def ask(self, name, **more):
        body = {"model": "tiny", "max_tokens": 8,
                "messages": [{"role": "user", "content": "hello"}], **more}
        request = urllib.request.Request(
            f"{self.weir.url}/v1/chat/completions", json.dumps(body).encode(),
            {"content-type": "application/json", "x-request-id": name})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def row(self, name):
        return next(row for row in self.weir.ledger() if row["client_id"] == name)

    def test_plain(self):
        answer = json.loads(self.ask("live-plain"))
        self.assertEqual(answer["choices"][0]["message"]["role"], "assistant")
        row = self.row("live-plain")
        self.assertEqual((row["outcome"], row["tokens_source"]), ("ok", "reported"))
        self.assertEqual(row["tokens"]["output"], answer["usage"]["completion_tokens"])

    def test_streamed(self):
        lines = self.ask("live-stream", stream=True).split("\n\n")
        self.assertEqual([line for line in lines if line][-1], "data: [DONE]")
        row = self.row("live-stream")
        self.assertEqual(row["outcome"], "ok")
        self.assertGreater(row["tokens"]["output"], 0)

    def test_a_tls_engine_beside_it_with_its_cost(self):
        self.ask("sky-plain", model="gpt-4o")
        self.ask("sky-stream", model="gpt-4o", stream=True)
        for name in ("sky-plain", "sky-stream"):
            row = self.row(name)
            self.assertEqual((row["side"], row["outcome"]), ("cloud", "ok"))
            self.assertEqual((row["tokens"]["input"], row["tokens"]["output"]), (5, 2))
            self.assertGreater(row["cost_nanousd"], 0)
            self.assertTrue(row["price_date"])
