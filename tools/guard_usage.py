#!/usr/bin/env python3
"""Make data/guard/usage.bin: guard_usage.py WHEEL OUT.bin

WHEEL is spacy-lookups-data 1.0.5 from PyPI (MIT): for a million words each of English, German
and Spanish how often they stand in a large text, upper and lower case apart, and which of
Brown's clusters they are in (a number whose bits are the way through the tree, the first
one lowest).  What is kept of a spelling are 16 bits of its hash, its cluster and the share of
capitals; the format is that of src/scan/text/usage.h.  The same wheel gives the same bytes."""
import collections
import gzip
import json
import math
import re
import sys
import zipfile
from pathlib import Path

from guard_buckets import fill
from guard_facts import fold
from guard_lexicon import MASK, word_hash

LANGUAGES = ("en", "de", "es")
NEAR, CLUSTERS, WORDS = 3, 2560, 400_000
SHARES = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98)
LATIN_WORD = re.compile(r"[^\W\d_\u0370-\U0010FFFF]{2,40}")


def table(wheel, language, name):
    path = f"spacy_lookups_data/data/{language}_lexeme_{name}.json.gz"
    return json.loads(gzip.decompress(wheel.read(path)))


def numbers(clusters, first):
    """A number for each cluster but 0, in the order of the tree; and the first free one."""
    way = lambda c: f"{c:b}"[::-1]
    ordered = sorted(set(clusters.values()) - {0}, key=way)
    first = -(-first // (1 << NEAR)) << NEAR
    return {c: first + i for i, c in enumerate(ordered)}, first + len(ordered)


def has_capital(word):
    return word != word.lower()


def spellings(language, clusters, logs, number):
    """(log of how common, (folded word, has a capital), value) of each spelling that is kept."""
    often = collections.Counter()
    for word, log in logs.items():
        if LATIN_WORD.fullmatch(word):
            often[fold(word), has_capital(word)] += math.exp(log)
    for word, cluster in clusters.items():
        if not cluster or not LATIN_WORD.fullmatch(word):
            continue
        key = fold(word), has_capital(word)
        both = often[key[0], False] + often[key[0], True]
        share = sum(often[key[0], True] / both >= least for least in SHARES) if both else 0
        yield logs.get(word, -99.0), key, number[cluster] | share << 12


def key_hash(key):
    h = word_hash(key[0])
    return h * 0x9E3779B97F4A7C15 & MASK if key[1] else h


def main():
    wheel = zipfile.ZipFile(sys.argv[1])
    found, free = [], 1
    for language in LANGUAGES:
        clusters, logs = (table(wheel, language, n) for n in ("cluster", "prob"))
        number, free = numbers(clusters, free)
        found += spellings(language, clusters, logs, number)
    if free > CLUSTERS:
        sys.exit(f"guard_usage: {free} clusters, room is for {CLUSTERS}")
    found.sort(key=lambda x: (-x[0], x[1]))
    values = {}
    for _, key, value in found:
        if len(values) < WORDS:
            values.setdefault(key_hash(key), value)
    out, lost = fill(values)
    Path(sys.argv[2]).write_bytes(out)
    print(f"{len(values)} spellings of {len(found)}, {free} clusters, {lost} left out, {len(out)} bytes")


if __name__ == "__main__":
    main()
