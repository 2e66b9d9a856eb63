#!/usr/bin/env python3
"""Write a C source that carries files whole: incbin.py OUT.c symbol=FILE ...

A file F becomes `extern const unsigned char symbol_begin[], symbol_end[]`.  The
assembler reads it, so a megabyte costs the compiler nothing.  OUT_digest[] is the SHA-256 of
all the files together, 64 hexadecimal digits."""
import hashlib
import sys
from pathlib import Path

TEMPLATE = """__asm__(SECTION
        ".globl " PREFIX "{s}_begin\\n" PREFIX "{s}_begin:\\n"
        ".incbin \\"{p}\\"\\n"
        ".globl " PREFIX "{s}_end\\n" PREFIX "{s}_end:\\n.byte 0\\n" AFTER);
"""


def main():
    out, pairs = sys.argv[1], [a.split("=", 1) for a in sys.argv[2:]]
    lines = ["/* Made by tools/incbin.py. */", "#ifdef __APPLE__",
             '#define SECTION ".const_data\\n.balign 16\\n"', '#define PREFIX "_"',
             '#define AFTER ".text\\n"', "#else",
             '#define SECTION ".pushsection .rodata\\n.balign 16\\n"',
             '#define PREFIX ""', '#define AFTER ".popsection\\n"', "#endif"]
    for symbol, path in pairs:
        lines.append(TEMPLATE.format(s=symbol, p=Path(path).resolve()))
    digest = hashlib.sha256(b"".join(Path(path).read_bytes() for _, path in pairs))
    name = Path(out).stem
    lines += [f"extern const char {name}_digest[65];",
              f'const char {name}_digest[65] = "{digest.hexdigest()}";']
    Path(out).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
