#!/usr/bin/env python3
"""Make data/guard/lexicon.bin: guard_lexicon.py NAMES_DIR OUT.bin PROSE_DIR ...

NAMES_DIR holds first-names, surnames, cities and counties (.txt or .txt.gz, one name
a line, public-domain census lists).  The PROSE_DIRs are walked for English text (the
documentation that Debian installs under /usr/share/doc and /usr/share/perl is
enough); a word in lower case in at least three files is common.  The format is
lexicon.c's: 2^18 slots of 24 bits of hash and 8 of roles."""
import collections
import gzip
import re
import struct
import sys
import unicodedata
from pathlib import Path

SLOTS = 1 << 18
FIRST, LAST, CITY, COMMON, FREQUENT = 1, 2, 4, 8, 16
MASK = (1 << 64) - 1


def word_hash(word):
    h = 0xCBF29CE484222325
    for b in word.encode():
        h = ((h ^ b) * 0x100000001B3) & MASK
    h ^= h >> 32
    h = (h * 0x9E3779B97F4A7C15) & MASK
    h ^= h >> 29
    return h or 1


def fold(word):
    return "".join(c for c in unicodedata.normalize("NFD", word.lower())
                   if c.isalpha() and c.isascii())


def lines(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as f:
        return [line.strip() for line in f if line.strip()]


def common_words(roots):
    seen = collections.Counter()
    for root in roots:
        for path in sorted(Path(root).rglob("*")):
            if path.suffix not in (".py", ".pod", ".txt", ".html", ".md", ".rst", ".pm"):
                continue
            try:
                text = path.read_text(errors="ignore")[:400000]
            except OSError:
                continue
            seen.update(set(re.findall(r"(?<![A-Za-z_.])[a-z]{2,}(?![A-Za-z_(])", text)))
    return seen


def main():
    names, out, roots = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    roles = collections.Counter()
    for stem, bit in (("first-names", FIRST), ("surnames", LAST), ("cities", CITY),
                      ("counties", CITY)):
        path = next(p for p in (names / f"{stem}.txt", names / f"{stem}.txt.gz")
                    if p.exists())
        for line in lines(path):
            parts = line.split()
            if len(parts) == 1 and len(fold(line)) >= 2:
                roles[fold(line)] |= bit
    for word, files in common_words(roots).items():
        if files >= 3:
            roles[word] |= COMMON
        if files >= 60:
            roles[word] |= FREQUENT
    table = [0] * SLOTS
    for word in sorted(roles):
        h = word_hash(word)
        i, tag = h & (SLOTS - 1), h >> 40
        while table[i] and table[i] >> 8 != tag:
            i = (i + 1) & (SLOTS - 1)
        table[i] = tag << 8 | (table[i] & 255) | roles[word]
    out.write_bytes(struct.pack(f"<{SLOTS}I", *table))
    print(f"{len(roles)} words, {sum(map(bool, table))} slots of {SLOTS}")


if __name__ == "__main__":
    main()
