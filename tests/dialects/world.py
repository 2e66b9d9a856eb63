"""world.py -- one weir in front of the fake engines, and a client that asks it by raw HTTP."""
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

PATIENCE_S = 60
CAPS = "[tools, json_schema, vision, audio, files]"
PATHS = {"openai": "/v1", "responses": "/v1", "anthropic": "/v1", "gemini": "/v1beta",
         "ollama": ""}


class World:
    """Engines are named by their dialect; `engines`: [(name, engine, side)]."""

    def __init__(self, weir, engines):
        self.folder = Path(tempfile.mkdtemp(prefix="weir-dialects-"))
        self.stderr, self.port = "", None
        rows = [f"  - {{name: {name}, kind: openai, speaks: {e.speaker.SPEAKS}, side: {side}, "
                f"max_inflight: 0, url: \"{e.url}{PATHS[e.speaker.NAME]}\", api_key: engine-key, "
                f"models: [{{name: m-{name}, as: fake-model, caps: {CAPS}, context: 4000000}}]}}"
                for name, e, side in engines]
        (self.folder / "weir.yaml").write_text(
            "listen: 127.0.0.1:0\nstate_dir: state\naccess_log: off\n"
            "limits: {body: 64MiB}\nengines:\n" + "\n".join(rows) + "\n")
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder),
               "ASAN_OPTIONS": "quarantine_size_mb=16", "UBSAN_OPTIONS": "halt_on_error=1"}
        self.process = subprocess.Popen([os.path.abspath(weir), "serve", "-c", "weir.yaml"],
                                        cwd=self.folder, env=env, text=True, errors="replace",
                                        stderr=subprocess.PIPE)
        threading.Thread(target=self.read, daemon=True).start()
        deadline = time.monotonic() + PATIENCE_S
        while not self.port:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"weir does not serve:\n{self.stderr[-3000:]}")
            time.sleep(0.01)

    def read(self):
        for line in self.process.stderr:
            self.stderr += line
            found = re.search(r"listening on http://[^:]+:(\d+)", line)
            if found:
                self.port = int(found.group(1))

    def ask(self, path, body, headers=()):
        """-> (status, headers, bytes); a stream that is cut has what came."""
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            wire.request("POST", path, data, {"Content-Type": "application/json",
                                              **dict(headers)})
            got = wire.getresponse()
            try:
                text = got.read()
            except http.client.IncompleteRead as broken:
                text = broken.partial
            return got.status, {k.lower(): v for k, v in got.getheaders()}, text
        finally:
            wire.close()

    def end(self):
        """True: in order, which under ASan also means without a leak."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        return code
