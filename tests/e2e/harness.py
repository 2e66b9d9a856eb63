"""harness.py -- a weir in a folder of its own, and a fake engine that keeps a diary."""
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "wire"))
import tls  # noqa: E402

WEIR = os.environ.get("WEIR", "")
WORKERS = os.environ.get("WEIR_WORKERS", "")
PATIENCE_S = 20


class Weir:
    def __init__(self, config=None):
        self.folder = Path(tempfile.mkdtemp(prefix="weir-e2e-"))
        self.config, self.process, self.stderr, self.url = config, None, "", None
        if config is not None:
            listen = "" if "listen:" in config else "listen: 127.0.0.1:0\n"
            text = f"{config}\n{listen}state_dir: {self.folder}/state\n"
            if WORKERS:
                text += f"workers: {WORKERS}\n"
            (self.folder / "weir.yaml").write_text(text)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.folder),
                    "XDG_STATE_HOME": str(self.folder / "home"),
                    "ASAN_OPTIONS": "quarantine_size_mb=16",
                    "UBSAN_OPTIONS": "halt_on_error=1",
                    "WEIR_TEST_DECIDE_MS": "120000",  # under sanitizers on a busy machine
                    "TSAN_OPTIONS": "halt_on_error=1:suppressions="
                    f"{Path(__file__).resolve().parents[1]}/tsan.supp"}

    def start(self):
        words = [WEIR, "serve"] + (["-c", "weir.yaml"] if self.config is not None else [])
        self.url = self.reader = None
        self.process = subprocess.Popen(words, cwd=self.folder, env=self.env, text=True,
                                        stderr=subprocess.PIPE, errors="replace")
        self.reader = threading.Thread(target=self.read, args=(self.process,), daemon=True)
        self.reader.start()
        deadline = time.monotonic() + PATIENCE_S
        while not self.url:
            if self.process.poll() is not None or time.monotonic() > deadline:
                time.sleep(0.1)
                raise AssertionError(f"weir does not serve:\n{self.stderr[-2000:]}")
            time.sleep(0.005)
        return self

    def read(self, process):
        for line in process.stderr:
            self.stderr += line
            found = re.search(r"listening on (http://\S+)", line)
            if found:
                self.url = found.group(1)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """In order; the exit code must be 0, which under ASan also means no leak."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                code = self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError("weir does not end") from None
            if code != 0:
                raise AssertionError(f"weir ended with {code}:\n{self.stderr[-3000:]}")

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words):
        return subprocess.run([WEIR, *words], cwd=self.folder, env=self.env, text=True,
                              capture_output=True, timeout=120, check=False)

    def ledger(self, state=None):
        done = self.run("ledger", "--json", "--state-dir", state or f"{self.folder}/state")
        if done.returncode != 0:
            raise AssertionError(f"weir ledger: {done.returncode} {done.stderr[-2000:]}")
        return [json.loads(line) for line in done.stdout.splitlines()]


def socket_to(host, port):
    return socket.create_connection((host, port), timeout=PATIENCE_S)


class Engine(ThreadingHTTPServer):
    """Speaks OpenAI.  The last user message decides what happens (see REPLIES)."""
    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), EngineHandler)
        self.seen, self.left = [], threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a connection that a killed weir dropped


class TlsEngine(Engine):
    """The same behind TLS, with a certificate of `ca_file`."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="weir-tls-")
        tls.make(self.folder)
        self.ca_file = f"{self.folder}/ca.pem"
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(f"{self.folder}/good.pem", f"{self.folder}/good.key")
        super().__init__()
        self.url = self.url.replace("http://127.0.0.1", "https://localhost")

    def get_request(self):
        sock, address = super().get_request()
        return self.context.wrap_socket(sock, server_side=True,
                                        do_handshake_on_connect=False), address

    def shutdown(self):
        super().shutdown()
        shutil.rmtree(self.folder, ignore_errors=True)


TOOL_CALL = {"id": "call_1", "type": "function",
             "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
ERRORS = {"error 400": 400, "error 429": 429, "error 500": 500}


class EngineHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/embeddings"):
            return self.reply({"object": "list", "model": asked["model"], "usage": USAGE,
                               "data": [{"object": "embedding", "index": i,
                                         "embedding": [0.5, -0.25]}
                                        for i, _ in enumerate(asked["input"])]})
        said = asked["messages"][-1]["content"]
        self.server.seen.append(said)
        if said in ERRORS:
            return self.reply({"error": {"message": "as you wish", "type": "x"}},
                              ERRORS[said])
        tools = [TOOL_CALL] if asked.get("tools") else None
        if asked.get("stream"):
            return self.stream(said, tools)
        message = {"role": "assistant", "content": None if tools else f"you said {said}"}
        if tools:
            message["tool_calls"] = tools
        self.reply({"id": "c", "object": "chat.completion", "created": 1, "usage": USAGE,
                    "model": asked["model"],
                    "choices": [{"index": 0, "message": message,
                                 "finish_reason": "tool_calls" if tools else "stop"}]})

    def reply(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def event(self, text):
        data = f"data: {text}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def chunk(self, delta, finish=None, **more):
        self.event(json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1,
                               "model": "m", **{"choices": [
                                   {"index": 0, "delta": delta, "finish_reason": finish}],
                                   **more}}))

    def stream(self, said, tools):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self.chunk({"role": "assistant", "content": "" if not tools else None})
            while said == "forever":
                self.chunk({"content": "la "})
                time.sleep(0.01)
            if tools:
                call = {**TOOL_CALL, "index": 0}
                self.chunk({"tool_calls": [{**call, "function": {
                    "name": "weather", "arguments": ""}}]})
                for piece in ('{"city"', ':"Oslo"}'):
                    self.chunk({"tool_calls": [{"index": 0,
                                                "function": {"arguments": piece}}]})
            else:
                for word in f"you said {said}".split(" "):
                    self.chunk({"content": word + " "})
            self.chunk({}, "tool_calls" if tools else "stop")
            self.chunk({}, choices=[], usage=USAGE)
            self.event("[DONE]")
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.server.left.set()
            self.close_connection = True


class WithWeir(unittest.TestCase):
    """One weir before one fake engine for all cases of a class."""
    CONFIG = """
engines:
  - name: fake
    kind: openai
    side: local
    max_inflight: 64
    url: {url}
    models: [{{name: m, caps: [tools]}}, {{name: e, caps: [embeddings]}}]
"""

    @classmethod
    def setUpClass(cls):
        cls.engine = Engine()
        cls.weir = Weir(cls.CONFIG.format(url=cls.engine.url))
        cls.addClassCleanup(cls.weir.remove)
        cls.addClassCleanup(cls.engine.shutdown)
        cls.weir.start()

    @classmethod
    def tearDownClass(cls):
        cls.weir.stop()
