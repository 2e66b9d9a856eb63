#!/usr/bin/env python3
"""Reads bodies as engines in Python do: json.loads of the bytes (which takes UTF-16 and
NaN), then fields as a lenient pydantic model takes them: "100" and 100.0 are integers,
1 and "true" are true.  The protocol is in README.md."""
import base64
import json
import sys

TRUE, FALSE = ("1", "true", "t", "yes", "y", "on"), ("0", "false", "f", "no", "n", "off")


def flag(value):
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and value.lower() in TRUE + FALSE:
        return value.lower() in TRUE
    raise ValueError(f"not a boolean: {value!r}")


def integer(value):
    if value is None or isinstance(value, int):
        return value if value is None else int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return int(value)
    raise ValueError(f"not an integer: {value!r}")


def string(value):
    if not isinstance(value, str):
        raise ValueError(f"not a string: {value!r}")
    return value


def texts_of(value, out):
    if isinstance(value, str):
        out.append(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        out.append(number_text(value))
    elif isinstance(value, list):
        for element in value:
            texts_of(element, out)
    elif isinstance(value, dict):
        for name, element in value.items():
            out.append(name)
            texts_of(element, out)
    return out


def number_text(value):
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e30:
        return str(int(value))
    return str(value)


def content_of(content):
    if content is None:
        return []
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list):
        raise ValueError("content is neither text nor parts")
    return [string(part.get("text")) for part in content
            if part.get("type") == "text"]


def message_of(message):
    return [string(message["role"]), content_of(message.get("content"))]


def read(surface, body):
    value = json.loads(body)
    limits = [integer(value.get(name)) for name in ("max_tokens", "max_completion_tokens")]
    options = value.get("stream_options")
    reading = {"model": string(value["model"]), "stream": flag(value.get("stream")),
               "usage": bool(options) and flag(options.get("include_usage")),
               "n": integer(value.get("n")),
               "max": max((n for n in limits if n is not None), default=None),
               "messages": None, "input": None, "tools": bool(value.get("tools")),
               "texts": texts_of(value, [])}
    if surface == "chat":
        reading["messages"] = [message_of(m) for m in value["messages"]]
    else:
        given = value["prompt" if surface == "completions" else "input"]
        reading["input"] = given if isinstance(given, list) else [given]
    return reading


def main():
    for line in sys.stdin:
        surface, text = line.split()
        try:
            reading = read(surface, base64.b64decode(text))
        except Exception as why:  # whatever it is, such an engine answers 400
            reading = {"error": f"{type(why).__name__}: {why}"}
        print(json.dumps(reading), flush=True)


if __name__ == "__main__":
    main()
