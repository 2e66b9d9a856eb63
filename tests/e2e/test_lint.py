"""The house rules of tools/lint_source.py catch what they are for, and only that."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LINT = Path(__file__).resolve().parents[2] / "tools/lint_source.py"
MESON = "rooms = ['core', 'loop', 'net', 'http', 'cmd']\n"
WORDS = {"open": "TO" + "DO", "path": "/ho" + "me/ann/x"}


class Lint(unittest.TestCase):
    def lint(self, path, body, head=None):
        with tempfile.TemporaryDirectory() as root:
            file = Path(root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            Path(root, "src").mkdir(exist_ok=True)
            Path(root, "src/meson.build").write_text(MESON)
            file.write_text((head or f"/* {file.name} -- a test's */\n") + body)
            done = subprocess.run([sys.executable, str(LINT), "--root", root, path],
                                  capture_output=True, text=True, check=False)
            return done.returncode, done.stdout.strip()

    def assert_caught(self, path, body, line, what, head=None):
        code, out = self.lint(path, body, head)
        self.assertEqual(code, 1, out)
        self.assertIn(f"{path}:{line}: ", out)
        self.assertIn(what, out)

    def assert_clean(self, path, body):
        self.assertEqual(self.lint(path, body), (0, ""))

    def test_accepts_what_keeps_the_rules(self):
        self.assert_clean("src/http/a.c", '#include "core/mem.h"\n#include "http/b.h"\n'
                          '/* malloc( in a comment */\nconst char *s = "strcpy(";\n')

    def test_catches_an_include_of_a_room_below(self):
        self.assert_caught("src/core/a.c", '#include "net/conn.h"\n', 2, "is below it")

    def test_catches_io_in_a_pure_room(self):
        self.assert_caught("src/http/a.c", "\n#include <sys/socket.h>\n", 3, "does no I/O")
        self.assert_caught("src/http/a.c", '#include "loop/loop.h"\n', 2, "does no I/O")

    def test_keeps_libuv_where_the_loop_is(self):
        self.assert_caught("src/cmd/decide/plan.c", "#include <uv.h>\n", 2, "uv.h")
        self.assert_clean("src/loop/loop.c", "#include <uv.h>\n")

    def test_catches_the_heap_and_unbounded_strings(self):
        for call in ("malloc(3)", "realloc(p, 3)", "strdup(s)", "sprintf(b, s)", "atoi(s)"):
            with self.subTest(call):
                self.assert_caught("src/net/a.c", f"int x;\nvoid *p = {call};\n", 3,
                                   call.split("(", maxsplit=1)[0])
        self.assert_clean("src/net/a.c", "p = mem_alloc(3); snprintf(b, 1, s); x.free(p);\n")

    def test_catches_long_functions_and_lists_longish_ones(self):
        def function(n):
            return "int f(void)\n{\n" + "    g();\n" * n + "}\n"
        self.assert_caught("src/net/a.c", function(101), 3, "a function of 101 lines")
        code, out = self.lint("src/net/a.c", function(61))
        self.assertEqual(code, 0)
        self.assertIn("src/net/a.c:3: note: a function of 61 lines", out)
        self.assert_clean("src/net/a.c", function(60))

    def test_catches_long_files_without_a_reason(self):
        self.assert_caught("src/net/a.c", "int x;\n" * 801, 1, "Long because")
        code, _ = self.lint("src/net/a.c", "int x;\n" * 801,
                            "/* a.c -- x.  Long because of y. */\n")
        self.assertEqual(code, 0)

    def test_catches_a_head_that_names_another_file(self):
        self.assert_caught("src/net/a.c", "int x;\n", 1, "opens with", "/* b.c -- x */\n")

    def test_catches_names_of_files_that_are_not_there(self):
        self.assert_caught("src/net/a.c", "int x;\n/* as core/gone.c does */\n", 3,
                           "no core/gone.c")
        self.assert_caught("src/net/a.c", "/* gone.c waits for it */\n", 2, "no gone.c")
        self.assert_clean("src/net/a.c", "/* a.c and libuv's uv.h, ${b.c} */\n")
        self.assert_caught("docs/a.md", "see `src/net/gone.h`\n", 2, "no src/net/gone.h")
        self.assert_clean("src/net/a.c", '/* net/a.c is here */ char *s = "net/gone.c";\n')

    def test_catches_links_that_lead_nowhere(self):
        self.assert_caught("docs/a.md", "\nsee [it](b.md#part)\n", 3, "link to b.md")
        self.assert_clean("docs/a.md", "[me](a.md) [top](#top) [far](https://example.com/x)\n")

    def test_catches_a_row_of_the_code_map_that_is_out_of_date(self):
        row = "| a thing happens | net/a.c | `f` |\n"
        code = "/* a.c -- x */\nint f(void)\n{\n    g();\n}\n"
        self.assert_caught("CONTRIBUTING.md", row, 2, "where did it go")
        for function, want in (("f", 0), ("g", 1), ("h", 1)):
            with self.subTest(function), tempfile.TemporaryDirectory() as root:
                Path(root, "src/net").mkdir(parents=True)
                Path(root, "src/meson.build").write_text(MESON)
                Path(root, "src/net/a.c").write_text(code)
                Path(root, "CONTRIBUTING.md").write_text(row.replace("`f`", f"`{function}`"))
                done = subprocess.run(
                    [sys.executable, str(LINT), "--root", root, "CONTRIBUTING.md"],
                    capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, want, done.stdout)
                self.assertEqual(f"no {function}()" in done.stdout or not want, True)

    def test_catches_open_ends_and_paths_of_one_machine(self):
        self.assert_caught("src/net/a.c", f"/* {WORDS['open']}: x */\n", 2, "open end")
        self.assert_caught("docs/a.md", f"see {WORDS['path']}\n", 2, "path of one machine")

    def test_holds_the_table_of_error_codes_against_the_program(self):
        def lint(table):
            with tempfile.TemporaryDirectory() as root:
                for name in ("src/net", "docs"):
                    Path(root, name).mkdir(parents=True)
                Path(root, "src/meson.build").write_text(MESON)
                Path(root, "docs/compatibility.md").write_text(
                    f"# Codes\n\n## Error codes\n\n{table}\n\n## More\n`not_one`\n")
                Path(root, "src/net/a.c").write_text(
                    "/* a.c -- a test's */\n"
                    'int a = err_set(e, ERR_TIMEOUT, "too_late");\n'
                    'int b = err_set(e, ERR_UPSTREAM,\n"so_so");\n'
                    'int c = err_set(e, ERR_CONFIG, "no_file");\n')
                return subprocess.run([sys.executable, str(LINT), "--root", root], check=False,
                                      capture_output=True, text=True).stdout.strip()
        self.assertEqual(lint("`too_late`, `so_so`"), "")
        self.assertIn("src/net/a.c:3: the error code so_so is not in", lint("`too_late`"))
        self.assertIn("no source has the error code gone", lint("`too_late`, `so_so`, `gone`"))
