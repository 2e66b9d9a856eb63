"""hostile.py -- request bodies that readers of JSON may read differently.

A body is a good request with up to three things done to it: a member's twin in another
case or with letters that fold (long s, Kelvin sign), twice the same name, escapes, numbers
in every form, wrong types, deep nesting, other encodings, bytes before and behind.  Many
bodies hold a canary: a social security or card number of their own that must not leave."""
import json

SURFACES = ("chat", "chat", "chat", "completions", "embeddings")
PATHS = {"chat": "/v1/chat/completions", "completions": "/v1/completions",
         "embeddings": "/v1/embeddings"}
MODELS = {"chat": ("cloud-m", "home-m", "auto"), "completions": ("cloud-m", "home-m"),
          "embeddings": ("cloud-e", "home-e")}
WORDS = ("hello", "why is the sky blue?", "sum up", "caf\u00e9", "\U0001f600 smile", "a\nb",
         "\u65e5\u672c\u8a9e", 'say "hi"', "", "tab\tstop", "\\u0041 literally")
FOLDS = {"s": "\u017f", "k": "\u212a", "S": "\u017f", "K": "\u212a", "i": "\u0130"}


class Raw(bytes):
    """Bytes that stand in the body as they are."""


class Obj:
    """An object whose names may be there twice."""

    def __init__(self, *members):
        self.members = [list(m) for m in members]

    def get(self, name):
        return next((v for n, v in self.members if n == name), None)

    def set(self, name, value):
        self.members = [m for m in self.members if m[0] != name] + [[name, value]]


class Body:
    def __init__(self, surface, root, canary):
        self.surface, self.root, self.canary = surface, root, canary
        self.headers = [("Content-Type", "application/json")]
        self.bytes_of, self.done, self.is_chunked, self.trailer = [], [], False, b""
        self.escapes, self.blanks = 0, 0

    @property
    def path(self):
        return PATHS[self.surface]

    def encode(self, pick):
        data = dump(self.root, self, pick)
        for change in self.bytes_of:
            data = change(data)
        return data


# -- writing ------------------------------------------------------------------------------

def escape(ch, pick):
    units = ch.encode("utf-16-be", "surrogatepass")
    hexes = ["%04x" % int.from_bytes(units[i:i + 2], "big")
             for i in range(0, len(units), 2)]
    return "".join("\\u" + (h.upper() if pick.random() < 0.5 else h) for h in hexes)


def quoted(text, rate, pick):
    out = []
    for ch in text:
        if pick.random() < rate or ord(ch) < 0x20 or 0xD800 <= ord(ch) <= 0xDFFF:
            out.append(escape(ch, pick))
        else:
            out.append("\\" + ch if ch in '"\\' else ch)
    return ('"' + "".join(out) + '"').encode()


def dump(value, body, pick):
    def blank():
        return pick.choice((b" ", b"\n", b"\t", b"\r\n  ")) \
            if pick.random() < body.blanks else b""

    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, str):
        return quoted(value, body.escapes, pick)
    if isinstance(value, Obj):
        inside = [blank() + (bytes(n) if isinstance(n, Raw) else quoted(n, 0, pick))
                  + blank() + b":" + blank() + dump(v, body, pick) + blank()
                  for n, v in value.members]
        return b"{" + b",".join(inside) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(blank() + dump(v, body, pick) for v in value) + b"]"
    return json.dumps(value).encode()


# -- good requests ------------------------------------------------------------------------

def text(pick):
    return " ".join(pick.choice(WORDS) for _ in range(pick.randint(1, 3)))


def message(pick):
    role = pick.choice(("user", "user", "system", "assistant", "developer", "tool"))
    content = pick.choice((text(pick), text(pick), None, [
        Obj(("type", "text"), ("text", text(pick))) for _ in range(pick.randint(1, 2))]))
    out = Obj(("role", role), ("content", content))
    if role == "assistant" and pick.random() < 0.5:
        out.set("tool_calls", [Obj(("id", "call_1"), ("type", "function"), ("function", Obj(
            ("name", "f"), ("arguments", '{"a": "b"}'))))])
    if role == "tool":
        out.set("tool_call_id", "call_1")
    if pick.random() < 0.1:
        out.set("name", "ann")
    return out


def tool(pick):
    return Obj(("type", "function"), ("function", Obj(
        ("name", "f"), ("description", text(pick)), ("parameters", Obj(
            ("type", "object"), ("properties", Obj(
                ("id", Obj(("type", "string"))), ("ID", Obj(("type", "integer"))))))))))


def good(pick):
    surface = pick.choice(SURFACES)
    root = Obj(("model", pick.choice(MODELS[surface])))
    if surface == "chat":
        root.set("messages", [message(pick) for _ in range(pick.randint(1, 4))])
    else:
        given = pick.choice((text(pick), [text(pick), text(pick)]))
        root.set("prompt" if surface == "completions" else "input", given)
    for name, value in (("stream", pick.choice((True, False, None))),
                        ("stream_options", Obj(("include_usage", pick.random() < 0.5))),
                        ("max_tokens", pick.randint(1, 999)), ("temperature", 0.5),
                        ("max_completion_tokens", pick.randint(1, 999)), ("n", 1),
                        ("seed", pick.randint(1, 1 << 40)), ("user", "u-1"),
                        ("metadata", Obj(("id", "1"), ("ID", "2"))),
                        ("logit_bias", Obj(("15", 1), ("16", -1)))):
        if pick.random() < 0.25:
            root.set(name, value)
    if surface == "chat" and pick.random() < 0.3:
        root.set("tools", [tool(pick)])
    if surface == "chat" and pick.random() < 0.1:
        root.set("response_format", Obj(("type", "json_schema"), ("json_schema", Obj(
            ("name", "x"), ("schema", Obj(("type", "object")))))))
    pick.shuffle(root.members)
    return Body(surface, root, None)


# -- canaries -----------------------------------------------------------------------------

def disguised(ssn, pick):
    """What a reader takes for the number, in ways that readers see through."""
    at = pick.randint(4, 8)
    cut = pick.choice(("", "", "", "\u200b", "\u2060", "\0", "\b", "\x7f", "\x1f", "\u2066"))
    return f"My SSN is {ssn[:at]}{cut}{ssn[at:]}."


def card(pick):
    """Found without a word near it, unlike a social security number."""
    digits = "4" + "".join(pick.choice("0123456789") for _ in range(14))
    doubled = [int(c) * (2 - i % 2) for i, c in enumerate(digits)]
    return digits + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def plant(body, pick):
    ssn = f"{pick.randint(100, 665)}-{pick.randint(10, 99)}-{pick.randint(1000, 9999)}"
    digits = ssn.replace("-", "")
    body.canary = digits
    said = disguised(ssn, pick)
    main = {"chat": "messages", "completions": "prompt", "embeddings": "input"}[body.surface]
    place = pick.randint(0, 9)
    if place <= 3 and body.surface == "chat":
        content = pick.choice((said, [Obj(("type", "text"), ("text", said))]))
        body.root.get("messages").append(Obj(("role", "user"), ("content", content)))
    elif place <= 3:
        body.root.set(main, pick.choice((said, [text(pick), said])))
    elif place == 4:
        body.root.set("metadata", Obj(("note", said)))
    elif place == 5:
        body.root.set("nobody_knows", [[Obj((said, True))]])
    elif place == 6:
        digits = body.canary = card(pick)
        number = pick.choice((digits, f"{digits}.0", f"{digits[0]}.{digits[1:]}e15",
                              f"{digits}0E-1"))
        body.root.set("metadata", Obj(("x", Raw(number.encode()))))
    elif place == 7 and body.surface == "chat":
        body.root.set("tools", [Obj(("type", "function"), ("function", Obj(
            ("name", "f"), ("description", said))))])
    elif place == 8 and body.surface == "chat":
        body.root.get("messages").append(Obj(("role", "assistant"), ("tool_calls", [
            Obj(("id", "x"), ("type", "function"), ("function", Obj(
                ("name", "f"), ("arguments", json.dumps({"a": said})))))])))
    else:
        body.root.set("suffix", said)


# -- what is done to them -----------------------------------------------------------------

def objects(value):
    if isinstance(value, Obj):
        yield value
        for _, inner in value.members:
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def some_object(body, pick):
    found = [o for o in objects(body.root) if o.members]
    return body.root if pick.random() < 0.5 else pick.choice(found)


def messages_of(body):
    """Those that are still there, whatever was done before."""
    found = body.root.get("messages")
    return [m for m in found if isinstance(m, Obj)] if isinstance(found, list) else []


def some_member(body, pick):
    return pick.choice(some_object(body, pick).members)


def otherwise(name, pick):
    """The name as readers without case may take it, and Raw where escapes are used."""
    if isinstance(name, Raw) or not name:
        return name
    kind = pick.randint(0, 6)
    if kind == 0:
        return name.upper()
    if kind == 1:
        return name.capitalize()
    if kind == 2:
        return "".join(FOLDS.get(c, c) if pick.random() < 0.5 else c for c in name)
    if kind == 3:
        return "".join(c.upper() if pick.random() < 0.4 else c for c in name)
    if kind == 4:
        return Raw(quoted(name, 0.4, pick))
    if kind == 5:
        return Raw(quoted("".join(FOLDS.get(c, c) for c in name), 0.5, pick))
    return name + pick.choice(("\0", "\0x", " ", "\u200b", "\ufeff"))


def other_value(value, body, pick):
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return pick.choice(("cloud-m", "home-m", "system", "other", text(pick)))
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [Obj(("role", "user"), ("content", "instead"))] \
            if body.surface == "chat" else ["instead"]
    return pick.choice((None, Obj(("a", 1)), "x"))


def twin(body, pick):
    o = some_object(body, pick)
    name, value = pick.choice(o.members)
    new = [otherwise(name, pick), other_value(value, body, pick)]
    o.members.insert(pick.randint(0, len(o.members)), new)


def twin_of_main(body, pick):
    """Of what decides where the request goes and what is read in it."""
    name = pick.choice([n for n, _ in body.root.members if n in (
        "model", "messages", "prompt", "input", "stream", "stream_options")] or ["model"])
    new = [otherwise(name, pick), other_value(body.root.get(name), body, pick)]
    if pick.random() < 0.3:  # alone
        body.root.members = [m for m in body.root.members if m[0] != name]
    body.root.members.insert(pick.randint(0, len(body.root.members)), new)


def rename(body, pick):
    member = some_member(body, pick)
    member[0] = otherwise(member[0], pick)


def duplicate(body, pick):
    o = some_object(body, pick)
    name, value = pick.choice(o.members)
    o.members.insert(pick.randint(0, len(o.members)), [name, other_value(value, body, pick)])


def unknown_twins(body, pick):
    name = pick.choice(("temperature", "top_k", "keep_alive", "options", "think"))
    body.root.members += [[name, 1], [otherwise(name, pick), 2]]


NUMBERS = (b"1e3", b"100.0", b"-0", b"-0.0", b"1E400", b"-1e999", b"1e-400", b"01", b"1.",
           b".5", b"+1", b"0x10", b"1_000", b"NaN", b"Infinity", b"-Infinity", b"1e+2",
           b"9223372036854775807", b"9223372036854775808", b"18446744073709551616",
           b"9007199254740993.0", b"4294967296", b"1.5", b'"100"', b"1" * 400, b"2.0",
           b"0.1e1", b"-1", b"true", b"1e00", b"2147483648")


def number(body, pick):
    name = pick.choice(("max_tokens", "max_completion_tokens", "n", "seed", "temperature",
                        "nobody_knows", "top_p"))
    body.root.set(name, Raw(pick.choice(NUMBERS)))


def wrong_type(body, pick):
    name = pick.choice(("model", "messages", "stream", "stream_options", "tools", "prompt",
                        "input", "n", "role", "content", "response_format", "max_tokens",
                        "text", "type", "functions", "include_usage"))
    value = Raw(pick.choice((
        b"null", b"1", b"0", b'"true"', b'"false"', b"true", b"false", b'["a"]', b"[]",
        b"{}", b'{"a":1}', b'""', b'"cloud-m"', b"[[]]", b"[1,2]", b"[null]", b"1.0",
        b'[{"role":"user"}]', b'{"0":{"role":"user","content":"x"}}', b'["a",["b"]]')))
    held = [o for o in objects(body.root) if o.get(name) is not None]
    (pick.choice(held) if held else body.root).set(name, value)


def odd_string(body, pick):
    odd = pick.choice((
        b'"\\ud800"', b'"a\\udc00b"', b'"\\ud83d\\u0041"', b'"\\u0000"', b'"a\\u0000b"',
        b'"\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xc3"',
        b'"\n"', b'"\t"', b'"\0"', b'"\\x41"', b'"\\u12"', b'"\\u00g0"', b'"\\\n"',
        b"'a'", b'"\xef\xbb\xbf"', b'"\\ufeff"', b'"\\uFFFE"', b'"\xef\xbf\xbf"', b'"\\/"',
        b'"\x7f"', b'"\\U0001f600"', b'"\xe2\x80\xa8"', b'"\\ud83d\\ude00"'))
    member = some_member(body, pick)
    if pick.random() < 0.7:
        member[1] = Raw(odd)
    else:
        member[0] = Raw(odd)


def nest(body, pick):
    depth = pick.choice((3, 100, 125, 126, 127, 128, 129, 130, 200, 600, 3000, 11000))
    opening, closing = pick.choice(((b"[", b"]"), (b'{"a":', b"}")))
    deep = Raw(opening * depth + b"1" + closing * depth)
    name = pick.choice(("nobody_knows", "metadata", "content", "tools"))
    held = messages_of(body) if name == "content" else []
    (held[0] if held else body.root).set(name, deep)


def token_ids(body, pick):
    ids = pick.choice(([5159, 18679, 45], [[5159, 18679], [45]], ["a", 5159], [5159.0],
                       ["a", [5159]], [[[5159]]], 5159, [Raw(b"5e3")]))
    for m in messages_of(body)[:1]:
        m.set("content", ids)
    body.root.set({"chat": "prompt_token_ids", "completions": "prompt",
                   "embeddings": "input"}[body.surface], ids)


def encoding(body, pick):
    name = pick.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "utf-7",
                        "latin-1", "cp1252"))
    body.bytes_of.append(lambda data: data.decode("utf-8", "replace")
                         .encode(name, "ignore"))
    if pick.random() < 0.5:
        body.headers[0] = ("Content-Type", f"application/json; charset={name}")


def charset(body, pick):
    body.headers[0] = ("Content-Type", "application/json; " + pick.choice((
        "charset=utf-16", "charset=utf-7", "charset=latin1", "charset=\"utf-8\"",
        "boundary=x", "charset=utf-8; charset=utf-16", "")))


def media_type(body, pick):
    body.headers.append(pick.choice((
        ("Content-Encoding", "gzip"), ("Content-Encoding", "identity"),
        ("Content-Type", "application/json"), ("Content-Type", "text/plain"),
        ("Content-Encoding", "deflate, identity"), ("Transfer-Encoding", "gzip"),
        ("Content-Transfer-Encoding", "base64"))))


def chunked(body, pick):
    body.is_chunked = True
    body.trailer = pick.choice((b"", b"", b'X-Trailer: {"model":"cloud-m"}\r\n'))


def around(body, pick):
    before = pick.choice((b"", b"", b"\xef\xbb\xbf", b"\0", b"// c\n", b"/* c */", b")]}'\n",
                          b"\x0c", b"\xc2\xa0", b" \r\n\t"))
    behind = pick.choice((b"", b"x", b"{}", b"\0", b"]", b"}", b"\n", b" // c", b",", b"\x1a",
                          b'{"model":"cloud-m","messages":[]}', b"null", b"\xff", b";"))
    body.bytes_of.append(lambda data: before + data + behind)


def punctuation(body, pick):
    old, new = pick.choice(((b",", b",,"), (b"}", b",}"), (b"]", b",]"), (b":", b"="),
                            (b'"', b"'"), (b",", b"/* c */,"), (b":", b": // c\n"),
                            (b"{", b"{,"), (b",", b";"), (b":", b"::"), (b",", b"")))
    body.bytes_of.append(lambda data: data.replace(old, new, 1))


def damage(body, pick):
    """One byte anywhere, which may make another number of the canary."""
    body.canary = None
    at, byte, kind = pick.random(), pick.randint(0, 255), pick.randint(0, 2)

    def change(data):
        i = int(at * len(data))
        return (data[:i], data[:i] + bytes([byte]) + data[i:],
                data[:i] + bytes([byte]) + data[i + 1:])[kind]
    body.bytes_of.append(change)


def spelling(body, pick):
    body.escapes = pick.choice((0.1, 0.5, 1))


def blanks(body, pick):
    body.blanks = 0.5


def null_member(body, pick):
    some_member(body, pick)[1] = None


def empty_name(body, pick):
    some_object(body, pick).members.append(["", pick.choice((1, "x", "cloud-m"))])


def many_members(body, pick):
    body.root.members += [[f"k{i}", i] for i in range(pick.choice((200, 300)))]


CHANGES = (twin, twin, twin_of_main, twin_of_main, rename, duplicate, duplicate,
           unknown_twins, number, number,
           wrong_type, wrong_type, odd_string, odd_string, nest, token_ids, encoding,
           charset, media_type, chunked, around, punctuation, damage, spelling, spelling,
           blanks, null_member, empty_name, many_members)


def hostile(pick):
    body = good(pick)
    if pick.random() < 0.4:
        plant(body, pick)
    for change in pick.sample(CHANGES, pick.choice((0, 1, 1, 1, 1, 2, 2, 3))):
        body.done.append(change.__name__)
        change(body, pick)
    return body
