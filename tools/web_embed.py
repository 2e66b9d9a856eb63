#!/usr/bin/env python3
"""Write the files of the page as one C source: web_embed.py OUT.c FILE ...

Each is compressed as a browser takes it, with its media type and an ETag, which is the
beginning of the SHA-256 of the compressed bytes: the same files give the same source.
Lines of JavaScript that are nothing but a comment are left empty, so that a fault still
names the line that it has in the source."""
import gzip
import hashlib
import sys
from pathlib import Path

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def served(path):
    """What a browser gets of the file, uncompressed."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".js":
        return text.encode()
    lines, is_in_text = [], False  # a text in backquotes may go over several lines
    for line in text.split("\n"):
        is_comment = not is_in_text and line.lstrip().startswith("//")
        lines.append("" if is_comment else line)
        if not is_comment and line.count("`") % 2:
            is_in_text = not is_in_text
    return "\n".join(lines).encode()


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
