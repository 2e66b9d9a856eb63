"""curl as the client, of a weir as `weir serve` starts it: with simulated engines."""
import json
import subprocess
import unittest
from pathlib import Path

from harness import Weir

ROOT = Path(__file__).resolve().parents[2]


def ask(**more):
    return json.dumps({"model": "auto", "messages": [{"role": "user", "content": "Hello"}],
                       **more})


class Curl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.weir = Weir(f"engines:\n"
                        f"  - {{name: near, kind: sim, side: local, models: [{{name: a}}]}}\n"
                        f"  - {{name: far, kind: sim, side: cloud, models: [{{name: b}}]}}\n")
        cls.addClassCleanup(cls.weir.remove)
        cls.weir.start()

    @classmethod
    def tearDownClass(cls):
        cls.weir.stop()

    def curl(self, *words):
        done = subprocess.run(["curl", "-sS", "-m", "20", *words], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def chat(self, body, *words):
        return self.curl(f"{self.weir.url}/v1/chat/completions", *words,
                         "-H", "content-type: application/json", "-d", body)

    def test_plain(self):
        answer = json.loads(self.chat(ask()))
        self.assertTrue(answer["choices"][0]["message"]["content"])
        self.assertGreater(answer["usage"]["completion_tokens"], 0)

    def test_streamed(self):
        out = self.chat(ask(stream=True), "-N")
        data = [line[6:] for line in out.splitlines() if line.startswith("data: ")]
        self.assertEqual(data[-1], "[DONE]")
        chunks = [json.loads(d) for d in data[:-1]]
        self.assertTrue("".join(c["choices"][0]["delta"].get("content") or ""
                                for c in chunks if c["choices"]))
        self.assertEqual(chunks[-1]["choices"][0]["finish_reason"], "stop")

    def test_side_by_name(self):
        for model, side in (("local", "local"), ("cloud", "cloud"), ("a", "local"),
                            ("b", "cloud")):
            head = self.chat(ask(model=model), "-D", "-", "-o", "/dev/null").lower()
            self.assertIn(f"x-weir-side: {side}\n", head)

    def test_a_large_body_with_curls_expect(self):
        body = self.weir.folder / "big.json"
        body.write_text(ask(model="b", user="u" * (2 << 20)))
        answer = json.loads(self.chat(f"@{body}", "-H", "Expect: 100-continue"))
        self.assertIn("choices", answer)

    def test_the_ledger_command_shows_it(self):
        self.chat(ask(), "-H", "x-request-id: curl-1")
        rows = [row for row in self.weir.ledger() if row["client_id"] == "curl-1"]
        self.assertEqual([row["outcome"] for row in rows], ["ok"])


class Builtin(unittest.TestCase):
    def test_serve_without_a_file_answers(self):
        weir = Weir()
        self.addCleanup(weir.remove)
        (weir.folder / "home").mkdir()
        # The built-in port may be somebody else's on this machine.
        probe = subprocess.run(["curl", "-s", "-m", "1", "http://127.0.0.1:4141/health"],
                               capture_output=True, check=False)
        if probe.returncode != 7:
            self.skipTest("port 4141 is taken on this machine")
        weir.start()
        out = subprocess.run(["curl", "-sS", f"{weir.url}/v1/chat/completions", "-H",
                              "content-type: application/json", "-d", ask()],
                             capture_output=True, text=True, check=True).stdout
        self.assertTrue(json.loads(out)["choices"][0]["message"]["content"])
        weir.stop()


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.weir = Weir()
        self.addCleanup(self.weir.remove)

    def test_every_shipped_example_is_faultless(self):
        examples = sorted((ROOT / "examples").glob("*.yaml"))
        self.assertTrue(examples)
        for path in examples:
            with self.subTest(path.name):
                for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY",
                             "OPENROUTER_API_KEY", "GROQ_API_KEY", "GEMINI_API_KEY"):
                    self.weir.env[name] = "k"
                done = self.weir.run("check", "-c", str(path))
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_help_and_version(self):
        self.assertRegex(self.weir.run("--version").stdout, r"^weir \d+\.\d+\.\d+\s")
        overview = self.weir.run("--help")
        self.assertEqual(overview.returncode, 0)
        for verb in ("serve", "check", "ledger", "key", "sim"):
            self.assertIn(verb, overview.stdout)
            one = self.weir.run(verb, "--help")
            self.assertEqual(one.returncode, 0, one.stderr)
            self.assertIn("weir " + verb, one.stdout)

    def test_unknown_words_are_faults(self):
        for words in (["srve"], ["serve", "--nonsense"], ["check"], []):
            with self.subTest(words):
                self.assertEqual(self.weir.run(*words).returncode, 2)
