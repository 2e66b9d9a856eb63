"""The digest of the deciding sources: the same everywhere, another one for any other byte."""
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools/source_digest.py"
TREE = {"src/guard/a.c": "int a;\n", "src/guard/b.h": "int b;\n", "src/core/c.c": "int c;\n",
        "data/words.txt": "one\ntwo\n", "src/guard/notes.md": "not code\n"}
PLACES = ["src/guard", "src/core", "data/words.txt"]


def digest(tree, places=PLACES):
    """(the digest, what the depfile names)"""
    with tempfile.TemporaryDirectory() as root:
        for name, text in tree.items():
            file = Path(root, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        out, deps = Path(root, "out.c"), Path(root, "out.d")
        subprocess.run([sys.executable, str(TOOL), root, str(out), str(deps), *places],
                       check=True)
        found = re.search(r'guard_source_digest\[\] = "([0-9a-f]{64})";', out.read_text())
        named = [Path(word).relative_to(root).as_posix() for word in deps.read_text().split()[1:]]
        return found.group(1), named


class SourceDigest(unittest.TestCase):
    def test_is_the_same_wherever_the_same_sources_are(self):
        again = dict(reversed(list(TREE.items())))
        self.assertEqual(digest(TREE)[0], digest(again, list(reversed(PLACES)))[0])

    def test_is_another_one_for_any_other_source(self):
        seen = {digest(TREE)[0]}
        changes = [{"src/guard/a.c": "int A;\n"}, {"data/words.txt": "one\ntw\n"},
                   {"src/guard/new.h": ""}, {"src/guard/a.c": "int a;\nint b;\n",
                                             "src/guard/b.h": ""}]
        for change in changes:
            found = digest({**TREE, **change})[0]
            self.assertNotIn(found, seen)
            seen.add(found)
        renamed = {("src/guard/z.c" if k == "src/guard/a.c" else k): v for k, v in TREE.items()}
        self.assertNotIn(digest(renamed)[0], seen)

    def test_leaves_out_what_is_not_built(self):
        self.assertEqual(digest(TREE)[0], digest({**TREE, "src/guard/notes.md": "else\n",
                                                  "src/guard/.a.c.swp": "x",
                                                  "src/guard/deep/d.c": "int d;\n"})[0])

    def test_the_build_looks_again_when_a_file_or_a_folder_changes(self):
        self.assertEqual(sorted(digest(TREE)[1]),
                         ["data/words.txt", "src/core", "src/core/c.c", "src/guard",
                          "src/guard/a.c", "src/guard/b.h"])

    def test_the_build_takes_in_all_rooms_that_decide(self):
        build = (TOOL.parents[1] / "src/guard/meson.build").read_text()
        places = re.search(r"guard_deciding = \[(.*?)\]", build, re.S).group(1)
        for place in ("src/guard", "src/dialect", "src/json", "src/config", "src/engine",
                      "src/route", "data/guard/tagger.bin"):
            self.assertIn(f"'{place}'", places)


if __name__ == "__main__":
    unittest.main()
