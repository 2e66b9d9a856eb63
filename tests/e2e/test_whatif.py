"""`weir whatif` over the ledger of a weir that answered at home: what did that save?"""
import json
import os
import subprocess
import unittest
import urllib.request

import harness
from test_bench import Engine

WEIR = os.environ.get("WEIR", "")


class WhatIf(unittest.TestCase):
    def setUp(self):
        engine = Engine(first_s=0.01)
        self.addCleanup(engine.stop)
        self.weir = harness.Weir(
            "engines:\n"
            f"  - {{name: box, kind: openai, side: local, url: \"{engine.url}\", "
            "models: [{name: m}]}\n"
            f"  - {{name: far, kind: openai, side: cloud, url: \"{engine.url}\", "
            "models: [{name: gpt-4o, price: openai/gpt-4o}]}\n").start()
        self.addCleanup(self.weir.stop)
        for model in ("m", "m", "m", "gpt-4o"):
            body = json.dumps({"model": "auto" if model == "m" else model, "stream": True,
                               "messages": [{"role": "user", "content": "hello"}]}).encode()
            asked = urllib.request.Request(f"{self.weir.url}/v1/chat/completions", body,
                                           {"Content-Type": "application/json"})
            urllib.request.urlopen(asked, timeout=harness.PATIENCE_S).read()
        self.weir.stop()
        self.config = str(self.weir.folder / "weir.yaml")

    def whatif(self, *words, code=0):
        done = subprocess.run([WEIR, "whatif", "-c", self.config, *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def sums(self, *words):
        values = json.loads(self.whatif(*words, "--json").stdout)["sections"]["sums"]["values"]
        return [values[k]["value"] for k in ("actual_usd", "whatif_usd", "difference_usd")]

    def test_nothing_changes_nothing(self):
        # 30 tokens in at $2.50 and 8 out at $10 a million, once.
        self.assertEqual(self.sums(), [0.000155, 0.000155, 0])
        self.assertEqual(self.sums("--reprice"), [0.000155, 0.000155, 0])
        self.assertIn("the same as it was, over 4 requests in a minute",
                      self.whatif().stdout)

    def test_what_weir_saved(self):
        self.assertEqual(self.sums("--policy", "cloud-only"), [0.000155, 0.00062, -0.000465])
        self.assertEqual(self.sums("--policy", "local-only"), [0.000155, 0, 0.000155])
        text = self.whatif("--policy", "cloud-only").stdout
        self.assertIn("3 would have left", text)
        self.assertIn("answers may be better or worse", text)

    def test_faults_name_the_remedy(self):
        for words, wanted in ((["--policy", "learned"], "reads the text"),
                              (["--model", "gpt-4o"], "OLD=NEW"),
                              (["--model", "gpt-4o=gpt-4o-minii"], "gpt-4o-mini"),
                              (["--speed", "fast"], "800,45"),
                              (["--date", "yesterday"], "2026-11-01")):
            self.assertIn(wanted, self.whatif(*words, code=2).stderr)


if __name__ == "__main__":
    unittest.main()
