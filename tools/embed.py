#!/usr/bin/env python3
"""Write files as one C source: embed.py OUT.c name=FILE ..., each as a byte array.

Arrays and not string literals, because ISO C promises no literal past 4095 bytes."""
import sys
from pathlib import Path


def main():
    out, pairs = sys.argv[1], [a.split("=", 1) for a in sys.argv[2:]]
    lines = ['/* Made by tools/embed.py; the files are in data/. */',
             '#include "facts/embedded.h"', ""]
    for name, path in pairs:
        data = Path(path).read_bytes()
        lines.append(f"static const unsigned char {name}_bytes[] = {{")
        for i in range(0, len(data), 24):
            lines.append(",".join(str(b) for b in data[i:i + 24]) + ",")
        lines.append("};")
    lines.append("const struct embedded_file embedded_files[] = {")
    for name, path in pairs:
        lines.append(f'    {{"{name}", {name}_bytes, sizeof {name}_bytes}},')
    lines.append("};")
    lines.append("const size_t embedded_nfiles ="
                 " sizeof embedded_files / sizeof embedded_files[0];")
    Path(out).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
