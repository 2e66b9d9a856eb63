#!/usr/bin/env python3
"""Make data/guard/known.bin: guard_known.py LISTS_DIR OUT.bin

LISTS_DIR holds public_figures, eponyms and software_and_products (.tsv.gz).  Names that
were seen once are left out, and those that only sources name which may not be built with.
Words are folded as the scanner folds them and joined by one blank.  The format is
known.c's: 2^16 slots of 24 bits of hash and 8 of roles; nothing can be read back."""
import collections
import gzip
import re
import struct
import sys
import unicodedata
from pathlib import Path

from guard_lexicon import word_hash

SLOTS = 1 << 16
FIGURE, SURNAME, TERM, EPONYM, PRODUCT = 1, 2, 4, 8, 16
MAY_BUILD = ("WordNet", "wikiann", "wikigold", "hiner", "stockmark", "fortunes")
KINDS = {"brand", "technology", "AI provider", "AI model"}
SHARED = 4  # a last word of so many figures is a common surname


def fold(text):
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower())
                    if not unicodedata.combining(c))
    words = re.findall(r"[a-z]+", re.sub(r"'s\b|’s\b|['’]", "", plain))
    return " ".join(words) if re.fullmatch(r"[\x00-\x7f]*", plain) else ""


def rows(folder, name):
    with gzip.open(folder / f"{name}.tsv.gz", "rt", encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f if line[0] != "#"]


def figures(folder, roles):
    last, known = collections.Counter(), {}
    for name, _, count, sources, *_ in rows(folder, "public_figures"):
        words = fold(name)
        if not words or not any(s in sources for s in MAY_BUILD):
            continue
        last[words.split()[-1]] += 1
        if int(count) >= 2 or "WordNet" in sources:
            known[words] = (int(count), "WordNet" in sources)
    for words, (count, is_listed) in known.items():
        roles[words] |= FIGURE
        end = words.split()[-1]
        if len(end) > 3 and last[end] < SHARED and (is_listed or count >= 5):
            roles[end] |= SURNAME


def eponyms(folder, roles):
    for term, name, _, _, _, sure in rows(folder, "eponyms"):
        words = fold(term)
        if not words or int(sure) < 1:
            continue
        roles[words] |= TERM
        if int(sure) == 2 and len(fold(name)) > 3:
            roles[fold(name)] |= EPONYM


def products(folder, roles):
    for name, kind, *_ in rows(folder, "software_and_products"):
        words = fold(name)
        if (kind in KINDS or kind.startswith("language/")) and len(words) > 2:
            roles[words] |= PRODUCT


def main():
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    roles = collections.Counter()
    for read in (figures, eponyms, products):
        read(folder, roles)
    table = [0] * SLOTS
    if len(roles) > SLOTS * 3 // 4:
        sys.exit(f"{len(roles)} names do not fit into {SLOTS} slots")
    for words in sorted(roles):
        h = word_hash(words)
        i, tag = h & (SLOTS - 1), h >> 40
        while table[i] and table[i] >> 8 != tag:
            i = (i + 1) & (SLOTS - 1)
        table[i] = tag << 8 | (table[i] & 255) | roles[words]
    out.write_bytes(struct.pack(f"<{SLOTS}I", *table))
    print(f"{len(roles)} names", file=sys.stderr)


if __name__ == "__main__":
    main()
