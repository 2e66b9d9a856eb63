#!/usr/bin/env python3
"""Write the files of the page as one C source: web_embed.py OUT.c FILE ...

Each is compressed as a browser takes it, with its media type and an ETag, which is the
beginning of the SHA-256 of the compressed bytes: the same files give the same source.
Of scripts and styles comments and needless blanks are left out; each line of a script stays
in its place, so that a fault still names the line that it has in the source."""
import gzip
import hashlib
import re
import sys
from pathlib import Path

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


# Behind what a slash begins a pattern and is no division.
BEFORE_PATTERN = re.compile(r"(^|[(,=:\[!&|?{};>]|\breturn)\s*$")
PATTERN = re.compile(r"(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[])+/\w*")
TEXTS = {c: re.compile(rf"(?:\\.|[^\\{c}])*{c}") for c in "\"'"}


def template_end(text, at):
    """Behind the backquote that ends a template; at: behind the one that begins it."""
    while text[at] != "`":
        if text[at] == "\\":
            at += 2
        else:
            at = braces_end(text, at + 2) if text.startswith("${", at) else at + 1
    return at + 1


def braces_end(text, at):
    deep = 1
    while deep:
        c = text[at]
        if c == "`":
            at = template_end(text, at + 1)
        elif c in TEXTS:
            at = TEXTS[c].match(text, at + 1).end()
        else:
            deep += (c == "{") - (c == "}")
            at += 1
    return at


def pieces(text):
    """(is_code, piece) of a script: code; texts, templates and patterns as they are; no comments."""
    at = begin = 0
    while at < len(text):
        c, end = text[at], None
        if text.startswith("//", at):
            end = (text + "\n").index("\n", at)
        elif c in TEXTS:
            end = TEXTS[c].match(text, at + 1).end()
        elif c == "`":
            end = template_end(text, at + 1)
        elif text.startswith("/*", at):
            end = text.index("*/", at) + 2
        elif c == "/" and BEFORE_PATTERN.search(text[max(0, at - 80):at]):
            end = PATTERN.match(text, at + 1).end()
        if end is None:
            at += 1
            continue
        yield True, text[begin:at]
        yield False, "\n" * text.count("\n", at, end) if text[at:at + 2] in ("//", "/*") else text[at:end]
        at = begin = end
    yield True, text[begin:]


def small_script(text):
    """Without comments and without the blanks that code can do without; each line stays in its place."""
    out = []
    for is_code, piece in pieces(text):
        if is_code:
            piece = re.sub(r"[ \t]*([{}()\[\],;:=<>?&|!*%])[ \t]*", r"\1", piece)
            piece = re.sub(r"[ \t]*\n[ \t]*", "\n", piece)
        elif not piece.strip():  # it was a comment
            out[-1] = out[-1].rstrip(" \t")
        out.append(piece)
    return "".join(out)


def small_style(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"\s*([{};,>])\s*", r"\1", text)
    return re.sub(r"\s+", " ", re.sub(r"(?<=[\w-]):\s+", ":", text))


def served(path):
    """What a browser gets of the file, uncompressed."""
    text = path.read_text(encoding="utf-8")
    make = {".js": small_script, ".css": small_style}.get(path.suffix, str)
    return make(text).encode()


def compressed(path):
    return gzip.compress(served(path), 9, mtime=0)


def main():
    out, paths = sys.argv[1], sorted(map(Path, sys.argv[2:]), key=lambda p: p.name)
    lines = ["/* Made by tools/web_embed.py; the files are in src/web/page/. */",
             '#include "web/files.h"', ""]
    rows = []
    for i, path in enumerate(paths):
        data = compressed(path)
        lines.append(f"static const unsigned char bytes_{i}[] = {{")
        for at in range(0, len(data), 24):
            lines.append(",".join(str(b) for b in data[at:at + 24]) + ",")
        lines.append("};")
        tag = hashlib.sha256(data).hexdigest()[:16]
        rows.append(f'    {{"{path.name}", "{TYPES[path.suffix]}", "\\"{tag}\\"", bytes_{i}, '
                    f"sizeof bytes_{i}}},")
    lines += ["const struct web_file web_files[] = {", *rows, "};",
              "const size_t web_nfiles = sizeof web_files / sizeof web_files[0];"]
    Path(out).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
