#!/usr/bin/env python3
"""Compile names that tell what a value is: guard_telling.py OUT.bin WORDS.txt ...
or take such words from translations:   guard_telling.py --import WORDS.json > WORDS.txt

A word in an earlier file goes before the same word in a later one.  The table is read by
src/scan/read/telling.c: 2^14 slots of 24 bits of hash and 8 of telling; folding and hash
must agree with it."""
import json
import re
import struct
import sys
import unicodedata
from pathlib import Path

SLOTS = 1 << 14
MASK = (1 << 64) - 1
HEADER = Path(__file__).parent.parent / "src/scan/read/telling.h"

# What may be taken from translations, by the concept there; what stays out.
TAKEN = {"password": "PASSWORD", "pin": "PIN", "date_of_birth": "DOB",
         "first_name": "FIRST", "last_name": "LAST", "phone": "PHONE", "email": "EMAIL",
         "username": "USER", "postal_code": "POSTCODE", "passport": "PASSPORT"}
# Ages, accounts, "sign in", countries, and what is confirmed or typed.
LEFT_OUT = re.compile(
    r"age|alter|edad|idade|leeftijd|wiek|et.$|возраст|年齢|年龄|العمر|อายุ|ອາຍຸ|ηλικία|vanus|ikä"
    r"|account|konto|compte|cuenta|conta\b|rekening|запис|アカウント|계정|帐户|帳戶|اکانت|حساب"
    r"|anmeld|einlogg|connexion|вход|войти|zaloguj|logowanie|entrar|accedi|inloggen|kirjaudu"
    r"|страна|country|wi-?fi|\(|:|\d|;|&|#|geben|enter|please|place|ort\b|lieu|código$|kod$"
    r"|^(ur|by|code|kod|codi|mail|post|poçt|pošta|pošt|posta|poczta|почта|pasta|fax|faks|nick)$",
    re.I)


def tellings():
    """Their numbers, in the header's order."""
    listed = HEADER.read_text().split("#define TELLINGS(X)")[1].split("clang-format on")[0]
    return {name: i + 1 for i, name in enumerate(re.findall(r"\bX\((\w+)\)", listed))}


def folded(char):
    """What is left of a character of a name: '' of a mark, a blank or a digit."""
    cp = ord(char)
    if cp < 0x80:
        return char.lower() if char.isalpha() else ""
    if 0xC0 <= cp <= 0x17F:
        special = {"ß": "s", "æ": "a", "Æ": "a", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l",
                   "đ": "d", "Đ": "d", "ı": "i", "œ": "o", "Œ": "o", "þ": "t", "Þ": "t",
                   "ð": "d", "Ð": "d"}
        base = special.get(char) or unicodedata.normalize("NFD", char)[0].lower()
        return base if base.isascii() and base.isalpha() else ""
    if cp < 0xC0 or 0x2000 <= cp <= 0x206F or 0x3000 <= cp <= 0x303F or cp >= 0xFF00:
        return ""
    if 0x370 <= cp <= 0x52F:
        return char.lower()
    return char


def fold(phrase):
    phrase = phrase.replace("ß", "ss")
    return "".join(folded(c) for c in unicodedata.normalize("NFC", phrase))


def word_hash(folded_word):
    h = 0xCBF29CE484222325
    for b in folded_word.encode():
        h = ((h ^ b) * 0x100000001B3) & MASK
    h ^= h >> 32
    h = (h * 0x9E3779B97F4A7C15) & MASK
    h ^= h >> 29
    return h or 1


def read_words(path, numbers, into):
    telling = None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith("="):
            name, line = line[1:].split(" ", 1)
            telling = numbers[name]
        for phrase in line.split(","):
            if fold(phrase):
                into.setdefault(fold(phrase), telling)


def compile_table(words):
    slots = [0] * SLOTS
    for word in sorted(words):
        h = word_hash(word)
        i, tag = h & (SLOTS - 1), h >> 40
        while slots[i]:
            if slots[i] >> 8 == tag:
                sys.exit(f"two words with one hash: {word}")
            i = (i + 1) & (SLOTS - 1)
        slots[i] = tag << 8 | words[word]
    return b"".join(struct.pack("<I", s) for s in slots)


def import_words(path):
    taken = {}
    for language, concepts in json.loads(path.read_text())["languages"].items():
        for concept, words in concepts.items():
            for row in words if concept in TAKEN else []:
                w = row["w"].strip()
                if LEFT_OUT.search(w) or len(w.split()) > 3 or len(fold(w)) < 3:
                    continue
                taken.setdefault(TAKEN[concept], {})[fold(w)] = w.lower()
    print("# Single labels out of the translations of free programs; see NOTICE.")
    for telling in sorted(taken):
        print(f"={telling} " + ", ".join(taken[telling][k] for k in sorted(taken[telling])))


def main():
    if sys.argv[1] == "--import":
        return import_words(Path(sys.argv[2]))
    words = {}
    for path in sys.argv[2:]:
        read_words(Path(path), tellings(), words)
    if len(words) > SLOTS * 3 // 4:
        sys.exit(f"{len(words)} words are too many for {SLOTS} slots")
    Path(sys.argv[1]).write_bytes(compile_table(words))


if __name__ == "__main__":
    main()
