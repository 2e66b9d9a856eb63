"""The figures of weir's page are those of `weir ledger`, to the nano-dollar: over a ledger of
random requests with failed tries, refusals, masked values, unknown usage and several keys."""
import hashlib
import json
import os
import random
import re
import threading
import time
import unittest
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import Weir

ROUNDS = int(os.environ.get("WEIR_PAGE_RUNS") or 120)
# As the page calls them, and as `weir ledger --json` does.
SUMS = {"requests": "requests", "input": "input_tokens", "output": "output_tokens",
        "cached": "cached_tokens", "cost_nanousd": "cost_nanousd",
        "cost_unknown": "requests_with_unknown_cost", "failed_attempts": "failed_attempts",
        "local_after_cloud": "local_after_cloud", "ttft_ms": "ttft_ms_sum"}
# Of openai/gpt-4o, dollars for a million tokens.
PRICE = {"input": 2.5, "cached": 1.25, "output": 10}
KEYS = ["alpha", "beta"]
TEXTS = ["Hello", "Write to Maria Schmidt, maria.schmidt@gmail.com", "My SSN is 536-22-8726"]


class Dice(BaseHTTPRequestHandler):
    """An engine that answers, fails, or leaves its usage out, as the dice fall."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        dice, status = self.server.dice, 200
        usage = {"prompt_tokens": dice.randrange(1, 5000), "completion_tokens": dice.randrange(900)}
        usage["prompt_tokens_details"] = {"cached_tokens": dice.randrange(usage["prompt_tokens"])}
        answer = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "usage": usage,
                  "choices": [{"index": 0, "finish_reason": "stop",
                               "message": {"role": "assistant", "content": "Yes."}}]}
        fall = dice.random()
        if fall < 0.12:
            status, answer = 500, {"error": {"message": "the dice fell so"}}
        elif fall < 0.2:
            del answer["usage"]
        elif fall < 0.25:
            answer["service_tier"] = "a tier that no list has"
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Figures(unittest.TestCase):
    def setUp(self):
        self.dice = random.Random(int(os.environ.get("WEIR_PAGE_SEED") or 20261130))
        self.engine = ThreadingHTTPServer(("127.0.0.1", 0), Dice)
        self.engine.dice = self.dice
        threading.Thread(target=self.engine.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(self.engine.shutdown)
        url = f"http://127.0.0.1:{self.engine.server_port}/v1"
        self.weir = Weir(f"""engines:
  - {{name: desk, kind: openai, side: local, url: "{url}", models: [{{name: small}}]}}
  - {{name: sky, kind: openai, side: cloud, url: "{url}", models: [
      {{name: big, price: openai/gpt-4o}}, {{name: mini, price: openai/gpt-4o-mini}},
      {{name: odd, price: nobody/knows}}]}}
roles: {{cloud_strong: big}}
keys: [{", ".join(f'{{name: {k}, hash: "sha256:{hashlib.sha256(k.encode()).hexdigest()}"}}' for k in KEYS)}]
""").start()
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.weir.stop)

    def ask(self):
        body = {"model": self.dice.choice(["auto", "auto", "cloud", "big", "mini", "odd", "none"]),
                "messages": [{"role": "user", "content": self.dice.choice(TEXTS)}]}
        request = urllib.request.Request(self.weir.url + "/v1/chat/completions",
                                         json.dumps(body).encode(),
                                         {"content-type": "application/json",
                                          "authorization": "Bearer " + self.dice.choice(KEYS)})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                answer.read()
        except urllib.error.HTTPError as e:
            e.read()

    def get(self, path):
        token = (self.weir.folder / "state/operator").read_text().splitlines()[1]
        request = urllib.request.Request(self.weir.url + "/weir/api/" + path,
                                         headers={"authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def sums(self, since_ms, *by):
        when = datetime.fromtimestamp(since_ms / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        words = [x for b in by for x in ("--by", b)]
        done = self.weir.run("ledger", "-c", "weir.yaml", "--json", "--since", when, *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_they_are_those_of_weir_ledger(self):
        for _ in range(ROUNDS):
            self.ask()
        rows = self.weir.ledger()  # waits until all are there
        self.assertEqual(len(rows), ROUNDS)
        page = self.get("overview")
        for span in ("today", "month"):
            with self.subTest(span=span):
                self.check_span(page[span])
        self.check_hours(page["hours"])
        self.check_rows(page, rows)
        self.check_given(rows)
        self.check_versus(page)
        self.check_held(page["held"]["today"])

    def begin_day_now(self):
        """weir starts again in a zone in which a day, but no month, begins with this second."""
        time.sleep(1 - time.time() % 1)
        now = int(time.time())
        east = [-(now % 86400), 86400 - now % 86400]  # seconds from UTC
        east = [e for e in east if time.gmtime(now + e).tm_mday != 1 and -43200 <= e <= 50400]
        if not east:
            self.skipTest("at this minute a day begins only where a month does")
        size = abs(east[0])
        self.weir.stop()
        self.weir.env["TZ"] = f"HERE{'-' if east[0] > 0 else '+'}{size // 3600:02}:{size // 60 % 60:02}:{size % 60:02}"
        self.weir.start()
        return now * 1000

    def test_days_that_are_over_are_in_the_month(self):
        for _ in range(ROUNDS // 2):
            self.ask()
        self.weir.ledger()
        midnight = self.begin_day_now()
        for _ in range(ROUNDS // 6):
            self.ask()
        self.weir.ledger()
        page = self.get("overview")
        self.assertEqual(page["today"]["since_ms"], midnight)
        requests = {s: sum(x["sums"]["requests"] for x in page[s]["sides"]) for s in ("today", "month")}
        self.assertEqual(requests, {"today": ROUNDS // 6, "month": ROUNDS // 2 + ROUNDS // 6})
        for _ in range(2):  # made, and kept
            page = self.get("overview")
            self.check_span(page["today"])
            self.check_span(page["month"])
            self.check_versus(page)
        done = self.weir.run("ledger", "delete", "-c", "weir.yaml", "--key", KEYS[0], "--why", "a test")
        self.assertEqual(done.returncode, 0, done.stderr)
        page = self.get("overview")
        self.assertLess(sum(x["sums"]["requests"] for x in page["month"]["sides"]), requests["month"])
        self.check_span(page["today"])
        self.check_span(page["month"])
        self.check_versus(page)

    def alike(self, mine, theirs):
        """mine: {side: sums} of the page; theirs: lines of weir ledger."""
        self.assertEqual(set(mine), {line["side"] for line in theirs})
        for line in theirs:
            sums = mine[line["side"]]
            for name, other in SUMS.items():
                self.assertEqual(sums[name], line[other], f"{line['side']} {name}")
            for name, n in sums["outcomes"].items():
                self.assertEqual(n, line[name], f"{line['side']} {name}")

    def check_span(self, span):
        self.alike({s["side"]: s["sums"] for s in span["sides"]}, self.sums(span["since_ms"], "side"))
        labels = self.sums(span["since_ms"], "label", "side")
        for line in labels:
            mine = [x for x in span["labels"]
                    if (x["label"], x["side"]) == (line["label"], line["side"])]
            self.assertEqual([m["cost_nanousd"] for m in mine], [line["cost_nanousd"]])
        self.assertEqual(len(labels), len(span["labels"]))

    def check_hours(self, hours):
        lines = self.sums(hours["since_ms"], "hour", "side")
        self.assertEqual(len(lines), len(hours["items"]))
        for line, item in zip(lines, hours["items"]):
            at = datetime.strptime(line["hour"], "%Y-%m-%dT%H:%MZ").replace(tzinfo=timezone.utc)
            self.assertEqual(item["at_ms"], at.timestamp() * 1000)
            self.assertEqual(item["side"], line["side"])
            self.assertEqual(item["cost_nanousd"], line["cost_nanousd"])

    def check_rows(self, page, rows):
        """The same once more, without the rollup: the rows' own costs."""
        cloud = {s["side"]: s["sums"] for s in page["today"]["sides"]}["cloud"]
        known = sum(leg["cost_nanousd"] for r in rows for leg in r["legs"]
                    if leg["side"] == "cloud" and leg["cost_nanousd"] is not None)
        unknown = sum(1 for r in rows for leg in r["legs"]
                      if leg["side"] == "cloud" and leg["cost_nanousd"] is None)
        self.assertEqual((cloud["cost_nanousd"], cloud["cost_unknown"]), (known, unknown))
        self.assertGreater(unknown, 0, "the dice should leave some costs unknown")
        listed = self.get("rows?limit=500")["rows"]
        self.assertEqual([r["id"] for r in listed], [r["id"] for r in rows])
        self.assertEqual([r["cloud_nanousd"] for r in listed],
                         [r["cloud_cost_nanousd"] for r in rows])

    def check_given(self, rows):
        """Each request once, from any of them on: with the tokens of the answers that were given."""
        for row in rows[::7]:
            since = row["ts"]
            tokens = [r["tokens"] for r in rows if r["ts"] >= since]
            cost = sum(PRICE["input"] * (t["input"] - t["cached"]) + PRICE["cached"] * t["cached"] +
                       PRICE["output"] * t["output"] for t in tokens)
            done = self.weir.run("ledger", "-c", "weir.yaml", "--versus", "openai/gpt-4o", "--since", since)
            self.assertIn(f"would have cost ${cost / 1e6:.4f} (", done.stdout)

    def check_versus(self, page):
        self.assertEqual(page["versus"]["model"], "big")
        done = self.weir.run("ledger", "-c", "weir.yaml", "--versus", "openai/gpt-4o")
        said = re.search(r"would have cost \$([\d.,]+)[\s\S]*a difference of (-?)\$([\d.,]+)\.\n",
                         done.stdout)
        self.assertTrue(said, done.stdout)
        self.assertEqual(f"{page['month']['versus_nanousd'] / 1e9:.4f}", said.group(1))
        self.assertEqual(f"{abs(page['month']['saved_nanousd']) / 1e9:.4f}", said.group(3))

    def check_held(self, held):
        """What left and was held: counted once more from the file of the chain."""
        lines = (self.weir.folder / "state/audit/chain").read_text().splitlines()
        records = [json.loads(line.partition(" ")[2]) for line in lines]
        left = sum(r["decision"] in ("sent", "masked") for r in records) - \
            sum(r["decision"] == "not_sent" for r in records)
        self.assertEqual(sum(x["sent"] + x["masked"] for x in held["labels"]), left)
        self.assertEqual(sum(x["held_local"] + x["held_refused"] for x in held["labels"]),
                         sum(r["decision"] in ("local", "refused") for r in records))
        masked = sum(t["n"] for r in records if r["decision"] == "masked" for t in r["types"])
        self.assertEqual(sum(t["masked"] for t in held["types"]), masked)
        self.assertGreater(masked, 0)
        one = next(r for r in records if r["decision"] == "masked")
        found = self.get("records/" + one["request"])["records"]
        self.assertIn(one, [f["record"] for f in found])
        self.assertEqual({f["record"]["request"] for f in found}, {one["request"]})


if __name__ == "__main__":
    unittest.main()
