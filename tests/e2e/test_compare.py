"""`weir compare`: one prompt to several models, through a weir that runs or one of its own."""
import json
import os
import re
import subprocess
import unittest

import harness
from test_bench import Engine

WEIR = os.environ.get("WEIR", "")


class Compare(unittest.TestCase):
    def setUp(self):
        self.engines = {}
        lines = []
        for name, side, says in (("one", "local", ("The answer ", "is 391.")),
                                 ("two", "cloud", ("I get ", "\\boxed{391}")),
                                 ("three", "cloud", ("The answer ", "is 400."))):
            engine = self.engines[name] = Engine(says=says)
            self.addCleanup(engine.stop)
            lines.append(f"  - {{name: e-{name}, kind: openai, side: {side}, url: "
                         f"\"{engine.url}\", models: [{{name: {name}, "
                         "price: openai/gpt-4o}]}\n")
        self.weir = harness.Weir("engines:\n" + "".join(lines))
        self.addCleanup(self.weir.stop)
        self.config = str(self.weir.folder / "weir.yaml")

    def compare(self, *words, code=0, config=None, stdin=None):
        done = subprocess.run([WEIR, "compare", "-c", config or self.config, *words],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              input=stdin or "", timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def rows(self, *words, **more):
        report = json.loads(self.compare(*words, "--json", **more).stdout)
        table = report["sections"]["figures"]["tables"][0]["rows"]
        return {row["model"]: row for row in table}, report["sections"]["answers"]

    def ledger(self):
        text = subprocess.check_output([WEIR, "ledger", "--json", "--state-dir",
                                        str(self.weir.folder / "state")], text=True)
        return [json.loads(line) for line in text.splitlines()]

    def test_every_model_is_asked_and_recorded(self):
        rows, answers = self.rows("What is 17 * 23?")
        self.assertEqual([rows[m]["answer"] for m in ("one", "two", "three")],
                         ["A", "A", "B"])
        self.assertEqual([rows[m]["side"] for m in ("one", "two", "three")],
                         ["local", "cloud", "cloud"])
        self.assertEqual(rows["one"]["cost"], "not billed")
        self.assertIn("The answer is 391.", answers["verbatim"])
        self.assertEqual([e.prompts for e in self.engines.values()],
                         [["What is 17 * 23?"]] * 3)
        self.assertEqual(sorted(r["engine"] for r in self.ledger()),
                         ["e-one", "e-three", "e-two"])

    def test_what_must_stay_says_so_in_its_column(self):
        done = self.compare("My password = \"hunter2-Quokka!9\", is it weak?")
        self.assertEqual(done.stderr, "")  # no access line of the weir that it started
        self.assertIn("1 of 3 models answered", done.stdout)
        # Three requests of one session at once: the first one's finding labels the others.
        labels = [re.search(rf"^{m} +confidential \((.*?)\) +-$", done.stdout, re.M).group(1)
                  for m in ("one", "two", "three")]
        self.assertIn("scan: secret", labels)
        self.assertLessEqual(set(labels), {"scan: secret", "session"})
        self.assertIn("confidential", done.stdout)
        self.assertEqual([len(e.prompts) for e in self.engines.values()], [1, 0, 0])

    def test_what_was_masked_is_told(self):
        done = self.compare("-m", "two", "Draft a mail to agneta.wikstrom@kvarnholt-bygg.se"
                            " that declines her offer.")
        self.assertRegex(done.stdout, r"two +\S.* EMAIL 1")

    def test_a_weir_that_runs_is_asked(self):
        self.weir.start()
        port = self.weir.url.rsplit(":", 1)[1]
        path = self.weir.folder / "running.yaml"
        path.write_text((self.weir.folder / "weir.yaml").read_text()
                        .replace("listen: 127.0.0.1:0", f"listen: 127.0.0.1:{port}"))
        rows, _ = self.rows("-m", "two", "What is 17 * 23?", config=str(path))
        self.assertEqual(list(rows), ["two"])
        self.assertEqual(len(self.engines["two"].prompts), 1)
        self.weir.stop()
        self.assertEqual([r["model_used"] for r in self.ledger()], ["two"])

    def test_columns_and_a_page(self):
        page = self.weir.folder / "page.html"
        done = self.compare("--html", str(page), "-", stdin="What is 17 * 23?\n")
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^one +two +three$")
        self.assertRegex(lines[2], r"^The answer is 391\. +I get \\boxed\{391\} +The answer")
        self.assertIn("boxed{391}", page.read_text())

    def test_differences(self):
        report = json.loads(self.compare("--diff", "--json", "What is 17 * 23?").stdout)
        text = json.dumps(report["sections"]["differences"])
        self.assertIn("The answer is [-391.-] {+400.+}", text)

    def judged(self, says):
        self.engines["three"].says = says
        report = json.loads(self.compare("-m", "one", "-m", "two", "--judge", "three",
                                         "--json", "Say why the sky is blue.").stdout)
        return report["sections"]["judge"]

    def test_a_judge_that_names_one_in_both_orders(self):
        section = self.judged(lambda prompt: ["Verdict: ", "B" if
                                              prompt.index("The answer") <
                                              prompt.index("I get") else "A"])
        self.assertEqual([r["beside the first one"] for r in section["tables"][0]["rows"]],
                         ["the first one", "better"])
        self.assertEqual(len(self.engines["three"].prompts), 2)
        self.assertIn("Say why the sky is blue.", self.engines["three"].prompts[0])

    def test_a_judge_that_names_what_stands_first(self):
        section = self.judged(["Verdict: ", "A"])
        self.assertEqual(section["tables"][0]["rows"][1]["beside the first one"],
                         "no difference")

    def test_what_must_stay_does_not_reach_a_judge_in_the_cloud(self):
        report = json.loads(self.compare(
            "-m", "one", "-m", "one", "--judge", "three", "--json",
            "My password = \"hunter2-Quokka!9\", is it weak?").stdout)
        section = report["sections"]["judge"]
        self.assertEqual(section["tables"][0]["rows"][1]["beside the first one"], "unknown")
        self.assertIn("confidential", json.dumps(section))
        self.assertEqual(self.engines["three"].prompts, [])

    def test_what_is_picked_is_feedback(self):
        done = self.compare("--pick", "What is 17 * 23?", stdin="9\n1 2\n")
        self.assertIn("not one of the numbers", done.stderr)
        self.assertIn("of 3 answers", done.stderr)
        self.assertEqual({r["model_used"]: r["feedback"] for r in self.ledger()},
                         {"one": "good", "two": "good", "three": "bad"})

    def test_nothing_said_is_no_feedback(self):
        self.compare("--pick", "What is 17 * 23?", stdin="\n")
        self.assertEqual({r.get("feedback") for r in self.ledger()}, {None})

    def test_an_engine_that_fails_is_one_column(self):
        self.engines["two"].fails = set(range(100))
        rows, _ = self.rows("What is 17 * 23?")
        self.assertEqual([rows[m]["answer"] for m in ("one", "two", "three")],
                         ["A", "none", "B"])

    def test_faults_name_the_remedy(self):
        for words, wanted in (([], "give a prompt"),
                              (["-m", "four", "hello"], "serves no model 'four'"),
                              (["-f", "/no/such", "hello"], "not both"),
                              (["-f", "/no/such"], "cannot read /no/such"),
                              (["--judge", "four", "hello"], "no model 'four' that could judge"),
                              (["--key-env", "NO_SUCH_KEY", "hi"], "NO_SUCH_KEY is not set")):
            self.assertIn(wanted, self.compare(*words, code=2).stderr)


if __name__ == "__main__":
    unittest.main()
