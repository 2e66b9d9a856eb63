"""live.py -- real engines with a real small model, where they can be had.

`make test-engines` builds them into build-engines/ (tests/engines/build.sh), and whoever
runs the tests later finds them there.  The environment names others: WEIR_OLLAMA (a
program), WEIR_LLAMA_SERVER (a llama-server) or WEIR_LLAMA_PYTHON (an interpreter with
llama_cpp and its server), WEIR_TINY_GGUF (a model file).  Without them a test is skipped
with the reason."""
import contextlib
import http.client
import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import Weir

BUILD = Path(__file__).resolve().parents[2] / "build-engines"
PATIENCE_S = 120
MODEL, OTHER = "weir-live", "weir-other"


def why_not(name):
    path = BUILD / f"{name}.why"
    return path.read_text().strip() if path.exists() else "`make test-engines` was not run"


def skip(what, reason):
    raise unittest.SkipTest(f"no {what}: {reason}")


def model_file():
    path = os.environ.get("WEIR_TINY_GGUF") or str(BUILD / "model.gguf")
    if not os.path.exists(path):
        skip("model", why_not("model"))
    return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Answer:
    """What came back: the status, the head's fields, and the body as bytes."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def events(self):
        """The data of a stream, which must be nothing but data lines; JSON read."""
        parts = self.body.decode().split("\n\n")
        assert parts.pop() == "", self.body[-200:]
        assert all(p.startswith("data: ") and "\n" not in p for p in parts), self.body
        return [p[6:] if p == "data: [DONE]" else json.loads(p[6:]) for p in parts]


def ask(base, path, body=None, name=None):
    """POST (or GET, without a body) to `base`, which ends in /v1.  Errors are answers."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    head = {"content-type": "application/json"}
    if name:
        head["x-request-id"] = name
    request = urllib.request.Request(base + path, data, head)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.headers, refused.read())


def text_of(events):
    return "".join(c["delta"].get("content") or "" for e in events[:-1]
                   for c in e["choices"])


def usages_of(events):
    """llama-cpp-python gives none, whatever is asked for."""
    return [e["usage"] for e in events[:-1] if e.get("usage")]


def wait(condition, what, patience=PATIENCE_S):
    deadline = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not after {patience} s: {what}")
        time.sleep(0.05)
    return found


def members(group):
    """The processes of a group."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended
        if after_name[2] == str(group) and after_name[0] != "Z":
            found.append(int(path.parent.name))
    return found


def cpu_seconds(group):
    ticks = 0
    for pid in members(group):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Engine:
    """A program in a group of its own, with what it printed."""

    def __init__(self, words, port, **env):
        self.port, self.url = port, f"http://127.0.0.1:{port}/v1"
        self.folder = tempfile.TemporaryDirectory(prefix="weir-live-")
        self.log = Path(self.folder.name) / "log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                words, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                cwd=self.folder.name, env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8",
                                           "HOME": self.folder.name, **env})
        try:
            wait(self.answers, "the engine answers")
        except BaseException:
            self.end()
            raise

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the engine ended:\n{self.said()[-2000:]}")
        try:
            return ask(self.url, "/models").status == 200
        except OSError:
            return False

    def is_idle(self):
        """It computes nothing for a second."""
        before = cpu_seconds(self.process.pid)
        time.sleep(1)
        return cpu_seconds(self.process.pid) - before < 0.1

    def said(self):
        return self.log.read_text(errors="replace")

    def kill(self):
        """It and the processes it began, without a word."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def end(self):
        self.kill()
        self.folder.cleanup()


class Ollama(Engine):
    """With the model under two names; both can chat, call tools and complete."""

    def __init__(self, **env):
        program = os.environ.get("WEIR_OLLAMA") or str(BUILD / "bin/ollama")
        if not os.path.exists(program):
            skip("Ollama", why_not("ollama"))
        model, port = model_file(), free_port()
        self.env = {"OLLAMA_HOST": f"127.0.0.1:{port}", "OLLAMA_NOPRUNE": "1",
                    "OLLAMA_MODELS": str(BUILD / "ollama-models"),
                    "OLLAMA_NUM_PARALLEL": "1", "OLLAMA_KEEP_ALIVE": "10m", **env}
        super().__init__([program, "serve"], port, **self.env)
        self.program = program
        try:
            self.create(model)
            self.do("cp", MODEL, OTHER)
        except BaseException:
            self.end()
            raise

    def create(self, model):
        path = Path(self.folder.name) / "Modelfile"
        path.write_text(f"FROM {model}\nTEMPLATE \"\"\"{TEMPLATE}\"\"\"\n"
                        "PARAMETER temperature 0\nPARAMETER num_thread 1\n")
        self.do("create", MODEL, "-f", str(path))

    def do(self, *words):
        done = subprocess.run([self.program, *words], capture_output=True, text=True,
                              env={**os.environ, "HOME": self.folder.name, **self.env},
                              timeout=PATIENCE_S, check=False)
        if done.returncode != 0:
            raise AssertionError(f"ollama {words[0]}: {done.stderr[-2000:]}")

    def kill_runner(self):
        """The process that computes; the one that listens stays."""
        mine = [pid for pid in members(self.process.pid) if pid != self.process.pid]
        assert mine, "Ollama runs no runner"
        for pid in mine:
            os.kill(pid, signal.SIGKILL)

    def requests(self):
        """How many it has answered, by its own log."""
        return self.said().count("[GIN]")


# Ollama gives a model tools when its template has a place for them.
TEMPLATE = """{{- if .Tools }}{{ .Tools }}
{{ end }}
{{- range .Messages }}<start_of_turn>{{ .Role }}
{{ .Content }}{{ range .ToolCalls }}{"name": "{{ .Function.Name }}", \
"parameters": {{ .Function.Arguments }}}{{ end }}<end_of_turn>
{{ end }}<start_of_turn>model
"""


class Llama(Engine):
    """llama-server, or the server of llama-cpp-python.  `kind` is weir's word for it."""

    def __init__(self, *more):
        model, port = model_file(), free_port()
        server = os.environ.get("WEIR_LLAMA_SERVER")
        if server:
            self.kind = "llama-server"
            words = [server, "-m", model, "--port", str(port), "-t", "1", "-a", MODEL]
        else:
            self.kind = "openai"
            words = [python_with_llama(), "-m", "llama_cpp.server", "--model", model,
                     "--port", str(port), "--n_threads", "1", "--model_alias", MODEL,
                     *more]
        super().__init__(words, port)


def python_with_llama():
    named = os.environ.get("WEIR_LLAMA_PYTHON")
    if named:
        return named
    built = BUILD / "llama/bin/python"
    if (BUILD / "llama.version").exists():
        return str(built)
    if importlib.util.find_spec("llama_cpp"):
        return sys.executable
    return skip("llama.cpp", why_not("llama"))


# -- what is tried with every engine ---------------------------------------------------

HELLO = [{"role": "user", "content": "Say hello."}]


def chat(**more):
    return {"model": MODEL, "messages": HELLO, "max_tokens": 16, "temperature": 0, **more}


class Case(unittest.TestCase):
    """One engine, and one weir in front of it, for all cases of a class."""

    @classmethod
    def begin(cls, make_engine, config):
        cls.engine = make_engine()
        cls.addClassCleanup(cls.engine.end)
        cls.weir = Weir(config.format(url=cls.engine.url, model=MODEL, other=OTHER,
                                      kind=getattr(cls.engine, "kind", "")))
        cls.addClassCleanup(cls.weir.remove)
        cls.weir.start()

    @classmethod
    def tearDownClass(cls):
        cls.weir.stop()

    def through(self, path, body=None, name=None):
        return ask(self.weir.url + "/v1", path, body, name)

    def row(self, name):
        """Its ledger row, once it is settled."""
        def settled():
            return next((row for row in self.weir.ledger() if row["client_id"] == name
                         and row["outcome"] != "open"), None)
        return wait(settled, f"the row of {name}", 20)

    ENDLESS = "/chat/completions", chat(max_tokens=1500, stream=True)

    def endless(self, name):
        """A stream that its engine is busy with for long."""
        return Stream(self.weir.url, *self.ENDLESS, name)

    def check_broken(self, rest, name):
        """What a stream ends with that its engine broke off."""
        events = [e.strip() for e in rest.decode().split("\n\n") if e.strip()]
        self.assertNotIn("data: [DONE]", events)
        error = json.loads(events[-1].removeprefix("data: "))["error"]
        self.assertTrue(error["code"].startswith("upstream_"), error)
        row = self.row(name)
        self.assertEqual((row["outcome"], row["error_code"]), ("error", error["code"]))
        return error


class Stream:
    """A streamed answer whose first words have come."""

    def __init__(self, url, path, body, name):
        host, port = url.removeprefix("http://").split(":")
        self.connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)
        self.connection.request("POST", "/v1" + path, json.dumps(body), {
            "content-type": "application/json", "x-request-id": name})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()
        seen = 0
        while seen < 5:
            line = self.answer.readline()
            assert line, "the stream ended early"
            seen += line.startswith(b"data: ")

    def leave(self):
        self.answer.close()
        self.connection.close()

    def rest(self):
        with contextlib.closing(self.connection):
            return self.answer.read()


class Ordinary:
    """The answer through weir is the engine's own: text, usage, errors."""
    VOLATILE = ("id", "created", "system_fingerprint", "timings")

    def steady(self, answer):
        """Without what an engine makes up anew for each answer, ids of calls too."""
        told = json.loads(re.sub(rb'"id": ?"call_[^"]*"', b'"id":"call"', answer.body))
        return {k: v for k, v in told.items() if k not in self.VOLATILE}

    def same(self, path, body, name=None):
        """(answer through weir, the engine's own), which must say the same."""
        direct = ask(self.engine.url, path, body)
        through = self.through(path, body, name)
        self.assertEqual((direct.status, through.status), (200, 200),
                         direct.body + through.body)
        self.assertEqual(self.steady(through), self.steady(direct))
        return through.json(), direct.json()

    def same_or_same_error(self, path, body):
        direct, through = ask(self.engine.url, path, body), self.through(path, body)
        if direct.status == 200:
            self.assertEqual(through.status, 200, through.body)
            return self.assertEqual(self.steady(through), self.steady(direct))
        self.assertEqual(through.status, 400, through.body)
        return self.assertIn(self.said_by(direct).strip(), self.said_by(through))

    @staticmethod
    def said_by(answer):
        return answer.json()["error"]["message"]

    def test_a_plain_chat_is_the_engines_own(self):
        answer, _ = self.same("/chat/completions", chat(), "plain")
        row = self.row("plain")
        self.assertEqual((row["outcome"], row["side"], row["tokens_source"]),
                         ("ok", "local", "reported"))
        self.assertEqual((row["tokens"]["input"], row["tokens"]["output"]),
                         (answer["usage"]["prompt_tokens"],
                          answer["usage"]["completion_tokens"]))

    def test_a_stream_says_what_the_plain_answer_says(self):
        plain = ask(self.engine.url, "/chat/completions", chat()).json()
        for options, wants_usage in (({}, False), ({"stream_options": {
                "include_usage": True}}, True)):
            with self.subTest(options=options):
                name = f"stream-{wants_usage}"
                direct = ask(self.engine.url, "/chat/completions",
                             chat(stream=True, **options)).events()
                events = self.through("/chat/completions", chat(stream=True, **options),
                                      name).events()
                self.assertEqual(events[-1], "[DONE]")
                self.assertEqual(text_of(events), plain["choices"][0]["message"]["content"])
                finishes = [c["finish_reason"] for e in events[:-1] for c in e["choices"]
                            if c["finish_reason"]]
                self.assertEqual(finishes, [plain["choices"][0]["finish_reason"]])
                self.assertEqual(usages_of(events), usages_of(direct))
                row = self.row(name)
                self.assertEqual(row["outcome"], "ok")
                if row["tokens_source"] == "reported":
                    self.assertEqual(row["tokens"]["output"],
                                     plain["usage"]["completion_tokens"])

    def test_completions(self):
        body = {"model": MODEL, "prompt": "One two three", "max_tokens": 8,
                "temperature": 0}
        plain, _ = self.same("/completions", body)
        events = self.through("/completions", {**body, "stream": True}).events()
        self.assertEqual("".join(c["text"] for e in events[:-1] for c in e["choices"]),
                         plain["choices"][0]["text"])

    def test_embeddings_that_it_cannot_make_are_refused_in_its_words(self):
        direct = ask(self.engine.url, "/embeddings", {"model": MODEL, "input": ["one"]})
        answer = self.through("/embeddings", {"model": "vectors", "input": ["one"]})
        self.assertGreaterEqual(direct.status, 400, "it can: compare the vectors")
        self.assertEqual(answer.status, 400)
        self.assertIn(self.said_by(direct), self.said_by(answer))

    def test_models_and_the_list_of_them(self):
        named = {m["id"] for m in self.through("/models").json()["data"]}
        self.assertIn(MODEL, named)
        self.assertEqual(self.through(f"/models/{MODEL}").json()["id"], MODEL)

    def test_what_the_engine_refuses_is_refused_in_its_words(self):
        for more in ({"temperature": "hot"}, {"max_tokens": "many"},
                     {"messages": [{"role": "user", "content": [{"type": "text"}]}]}):
            with self.subTest(more=more):
                direct = ask(self.engine.url, "/chat/completions", chat(**more))
                answer = self.through("/chat/completions", chat(**more))
                self.assertGreaterEqual(direct.status, 400)
                self.assertEqual(answer.status, 400, answer.body)
                self.assertTrue(self.said_by(answer))

    def test_many_at_once_each_have_their_own(self):
        plain = ask(self.engine.url, "/chat/completions", chat(max_tokens=4)).json()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda i: self.through(
                "/chat/completions", chat(max_tokens=4, stream=bool(i % 2))), range(8)))
        for i, answer in enumerate(answers):
            self.assertEqual(answer.status, 200, answer.body)
            said = (text_of(answer.events()) if i % 2
                    else answer.json()["choices"][0]["message"]["content"])
            self.assertEqual(said, plain["choices"][0]["message"]["content"])


class Leaving:
    """A client that leaves frees the engine."""

    def test_a_stream_whose_client_leaves_stops_the_engine(self):
        stream = self.endless("leaves")
        self.assertFalse(self.engine.is_idle())
        stream.leave()
        wait(self.engine.is_idle, "the engine stops", 20)
        self.assertEqual(self.row("leaves")["outcome"], "cancelled")
        self.assertEqual(self.through("/chat/completions", chat()).status, 200)


class Dying:
    def test_an_engine_that_dies_under_a_stream_is_an_error(self):
        stream = self.endless("dies")
        self.engine.kill()
        self.check_broken(stream.rest(), "dies")
        answer = self.through("/chat/completions", chat(), "after")
        self.assertIn(answer.status, (502, 503), answer.body)
        self.assertTrue(answer.json()["error"]["message"])
        self.assertEqual(self.row("after")["outcome"], "error")
