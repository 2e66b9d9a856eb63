"""Sentences with names in languages that have no labelled text to learn from.

Names come from names_by_locale and from the lists of data/guard/generate/documents, or are Latin ones written in the letters of the language,
as its newspapers write foreigners; Ukrainian, Bulgarian and Greek ones in their cases.
What stands around them are phrases that announce people (data/guard/generate/foreign.txt)
and words drawn by their frequency, so that a name is not what is rare but what stands
where names stand.  Croatian sentences in Cyrillic letters, and Russian ones in Ukrainian
spelling, are real."""
import bisect
import collections
import gzip
import itertools
import re
from pathlib import Path

import names_documents

PHRASES = Path(__file__).resolve().parent.parent / "data/guard/generate/foreign.txt"
LOCALES = {"ar": ("ar_AA", "ar_SA", "ar_PS", "ar_DZ"), "fa": ("fa_IR",), "he": ("he_IL",),
           "el": ("el_GR",), "uk": ("uk_UA",), "bg": ("bg_BG",), "ne": ("ne_NP",),
           "ta": ("ta_IN",), "bn": ("bn_BD",)}
FOREIGN_SHARE = {"ar": .35, "fa": .35, "he": .4, "el": .45, "uk": .3, "bg": .4}
CASED = {"el", "uk", "bg"}
SCRIPTS = {"ar": ("\u0600", "\u06ff"), "fa": ("\u0600", "\u06ff"), "he": ("\u0590", "\u05ff"),
           "el": ("\u0370", "\u03ff"), "uk": ("\u0400", "\u04ff"), "bg": ("\u0400", "\u04ff"),
           "ne": ("\u0900", "\u097f")}
CAPITAL_SHARE = .12  # of ordinary words: headlines, offices, adjectives of nations
COMMON = 500  # such a word is drawn, though it is a name too; in 1/100 of zipf

_ARABIC = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    "ا", "ب", "ك", "د", "ي", "ف", "ج", "ه", "ي", "ج", "ك", "ل", "م", "ن", "و", "ب", "ك",
    "ر", "س", "ت", "و", "ف", "و", "كس", "ي", "ز")))
_HEBREW = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    "א", "ב", "ק", "ד", "", "פ", "ג", "ה", "י", "ג", "ק", "ל", "מ", "נ", "ו", "פ", "ק",
    "ר", "ס", "ט", "ו", "ו", "ו", "קס", "י", "ז")))
_GREEK = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    "α", "μπ", "κ", "ντ", "ε", "φ", "γκ", "χ", "ι", "τζ", "κ", "λ", "μ", "ν", "ο", "π",
    "κ", "ρ", "σ", "τ", "ου", "β", "γου", "ξ", "ι", "ζ")))
_CYRILLIC = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    "а", "б", "к", "д", "е", "ф", "г", "г", "і", "дж", "к", "л", "м", "н", "о", "п", "к",
    "р", "с", "т", "у", "в", "в", "кс", "і", "з")))
_PAIRS = {"ar": {"sh": "ش", "ch": "تش", "th": "ث", "ph": "ف", "kh": "خ", "ee": "ي",
                 "oo": "و", "gh": "غ"},
          "he": {"sh": "ש", "ch": "צ׳", "th": "ת", "ph": "פ", "kh": "ח", "oo": "ו"},
          "el": {"sh": "σ", "ch": "τσ", "th": "θ", "ph": "φ", "oo": "ου", "ee": "ι"},
          "uk": {"sh": "ш", "ch": "ч", "th": "т", "ph": "ф", "kh": "х", "oo": "у",
                 "ya": "я", "yu": "ю", "ee": "і"}}
_LETTERS = {"ar": _ARABIC, "fa": _ARABIC, "he": _HEBREW, "el": _GREEK, "uk": _CYRILLIC,
            "bg": {**_CYRILLIC, "i": "и", "y": "и", "h": "х"}}
_PAIRS["fa"], _PAIRS["bg"] = {**_PAIRS["ar"], "ch": "چ", "p": "پ"}, _PAIRS["uk"]

# Croatian in the letters of Serbian; two letters first.
_SERBIAN = {"dž": "џ", "lj": "љ", "nj": "њ", **dict(zip(
    "abcčćdđefghijklmnoprsštuvzž", "абцчћдђефгхијклмнопрсштувзж"))}
_UKRAINIAN = {"ы": "и", "и": "і", "э": "е", "ё": "йо", "ъ": "", "Ы": "И", "И": "І",
              "Э": "Е", "Ё": "Йо"}


def foreign(name, lang):
    letters, pairs, low, out, i = _LETTERS[lang], _PAIRS[lang], name.lower(), [], 0
    while i < len(low):
        if low[i:i + 2] in pairs:
            out.append(pairs[low[i:i + 2]])
            i += 2
        else:
            out.append(letters.get(low[i], low[i]))
            i += 1
    word = "".join(out)
    if lang == "el" and word and word[-1] == "σ":
        word = word[:-1] + "ς"
    return word[:1].upper() + word[1:] if lang in CASED else word


def serbian(text):
    def letter(m):
        s = m.group()
        c = _SERBIAN.get(s.lower())
        return s if c is None else c.upper() if s[0].isupper() else c
    return re.sub("dž|lj|nj|.", letter, text, flags=re.I | re.S)


def ukrainian(text):
    return "".join(_UKRAINIAN.get(c, c) for c in text)


def slavic_case(word, rng, share):
    """Another case of a Ukrainian or Bulgarian name, about as often as texts have it."""
    if rng.random() > share:
        return word
    for ending, cases in (("ський", ("ського", "ському", "ським")), ("ька", ("ької", "ьку")),
                          ("ія", ("ії", "ію", "ією")), ("я", ("і", "ю", "ею")),
                          ("а", ("и", "і", "у", "ою")), ("о", ("а", "у", "ом")),
                          ("ій", ("ія", "ію", "ієм")), ("й", ("я", "ю", "єм"))):
        if word.endswith(ending):
            return word[:-len(ending)] + rng.choice(cases)
    return word + rng.choice(("а", "у", "ом", "ові")) if word[-1] not in "еиіуюєї" else word


def greek_case(word, rng, share):
    if rng.random() > share:
        return word
    for ending, cases in (("ος", ("ου", "ο")), ("ης", ("η",)), ("ας", ("α",)),
                          ("ής", ("ή",)), ("άς", ("ά",)), ("ός", ("ού", "ό")),
                          ("α", ("ας",)), ("η", ("ης",))):
        if word.endswith(ending):
            return word[:-len(ending)] + rng.choice(cases)
    return word


class Words:
    """Of one language, drawn by frequency."""

    def __init__(self, rows):
        self.words = [w for w, _ in rows]
        self.upto = list(itertools.accumulate(10 ** (z / 100) for _, z in rows))

    def draw(self, rng):
        return self.words[bisect.bisect(self.upto, rng.random() * self.upto[-1])]


class Foreign:
    def __init__(self, lists, rng):
        self.rng = rng
        self.names = collections.defaultdict(lambda: ([], []))
        self.latin, self.words = ([], []), {}
        self.places = collections.defaultdict(list)
        for row in self.rows(lists / "places.tsv.gz"):
            for name in row[3].split("|") if len(row) > 3 else ():
                for lang, (first, last) in SCRIPTS.items():
                    if first <= name[:1] <= last:
                        self.places[lang].append(name)
        langs = {locale: lang for lang, v in LOCALES.items() for locale in v}
        for place, kind, name, *_ in self.rows(lists / "names_by_locale.tsv.gz"):
            which = 0 if kind.startswith("first") else 1 if kind.startswith("last") else None
            if which is None or len(name) < 3 or "romanized" in kind:
                continue
            if place in langs and not name.isascii():
                self.names[langs[place]][which].append(name)
            elif name.isascii() and name.isalpha() and place[:2] in ("en", "de", "fr", "es", "it"):
                self.latin[which].append(name)
        for lang, halves in sorted(names_documents.listed().items()):
            for which in (0, 1) if lang in LOCALES else ():
                self.names[lang][which].extend(n for n in halves[which] if not n.isascii())
        by_lang = collections.defaultdict(list)
        named = {n.lower() for v in self.names.values() for half in v for n in half}
        for lang, word, z in self.rows(lists / "word_frequency.tsv.gz"):
            lang = "ne" if lang == "hi" else lang  # there is no list of Nepali words
            if lang not in LOCALES or word.isascii():
                continue
            if int(z) >= COMMON or word not in named:
                by_lang[lang].append((re.sub("σ$", "ς", word), int(z)))
        self.words = {lang: Words(rows) for lang, rows in sorted(by_lang.items())}
        self.phrases = collections.defaultdict(list)
        for line in PHRASES.read_text(encoding="utf-8").splitlines():
            if line and line[0] != "#":
                lang, _, phrase = line.partition(" ")
                self.phrases[lang].append(phrase)

    @staticmethod
    def rows(path):
        with gzip.open(path, "rt", encoding="utf-8") as f:
            return [line.rstrip("\n").split("\t") for line in f if line[0] != "#"]

    def one(self, lang, which):
        first, last = self.names[lang]
        if self.rng.random() < FOREIGN_SHARE.get(lang, 0):
            return foreign(self.rng.choice(self.latin[which]), lang)
        return self.rng.choice((last if which else first) or first)

    def bent(self, word, lang):
        if lang == "uk":
            return slavic_case(word, self.rng, .45)
        return greek_case(word, self.rng, .5) if lang == "el" else word

    def name(self, lang, slot):
        r = self.rng
        if slot == "N":
            slot = r.choices("NFL", (.6, .2, .2))[0]
        if slot == "F":
            return self.bent(self.one(lang, 0), lang)
        if slot == "L":
            return self.bent(self.one(lang, 1), lang)
        words = [self.one(lang, 0)] + [self.one(lang, 0)] * (r.random() < .12)
        if lang in CASED and r.random() < .15:
            words = [words[0][0] + "."]
        return " ".join(self.bent(w, lang) for w in words + [self.one(lang, 1)])

    def salad(self, lang, n):
        words = [self.words[lang].draw(self.rng) for _ in range(n)]
        if lang in CASED:
            words = [w.capitalize() if self.rng.random() < CAPITAL_SHARE else w for w in words]
        return " ".join(words)

    def office(self, lang):
        words = [self.words[lang].draw(self.rng) for _ in range(self.rng.randint(1, 3))]
        return " ".join(w.capitalize() if lang in CASED else w for w in words)

    def filled(self, lang, phrase):
        """[(text, type or None)]"""
        parts = []
        for piece in re.split(r"(\{[NFLWPO]\})", phrase):
            if piece == "{W}":
                parts.append((self.salad(lang, self.rng.randint(1, 6)), None))
            elif piece == "{P}":
                parts.append((self.rng.choice(self.places[lang]), "LOCATION"))
            elif piece == "{O}":
                parts.append((self.office(lang), None))
            elif re.fullmatch(r"\{[NFL]\}", piece):
                parts.append((self.name(lang, piece[1]), "PERSON"))
            elif piece:
                parts.append((piece, None))
        return parts

    def sentence(self, lang):
        parts, r = [], self.rng
        for i in range(r.choice((1, 1, 2, 3))):
            if parts:
                parts.append((r.choice((". ", ", ", " ", "\n")), None))
            if r.random() < .25:
                text = self.salad(lang, r.randint(3, 14))
                parts.append((text[:1].upper() + text[1:], None))
            else:
                parts += self.filled(lang, r.choice(self.phrases[lang]))
        return parts
