"""A property, tried on random requests: money stands where it was spent.

Engines with known prices, on both sides, answer, refuse, break off and hang at random;
clients wait, or leave at a random moment; in some worlds weir is killed in between.
Whatever happens, and to the nano-dollar:

- a row's cost is that of all its legs together, failed ones and mirrors too, and unknown
  when one of them is;
- an engine that was never sent the request, or refused it, is owed nothing, and a row whose prompt was
  sent to a cloud engine says so;
- what an engine reported of an answer that came whole is what is paid for it;
- rows, `weir ledger --by`, the view `costs` and (where weir was not killed) /metrics add
  up to the same for every engine, model and side.

WEIR_MONEY_RUNS says how many requests (150), WEIR_MONEY_SEED which worlds."""
import collections
import json
import os
import random
import re
import socket
import sqlite3
import struct
import threading
import time
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import harness
from acceptor import Acceptor

RUNS = int(os.environ.get("WEIR_MONEY_RUNS", "150"))
SEED = int(os.environ.get("WEIR_MONEY_SEED", "1"))
RUNS_A_WORLD = 50
# Engine, side, model, its price row, and dollars a million tokens in, cached and out.
ENGINES = (("sky", "cloud", "mini", "openai/gpt-4o-mini", (0.15, 0.075, 0.6)),
           ("sea", "cloud", "big", "openai/gpt-4o", (2.5, 1.25, 10)),
           ("fog", "cloud", "dim", None, None),
           ("home", "local", "own", None, (0, 0, 0)),
           ("shed", "local", "old", "openai/gpt-4o-mini", (0.15, 0.075, 0.6)))
ACTS = ("answer",) * 6 + ("silent",) * 2 + ("500", "429", "close", "reset", "cut-head",
                                           "cut-text", "hang", "hang-text", "error-in-200")
REFUSALS = ("500", "429", "error-in-200", "close", "reset")  # at once, without a word
POLICIES = ("local-first", "cloud-only", "length-keyword")
TRIES = ("answer", "retry", "escalated")
MARK = re.compile(r"mark-(\d+)-end")


class Engine(Acceptor):
    """Keeps, for each marked request it was sent, what it reported of a whole answer."""

    def __init__(self, name, seed):
        self.name, self.random, self.lock = name, random.Random(seed), threading.Lock()
        self.was_sent, self.reported = collections.Counter(), collections.defaultdict(list)
        self.worked = set()  # what it did not just refuse
        super().__init__()

    def talk(self, sock):
        data = b""
        try:
            sock.settimeout(30)
            while more := sock.recv(65536):
                data += more
                end = data.find(b"\r\n\r\n")
                length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", data[:end])
                if end < 0 or not length or len(data) < end + 4 + int(length.group(1)):
                    continue
                body, data = data[end + 4:], b""
                if not self.answer(sock, body.decode()):
                    break
        except OSError:
            pass
        finally:
            sock.close()

    def usage(self):
        pick = self.random
        prompt, output = pick.randint(1, 50000), pick.randint(1, 5000)
        usage = {"prompt_tokens": prompt, "completion_tokens": output,
                 "total_tokens": prompt + output}
        if pick.random() < 0.3:
            usage["prompt_tokens_details"] = {"cached_tokens": pick.randint(0, prompt)}
        return usage

    def answer(self, sock, body):
        """False: the connection is over."""
        mark = int(MARK.search(body).group(1))
        with self.lock:
            self.was_sent[mark] += 1
            act, usage = self.random.choice(ACTS), self.usage()
            if act not in REFUSALS:
                self.worked.add(mark)
        is_stream = json.loads(body).get("stream", False)
        if act in ("500", "429", "error-in-200"):
            text = '{"error":{"message":"no"}}'
            status = act if act != "error-in-200" else "200"
            sock.sendall(head(status, "application/json", len(text)) + text.encode())
            return True
        if act in ("close", "reset"):
            if act == "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
            return False
        if act == "hang":
            self.is_over.wait(0.6)
            return False
        parts = self.stream(usage, act) if is_stream else self.plain(usage, act)
        if act == "answer":
            with self.lock:
                self.reported[mark].append(usage)
        for part in parts[:-1] if act != "cut-head" else parts[:1]:
            sock.sendall(part)
        if act in ("cut-head", "cut-text"):
            return False
        if act == "hang-text":
            self.is_over.wait(0.6)
            return False
        sock.sendall(parts[-1])
        return not is_stream

    @staticmethod
    def plain(usage, act):
        answer = {"choices": [{"index": 0, "finish_reason": "stop",
                               "message": {"role": "assistant", "content": "so " * 40}}]}
        if act == "answer":
            answer["usage"] = usage
        text = json.dumps(answer).encode()
        return [head("200", "application/json", len(text)), text[:60], text[60:]]

    @staticmethod
    def stream(usage, act):
        chunks = [{"choices": [{"index": 0, "delta": {"content": "so so "}}]}] * 5
        last = [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]
        if act == "answer":
            last.append({"choices": [], "usage": usage})
        events = [f"data: {json.dumps(c)}\n\n".encode() for c in chunks]
        end = "".join(f"data: {json.dumps(c)}\n\n" for c in last) + "data: [DONE]\n\n"
        return [head("200", "text/event-stream", None), *events, end.encode()]


def head(status, kind, length):
    text = f"HTTP/1.1 {status} Whatever\r\nContent-Type: {kind}\r\n"
    text += f"Content-Length: {length}\r\n" if length is not None else ""
    return (text + "\r\n").encode()


class World:
    def __init__(self, seed):
        pick = random.Random(seed)
        self.random, self.is_killed = pick, pick.random() < 0.3
        self.engines = {e[0]: Engine(e[0], pick.random()) for e in ENGINES}
        self.config = f"access_log: off\npolicy: {pick.choice(POLICIES)}\nengines:\n"
        for name, side, model, price, _ in ENGINES:
            words = f"name: {model}" + (f", price: {price}" if price else "")
            self.config += (
                f"  - name: {name}\n    kind: openai\n    side: {side}\n"
                f"    url: {self.engines[name].url}\n"
                f"    max_inflight: {pick.choice((1, 3, 0))}\n"
                f"    timeouts: {{connect: 2s, first_byte: 300ms, idle: 300ms}}\n"
                f"    models: [{{{words}}}]\n")
        self.config += "roles: {local_small: own, cloud_cheap: mini, cloud_strong: big}\n"
        if pick.random() < 0.5:
            self.config += (f"mirror: {{to: {pick.choice(('mini', 'own', 'dim', 'old'))}, "
                            f"share: {pick.choice((50, 100))}%}}\n")

        if pick.random() < 0.5:
            self.config += (f"escalate: {{threshold: {pick.choice((0, 0.6, 1))}, "
                            f"hold: {pick.choice(('100ms', '8s'))}, judge: mini, "
                            f"second_opinion: own}}\n")

    def close(self):
        for engine in self.engines.values():
            engine.close()

    def request(self, mark):
        pick = self.random
        model = pick.choice(("auto",) * 4 + ("cloud", "local", "mini", "big", "dim", "old"))
        words = f"mark-{mark}-end " + "word " * pick.choice((1, 5, 6000))
        body = json.dumps({"model": model, "stream": pick.random() < 0.5,
                           "messages": [{"role": "user", "content": words}]})
        patience = pick.choice((None, None, None, pick.random() * 0.2))
        return mark, body.encode(), patience

    def ask(self, url, request):
        """Waits for the end, or leaves before it."""
        mark, body, patience = request
        host, port = url.removeprefix("http://").split(":")
        try:
            sock = socket.create_connection((host, int(port)), timeout=20)
            with sock:
                sock.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\n"
                             f"x-request-id: mark-{mark}\r\nConnection: close\r\n"
                             f"Content-Type: application/json\r\n"
                             f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
                if patience is not None:
                    time.sleep(patience)
                    return
                while sock.recv(65536):
                    pass
        except OSError:
            pass  # weir was killed


def nano(price, usage):
    """List price, in thousandths of nano-dollars, then rounded half up once."""
    fresh_in, cached_in, out = (round(p * 1000000) for p in price)
    cached = usage.get("prompt_tokens_details", {}).get("cached_tokens", 0)
    pico = (usage["prompt_tokens"] - cached) * fresh_in + cached * cached_in + \
        usage["completion_tokens"] * out
    return (pico + 500) // 1000


def add(sums, place, cost):
    known, unknown = sums.get(place, (0, 0))
    sums[place] = (known + (cost or 0), unknown + (cost is None))


class MoneyStandsWhereItWasSpent(unittest.TestCase):
    def test_random_requests(self):
        asked = 0
        for i in range((RUNS + RUNS_A_WORLD - 1) // RUNS_A_WORLD):
            with self.subTest(seed=SEED * 1000003 + i):
                asked += self.try_world(World(SEED * 1000003 + i))
        print(f"        {asked} requests", flush=True)

    def try_world(self, world):
        weir = harness.Weir(world.config)
        try:
            weir.start()
            requests = [world.request(mark) for mark in range(RUNS_A_WORLD)]
            with ThreadPoolExecutor(6) as pool:
                done = [pool.submit(world.ask, weir.url, r) for r in requests]
                if world.is_killed:
                    time.sleep(0.1 + world.random.random())
                    weir.kill()
                for one in done:
                    one.result()
            if not world.is_killed:
                metrics = self.metrics_at_rest(weir)
                weir.stop()
            rows = self.rows_of(weir)
            self.check_rows(world, rows)
            sums = self.check_sums(weir, rows)
            if not world.is_killed:
                self.assertEqual(metrics, {p: c for p, c in sums.items() if any(c)})
            return len(rows)
        finally:
            weir.remove()
            world.close()

    def metrics_at_rest(self, weir):
        """Costs by engine and model, once no request but this one is under way."""
        deadline = time.monotonic() + harness.PATIENCE_S
        while True:
            with urllib.request.urlopen(f"{weir.url}/metrics") as answer:
                text = answer.read().decode()
            if re.search(r"^weir_active_requests 1$", text, re.M):
                break
            self.assertLess(time.monotonic(), deadline, "requests do not end")
            time.sleep(0.02)
        found = {}
        pattern = (r'^(weir_cost_usd_total|weir_uncosted_requests_total)\{'
                   r'gen_ai_provider_name="(\w+)",gen_ai_request_model="(\w+)",'
                   r'side="(\w+)"\} ([0-9.]+)$')
        for name, engine, model, side, value in re.findall(pattern, text, re.M):
            known, unknown = found.get((side, engine, model), (0, 0))
            if name == "weir_cost_usd_total":
                known = int(value.replace(".", ""))
            else:
                unknown = int(value)
            found[side, engine, model] = (known, unknown)
        return {p: c for p, c in found.items() if any(c)}

    def rows_of(self, weir):
        """Each with the share of the engine that ended it, from its legs."""
        rows = weir.ledger()
        for row in rows:
            legs = row["legs"]
            tries = [g for g in legs if g["purpose"] in TRIES]
            own = [g for g in legs if g["promised"]] or [
                g for g in tries[-1:]
                if (g["engine"], g["model"]) == (row["engine"], row["model_used"])]
            row["own"] = own[0]["cost_nanousd"] if own else 0
            costs = [g["cost_nanousd"] for g in legs]
            self.assertEqual(row["cost_nanousd"], None if None in costs else sum(costs), row)
            self.assertEqual([g["n"] for g in legs], list(range(1, len(legs) + 1)), row)
            tries = [g for g in legs if g["purpose"] in TRIES]
            self.assertEqual(len(tries), row["attempts"], row)
            self.assertLessEqual(sum(g["promised"] for g in legs), 1, row)
        return rows

    def check_rows(self, world, rows):
        self.assertEqual(len(rows), len({r["id"] for r in rows}))
        for row in rows:
            mark = int(row["client_id"].removeprefix("mark-"))
            # Of a leg that weir cut off nobody knows what its engine would have done.
            paid = {g["engine"] for g in row["legs"]
                    if g["cost_nanousd"] != 0 and g["outcome"] != "cancelled"}
            sent = {n for n, e in world.engines.items() if e.was_sent[mark]}
            worked = {n for n, e in world.engines.items() if mark in e.worked}
            # One that is as slow to refuse as others are to answer looks as if it worked.
            worked |= {g["engine"] for g in row["legs"]
                       if (g["error_code"] or "").endswith("_timeout")}
            if not world.is_killed and row["outcome"] != "cancelled":
                self.assertLessEqual(paid, worked, row)
            if not world.is_killed:
                self.assertLessEqual(paid, sent, row)
            clouds = {e[0] for e in ENGINES if e[1] == "cloud"}
            if sent & clouds:
                self.assertTrue(row["at_cloud"], row)
            self.assertLessEqual(sent & clouds, {g["engine"] for g in row["legs"]}, row)
            self.check_report(world, row, mark)

    def check_report(self, world, row, mark):
        if row["outcome"] != "ok":
            return
        price = next(e[4] for e in ENGINES if e[0] == row["engine"])
        reports = world.engines[row["engine"]].reported[mark]
        if price is None:
            self.assertIsNone(row["own"], row)
        elif row["tokens_source"] == "reported":
            self.assertIn(row["own"], [nano(price, u) for u in reports], row)

    def check_sums(self, weir, rows):
        want = {}
        for row in rows:
            if row["engine"]:
                add(want, (row["side"], row["engine"], row["model_used"]), 0)
            for g in row["legs"]:
                add(want, (g["side"], g["engine"], g["model"]), g["cost_nanousd"])
        done = weir.run("ledger", "--state-dir", "state", "--json", "--by", "side", "--by",
                        "engine", "--by", "model")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        said = {(s["side"], s["engine"], s["model"]):
                (s["cost_nanousd"], s["requests_with_unknown_cost"])
                for s in lines if s["engine"]}
        self.assertEqual(said, want)
        with sqlite3.connect(f"{weir.folder}/state/ledger.sqlite") as db:
            costs = {tuple(r[:3]): (r[3], r[4]) for r in db.execute(
                "SELECT side, engine, model_used, coalesce(sum(cost_nanousd), 0), "
                "count(*) - count(cost_nanousd) FROM costs GROUP BY 1, 2, 3")}
            cloud = db.execute("SELECT coalesce(sum(cloud_cost_nanousd), 0) FROM requests"
                               " WHERE cost_nanousd IS NOT NULL").fetchone()[0]
        self.assertEqual({p: c for p, c in costs.items() if any(c)},
                         {p: c for p, c in want.items() if any(c)})
        self.assertEqual(cloud, sum(
            sum(g["cost_nanousd"] for g in r["legs"] if g["side"] == "cloud")
            for r in rows if r["cost_nanousd"] is not None))
        return want
