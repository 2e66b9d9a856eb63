#!/usr/bin/env python3
"""Make data/guard/facts.bin: guard_facts.py LISTS_DIR OUT.bin

LISTS_DIR holds gzip'd tables of facts (NOTICE names where they come from): words and
how common they are, names by country, Japanese, Chinese and Russian names, places,
software and brands, terms that are named after people, people that many texts speak of,
words of firms; and the lists of given and family names in some eighty languages that stand
in data/guard/generate/documents, written for weir.  What is kept of a word are 16 bits of its
hash and 16 of facts; the format and the bits are those of src/scan/text/facts.h.  The same
lists give the same bytes."""
import collections
import gzip
import re
import sys
from pathlib import Path

import names_documents
from guard_buckets import fill
from guard_lexicon import word_hash

FIRST, LAST, PLACE, PRODUCT, EPONYM, TERM, FIGURE, PERSON, FIRM, TITLE, MANY, ENGLISH = (
    1 << b for b in range(3, 15))
LEAST_COMMON, MANY_COUNTRIES = 325, 3
FREQUENCY, COMMON = 7, 6

# The lower case and the base letters of src/scan/text/letters.c and normalise.c.
LATIN = ("AAAAAAACEEEEIIIIDNOOOOO0OUUUUYTsaaaaaaaceeeeiiiidnooooo0ouuuuyty"
         "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlL"
         "lLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs")
CASINGS = ((0x41, 0x5A, 32), (0xC0, 0xD6, 32), (0xD8, 0xDE, 32), (0x100, 0x137, 0),
           (0x139, 0x148, 1), (0x14A, 0x177, 0), (0x179, 0x17E, 1), (0x1CD, 0x1DC, 1),
           (0x1DE, 0x1EF, 0), (0x1F8, 0x21F, 0), (0x222, 0x233, 0), (0x391, 0x3A1, 32),
           (0x3A3, 0x3AB, 32), (0x400, 0x40F, 80), (0x410, 0x42F, 32), (0x460, 0x481, 0),
           (0x48A, 0x4BF, 0), (0x4C1, 0x4CE, 1), (0x4D0, 0x52F, 0), (0x531, 0x556, 48),
           (0x1E00, 0x1E95, 0), (0x1EA0, 0x1EFF, 0), (0xFF21, 0xFF3A, 32))
ODD = {0x178: 0xFF, 0x386: 0x3AC, 0x388: 0x3AD, 0x389: 0x3AE, 0x38A: 0x3AF, 0x38C: 0x3CC,
       0x38E: 0x3CD, 0x38F: 0x3CE}


def lower(cp):
    for first, last, by in CASINGS:
        if first <= cp <= last:
            return cp + by if by > 1 else cp + ((cp & 1) == by)
    return ODD.get(cp, cp)


def fold(word):
    out = []
    for cp in map(ord, word):
        base = LATIN[cp - 0xC0].lower() if 0xC0 <= cp <= 0x17F else "0"
        out.append(base if base.isalpha() else chr(lower(cp)))
    return "".join(out)


def is_alone(c):
    cp = ord(c)
    return (0xE00 <= cp <= 0xEFF or 0x1000 <= cp <= 0x109F or 0x2E80 <= cp <= 0x2FFF or
            0x3005 <= cp <= 0x9FFF or 0xAC00 <= cp <= 0xD7FF or 0xF900 <= cp <= 0xFAFF)


def words(text):
    """The words of a list's entry, folded; of scripts without blanks all of it."""
    text = re.sub(r"\b(\w\w?)['’](?=\w\w)", r"\1", text)
    for w in re.findall(r"[^\W\d_]+(?:[\u0300-\u036f\u0900-\u0dff][^\W\d_]*)*", text):
        if not is_alone(w[0]) or len(w) <= 4:
            yield fold(w).encode()[:40].decode(errors="ignore")


class Lists:
    def __init__(self, root):
        self.root, self.facts = Path(root), collections.Counter()

    def rows(self, name):
        with gzip.open(self.root / f"{name}.tsv.gz", "rt", encoding="utf-8") as f:
            return [line.rstrip("\n").split("\t") for line in f if line[0] != "#"]

    def say(self, text, bits):
        for w in words(text):
            self.facts[w] |= bits

    def say_one(self, text, bits):
        """Only of entries that are one word."""
        found = list(words(text))
        if len(found) == 1 and re.fullmatch(r"[^\W\d_]+", text):
            self.facts[found[0]] |= bits


def read_words(x):
    zipf = {}
    for lang, word, z in x.rows("word_frequency"):
        z = int(z)
        for w in words(word):
            zipf[w] = max(z, zipf.get(w, 0))
            if lang == "en" and z >= 350:
                x.facts[w] |= ENGLISH
    for w, z in zipf.items():
        if z >= LEAST_COMMON:
            x.facts[w] |= 1 + sum(z >= t for t in (350, 380, 420, 470, 520, 600))


def read_names(x):
    countries = collections.defaultdict(set)
    for place, kind, name, *_ in x.rows("names_by_locale"):
        if kind.startswith(("first", "middle")):
            x.say(name, FIRST)
            for w in words(name):
                countries[w].add(place[:2])
        elif kind.startswith("last"):
            x.say(name, LAST)
        elif kind.startswith(("prefix", "suffix")):
            x.say(name, TITLE)
        elif kind.startswith("company"):
            x.say(name, FIRM)
    for w, where in countries.items():
        if len(where) >= MANY_COUNTRIES:
            x.facts[w] |= MANY
    for lang, name, kind, *_ in x.rows("slavic_names"):
        regular = re.search("(ов|ев|ёв|ин|ын|ова|ева|ёва|ина|ына|ий|ая|ко|ук|юк|ич|як)$", name)
        if lang == "ru" and kind == "given":
            x.say(name, FIRST)
        elif lang == "ru" and kind == "surname" and not regular:
            x.say(name, LAST)


def read_eastern(x):
    bits = {"surname": LAST, "given": FIRST, "person": PERSON, "place": PLACE, "org": FIRM}
    for surface, kind, _, cost in x.rows("japanese_names"):
        if kind in ("surname", "given", "person") or (kind == "place" and int(cost) < 8000):
            x.say(surface, bits[kind])
    for word, kind, *_ in x.rows("chinese_names"):
        if kind.startswith("person"):
            x.say(word, PERSON)
        elif kind == "place":
            x.say(word, PLACE)


def read_others(x):
    for row in x.rows("places"):
        for name in [row[0]] + (row[3].split("|") if len(row) > 3 else []):
            x.say(name, PLACE)
    for name, *_ in x.rows("software_and_products"):
        x.say_one(name, PRODUCT)
    kinds = collections.Counter()
    for _, parts, kind, _, _, sure in x.rows("eponyms"):
        if int(sure) < 1:
            continue
        for part in parts.split("|"):
            x.say(part, EPONYM)
        kinds.update(set(words(kind)))
    for w, n in kinds.items():
        if n >= 3:
            x.facts[w] |= TERM
    for row in x.rows("public_figures"):
        if int(row[2]) >= 2:
            x.say(row[0], FIGURE)
    for row in x.rows("org_suffixes"):
        x.say(row[0], FIRM)


def read_written(x):
    """Not names that are very common words of some language."""
    for halves in names_documents.listed().values():
        for bit, names in zip((FIRST, LAST), halves):
            for w in {w for name in names for w in words(name)}:
                if x.facts[w] & FREQUENCY < COMMON and len(w) > 1:
                    x.facts[w] |= bit


def main():
    x = Lists(sys.argv[1])
    for read in (read_words, read_names, read_eastern, read_others, read_written):
        read(x)
    facts = {w: f for w, f in x.facts.items() if f}
    out, lost = fill({word_hash(w): facts[w] for w in sorted(facts)})
    Path(sys.argv[2]).write_bytes(out)
    print(f"{len(facts)} words, {lost} left out, {len(out)} bytes")


if __name__ == "__main__":
    main()
