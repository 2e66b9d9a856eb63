"""What a client sees of the guard: values that leave as tags and come back, requests
that stay, sessions, the operator's word, and the record of it all."""
import json
import os
import re
import threading
import time
import unittest
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import harness

NAME, MAIL = "Maria Schmidt", "maria.schmidt@acme-labs.io"
SSN = "My SSN is 536-22-8726."
TAG_MAIL = re.compile(r"mail\w{5}@example\.com", re.IGNORECASE)
EXAMPLE = "maild0e0n@example.com"  # of the sentence that tells models what tags are
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}


def tags_in(body):
    return [t for t in TAG_MAIL.findall(body) if t != EXAMPLE]


class Mirror(ThreadingHTTPServer):
    """An engine that answers with what `say` makes of the last message, plain, in tiny
    deltas, in tool-call arguments or in two choices, as its model's name asks."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), MirrorHandler)
        self.bodies, self.say, self.fails = [], lambda text: text, 0
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class MirrorHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        asked = json.loads(raw)
        self.server.bodies.append(raw.decode())
        if self.server.fails > 0:
            self.server.fails -= 1
            return self.whole({"error": {"message": "not now", "type": "x"}}, 503)
        text = self.server.say(asked["messages"][-1]["content"])
        messages = [{"role": "assistant", "content": text}]
        if "tool" in asked["model"]:
            call = {"id": "c1", "type": "function", "function": {
                "name": "send", "arguments": json.dumps({"to": text})}}
            messages = [{"role": "assistant", "content": None, "tool_calls": [call]}]
        if "two" in asked["model"]:
            messages *= 2
        if asked.get("stream"):
            return self.stream(messages)
        self.whole({"id": "c", "object": "chat.completion", "created": 1, "model": "x",
                    "usage": USAGE, "choices": [
                        {"index": i, "message": m, "finish_reason": "stop"}
                        for i, m in enumerate(messages)]})

    def whole(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, messages):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for i, m in enumerate(messages):
            call = (m.get("tool_calls") or [None])[0]
            text = call["function"]["arguments"] if call else m["content"]
            for at in range(0, len(text), 2):
                piece = text[at:at + 2]
                delta = {"content": piece} if not call else {"tool_calls": [
                    {"index": 0, "function": {"arguments": piece}}]}
                self.event([{"index": i, "delta": delta, "finish_reason": None}])
        for i, _ in enumerate(messages):
            self.event([{"index": i, "delta": {}, "finish_reason": "stop"}])
        self.wfile.write(b"data: [DONE]\n\n")

    def event(self, choices):
        self.wfile.write(b"data: " + json.dumps(
            {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "x",
             "choices": choices}).encode() + b"\n\n")


CONFIG = """
engines:
  - {{name: near, side: local, url: {near}, models: [{{name: small}}]}}
  - name: sky
    side: cloud
    url: {sky}
    models:
      - {{name: big, price: openai/gpt-4o}}
      - {{name: big-tool, price: openai/gpt-4o, caps: [tools]}}
      - {{name: big-two, price: openai/gpt-4o}}
  - {{name: sky2, side: cloud, url: {sky}, models: [{{name: other, price: openai/gpt-4o}}]}}
"""


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.texts = {}
        if "event-stream" in headers.get("content-type", ""):
            self.read_events()
        elif status == 200:
            for c in json.loads(body)["choices"]:
                call = (c["message"].get("tool_calls") or [None])[0]
                self.texts[c["index"]] = (call["function"]["arguments"] if call
                                          else c["message"]["content"])

    def read_events(self):
        for line in self.body.split("\n"):
            if not line.startswith("data: {"):
                continue
            for c in json.loads(line[6:]).get("choices", []):
                d = c["delta"]
                more = d.get("content") or ""
                for call in d.get("tool_calls") or []:
                    more += call["function"].get("arguments") or ""
                self.texts[c["index"]] = self.texts.get(c["index"], "") + more

    @property
    def text(self):
        return self.texts[0]

    @property
    def error(self):
        return json.loads(self.body)["error"]


class Guard(unittest.TestCase):
    def setUp(self):
        self.near, self.sky = Mirror(), Mirror()
        self.near.say = lambda text: "from nearby"
        self.weir = harness.Weir(CONFIG.format(near=self.near.url, sky=self.sky.url))
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.near.shutdown)
        self.addCleanup(self.sky.shutdown)
        self.weir.start()

    def tearDown(self):
        self.weir.stop()

    def ask(self, content, model="big", stream=False, path="/v1/chat/completions",
            messages=None, **headers):
        body = {"model": model, "stream": stream,
                "messages": messages or [{"role": "user", "content": content}]}
        if "tool" in model:
            body["tools"] = [{"type": "function", "function": {"name": "send"}}]
        request = urllib.request.Request(
            self.weir.url + path, json.dumps(body).encode(),
            {"content-type": "application/json",
             **{k.replace("_", "-"): v for k, v in headers.items()}})
        try:
            with urllib.request.urlopen(request, timeout=30) as got:
                return Reply(got.status, {k.lower(): v for k, v in got.getheaders()},
                             got.read().decode())
        except urllib.error.HTTPError as e:
            return Reply(e.code, {k.lower(): v for k, v in e.headers.items()},
                         e.read().decode())

    def assert_masked(self, body):
        self.assertNotIn(NAME, body)
        self.assertNotIn(MAIL, body)
        self.assertEqual(len(tags_in(body)), 1)

    def chain(self, n=0):
        """The records; waits for n, as a refusal's is written after its answer."""
        deadline = time.monotonic() + harness.PATIENCE_S
        while True:
            with open(f"{self.weir.folder}/state/audit/chain", encoding="utf-8") as f:
                records = [json.loads(line.split(" ", 1)[1]) for line in f]
            if len(records) >= n or time.monotonic() > deadline:
                return records
            time.sleep(0.01)

    def test_values_leave_as_tags_and_come_back_however_the_answer_is_made(self):
        text = f"Write to {NAME}, {MAIL}."
        for model in ("big", "big-tool", "big-two"):
            for stream in (False, True):
                with self.subTest(model=model, stream=stream):
                    got = self.ask(text, model, stream)
                    self.assertEqual(got.headers["x-weir-masked"], "PERSON 1, EMAIL 1")
                    self.assert_masked(self.sky.bodies[-1])
                    want = json.dumps({"to": text}) if model == "big-tool" else text
                    self.assertEqual(got.text, want)
                    self.assertEqual(len(got.texts), 2 if model == "big-two" else 1)

    def test_the_model_is_told_what_tags_are(self):
        self.ask(f"Write to {MAIL}.")
        said = json.loads(self.sky.bodies[-1])["messages"]
        self.assertEqual([m["role"] for m in said], ["system", "user"])
        self.assertIn("copy it exactly", said[0]["content"])
        self.ask("", messages=[{"role": "system", "content": "Be brief."},
                               {"role": "user", "content": f"Write to {MAIL}."}])
        said = json.loads(self.sky.bodies[-1])["messages"]
        self.assertEqual([m["role"] for m in said], ["system", "user"])
        self.assertTrue(said[0]["content"].startswith("Be brief.\n\n"))

    def test_damaged_tags_come_back_and_invented_ones_pass(self):
        self.sky.say = lambda text: TAG_MAIL.search(text)[0].upper() + " and PersonQ1K2M"
        got = self.ask(f"Write to {MAIL}.")
        self.assertEqual(got.text, f"{MAIL} and PersonQ1K2M")

    def test_a_value_has_one_tag_in_all_turns(self):
        self.ask(f"Write to {MAIL}.")
        self.ask("", messages=[{"role": "user", "content": f"Write to {MAIL}."},
                               {"role": "assistant", "content": f"To {MAIL}: hello"},
                               {"role": "user", "content": "again"}])
        self.assertEqual(len({t for b in self.sky.bodies for t in tags_in(b)}), 1)
        self.assertEqual(len(tags_in(self.sky.bodies[-1])), 2)

    def test_local_engines_get_the_text_itself(self):
        got = self.ask(f"Write to {MAIL}.", "small")
        self.assertEqual(got.headers["x-weir-side"], "local")
        self.assertIn(MAIL, self.near.bodies[-1])
        self.assertNotIn("x-weir-masked", got.headers)

    def test_a_second_cloud_attempt_gets_the_same_tags_and_a_local_one_the_text(self):
        self.sky.fails = 1
        got = self.ask(f"Write to {MAIL}.", "cloud")
        self.assertEqual(got.status, 200)
        self.assertEqual(len(self.sky.bodies), 2)
        one, two = (tags_in(b) for b in self.sky.bodies)
        self.assertEqual(len(one), 1)
        self.assertEqual(one, two)
        self.assertIn(MAIL, got.text)

    def test_a_large_body_is_scanned_and_masked_too(self):
        got = self.ask("word " * 50000 + f"Write to {NAME}, {MAIL}.")
        self.assert_masked(self.sky.bodies[-1])
        self.assertTrue(got.text.endswith(f"Write to {NAME}, {MAIL}."))

    def test_a_large_answer_with_tags_is_restored(self):
        self.sky.say = lambda text: "filler " * 300000 + TAG_MAIL.search(text)[0]
        got = self.ask(f"Write to {MAIL}.")
        self.assertGreater(len(got.body), 1 << 20)
        self.assertTrue(got.text.endswith(MAIL))

    def test_a_client_that_leaves_during_a_scan_leaves_nothing_behind(self):
        body = json.dumps({"model": "big", "messages": [
            {"role": "user", "content": f"some words and {MAIL} " * 40000}]}).encode()
        host, port = self.weir.url.split("//")[1].split(":")
        for _ in range(5):
            with harness.socket_to(host, int(port)) as s:
                s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                          b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                          % len(body) + body)
        deadline = time.monotonic() + harness.PATIENCE_S
        while time.monotonic() < deadline:
            rows = self.weir.ledger()
            metrics = urllib.request.urlopen(self.weir.url + "/metrics").read().decode()
            if len(rows) == 5 and "weir_buffered_bytes 0\n" in metrics:
                break
            time.sleep(0.05)
        self.assertEqual([r["outcome"] for r in rows], ["cancelled"] * 5)
        self.assertIn("weir_buffered_bytes 0\n", metrics)

    def test_a_reload_and_a_stop_wait_for_scans_under_way(self):
        content = "some words and more of them " * 60000
        replies = []
        threads = [threading.Thread(
            target=lambda: replies.append(self.ask(content, "small"))) for _ in range(4)]
        for t in threads:
            t.start()
        self.weir.process.send_signal(1)  # SIGHUP
        for t in threads:
            t.join()
        self.assertEqual([r.status for r in replies], [200] * 4)

    def test_what_the_scan_holds_stays_for_the_session_until_it_is_lowered(self):
        first = {"role": "user", "content": SSN}
        held = self.ask("", messages=[first])
        self.assertEqual((held.status, held.error["code"]),
                         (400, "confidential_pinned_to_cloud"))
        session = re.search(r"s-[0-9a-f]{16}", held.error["message"])[0]
        got = self.ask("", "auto", messages=[first])
        self.assertEqual(got.headers["x-weir-side"], "local")
        self.assertEqual(got.headers["x-weir-label"], "confidential (session)")
        state = f"{self.weir.folder}/state"
        for words, code in (
                (("lower", session), 2), (("raise", session, "--why", "x"), 2),
                (("lower", "s-1", "--why", "x"), 2),
                (("lower", "s-" + "0" * 16, "--why", "x"), 1),
                (("lower", session, "--why", "test data"), 0)):
            done = self.weir.run("label", *words, "--state-dir", state)
            self.assertEqual(done.returncode, code, done.stderr)
        got = self.ask("", messages=[first])
        self.assertEqual(got.status, 200)
        self.assertEqual(got.headers["x-weir-masked"], "US_SSN 1")
        self.assertNotIn("536-22-8726", self.sky.bodies[-1])
        again = self.ask("", messages=[first, {"role": "user", "content":
                                               "card 4532 7186 9420 7354"}])
        self.assertEqual(again.status, 400)
        decisions = [r["decision"] for r in self.chain(6)]
        self.assertEqual(decisions, ["start", "refused", "local", "lowered", "masked",
                                     "refused"])
        self.assertEqual(self.chain()[3]["reason"], "test data")
        self.assertRegex(self.chain()[0]["rules"], "^[0-9a-f]{64}$")
        self.assertNotIn("536-22-8726", json.dumps(self.chain()))
        for words, code in (((), 1), (("--masked-ok",), 0),
                            (("--label", "confidential"), 0)):
            done = self.weir.run("prove", *words, "--state-dir", state)
            self.assertEqual(done.returncode, code, done.stdout)

    def test_only_the_operator_lowers_labels(self):
        request = urllib.request.Request(
            self.weir.url + "/v1/label",
            json.dumps({"session": "s-" + "0" * 16, "why": "x"}).encode(),
            {"content-type": "application/json", "authorization": "Bearer " + "0" * 64})
        with self.assertRaises(urllib.error.HTTPError) as e:
            urllib.request.urlopen(request)
        self.assertEqual(e.exception.code, 401)
        mode = os.stat(f"{self.weir.folder}/state/operator").st_mode & 0o777
        self.assertEqual(mode, 0o600)
        done = self.weir.run("label", "lower", "s-" + "0" * 16, "--why", "x",
                             "--state-dir", f"{self.weir.folder}/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no weir runs", done.stderr)

    def test_asking_where_it_would_go_raises_no_label(self):
        said = self.ask_decision(SSN)
        self.assertEqual((said["label"], said["side"]), ("confidential", "local"))
        self.assertEqual(self.ask("hello").status, 200)
        said = self.ask_decision(f"Write to {MAIL}.", "big")
        self.assertIn({"rule": "mask", "detail": "EMAIL 1"}, said["reasons"])
        said = self.ask_decision("word " * 50000 + SSN)
        self.assertEqual(said["label"], "confidential")
        self.assertEqual(self.ask_decision("hello", "big")["side"], "cloud")

    def ask_decision(self, content, model="auto"):
        request = urllib.request.Request(
            self.weir.url + "/v1/decision",
            json.dumps({"model": model, "messages": [
                {"role": "user", "content": content}]}).encode(),
            {"content-type": "application/json"})
        with urllib.request.urlopen(request) as got:
            return json.loads(got.read())

    def test_quality_that_the_label_costs_is_said(self):
        got = self.ask(f"Prove the theorem and analyse its complexity. {SSN}", "auto",
                       x_weir_policy="complexity")
        self.assertEqual(got.headers["x-weir-side"], "local")
        self.assertEqual(got.headers["x-weir-quality"], "low")
        self.assertIn("weir label lower s-", got.headers["x-weir-offer"])
        got = self.ask("Prove the theorem and analyse its complexity.", "auto",
                       x_weir_policy="complexity")
        self.assertEqual(got.headers["x-weir-side"], "cloud")
        self.assertNotIn("x-weir-quality", got.headers)

    def test_a_value_that_the_cloud_cannot_know_raises_an_alarm(self):
        self.sky.say = lambda text: f"you mean {MAIL}"
        self.assertEqual(self.ask(f"Write to {MAIL}.").text, f"you mean {MAIL}")
        metrics = urllib.request.urlopen(self.weir.url + "/metrics").read().decode()
        self.assertIn("weir_guard_clear_alarms_total 1\n", metrics)
        deadline = time.monotonic() + 20  # lines are printed by a thread of their own
        while "in clear that it was never told" not in self.weir.stderr:
            self.assertLess(time.monotonic(), deadline, self.weir.stderr)
            time.sleep(0.01)
        self.assertNotIn(MAIL, self.weir.stderr)
