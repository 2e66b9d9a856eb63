"""A property, tried on random hostile bodies: weir refuses a body, or every engine's parser
reads in it what weir scanned and routed by.

Bodies go through a running weir to engines that keep the bytes they are sent.  Real parsers
(tests/parsers: Go's encoding/json, Python's json, nlohmann::json, Rust's serde_json, Node)
then read those bytes; model, stream, limits, roles and texts must be what weir has, and no
canary, no token id may be in the cloud.  A parser that is not there is skipped, loudly.
WEIR_PARSERS_RUNS says how many bodies (400), WEIR_PARSERS_SEED which."""
import base64
import collections
import http.client
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import unittest
from pathlib import Path

import harness
from taps import USAGE, Tap

HERE = Path(__file__).resolve().parents[1] / "parsers"
sys.path.append(str(HERE))
import compare  # noqa: E402
import hostile  # noqa: E402

RUNS = int(os.environ.get("WEIR_PARSERS_RUNS", "400"))
SEED = int(os.environ.get("WEIR_PARSERS_SEED", "1"))
BUILD = Path(harness.WEIR).resolve().parents[2]  # weir is BUILD/src/cmd/weir
CONFIG = """
access_log: off
policy: local-first
engines:
  - name: sky
    kind: openai
    side: cloud
    url: {sky}
    models:
      - {{name: cloud-m, as: up-cloud-m, caps: [tools, json_schema, vision, audio, files]}}
      - {{name: cloud-e, caps: [embeddings]}}
  - name: home
    kind: ollama
    side: local
    url: {home}
    models:
      - {{name: home-m, caps: [tools, json_schema, vision, audio, files]}}
      - {{name: home-e, as: up-home-e, caps: [embeddings]}}
"""
UPSTREAM = {("sky", "chat"): "up-cloud-m", ("sky", "completions"): "up-cloud-m",
            ("sky", "embeddings"): "cloud-e", ("home", "chat"): "home-m",
            ("home", "completions"): "home-m", ("home", "embeddings"): "up-home-e"}
Passed = collections.namedtuple("Passed", "run engine surface data is_stream canary done")


class Keeper(Tap):
    """Keeps what it is sent, reads nothing in it, and answers well."""

    def answer(self, sock, raw, body):
        with self.lock:
            self.requests.append((raw[:len(raw) - len(body)], body))
        if b"/embeddings " in raw:
            return self.whole(sock, {"object": "list", "model": "x", "usage": USAGE,
                                     "data": [{"object": "embedding", "index": 0,
                                               "embedding": [0.5]}]})
        if b"text/event-stream" in raw:
            return self.stream(sock, "none", "ok")
        choice = {"index": 0, "finish_reason": "stop", "text": "ok",
                  "message": {"role": "assistant", "content": "ok"}}
        return self.whole(sock, {"id": "c", "object": "chat.completion", "created": 1,
                                 "usage": USAGE, "model": "x", "choices": [choice]})


class Client:
    """Sends any bytes and reads an answer."""

    def __init__(self, url):
        self.host, port = url.split("//")[1].split(":")
        self.port, self.sock = int(port), None

    def send(self, body, data, session):
        lines = [f"POST {body.path} HTTP/1.1", "Host: localhost",
                 f"x-weir-session: {session}"]
        lines += [f"{name}: {value}" for name, value in body.headers]
        if body.is_chunked:
            half = len(data) // 2
            pieces = [p for p in (data[:half], data[half:]) if p]
            payload = b"".join(b"%x;a=b\r\n%s\r\n" % (len(p), p) for p in pieces)
            payload += b"0\r\n%s\r\n" % body.trailer
            lines.append("Transfer-Encoding: chunked")
        else:
            payload = data
            lines.append(f"Content-Length: {len(data)}")
        return self.exchange("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)

    def exchange(self, raw):
        if not self.sock:
            self.sock = socket.create_connection((self.host, self.port),
                                                 timeout=harness.PATIENCE_S)
        try:
            self.sock.sendall(raw)
        except OSError:
            pass  # refused before its end: the answer is there
        answer = http.client.HTTPResponse(self.sock, method="POST")
        answer.begin()
        text = answer.read()
        if answer.will_close:
            self.sock.close()
            self.sock = None
        return answer.status, text


def has_body(text):
    return text.startswith(b"data: ") or bool(json.loads(text))


def readings(command, bodies):
    """What a parser reads in (surface, bytes) pairs."""
    lines = b"".join(surface.encode() + b" " + base64.b64encode(data) + b"\n"
                     for surface, data in bodies)
    done = subprocess.run(command, input=lines, capture_output=True, check=False,
                          timeout=900)
    found = done.stdout.decode().split("\n")[:-1]
    if done.returncode != 0 or len(found) != len(bodies):
        raise AssertionError(f"{command} ended with {done.returncode} after {len(found)} of "
                             f"{len(bodies)}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in found]


def program(name):
    """Of a parser of another maker, or the reason why there is none."""
    path = BUILD / "parsers" / name
    if path.exists():
        return [str(path)], None
    why = path.with_suffix(".why")
    return None, (why.read_text().strip() if why.exists() else
                  f"{path} is not built (tests/parsers/build.sh {path.parent})")


PYTHON = [sys.executable, str(HERE / "python_reading.py")]
OURS = [str(BUILD / "tests" / "parsers" / "weir_reading")]


def sent_of(p):
    return {"model": UPSTREAM[p.engine, p.surface],
            "is_stream": None if p.surface == "embeddings" else p.is_stream,
            "is_cloud": p.engine == "sky", "canary": p.canary}


class HostileBodies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        engines = {"sky": Keeper(1), "home": Keeper(2)}
        cls.weir = harness.Weir(CONFIG.format(sky=engines["sky"].url,
                                              home=engines["home"].url)).start()
        cls.addClassCleanup(cls.weir.remove)
        cls.passed, cls.counts, cls.faults = [], collections.Counter(), []
        client = Client(cls.weir.url)
        for run in range(RUNS):
            pick = random.Random(f"{SEED}-{run}")
            body = hostile.hostile(pick)
            data = body.encode(pick)
            cls.judge(run, body, data, client.send(body, data, f"r-{run}"))
            for name, engine in engines.items():
                for head, got in engine.requests:
                    cls.keep(run, body, name, head, got)
                engine.requests.clear()
        for engine in engines.values():
            engine.close()
        cls.weir.stop()
        bodies = [(p.surface, p.data) for p in cls.passed]
        cls.ours = readings(OURS, bodies)
        cls.python = readings(PYTHON, bodies)
        print(f"parsers: {RUNS} bodies of seed {SEED}, {len(bodies)} passed on, "
              f"{sum(p.engine == 'sky' for p in cls.passed)} of them to the cloud; "
              f"answers {dict(sorted(cls.counts.items()))}", flush=True)

    @classmethod
    def judge(cls, run, body, data, answer):
        status, text = answer
        cls.counts[status] += 1
        if status >= 500 or not has_body(text):
            cls.faults.append(f"run {run} {body.done}: {status} {text[:300]} for {data[:600]}")

    @classmethod
    def keep(cls, run, body, name, head, got):
        is_stream = b"text/event-stream" in head
        cls.passed.append(Passed(run, name, body.surface, got, is_stream, body.canary,
                                 body.done))
        if not re.search(rb"(?i)\r\ncontent-type: application/json\r\n", head) or \
                re.search(rb"(?i)trailer|charset|content-encoding", head):
            cls.faults.append(f"run {run} {body.done}: the engine was sent {head}")

    def compare(self, found, others=()):
        wrong, read = [], 0
        for p, reading, ours, other in zip(self.passed, found, self.ours,
                                           others or [None] * len(found)):
            lines = compare.differences(reading, ours, sent_of(p))
            if other:
                lines += compare.between("python", reading, other)
            read += "error" not in reading
            if lines:
                wrong.append(f"run {p.run} {p.done} to {p.engine}: {'; '.join(lines)}\n"
                             f"    {p.data[:600]}")
        share = read / max(1, len(found))
        print(f"parsers: {self.id().rsplit('_', 1)[1]} reads {read} of {len(found)} bodies",
              flush=True)
        if wrong:
            self.fail(f"{len(wrong)} differ, of seed {SEED}:\n" + "\n".join(wrong[:20]))
        self.assertGreater(share, 0.5, "it refuses most bodies: little was compared")

    def other(self, name):
        command, why = program(name)
        if not command:
            self.skipTest(why)
        self.compare(readings(command, [(p.surface, p.data) for p in self.passed]),
                     self.python)

    def test_every_answer_is_an_answer(self):
        if self.faults:
            self.fail("\n".join(self.faults[:20]))
        self.assertGreater(len(self.passed), RUNS / 5, "most are refused: little was tried")
        self.assertGreater(self.counts[400], RUNS / 10, "hardly any is hostile")

    def test_weir_reads_what_it_sent_as_python(self):
        self.compare(self.python)

    def test_weir_reads_what_it_sent_as_go(self):
        self.other("go-reading")

    def test_weir_reads_what_it_sent_as_nlohmann(self):
        self.other("nlohmann-reading")

    def test_weir_reads_what_it_sent_as_node(self):
        node = shutil.which("node")
        if not node:
            self.skipTest("node is not installed (tools/setup.sh test)")
        self.compare(readings([node, str(HERE / "node_reading.mjs")],
                              [(p.surface, p.data) for p in self.passed]), self.python)

    def test_weir_reads_what_it_sent_as_rust(self):
        self.other("rust-reading")


class TheComparison(unittest.TestCase):
    """It sees faults when there are some: bodies as a careless gateway would send them."""
    GOOD = b'{"model":"home-m","messages":[{"role":"user","content":"hi"}],"max_tokens":9}'

    def found(self, command, data, good=GOOD, **more):
        sent = {"model": "home-m", "is_stream": False, "is_cloud": False, "canary": None,
                **more}
        ours, theirs = readings(OURS, [("chat", good)]), readings(command, [("chat", data)])
        return " ".join(compare.differences(theirs[0], ours[0], sent))

    def changed(self, old, new):
        return self.GOOD.replace(old, new, 1)

    def test_sees_nothing_in_a_good_body(self):
        self.assertEqual(self.found(PYTHON, self.GOOD), "")

    def test_sees_a_second_model(self):
        twice = self.changed(b'"max_tokens"', b'"model":"x:cloud","max_tokens"')
        self.assertIn("model: 'x:cloud' is read", self.found(PYTHON, twice))

    def test_sees_other_messages_streams_and_limits(self):
        for old, new, what in ((b'"role":"user"', b'"role":"tool"', "first user text"),
                               (b'"hi"', b'"other"', "first user text"),
                               (b"9}", b"8}", "max_tokens"),
                               (b"9}", b'9,"stream":true}', "stream"),
                               (b"9}", b'9,"n":2}', "n:"),
                               (b"9}", b'9,"tools":[{}]}', "tools")):
            self.assertIn(what, self.found(PYTHON, self.changed(old, new)))

    def test_sees_a_canary_and_token_ids_in_the_cloud(self):
        said = self.changed(b'"hi"', b'"5\\u0033\\u20606-22-8726"')
        self.assertIn("canary", self.found(PYTHON, said, said, is_cloud=True,
                                           canary="536228726"))
        self.assertTrue(compare.has_ids(["a", [5159]]))

    def test_sees_what_weir_itself_would_refuse(self):
        self.assertIn("weir itself", self.found(
            PYTHON, self.GOOD, self.changed(b'"model"', b'"Model"')))

    def test_sees_a_member_in_another_case_with_go(self):
        command, why = program("go-reading")
        if not command:
            self.skipTest(why)
        for name in (b"Model", b"MODEL", b"\\u006dodel"):
            twin = self.changed(b'"max_tokens"', b'"%s":"x:cloud","max_tokens"' % name)
            self.assertIn("model: 'x:cloud' is read", self.found(command, twin))
        other = self.changed(b'"max_tokens"', b'"me\xc5\xbf\xc5\xbfages":[{"role":"user",'
                             b'"content":"other"}],"max_tokens"')
        self.assertIn("first user text", self.found(command, other))


if __name__ == "__main__":
    unittest.main()
