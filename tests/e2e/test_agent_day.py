"""tools/agent_day.py: a file with a secret costs the session its cloud and is named; ordinary
code costs nothing."""
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import harness

TOOL = Path(__file__).resolve().parents[2] / "tools" / "agent_day.py"
CODE = "def add(a, b):\n    return a + b\n\n\ndef twice(a):\n    return add(a, a)\n"
SECRET = 'PASSWORD = "kR7mpQz2vX91"\n'


class AgentDay(unittest.TestCase):
    def setUp(self):
        self.repo = Path(tempfile.mkdtemp(prefix="weir-day-repo-"))
        self.git("init", "-q")

    def tearDown(self):
        shutil.rmtree(self.repo)

    def git(self, *words):
        subprocess.run(["git", "-C", self.repo, "-c", "user.name=a", "-c",
                        "user.email=a@example.com", *words], check=True)

    def day(self, **files):
        for name, text in files.items():
            (self.repo / f"{name}.py").write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", "files")
        done = subprocess.run([sys.executable, TOOL, harness.WEIR, self.repo, "--json",
                               "--sessions", "2", "--turns", "8"], check=True,
                              capture_output=True, text=True, timeout=120)
        return json.loads(done.stdout)

    def test_ordinary_code_costs_nothing(self):
        day = self.day(sums=CODE, more=CODE)
        self.assertEqual((day["sessions"], day["turns"]), (2, 16))
        self.assertEqual((day["sessions_that_lost_the_cloud"], day["turns_refused"]), (0, 0))

    def test_a_secret_is_named_by_its_file(self):
        day = self.day(settings=SECRET)
        self.assertEqual(day["sessions_that_lost_the_cloud"], 2)
        self.assertGreater(day["turns_refused"], 0)
        held = [c["text"] for c in day["causes"] if c["why"].startswith("held")]
        self.assertTrue(held)
        self.assertNotIn("kR7mpQz2vX91", json.dumps(day))
