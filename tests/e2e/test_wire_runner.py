"""A wire test that must fail does fail, and says where: the runner can be believed."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

RUNNER = Path(__file__).resolve().parents[1] / "wire/run.py"
SERVER = "server s1 { rxreq; expect method == GET; txresp body hello }\n"
CLIENT = "client c1 { connect 127.0.0.1 ${s1_port}; txreq GET /; rxresp; %s }\n"


class WireRunner(unittest.TestCase):
    def play(self, text):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "x.wt")
            file.write_text(text)
            done = subprocess.run([sys.executable, str(RUNNER), "--weir", os.environ["WEIR"],
                                   str(file)], capture_output=True, text=True, check=False)
            return done.returncode, done.stdout

    def test_passes_what_is_so(self):
        code, out = self.play(SERVER + CLIENT % "expect body == hello")
        self.assertEqual((code, out.splitlines()[-1]), (0, "1 passed, 0 failed"))

    def test_fails_what_is_not_so_with_line_and_transcript(self):
        code, out = self.play(SERVER + CLIENT % "expect body == goodbye")
        self.assertEqual(code, 1)
        self.assertIn("client c1: line 2: expected body == goodbye", out)
        self.assertIn("c1 >> GET / HTTP/1.1", out)
        self.assertEqual(out.splitlines()[-1], "0 passed, 1 failed")

    def test_fails_when_the_server_saw_something_else(self):
        code, out = self.play(SERVER.replace("GET", "PUT") + CLIENT % "")
        self.assertEqual(code, 1)
        self.assertIn("server s1: line 1: expected method == PUT", out)

    def test_fails_a_file_that_is_no_test(self):
        for text in ("nonsense 1", "client c1 {", "client c1 { leap }", "expect sh.out == ${x}"):
            with self.subTest(text):
                self.assertEqual(self.play(text)[0], 1)

    def test_fails_when_weir_does_not_start(self):
        code, out = self.play("weir { nonsense: 1 }\n")
        self.assertEqual(code, 1)
        self.assertIn("weir", out)
