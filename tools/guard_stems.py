#!/usr/bin/env python3
"""Folds and sorts data/guard/stems.txt and schemes.txt: guard_stems.py OUT STEMS SCHEMES

OUT is C: the tables of src/scan/text/stem_table.h, and the bits of three first bytes that a
stem may begin with.  Folds as stems.c does: lower case, and letters of U+00C0 to
U+017F without their marks."""
import sys
import unicodedata
from pathlib import Path

BITS = 1 << 16
ODD = {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "a", "œ": "o", "ð": "d", "þ": "t",
       "ß": "s", "ħ": "h", "ŧ": "t", "ŋ": "n", "ĸ": "k"}


def fold(word):
    out = []
    for c in word.lower():
        if 0xC0 <= ord(c) <= 0x17F:
            c = ODD.get(c) or unicodedata.normalize("NFD", c)[0]
        out.append(c)
    return "".join(out).encode()


def read(path):
    rows, role = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        for word in line.split() if not line.startswith("#") else ():
            if word[0] == "=":
                role = "STEM_" + word[1:]
                continue
            key = (fold(word.rstrip("$")), word.endswith("$"))
            rows.setdefault(key, set()).add(role)
    for text, is_whole in rows:
        if is_whole:  # a stem stands for the whole word, too
            rows[text, True] |= rows.get((text, False), set())
    return rows


def read_schemes(path):
    """(name, telling, forms), sorted by name."""
    rows, telling = [], None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("="):
            telling = "TELLS_" + line[1:].strip()
        elif ":" in line and not line.startswith("#"):
            names, forms = line.split(": ")
            rows += [(fold(name), telling, forms) for name in names.split()]
    return sorted(set(rows))


def quoted(text):
    return "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03o}" for b in text)


def first(text):
    a, b, c = (text + b"\0\0\0")[:3]
    return (a * 961 + b * 31 + c) % BITS


def fronts(texts):
    """Of sorted texts: the number, from 1, of the longest one before that each begins
    with; 0: none."""
    out, open_rows = [], []
    for i, text in enumerate(texts):
        while open_rows and not text.startswith(texts[open_rows[-1]]):
            open_rows.pop()
        out.append(open_rows[-1] + 1 if open_rows else 0)
        open_rows.append(i)
    return out


def main():
    rows = read(Path(sys.argv[2]))
    schemes = read_schemes(Path(sys.argv[3]))
    for name, _, _ in schemes:
        rows.setdefault((name, True), set(rows.get((name, False), ()))).add("STEM_SCHEME")
    bits = bytearray(BITS // 8)
    lines = []
    front = fronts([text for (text, _), _ in sorted(rows.items())])
    for i, ((text, is_whole), roles) in enumerate(sorted(rows.items())):
        place = first(text)
        bits[place // 8] |= 1 << place % 8
        lines.append(f'    {{"{quoted(text)}", {" | ".join(sorted(roles))}, '
                     f'{"true" if is_whole else "false"}, {front[i]}}},')
    Path(sys.argv[1]).write_text(
        '#include "scan/text/stem_table.h"\n\n'
        "const struct stem guard_stems[] = {\n" + "\n".join(lines) + "\n};\n" +
        f"const size_t guard_nstems = {len(lines)};\n" +
        "const uint8_t guard_stem_begins[STEM_BITS / 8] = {" +
        ", ".join(str(b) for b in bits) + "};\n"
        "const struct scheme guard_schemes[] = {\n" +
        "".join(f'    {{"{quoted(name)}", "{quoted(forms.encode())}", {telling}}},\n'
                for name, telling, forms in schemes) + "};\n" +
        f"const size_t guard_nschemes = {len(schemes)};\n")


main()
