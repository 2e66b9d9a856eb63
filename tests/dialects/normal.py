"""normal.py -- the form in which cases are written: what is said, in no dialect's words.

A request: {"system": [text], "messages": [{"role", "parts"}], "tools": [...], and limits by their
plain names}.  An answer: {"parts", "finish", "usage"}.  Usage counts the cache within the input and
the reasoning within the output, whatever a dialect does."""
import base64
import json
import re

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(40))).decode()
PDF = base64.b64encode(b"%PDF-1.4\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n").decode()
WAV = base64.b64encode(b"RIFF\x24\0\0\0WAVEfmt " + bytes(24)).decode()


class Cannot(Exception):
    """This dialect has no words for it: there is no cell."""


class Wrong(AssertionError):
    """What was read is not what its dialect allows, or not what was said."""


def want(condition, text):
    if not condition:
        raise Wrong(text)


def same(got, expected, what):
    want(got == expected, f"{what}: {short(got)} instead of {short(expected)}")


def short(value, size=300):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= size else f"{text[:size]}... ({len(text)} characters)"


# Parts.
def text(value, **more):
    return {"t": "text", "text": value, **more}


def image(data=PNG, mime="image/png"):
    return {"t": "image", "data": data, "mime": mime}


def image_at(url):
    return {"t": "image", "url": url}


def file(data=PDF, mime="application/pdf", name="paper.pdf"):
    return {"t": "file", "data": data, "mime": mime, "name": name}


def audio(data=WAV, kind="wav"):
    return {"t": "audio", "data": data, "kind": kind}


def thought(value, sig=None, **more):
    return {"t": "thought", "text": value, "sig": sig, **more}


def redacted(data):
    return {"t": "redacted", "data": data}


def refusal(value):
    return {"t": "refusal", "text": value}


def call(ident, name, args, **more):
    return {"t": "call", "id": ident, "name": name,
            "args": args if isinstance(args, str) else json.dumps(args, ensure_ascii=False), **more}


def result(ident, name, *parts, error=False):
    parts = [text(p) if isinstance(p, str) else p for p in parts]
    return {"t": "result", "id": ident, "name": name, "parts": parts, "error": error}


def say(role, *parts):
    return {"role": role, "parts": [text(p) if isinstance(p, str) else p for p in parts]}


def user(*parts):
    return say("user", *parts)


def model_says(*parts):
    return say("assistant", *parts)


LOOK = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}


def tool(name="look", schema=LOOK, **more):
    """`schema` None: its client leaves the parameters out."""
    return {"name": name, "description": f"what {name} does", "schema": schema, **more}


def usage(given=20, out=9, cached=0, written=0, reasoning=0):
    return {"input": given, "output": out, "cached": cached, "written": written,
            "reasoning": reasoning}


def answer(*parts, finish=None, **more):
    parts = [text(p) if isinstance(p, str) else p for p in parts]
    has_call = any(p["t"] == "call" for p in parts)
    return {"parts": parts, "finish": finish or ("tool" if has_call else "stop"),
            "usage": more.pop("usage", usage()), **more}


def pieces(value, size=4):
    """The fragments in which a stream says it."""
    return [value[i:i + size] for i in range(0, len(value), size)]


def fragments(part):
    said = part["args"] if part["t"] == "call" else part["text"]
    return part["pieces"] if "pieces" in part else pieces(said, part.get("size", 4))


def parsed(args, where):
    """Arguments are JSON; nothing at all is an empty object."""
    try:
        return json.loads(args) if args.strip() else {}
    except ValueError:
        return {"(broken)": args, "(at)": where}


# What a turn says, flat: neighbours of one role and kind are one.
def flat(messages):
    items = []
    for message in messages:
        for part in message["parts"]:
            role = "tool" if part["t"] == "result" else message["role"]
            item = {"role": role, **{k: v for k, v in part.items() if v is not None}}
            if part["t"] == "result":
                item["parts"] = flat([{"role": "tool", "parts": part["parts"]}])
            if part["t"] == "call":
                item["args"] = parsed(part["args"], "history")
            if item["t"] == "text" and not item["text"]:
                continue        # says nothing
            last = items[-1] if items else None
            if (last and part["t"] == "text" and last["t"] == "text"
                    and (last["role"] == role)):
                last["text"] += "\n" + part["text"]
            else:
                items.append(item)
    for item in items:
        if item["t"] == "text":
            item["text"] = loose(item["text"])
    return items


def loose(value):
    """Texts that are joined may have any line ends between them."""
    return re.sub(r"\s*\n\s*", "\n", value).strip()


def strings(value):
    """Every string within a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def no_twice(pairs):
    names = [name for name, _ in pairs]
    want(len(names) == len(set(names)), f"a member twice: {names}")
    return dict(pairs)


def read_json(data, where):
    try:
        return json.loads(data, object_pairs_hook=no_twice)
    except ValueError as fault:
        raise Wrong(f"{where} is no JSON ({fault}): {short(repr(data))}") from None


def take(value, where, allowed, needed=()):
    """An object with these members and no others."""
    want(isinstance(value, dict), f"{where} is no object: {short(value)}")
    extra = set(value) - set(allowed) - set(needed)
    want(not extra, f"{where} has unknown members {sorted(extra)}")
    missing = set(needed) - set(value)
    want(not missing, f"{where} lacks {sorted(missing)}")
    return value
