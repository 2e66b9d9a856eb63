"""compare.py -- what must be equal between weir's reading of a body and a parser's.

A parser that refuses the body agrees with everything: its engine answers 400 itself."""
import re


def whole(value):
    """Half of a surrogate pair is dropped, replaced or kept: one spelling for all."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [whole(v) for v in value]
    return value


def content_of(raw):
    """A content as weir has it, as the list of its texts."""
    if raw is None or isinstance(raw, str):
        return [] if raw is None else [raw]
    if not isinstance(raw, list):
        return None
    return [part.get("text") or "" for part in raw
            if isinstance(part, dict) and part.get("type") == "text"]


def first(messages, roles):
    """Of those that have a content, as weir takes it; parsers show none and null alike."""
    return next((content for role, content in messages if role in roles and content), [])


def last(messages, roles):
    return first(list(reversed(messages)), roles)


def holds(texts, canary):
    return any(canary in re.sub(r"\W|_", "", t) for t in texts or [])


def has_ids(given):
    return isinstance(given, list) and any(
        isinstance(g, (int, float)) or has_ids(g) for g in given)


def differences(reading, weir, sent):
    """What a parser's reading has that weir's has not, as lines.  `weir` is the reading of
    weir_reading, `sent` has the model that was routed to (`model`), whether weir asked for
    a stream (`is_stream`; None: there are none), whether the engine is in the cloud (`is_cloud`), the canary."""
    if "error" in reading:
        return []
    if "error" in weir:
        return [f"weir itself does not read what it sent: {weir['error']}"]
    out = []

    def same(what, theirs, ours):
        if whole(theirs) != whole(ours):
            out.append(f"{what}: {theirs!r} is read, weir has {ours!r}")
    same("model", reading["model"], sent["model"])
    if sent["is_stream"] is not None:
        same("stream", reading["stream"], sent["is_stream"])
        same("stream", reading["stream"], weir["stream"])
    if sent["is_stream"]:
        same("include_usage", reading["usage"], True)
    # Past 2^53 a double is not exact, and no model writes as much: any number will do.
    def limit(n):
        return min(n, 1 << 53)
    same("n", 1 if reading["n"] is None else reading["n"], weir["n"])
    same("max_tokens", limit(max(-1, -1 if reading["max"] is None else reading["max"])),
         limit(weir["max"]))
    if reading["tools"]:  # weir counts the functions of old as well
        same("tools", reading["tools"], weir["tools"])
    if reading["messages"] is not None:
        out += of_messages(reading["messages"], weir, same)
    if sent["is_cloud"] and has_ids(reading["input"]):
        out.append(f"token ids in the cloud: {reading['input']!r}")
    if sent["is_cloud"] and sent["canary"] and holds(reading["texts"], sent["canary"]):
        out.append(f"the canary {sent['canary']} is in the cloud")
    return out


def of_messages(messages, weir, same):
    same("messages", len(messages), weir["nmessages"])
    for what, ours, theirs in (
            ("system text", weir["system"], first(messages, ("system", "developer"))),
            ("first user text", weir["first_user"], first(messages, ("user",))),
            ("last user text", weir["last_user"], last(messages, ("user",)))):
        known = content_of(ours)
        if known is not None:
            same(what, theirs if known else [], known)
    return []


def between(name, reading, other):
    """Two parsers that both read the body must have read the same messages and inputs."""
    if "error" in reading or "error" in other:
        return []
    return [f"{key}: {reading[key]!r} is read, {name} reads {other[key]!r}"
            for key in ("messages", "input")
            if whole(numbers(reading[key])) != whole(numbers(other[key]))]


def numbers(value):
    """1 and 1.0 are one number."""
    if isinstance(value, list):
        return [numbers(v) for v in value]
    return float(value) if isinstance(value, int) and abs(value) < 1 << 53 else value
