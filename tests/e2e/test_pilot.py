"""`weir pilot plan`: the same arguments give the same figures, and faults name the remedy."""
import json
import os
import subprocess
import tempfile
import unittest

WEIR = os.environ.get("WEIR", "")


class PilotPlan(unittest.TestCase):
    def plan(self, *words, code=0):
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run([WEIR, "pilot", "plan", *words], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env={**os.environ, "XDG_STATE_HOME": home})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def values(self, *words, code=0):
        report = json.loads(self.plan(*words, "--json", code=code).stdout)
        return {k: v["value"] for k, v in report["sections"]["plan"]["values"].items()}

    def test_what_decides_and_what_does_not(self):
        enough = self.values("--per-day", "500")
        self.assertEqual(enough, self.values("--per-day", "500"))
        self.assertEqual(enough["pairs_per_day"], 50)
        self.assertGreaterEqual(enough["power"], 0.8)
        self.assertLessEqual(enough["false_accepts"], 0.05)
        self.assertLessEqual(enough["days_needed"], 30)
        few = self.values("--per-day", "50", code=1)
        self.assertLess(few["power"], 0.8)
        self.assertGreater(few["days_needed"], 30)
        self.assertGreater(few["margin_decided"], enough["margin_decided"])

    def test_faults_name_the_remedy(self):
        for words, wanted in (([], "say it with --per-day"),
                              (["--per-day", "4"], "there must be 1 to 100000"),
                              (["--per-day", "500", "--margin", "60"], "below 50 points"),
                              (["--per-day", "500", "--days", "0"], "--days 1 to 3650")):
            self.assertIn(wanted, self.plan(*words, code=2).stderr)


if __name__ == "__main__":
    unittest.main()
