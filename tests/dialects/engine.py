"""engine.py -- fake engines, one for each dialect: they record what they are asked and answer as
the cell says.  A cell is found by its token, which stands in the text of the first user message."""
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import normal as nf
import sse  # noqa: F401  (the speakers need it beside them)

TOKEN = re.compile(rb"qz[a-p]{5}zq")


def token_of(number):
    return "qz" + "".join("abcdefghijklmnop"[number >> 4 * i & 15] for i in range(5)) + "zq"


class Step:
    """One request that is expected, and what the engine answers: an answer in the normal form;
    or `status` and `text` of an error; or `raw` bytes; `broken`: it fails after so many frames,
    in words (`text`) or by a cut."""

    def __init__(self, answer=None, split="odd", **more):
        self.answer, self.split = answer, split
        self.status, self.text = more.get("status", 200), more.get("text")
        self.raw, self.broken = more.get("raw"), more.get("broken")
        self.headers = more.get("headers", {})
        self.asked = None       # (path, headers, bytes)
        self.kind = None        # of `raw`, where it is not what was asked for

    def read(self, speaker):
        """The request in the normal form."""
        path, headers, data = self.asked
        check_head(speaker, headers, path)
        return speaker.read_request(nf.read_json(data, "the engine's request"), path)


KEYS = {"openai": ("authorization", "Bearer engine-key"), "gemini": ("x-goog-api-key", "engine-key"),
        "responses": ("authorization", "Bearer engine-key"), "anthropic": ("x-api-key", "engine-key"),
        "ollama": ("authorization", "Bearer engine-key")}


def check_head(speaker, headers, path):
    """The engine's own key where its dialect has it, and nothing of the client's."""
    lower = {name.lower(): value for name, value in headers.items()}
    name, value = KEYS[speaker.NAME]
    nf.same(lower.get(name), value, f"the field {name}")
    nf.want("client-key" not in str(lower) + path, "the client's key went to the engine")
    nf.same(lower.get("content-type", "").split(";")[0], "application/json", "Content-Type")
    if speaker.NAME == "anthropic":
        nf.want(lower.get("anthropic-version") in ("2023-06-01", "2026-10-21"), "anthropic-version")
    else:
        nf.want("anthropic-beta" not in lower, "anthropic-beta went to another's engine")


class Engine(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, speaker):
        super().__init__(("127.0.0.1", 0), Handler)
        self.speaker, self.steps, self.strays, self.lock = speaker, {}, [], threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # weir has gone

    def expect(self, token, step):
        with self.lock:
            self.steps.setdefault(token.encode(), []).append(step)

    def next_step(self, data):
        found = TOKEN.search(data)
        with self.lock:
            waiting = self.steps.get(found.group() if found else None, [])
            step = waiting[0] if waiting else None
            if step and step.status < 400:
                waiting.pop(0)
            if step is None:
                self.strays.append((found and found.group().decode(), data[:2000]))
        return step


def cut(data, split):
    """The same bytes in other pieces."""
    if split == "whole":
        return [data]
    size = {"bytes": 1, "odd": 61}[split]
    return [data[i:i + size] for i in range(0, len(data), size)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *words):
        pass

    def do_GET(self):
        self.give(404, b"{}", "application/json")

    def do_POST(self):
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        step = self.server.next_step(data)
        if step is None:
            self.give(400, b'{"error":{"message":"nobody expects this request"}}',
                      "application/json")
            return
        step.asked = (self.path, dict(self.headers), data)
        try:
            self.play(step, self.server.speaker, data)
        except (nf.Cannot, nf.Wrong) as fault:
            self.give(500, dumps({"error": {"message": f"the fake engine: {fault}"}}),
                      "application/json")

    def play(self, step, speaker, data):
        if step.status >= 400:
            body = speaker.error(step.status, step.text)
            self.give(step.status, dumps(body), "application/json", step.headers)
            return
        is_stream = wants_stream(speaker, data, self.path)
        kind = ("application/x-ndjson" if speaker.NAME == "ollama" else "text/event-stream")
        if step.raw is not None:
            if step.kind:
                self.give(200, step.raw, step.kind)
            elif is_stream:
                self.flow(step.raw, kind, step.split)
            else:
                self.give(200, step.raw, "application/json")
            return
        if callable(step.answer):
            step.answer = step.answer(data)
        if not is_stream and step.broken is None:
            self.give(200, dumps(speaker.answer(step.answer, "fake-model")), "application/json")
            return
        frames = list(speaker.stream(step.answer, "fake-model"))
        if step.broken is not None:
            frames = frames[:step.broken]
            if step.text:
                frames.append(speaker.stream_error(step.text, len(frames)))
        self.flow(b"".join(frames), kind, step.split, is_whole=step.broken is None or step.text)

    def give(self, status, body, kind, headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def flow(self, data, kind, split, is_whole=True):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in cut(data, split):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if is_whole:
            self.wfile.write(b"0\r\n\r\n")
            return
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)


def dumps(value):
    import json
    return json.dumps(value, ensure_ascii=False).encode()


def wants_stream(speaker, data, path):
    import json
    if speaker.NAME == "gemini":
        return ":streamGenerateContent" in path
    return bool(json.loads(data).get("stream", speaker.NAME == "ollama"))
