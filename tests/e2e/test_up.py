"""`weir up`: no configuration, against servers that answer as Ollama, LM Studio,
llama-server and vLLM do, and against lookalikes that must count as cloud."""
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import harness

NONE = ["--probe", "ollama=0", "--probe", "lm-studio=0", "--probe", "llama-server=0",
        "--probe", "vllm=0"]
DIGEST = "9f438cb9cd581fc025612d27f7c1a6669ff83a8bb0ed86c94fcf4c5440555697"


def ollama_model(name, size=4_683_087_332, params="7.6B", **more):
    return {"name": name, "model": name, "size": size, "digest": DIGEST,
            "details": {"format": "gguf", "family": "llama", "parameter_size": params},
            **more}


def ollama(models, loaded=()):
    return {"/": "Ollama is running", "/api/version": {"version": "0.12.3"},
            "/api/tags": {"models": models},
            "/api/ps": {"models": [{"name": n, "context_length": 8192} for n in loaded]},
            "/v1/models": {"object": "list", "data": [
                {"id": m["name"], "object": "model", "owned_by": "library"}
                for m in models]},
            "POST /api/show": {"model_info": {"llama.context_length": 131072},
                               "capabilities": ["completion", "tools"]}}


LM_STUDIO = {"/api/v0/models": {"object": "list", "data": [
    {"id": "gemma-3-4b-it", "object": "model", "type": "vlm", "state": "loaded",
     "compatibility_type": "gguf", "max_context_length": 131072,
     "loaded_context_length": 4096}]},
    "/v1/models": {"data": [{"id": "gemma-3-4b-it"}]}}
LLAMA_SERVER = {
    "/health": {"status": "ok"},
    "/props": {"default_generation_settings": {"n_ctx": 1024}, "total_slots": 2,
               "build_info": "b1-de3ff81"},
    "/v1/models": {"object": "list", "data": [
        {"id": "weir-tiny", "owned_by": "llamacpp",
         "meta": {"n_ctx_train": 2048, "n_params": 134848, "size": 539392}}]}}
VLLM_LIST = {"object": "list", "data": [
    {"id": "Qwen/Qwen2.5-14B-Instruct", "owned_by": "vllm", "max_model_len": 32768}]}
VLLM = {"/version": {"version": "0.11.0"}, "/v1/models": VLLM_LIST,
        "/metrics": "vllm:num_requests_running 0.0\n"}
LITELLM = {"/": "LiteLLM: RUNNING", "/v1/models": {"object": "list", "data": [
    {"id": "gpt-4o", "object": "model", "owned_by": "openai"}]}}


class Fake(ThreadingHTTPServer):
    """Answers what its dictionary says, and chat with what model was asked."""
    daemon_threads = True

    def __init__(self, answers, port=0):
        self.answers, self.asked = answers, []
        super().__init__(("127.0.0.1", port), FakeHandler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass


class FakeHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.reply(self.server.answers.get(self.path))

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/chat" and "/api/tags" in self.server.answers:
            self.server.asked.append(asked)
            return self.reply({"model": asked["model"], "done": True, "done_reason": "stop",
                               "prompt_eval_count": 3, "eval_count": 2, "message": {
                                   "role": "assistant", "content": "from " + asked["model"]}})
        if not self.path.endswith("/chat/completions"):
            return self.reply(self.server.answers.get("POST " + self.path))
        self.reply({"id": "c", "object": "chat.completion", "created": 1,
                    "model": asked["model"], "usage": harness.USAGE, "choices": [
                        {"index": 0, "finish_reason": "stop", "message": {
                            "role": "assistant", "content": "from " + asked["model"]}}]})

    def reply(self, value):
        body = (value if isinstance(value, str) else json.dumps(value)).encode()
        self.send_response(404 if value is None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Up(harness.Weir):
    def __init__(self, *words, **env):
        super().__init__()
        (self.folder / "home").mkdir()
        self.words, self.stdout = list(words), ""
        self.env.update(env)

    def start(self):
        self.process = subprocess.Popen(
            [harness.WEIR, "up", "--listen", "127.0.0.1:0", *self.words],
            cwd=self.folder, env=self.env, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, errors="replace")
        for reader in (self.read, self.read_table):
            threading.Thread(target=reader, args=(self.process,), daemon=True).start()
        self.wait(lambda: self.url, "serve")
        return self

    def read_table(self, process):
        for line in process.stdout:
            self.stdout += line

    def wait(self, condition, what, patience=harness.PATIENCE_S):
        deadline = time.monotonic() + patience
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                time.sleep(0.1)
                raise AssertionError(f"weir does not {what}:\n{self.stdout[-3000:]}\n"
                                     f"{self.stderr[-2000:]}")
            time.sleep(0.01)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return json.load(answer)

    def ask(self, model="auto", text="Hello", **headers):
        body = {"model": model, "messages": [{"role": "user", "content": text}]}
        request = urllib.request.Request(
            self.url + "/v1/chat/completions", json.dumps(body).encode(),
            {"content-type": "application/json", **headers})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return (json.load(answer)["choices"][0]["message"]["content"],
                    answer.headers["x-weir-side"])

    def models(self):
        return {m["id"] for m in self.get("/v1/models")["data"]}


class Case(unittest.TestCase):
    def fake(self, answers, port=0):
        server = Fake(answers, port)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def up(self, *words, **env):
        weir = Up(*words, **env)
        self.addCleanup(weir.remove)
        return weir

    def found(self, *words, **env):
        done = self.up(**env).run("up", "--json", *NONE, *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


class Beside(Case):
    """Verbs that want a configuration, beside a `weir up` that has none."""
    def test_a_pilot_begins_without_a_weir_yaml(self):
        weir = self.up("--no-cloud", *NONE)
        none = weir.run("pilot", "start", "--to", "gpt-4o-mini")
        self.assertEqual(none.returncode, 2)
        self.assertRegex(none.stderr, "no weir.yaml is in this folder, and no `weir up` runs on "
                                      ".*: name the configuration with -c FILE, or start weir up")
        weir.start()  # simulated engines of both sides
        kept = next(weir.folder.rglob("up.yaml"))
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        wrong = weir.run("pilot", "start", "--to", "nobody")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("the configuration has no such model; it has qwen2.5-7b", wrong.stderr)
        begun = weir.run("pilot", "start", "--to", "qwen2.5-7b", "--share", "100%")
        self.assertEqual(begun.returncode, 0, begun.stderr)
        weir.wait(lambda: "a pilot runs: 100.0 %" in weir.stderr, "begin the pilot")
        weir.ask("auto", **{"x-weir-policy": "cloud-only"})
        saved = weir.run("whatif", "--policy", "cloud-only")
        self.assertEqual(saved.returncode, 0, saved.stderr)
        self.assertEqual(weir.run("bench", "weir", "--local", "--requests", "1").returncode, 0)
        self.assertEqual(weir.run("pilot", "stop").returncode, 0)
        weir.stop()
        self.assertFalse(kept.exists())


class Discovery(Case):
    def place(self, name, answers):
        return ["--probe", f"{name}={self.fake(answers).server_port}"]

    def test_all_four_engines_are_local(self):
        d = self.found(*self.place("ollama", ollama([ollama_model("qwen2.5:7b")],
                                                    ["qwen2.5:7b"])),
                       *self.place("lm-studio", LM_STUDIO),
                       *self.place("llama-server", LLAMA_SERVER),
                       *self.place("vllm", VLLM))
        self.assertEqual([(e["kind"], e["side"]) for e in d["engines"]],
                         [("ollama", "local"), ("lm-studio", "local"),
                          ("llama-server", "local"), ("vllm", "local")])
        self.assertEqual([e["models"][0]["context_tokens"] for e in d["engines"]],
                         [8192, 4096, 1024, 32768])
        self.assertFalse(d["simulated"])
        self.assertEqual(d["roles"]["local_small"]["model"], "weir-tiny")
        self.assertEqual(d["roles"]["local_large"]["model"], "Qwen/Qwen2.5-14B-Instruct")

    def test_lookalikes_on_localhost_are_cloud(self):
        d = self.found(*self.place("vllm", {"/v1/models": VLLM_LIST}),
                       *self.place("llama-server", LITELLM))
        self.assertEqual([e["side"] for e in d["engines"]], ["cloud", "cloud"])
        self.assertIsNone(d["roles"]["local_small"])

    def test_an_engine_on_another_ones_port_is_still_known(self):
        d = self.found(*self.place("vllm", LLAMA_SERVER))
        self.assertEqual(d["engines"][0]["kind"], "llama-server")

    def test_keys_are_found_and_never_shown(self):
        secret = "sk-do-not-show"
        done = self.up(OPENAI_API_KEY=secret, GEMINI_API_KEY=secret).run(
            "up", *NONE, "--write", "weir.yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(secret, done.stdout + done.stderr)
        self.assertIn("openai", done.stdout)
        self.assertIn("gemini", done.stdout)
        self.assertRegex(done.stdout, r"gpt-5\.5 +cloud .* 5/30 \d{4}-\d\d-\d\d")

    def test_what_is_written_is_faultless_and_not_overwritten(self):
        place = self.place("ollama", ollama([ollama_model("qwen2.5:7b"), ollama_model(
            "gpt-oss:120b-cloud", 384, remote_host="https://ollama.com:443")]))
        weir = self.up(OPENAI_API_KEY="sk-x")
        done = weir.run("up", *NONE, *place, "--write", "weir.yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        check = weir.run("check", "-c", "weir.yaml")
        self.assertEqual(check.returncode, 0, check.stderr)
        text = (weir.folder / "weir.yaml").read_text()
        self.assertIn("api_key: ${OPENAI_API_KEY}", text)
        self.assertRegex(text, "gpt-oss:120b-cloud.*side: cloud")
        again = weir.run("up", *NONE, *place, "--write", "weir.yaml")
        self.assertEqual(again.returncode, 2)
        self.assertEqual((weir.folder / "weir.yaml").read_text(), text)

    def test_what_is_written_can_be_made_local_by_one_word(self):
        weir = self.up()
        done = weir.run("up", *NONE, *self.place("vllm", LITELLM), "--write", "weir.yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        path = weir.folder / "weir.yaml"
        path.write_text(path.read_text().replace("side: cloud", "side: local"))
        check = weir.run("check", "-c", "weir.yaml")
        self.assertEqual(check.returncode, 0, check.stderr)
        self.assertIn("the role stays empty", check.stdout + check.stderr)

    def test_a_port_that_never_answers_costs_seconds_and_nothing_else(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        began = time.monotonic()
        d = self.found("--probe", f"vllm={silent.getsockname()[1]}",
                       *self.place("ollama", ollama([ollama_model("qwen2.5:7b")])))
        self.assertLess(time.monotonic() - began, 8)
        self.assertEqual([e["kind"] for e in d["engines"]], ["ollama"])

    def test_faulty_words(self):
        for words in (["--probe", "vllm"], ["--probe", "=3"], ["--probe", "vllm=x"],
                      ["--engine-command", "x {model} {port}"], ["what"],
                      ["--model", "/nonexistent.gguf"], ["--json", "--write", "x"]):
            with self.subTest(words):
                self.assertEqual(self.up().run("up", *NONE, *words).returncode, 2)


class Serving(Case):
    def test_nothing_found_serves_simulated_engines_and_says_so(self):
        weir = self.up(*NONE).start()
        weir.wait(lambda: "Ctrl-C" in weir.stdout, "print")
        head = weir.stdout.split("ROLES")[0].splitlines()
        rows = [line for line in head if re.match(r"    \S+ +(local|cloud)", line)]
        self.assertEqual(len(rows), 3)
        for line in rows:
            self.assertIn("simulated", line)
        for word in ("Ollama", "OPENAI_API_KEY", "is scanned", weir.url + "/v1"):
            self.assertIn(word, weir.stdout)
        said, side = weir.ask()
        self.assertTrue(said)
        self.assertEqual(side, "local")
        weir.stop()

    def test_in_a_pipe_it_is_plain_and_80_columns(self):
        port = self.fake(ollama([ollama_model("q" * 70 + ":7b"),
                                 ollama_model("qwen2.5:7b")])).server_port
        weir = self.up(*NONE, "--probe", f"ollama={port}", OPENAI_API_KEY="k",
                       TERM="xterm-256color").start()
        weir.ask(model="qwen2.5:7b")
        weir.wait(lambda: " 200 " in weir.stderr, "log")
        weir.stop()
        for line in weir.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertNotRegex(weir.stdout + weir.stderr, r"[^\n\x20-\x7e]")
        self.assertIn("    " + "q" * 70 + ":7b\n", weir.stdout)  # it can be asked for

    def test_an_engine_is_asked_and_its_cloud_models_get_nothing_confidential(self):
        server = self.fake(ollama([ollama_model("qwen2.5:7b"), ollama_model(
            "big:cloud", remote_host="https://ollama.com:443")]))
        weir = self.up(*NONE, "--probe", f"ollama={server.server_port}").start()
        self.assertEqual(weir.ask(), ("from qwen2.5:7b", "local"))
        self.assertEqual(weir.ask("big:cloud"), ("from big:cloud", "cloud"))
        # How much is to be read is said, where Ollama itself reads it.
        self.assertEqual([a["options"].get("num_ctx") for a in server.asked], [8192, None])
        with self.assertRaises(urllib.error.HTTPError) as refused:
            weir.ask("big:cloud", **{"x-weir-sensitivity": "confidential"})
        self.assertEqual(refused.exception.code, 400)
        refused.exception.close()
        weir.stop()

    def test_a_proxy_on_localhost_gets_nothing_confidential(self):
        port = self.fake(LITELLM).server_port
        weir = self.up(*NONE, "--probe", f"vllm={port}").start()
        self.assertEqual(weir.ask(), ("from gpt-4o", "cloud"))
        with self.assertRaises(urllib.error.HTTPError) as refused:
            weir.ask(**{"x-weir-sensitivity": "internal"})
        self.assertEqual(refused.exception.code, 400)
        refused.exception.close()
        weir.stop()
        self.assertIn("set its side to local", " ".join(weir.stdout.split()))
        self.assertIn("is known to keep prompts to itself", weir.stdout)
        self.assertIn("model: auto, cloud or a name above", weir.stdout)

    def test_without_network_local_answers_are_unaffected(self):
        port = self.fake(ollama([ollama_model("qwen2.5:7b")])).server_port
        nowhere = "http://proxy.invalid:3128"
        weir = self.up(*NONE, "--probe", f"ollama={port}", OPENAI_API_KEY="k",
                       http_proxy=nowhere, https_proxy=nowhere, all_proxy=nowhere)
        began = time.monotonic()
        weir.start()
        self.assertEqual(weir.ask(), ("from qwen2.5:7b", "local"))
        self.assertLess(time.monotonic() - began, 10)
        weir.stop()

    def test_looking_again_follows_what_changes_and_only_that(self):
        server = self.fake(ollama([ollama_model("qwen2.5:7b")]))
        weir = self.up(*NONE, "--probe", f"ollama={server.server_port}").start()
        weir.process.send_signal(signal.SIGHUP)
        time.sleep(3)
        self.assertNotIn("engines changed", weir.stderr)
        server.answers = ollama([ollama_model("qwen2.5:7b"), ollama_model("new:1b")])
        weir.process.send_signal(signal.SIGHUP)
        weir.wait(lambda: "new:1b" in weir.models(), "see the new model")
        weir.wait(lambda: "engines changed; now: ollama (2 models)" in weir.stderr, "say it")
        # The same name now runs elsewhere.
        server.answers = ollama([ollama_model(
            "qwen2.5:7b", remote_host="https://ollama.com:443")])
        weir.process.send_signal(signal.SIGHUP)
        weir.wait(lambda: weir.stderr.count("engines changed") == 2, "look again")
        self.assertEqual(weir.ask("qwen2.5:7b")[1], "cloud")
        weir.stop()

    def test_an_engine_that_comes_up_replaces_the_simulated_ones(self):
        server = self.fake({})
        weir = self.up(*NONE, "--probe", f"ollama={server.server_port}").start()
        self.assertIn("qwen2.5-7b", weir.models())
        server.answers = ollama([ollama_model("real:7b")])
        weir.process.send_signal(signal.SIGHUP)
        weir.wait(lambda: "real:7b" in weir.models(), "find the engine")
        self.assertNotIn("qwen2.5-7b", weir.models())
        self.assertEqual(weir.ask(), ("from real:7b", "local"))
        weir.stop()

    def test_a_public_address_needs_keys(self):
        done = self.up().run("up", *NONE, "--listen", "0.0.0.0:0")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--listen 0.0.0.0:0: ", done.stderr)
        self.assertIn("keys", done.stderr)

    def test_a_faulty_address_is_told_as_the_options(self):
        for address in ("nope", ":4141", "127.0.0.1", "::1:4141", "127.0.0.1:70000",
                        "127.0.0.1:http", "nope\"\nx: y", ""):
            with self.subTest(address):
                done = self.up().run("up", *NONE, "--listen", address)
                self.assertEqual(done.returncode, 2)
                self.assertIn("--listen", done.stderr)
                self.assertIn("127.0.0.1:4141", done.stderr)
                self.assertNotIn("weir up:", done.stderr.split("--listen")[0].replace(
                    "weir up: ", "", 1))


ENGINE = """
import os, sys, time
sys.path.insert(0, {e2e!r})
import test_up
model, port = sys.argv[1], int(sys.argv[2])
open("pid", "w").write(str(os.getpid()))
if not open(model).read().startswith("GGUF"):
    sys.exit("this is no model")
answers = {{"/v1/models": {{"data": [{{"id": "mine", "owned_by": "me"}}]}}}}
test_up.Fake(answers, port)
while True:
    time.sleep(1)
"""


class EngineChild(Case):
    def engine(self, text="GGUF"):
        weir = self.up(*NONE)
        (weir.folder / "my model.gguf").write_text(text)
        (weir.folder / "engine.py").write_text(
            ENGINE.format(e2e=str(Path(__file__).parent)))
        weir.words += ["--model", "my model.gguf", "--engine-command",
                       f"{sys.executable} engine.py {{model}} {{port}}"]
        weir.env["WEIR"] = harness.WEIR
        return weir

    def pid(self, weir):
        return int((weir.folder / "pid").read_text())

    def is_alive(self, pid):
        try:
            os.kill(pid, 0)
        except OSError:
            return False
        return True

    def test_it_is_started_restarted_and_stopped(self):
        weir = self.engine().start()
        self.assertEqual(weir.ask(), ("from mine", "local"))
        self.assertEqual(weir.ask("my model"), ("from mine", "local"))  # its file's name
        first = self.pid(weir)
        os.kill(first, signal.SIGKILL)
        weir.wait(lambda: "answers again" in weir.stderr, "restart the engine", 30)
        second = self.pid(weir)
        self.assertNotEqual(first, second)
        self.assertIn("started again in 1 s", weir.stderr)
        deadline = time.monotonic() + 20
        while True:
            try:
                self.assertEqual(weir.ask(), ("from mine", "local"))
                break
            except urllib.error.HTTPError as e:  # its breaker may be open still
                e.close()
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.5)
        weir.stop()
        self.assertFalse(self.is_alive(second))

    def test_it_does_not_outlive_a_killed_weir(self):
        weir = self.engine().start()
        pid = self.pid(weir)
        weir.kill()
        deadline = time.monotonic() + 10
        while self.is_alive(pid):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_a_wrong_file_is_said_with_the_engines_words(self):
        weir = self.engine("something else")
        done = weir.run("up", *weir.words)
        self.assertEqual(done.returncode, 1)
        self.assertIn("this is no model", done.stderr)

    def test_without_llama_server_it_says_what_to_install(self):
        weir = self.up(PATH="/nonexistent")
        (weir.folder / "m.gguf").write_text("GGUF")
        done = weir.run("up", *NONE, "--model", "m.gguf")
        self.assertEqual(done.returncode, 2)
        self.assertIn("llama.cpp", done.stderr)


class Terminal(Case):
    def test_requests_are_shown_as_they_come(self):
        weir = self.up(TERM="xterm-256color")
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        process = subprocess.Popen(
            [harness.WEIR, "up", "--listen", "127.0.0.1:0", *NONE], cwd=weir.folder,
            env=weir.env, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        seen = ""

        def read_until(pattern):
            nonlocal seen
            deadline = time.monotonic() + harness.PATIENCE_S
            while not re.search(pattern, seen):
                self.assertLess(time.monotonic(), deadline, seen)
                if select.select([master], [], [], 0.1)[0]:
                    seen += os.read(master, 65536).decode()
            return re.search(pattern, seen)

        weir.url = read_until(r"listening on (http://\S+)").group(1)
        weir.ask()
        line = read_until(r"(.*sim-local.*)\r\n(.*local-first.*)\r\n")
        self.assertRegex(line.group(1), r"local.*took.*tok.*\$0")
        self.assertIn("\x1b[", seen)
        weir.ask("cloud")
        self.assertIn("$0.0", read_until(r".*sim-cloud.*tok  (\S+)\r\n").group(0))
        with self.assertRaises(urllib.error.HTTPError) as refused:
            weir.ask("cloud", **{"x-weir-sensitivity": "confidential"})
        refused.exception.close()
        read_until(r"400 refused confidential_pinned_to_cloud: .*\r\n")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            weir.ask("cloud", text="My SSN is 536-22-8726")
        refused.exception.close()
        read_until(r"confidential\s+\(scan:\s+national_id\)\r\n")  # not cut
        for text in re.sub(r"\x1b\[[0-9;]*m", "", seen).splitlines():
            # A log line may be long, and a link is not broken.
            if not text.startswith("weir: ") and "/weir/#in=" not in text:
                self.assertLessEqual(len(text.rstrip("\r")), 80, text)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(harness.PATIENCE_S), 0)


class Manual(Case):
    def test_manual_and_completions_name_every_verb_and_option(self):
        weir = self.up()
        verbs = re.findall(r"^  ([a-z]+) +\S", weir.run("--help").stdout.split(
            "First steps")[0], re.M)
        self.assertIn("up", verbs)
        manual = weir.run("help", "--man").stdout
        shells = {s: weir.run("completions", s).stdout for s in ("bash", "zsh", "fish")}
        for verb in verbs:
            self.assertIn(f".SH WEIR {verb.upper()}", manual)
            options = re.findall(r"^  (--?[a-z-]+)", weir.run(verb, "--help").stdout, re.M)
            for option in options:
                self.assertIn(option.replace("-", "\\-"), manual)
                self.assertIn(option, shells["bash"])
                self.assertIn(option, shells["zsh"])
        checked = subprocess.run(["bash", "-n"], input=shells["bash"], text=True,
                                 capture_output=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertEqual(weir.run("completions", "csh").returncode, 2)

    def test_bash_completes(self):
        weir = self.up()
        (weir.folder / "c").write_text(weir.run("completions", "bash").stdout)
        for words, wanted in ((["weir", "led"], "ledger"), (["weir", "up", "--wr"],
                                                            "--write")):
            script = (f"source c; COMP_WORDS=({' '.join(words)}); "
                      f"COMP_CWORD={len(words) - 1}; _weir; echo ${{COMPREPLY[@]}}")
            done = subprocess.run(["bash", "-c", script], cwd=weir.folder, text=True,
                                  capture_output=True, check=False)
            self.assertEqual(done.stdout.strip(), wanted, done.stderr)
