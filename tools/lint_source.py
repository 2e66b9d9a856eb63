#!/usr/bin/env python3
"""House rules that no compiler knows: lint_source.py [--root DIR] [FILE ...]

Without files: every .c and .h under src/ and tests/, and for machine paths and open
ends also tools/, docs/ and examples/.  Prints file:line: what; exit 1 when any.

- A room (a folder of src/) includes only rooms above it in src/meson.build's list.
- Rooms without I/O include nothing that does I/O; uv.h stays where the loop is.
- Memory comes from core/mem.h; unbounded string functions do not exist here.
- A function of more than 100 lines fails, of more than 60 is listed; a file of more
  than 800 says "Long because" in its head; a file opens with its own name.
- No open ends (marks of unfinished work) and no paths of one machine.
- docs/compatibility.md has each error code that a client may see, and no other.
- A file of src/ that a comment or a document names exists, and so does each function of
  the code map in CONTRIBUTING.md; links between documents lead somewhere."""
import argparse
import re
import sys
from pathlib import Path

BANNED = re.compile(r"(?<![\w.>])(malloc|calloc|realloc|strdup|strndup|strcpy|strcat|"
                    r"sprintf|vsprintf|atoi|atol|gets)\s*\(")
OPEN_END = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.}])/(?:(?:ho" r"me|Us" r"ers)/\w\w|(?:ro" r"ot|wo" r"rk)/\w)")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
PURE_ROOMS = {"http", "json", "estimate", "eval", "dialect", "scan", "mask", "guard",
              "engine", "route", "plan"}
IO_HEADERS = {"sys/socket.h", "netdb.h", "netinet/in.h", "arpa/inet.h", "fcntl.h",
              "sys/epoll.h", "poll.h", "pthread.h", "curl/curl.h", "sqlite3.h", "uv.h"}
UV_PLACES = re.compile(r"^src/loop/")
FAIL_LINES, LIST_LINES, FILE_LINES = 100, 60, 800
NAMED_PATH = r"(?<![\w/.*-])((?:src/)?(?:%s)/[\w/]+\.[ch])\b"
BARE_NAME = re.compile(r"(?<![\w/.{-])((?!uv\.h)\w\w+\.[ch])\b")
LINK = re.compile(r"\]\(([^)\s:#]+)(?:#[^)]*)?\)")
MAP_ROW = re.compile(r"^\| .*? \| (\S+\.c) \| (.*) \|$", re.M)
# Where errors that answer a request are made, and those among them that nobody is shown.
ANSWERING = {"core", "net", "http", "json", "dialect", "mask", "guard", "engine", "route",
             "upstream", "gateway"}
CODE = re.compile(r'\bERR_(?!CONFIG)[A-Z_]+\s*,\s*"([a-z_]+)"|#define CODE_\w+\s+"([a-z_]+)"')
NOT_SHOWN = {
    "upstream_stale": "the request is sent once more", "cancelled": "weir's own doing",
    "client_gone": "nobody is left to be told",
    "mask_span": "the request stays", "unmaskable": "the request stays",
    "vault_full": "the request stays",
    "no_random": "weir does not start", "thread": "weir does not start",
    "operator_file": "weir does not start"}
TEXT_SUFFIXES = {".c", ".h", ".py", ".sh", ".md", ".yaml", ".yml", ".wt", ".build", ".mjs"}


class Findings:
    def __init__(self):
        self.faults, self.notes = [], []

    def fault(self, path, line, text):
        self.faults.append(f"{path}:{line}: {text}")

    def note(self, path, line, text):
        self.notes.append(f"{path}:{line}: note: {text}")


def without_comments(text):
    """The same lines, with comments and the insides of literals blanked."""
    def blank(found):
        s = found.group()
        if s.startswith("/"):
            return re.sub(r"[^\n]", " ", s)
        return s[0] + re.sub(r"[^\n]", " ", s[1:-1]) + s[-1]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank,
                  text, flags=re.S)


def only_comments(text):
    """The same lines, with everything but comments blanked."""
    return re.sub(r'(/\*.*?\*/)|"(?:\\.|[^"\\\n])*"|[^\n]',
                  lambda m: m.group(1) or re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def rooms_of(root):
    found = re.search(r"rooms = \[(.*?)\]", (root / "src/meson.build").read_text(), re.S)
    return re.findall(r"'(\w+)'", found.group(1))


def check_includes(findings, path, text, rooms):
    room = path.split("/")[1]
    if room not in rooms:
        findings.fault(path, 1, f"room '{room}' is not in src/meson.build's list")
        return
    for found in INCLUDE.finditer(text):
        line, name = line_of(text, found.start(1)), found.group(2)
        other = name.split("/")[0]
        if found.group(1) == '"' and other in rooms and \
                rooms.index(other) > rooms.index(room):
            findings.fault(path, line, f"{room} may not include {name}: {other} is below it")
        if found.group(1) == '"' and "/" not in name:
            findings.fault(path, line, f'write the include from src/: "{room}/{name}"')
        if room in PURE_ROOMS and (name in IO_HEADERS or other in ("loop", "net")):
            findings.fault(path, line, f"{room} does no I/O, so it may not include {name}")
        if name == "uv.h" and not UV_PLACES.match(path):
            findings.fault(path, line, "uv.h is for loop/; others include loop/loop.h")


def check_banned(findings, path, code):
    if path == "src/core/mem.c":
        return
    for found in BANNED.finditer(code):
        findings.fault(path, line_of(code, found.start()),
                       f"{found.group(1)}() is not used here; see core/mem.h, core/str.h")


def check_lengths(findings, path, text, code):
    lines = code.split("\n")
    if len(lines) > FILE_LINES and "Long because" not in text[:2000]:
        findings.fault(path, 1, f"{len(lines)} lines; split it, or say 'Long because' "
                                f"in its head")
    opened = None
    for n, line in enumerate(lines, 1):
        if line.startswith("{"):
            opened = n
        elif line.startswith("}") and opened:
            length = n - opened - 1
            if length > FAIL_LINES:
                findings.fault(path, opened, f"a function of {length} lines")
            elif length > LIST_LINES:
                findings.note(path, opened, f"a function of {length} lines")
            opened = None


def check_head(findings, path, text):
    name = path.rsplit("/", 1)[1]
    if not text.startswith(f"/* {name} -- "):
        findings.fault(path, 1, f"opens with '/* {name} -- what it is'")


def check_words(findings, path, text):
    for pattern, what in ((OPEN_END, "open end"), (MACHINE_PATH, "path of one machine")):
        for found in pattern.finditer(text):
            findings.fault(path, line_of(text, found.start()), f"{what}: {found.group()}")


def check_paths(findings, root, path, text, rooms):
    """Files that are named where people read: in documents, and in comments of sources."""
    if path.endswith((".c", ".h")):
        text = only_comments(text)
    elif not path.endswith(".md"):
        return
    if path == "CHANGELOG.md":
        return
    if path.startswith("src/"):
        for found in BARE_NAME.finditer(text):
            if not any((root / "src").rglob(found.group(1))):
                findings.fault(path, line_of(text, found.start()), f"there is no {found.group(1)}")
    for found in re.finditer(NAMED_PATH % "|".join(rooms), text):
        name = found.group(1)
        if not (root / ("" if name.startswith("src/") else "src") / name).is_file():
            findings.fault(path, line_of(text, found.start()), f"there is no {name}")


def check_links(findings, root, path, text):
    if not path.endswith(".md"):
        return
    for found in LINK.finditer(text):
        if not (root / path).parent.joinpath(found.group(1)).exists():
            findings.fault(path, line_of(text, found.start()),
                           f"the link to {found.group(1)} leads nowhere")


def check_map(findings, root, path, text):
    for found in MAP_ROW.finditer(text):
        line, name = line_of(text, found.start()), found.group(1)
        file = root / "src" / name
        if not file.is_file():
            findings.fault(path, line, f"there is no src/{name}: where did it go?")
            continue
        code = without_comments(file.read_text(errors="replace"))
        for function in re.findall(r"`(\w+)`", found.group(2)):
            if not re.search(rf"^\w[^;{{}}=]*\b{function}\([^;{{]*\)\n\{{", code, re.M):
                findings.fault(path, line, f"src/{name} defines no {function}()")


def check_codes(findings, root):
    """The table of error codes against the program."""
    path, shown, literals = "docs/compatibility.md", {}, set()
    text = (root / path).read_text()
    at = text.index("## Error codes")
    listed = set(re.findall(r"`([a-z_]+)`", text[at:text.index("\n## ", at + 1)]))
    for file in sorted((root / "src").rglob("*.c")):
        code, name = file.read_text(errors="replace"), file.relative_to(root).as_posix()
        literals |= set(re.findall(r'"([a-z_]+)"', code))
        if name.split("/")[1] in ANSWERING:
            for found in CODE.finditer(code):
                shown.setdefault(found.group(1) or found.group(2),
                                 (name, line_of(code, found.start())))
    for code in sorted(shown.keys() - listed - NOT_SHOWN.keys()):
        findings.fault(*shown[code], f"the error code {code} is not in {path}")
    for code in sorted(listed - literals):
        findings.fault(path, line_of(text, at), f"no source has the error code {code}")


def check_file(findings, root, path, rooms):
    text = (root / path).read_text(errors="replace")
    check_words(findings, path, text)
    check_paths(findings, root, path, text, rooms)
    check_links(findings, root, path, text)
    if path == "CONTRIBUTING.md":
        check_map(findings, root, path, text)
    if not path.endswith((".c", ".h")):
        return
    code = without_comments(text)
    check_head(findings, path, text)
    check_lengths(findings, path, text, code)
    if path.startswith("src/"):
        check_banned(findings, path, code)
        check_includes(findings, path, text, rooms)


def all_files(root):
    for p in sorted(root.glob("*.md")):
        yield p.name
    for folder in ("src", "tests", "tools", "docs", "examples"):
        for p in sorted((root / folder).rglob("*")):
            if p.is_file() and p.suffix in TEXT_SUFFIXES and "node_modules" not in p.parts:
                yield p.relative_to(root).as_posix()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path,
                        default=Path(__file__).resolve().parent.parent)
    parser.add_argument("files", nargs="*")
    args = parser.parse_args()
    findings, rooms = Findings(), rooms_of(args.root)
    for path in args.files or all_files(args.root):
        check_file(findings, args.root, path, rooms)
    if not args.files and (args.root / "docs/compatibility.md").is_file():
        check_codes(findings, args.root)
    print("\n".join(findings.notes + findings.faults))
    return 1 if findings.faults else 0


if __name__ == "__main__":
    sys.exit(main())
