"""The file that guard: allow names: how a user makes it, and that this repository's own
frees whoever works on it from the made-up values of its tests."""
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import harness

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """listen: 127.0.0.1:0
state_dir: {folder}/state
engines:
  - {{name: here, kind: sim, side: local, profile: instant, models: [{{name: home}}]}}
guard: {{allow: {allow}}}
"""
LINE = re.compile(r"sha256:[0-9a-f]{64} # ([A-Z_0-9]+) (\S+)")


class TestAllowList(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def scan(self, place, allow=None):
        words = ["--dir", str(place), "--why"]
        if allow:
            config = self.folder / "weir.yaml"
            config.write_text(CONFIG.format(folder=self.folder, allow=allow))
            words += ["-c", str(config)]
        done = subprocess.run([os.path.abspath(harness.WEIR), "scan", *words],
                              capture_output=True, text=True, timeout=300)
        self.assertNotIn("weir scan:", done.stderr)
        return done.stdout.splitlines()

    def test_what_a_folder_holds_is_printed_as_such_a_file(self):
        tree = self.folder / "tree"
        tree.mkdir()
        (tree / "a.env").write_text("X=1\nDB_PASSWORD=Brg7Kx92mQ\n")
        (tree / "b.env").write_text("OTHER_PASSWORD=Brg7Kx92mQ\n")
        (tree / "card.txt").write_text("card 4532 7186 9420 7354\n")
        lines = self.scan(tree)
        values = [line for line in lines if not line.startswith("#")]
        self.assertEqual(len(values), 1, lines)  # once, however many files have it
        self.assertRegex(values[0], LINE.pattern)
        self.assertTrue(any("card.txt:1: its check digits are right" in line
                            for line in lines), lines)
        allow = self.folder / "allow"
        allow.write_text("\n".join(lines) + "\n")
        lines = self.scan(tree, allow)
        self.assertEqual([line for line in lines if not line.startswith("#")], [])
        held = [line for line in lines if line.endswith(")")]
        self.assertEqual(len(held), 1, lines)
        self.assertIn("card.txt: local (credit_card)", held[0])

    def test_the_list_of_this_repository_has_the_values_of_its_tests(self):
        for place in ("tests/wire", "src/scan/read"):
            made_up, missing = ([line for line in self.scan(ROOT / place, allow)
                                 if LINE.match(line)]
                                for allow in (None, ROOT / ".weir-allow"))
            self.assertGreater(len(made_up), 5)
            self.assertLessEqual(len(missing) * 10, len(made_up),
                                 "make allow-list, and look at what it adds:\n" +
                                 "\n".join(missing))


if __name__ == "__main__":
    unittest.main()
