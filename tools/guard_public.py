#!/usr/bin/env python3
"""Compile values that documentation publishes: guard_public.py VALUES.json OUT.bin

Test cards, sample account numbers, keys and passwords of manuals: everybody knows them, so
they hold nothing.  Kept are 64 bits of a hash of each value's letters and digits in lower
case, sorted; src/scan/find/public.c looks them up."""
import json
import struct
import sys
from pathlib import Path

from guard_telling import word_hash

MORE = Path(__file__).parent.parent / "data/guard/public_more.txt"
LEAST = 4  # letters and digits: a shorter one says nothing
# Not values of a person, an account or a machine.
LEFT_OUT = ("name", "phone", "network", "placeholder credential in a URL")


def main():
    hashes = set()
    for row in json.loads(Path(sys.argv[1]).read_text())["values"]:
        kept = "".join(c for c in row["value"].lower() if c.isascii() and c.isalnum())
        if row["kind"] not in LEFT_OUT and len(kept) >= LEAST:
            hashes.add(word_hash(kept))
    for line in MORE.read_text().splitlines():
        if line and not line.startswith("#"):
            hashes.add(word_hash("".join(c for c in line.lower() if c.isalnum())))
    Path(sys.argv[2]).write_bytes(b"".join(struct.pack("<Q", h) for h in sorted(hashes)))
    print(len(hashes), "values")


if __name__ == "__main__":
    main()
