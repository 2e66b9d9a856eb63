"""lang.py -- reads a .wt file into statements; knows the shape, not the commands.

A statement is words and, perhaps, a block in braces.  "..." has escapes, '...' is
taken as it is, # begins a comment, ; or the line's end ends a statement, and a
backslash before the line's end continues it.  The blocks of `weir` and `reload` are YAML and
are kept as text.  ${name} is replaced when a statement runs, not here."""
import re
from dataclasses import dataclass, field

RAW_BLOCKS = {"weir", "reload"}
ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\", '"': '"', "$": "$"}


class LangError(Exception):
    pass


@dataclass
class Statement:
    line: int
    words: list = field(default_factory=list)
    block: list = None  # statements
    raw: str = None     # the text of a raw block


class Parser:
    def __init__(self, text):
        self.text, self.at = text, 0

    def line(self):
        return self.text.count("\n", 0, self.at) + 1

    def fail(self, what):
        raise LangError(f"line {self.line()}: {what}")

    def skip_blanks(self):
        while self.at < len(self.text):
            rest = self.text[self.at:self.at + 2]
            if rest[0] in " \t\r":
                self.at += 1
            elif rest == "\\\n":
                self.at += 2
            elif rest[0] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def statements(self, is_nested):
        out, current = [], None
        while True:
            self.skip_blanks()
            c = self.text[self.at:self.at + 1]
            if c in ("", "\n", ";", "}"):
                if current:
                    out.append(current)
                current = None
                if c == "" and is_nested:
                    self.fail("a block is not closed")
                if c == "}" and not is_nested:
                    self.fail("'}' closes nothing")
                self.at += 1
                if c in ("", "}"):
                    return out
            elif c == "{":
                if not current:
                    self.fail("a block needs words before it")
                self.at += 1
                if current.words[0] in RAW_BLOCKS:
                    current.raw = self.raw_block()
                else:
                    current.block = self.statements(True)
                out.append(current)
                current = None
            else:
                current = current or Statement(self.line())
                current.words.append(self.word())

    def word(self):
        c = self.text[self.at]
        if c == "'":
            end = self.text.find("'", self.at + 1)
            if end < 0:
                self.fail("a quote is not closed")
            word, self.at = self.text[self.at + 1:end], end + 1
            return word
        if c == '"':
            return self.quoted()
        found = re.compile(r"(?:\$\{[^}]*\}|[^\s;{}\"'])+").match(self.text, self.at)
        if not found:
            self.fail(f"did not expect {c!r}")
        self.at = found.end()
        return found.group()

    def quoted(self):
        out, self.at = [], self.at + 1
        while True:
            c = self.text[self.at:self.at + 1]
            if c == "":
                self.fail("a quote is not closed")
            self.at += 1
            if c == '"':
                return "".join(out)
            if c != "\\":
                out.append(c)
                continue
            e = self.text[self.at:self.at + 1]
            self.at += 1
            if e == "x":
                byte = int(self.text[self.at:self.at + 2], 16)
                self.at += 2
                out.append(chr(byte) if byte < 0x80 else chr(0xDC00 + byte))
            elif e in ESCAPES:
                out.append(ESCAPES[e])
            else:
                self.fail(f"unknown escape \\{e}")

    def raw_block(self):
        depth, start = 1, self.at
        while self.at < len(self.text):
            c = self.text[self.at]
            depth += (c == "{") - (c == "}")
            self.at += 1
            if depth == 0:
                return self.text[start:self.at - 1]
        self.fail("a block is not closed")


def parse(text):
    return Parser(text).statements(False)


def to_bytes(text):
    """The bytes a word stands for: UTF-8, and \\xHH as that byte."""
    return text.encode("utf-8", "surrogateescape")


def to_text(data):
    return data.decode("utf-8", "surrogateescape")


def substitute(text, variables, keep_unknown=False):
    """Replaces ${name}, and ${repeat:N:text}."""
    def one(found):
        name = found.group(1)
        if name.startswith("repeat:"):
            _, count, what = name.split(":", 2)
            return what * size(count)
        if name in variables:
            return str(variables[name])
        if keep_unknown:
            return found.group(0)
        raise LangError(f"nothing is called ${{{name}}}")
    return re.sub(r"\$\{([^}]*)\}", one, text)


def size(word):
    """"64k", "29M", "100" as a number of bytes."""
    units = {"k": 1 << 10, "M": 1 << 20}
    return int(word[:-1]) * units[word[-1]] if word[-1] in units else int(word)


def milliseconds(word):
    """"250ms", "61s", "30min" as milliseconds."""
    found = re.fullmatch(r"(\d+)(ms|s|min)", word)
    if not found:
        raise LangError(f"'{word}' is not a duration (250ms, 61s, 30min)")
    return int(found.group(1)) * {"ms": 1, "s": 1000, "min": 60000}[found.group(2)]
