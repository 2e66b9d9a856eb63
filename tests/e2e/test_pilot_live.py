"""A pilot on simulated traffic reaches the right verdict: two `weir sim` engines, the local
one as good as the cloud's, clearly worse, or wrong in a way that nobody has looked at."""
import json
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import harness
import live
import simulated
import talk

NUMBERS = range(160)
SCHEMA = {"type": "json_schema", "json_schema": {"name": "sum", "schema": {
    "type": "object", "properties": {"sum": {"type": "number"}}, "required": ["sum"]}}}


def prompt(n):
    return f"What is {n} + {n + 1}? As JSON with the member sum."


def right(n):
    return json.dumps({"sum": 2 * n + 1})


CLOUD = right
LOCALS = {
    "as good, in other words": lambda n: f'{{ "sum": {2 * n + 1}.0 }}',
    "now and then no answer": lambda n: right(n) if n % 3 else "I had rather not say.",
    "now and then another sum": lambda n: right(n) if n % 3 else right(n + 1),
}


class PilotLive(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def sim(self, name, answer):
        recorded = self.folder / f"{name}.jsonl"
        recorded.write_text("".join(json.dumps({"prompt": prompt(n), "answer": answer(n)})
                                    + "\n" for n in NUMBERS))
        sim = simulated.Sim("--replay", str(recorded))
        self.addCleanup(sim.stop)
        return sim.url

    def weir(self, local):
        weir = harness.Weir(
            "policy: cloud-only\nengines:\n"
            f"  - {{name: far, kind: openai, side: cloud, url: '{self.sim('far', CLOUD)}/v1',"
            " models: [{name: big, price: openai/gpt-4o}]}\n"
            f"  - {{name: near, kind: openai, side: local, url: '{self.sim('near', local)}/v1',"
            " max_inflight: 0, models: [{name: small, caps: [json_schema, tools]}]}\n")
        self.addCleanup(weir.remove)
        return weir

    def pilot(self, local, *words):
        weir = self.weir(local)
        done = weir.run("pilot", "start", "-c", "weir.yaml", "--to", "small",
                        "--share", "100%", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        weir.start()
        live.wait(lambda: "a pilot runs" in weir.stderr, "the pilot")
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda n: self.ask(weir, n), NUMBERS))
        self.assertEqual([json.loads(a) for a in answers],
                         [json.loads(right(n)) for n in NUMBERS])
        weir.stop()
        done = weir.run("pilot", "report", "-c", "weir.yaml", "--json")
        report = json.loads(done.stdout)
        values = {k: v for part in report["sections"].values()
                  for k, v in part.get("values", {}).items()}
        return weir, done.returncode, values

    @staticmethod
    def ask(weir, n):
        body = talk.chat(prompt(n), "auto", n % 2 == 0)
        body["response_format"] = SCHEMA
        return talk.ask(weir.url, json.dumps(body).encode(), {}).text

    def test_one_that_is_as_good_is_accepted(self):
        weir, code, values = self.pilot(LOCALS["as good, in other words"], "--margin", "10")
        self.assertEqual((code, values["verdict"]["text"]), (0, "accept"), values)
        self.assertEqual(values["running"]["text"], "no: it has accepted")
        self.assertEqual(values["difference"]["value"], 0)
        self.assertEqual(values["unknown"]["value"], 0)
        # What it saves is what the cloud's answers cost, by the ledger.
        paid = sum(row["cost_nanousd"] for row in weir.ledger()) * 1e-9
        self.assertAlmostEqual(values["saving_month"]["value"], 30 * paid, places=6)

    def test_one_that_is_worse_is_rejected(self):
        _, code, values = self.pilot(LOCALS["now and then no answer"])
        self.assertEqual((code, values["verdict"]["text"]), (1, "reject"), values)
        self.assertLess(values["difference_high"]["value"], -0.05)

    def test_what_nobody_has_looked_at_is_not_accepted(self):
        _, code, values = self.pilot(LOCALS["now and then another sum"], "--margin", "10")
        self.assertEqual((code, values["verdict"]["text"]), (3, "go on"), values)
        self.assertGreater(values["unknown"]["value"], 0)
        self.assertEqual(values["difference"]["text"], "unknown")

    def test_people_decide_where_no_check_does(self):
        weir, code, values = self.pilot(LOCALS["now and then another sum"], "--margin", "10",
                                        "--keep-pairs", "1000", "--keep-share", "100%")
        self.assertEqual(code, 3, values)
        kept = {k["pair"]: k for k in map(json.loads, (
            weir.folder / "state/pilot.kept").read_text().splitlines())}
        self.assertEqual(len(kept), values["kept"]["value"])
        for k in kept.values():
            self.assertNotEqual(json.loads(k["local"]), json.loads(k["other"]))
        with (weir.folder / "state/pilot.labels").open("a") as labels:
            for pair in kept:
                labels.write(json.dumps({"pair": pair, "label": -1}) + "\n")
        done = weir.run("pilot", "report", "-c", "weir.yaml")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("Reject: near/small is more than 10.0 points worse", done.stdout)


if __name__ == "__main__":
    unittest.main()
