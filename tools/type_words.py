#!/usr/bin/env python3
"""Write what types of values are called as a module of the page: type_words.py TABLE.c OUT.js

The one table is that of src/config/type_words.c; here it only changes its language."""
import json
import re
import sys
from pathlib import Path


def table(text, kind):
    found = re.findall(rf'\[{kind}_(\w+)\] =\s+"([^"]+)"', text)
    return {name if kind == "TYPE" else name.lower(): words for name, words in found}


def module(path):
    text = Path(path).read_text(encoding="utf-8")
    return "".join(f"export const {kind}S = {json.dumps(table(text, kind), separators=(',', ':'))};\n" for kind in ("TYPE", "GROUP"))


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(module(sys.argv[1]), encoding="utf-8")
