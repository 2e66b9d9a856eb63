"""sse.py -- server-sent events and lines, read strictly: what a reader may trip over is a fault."""
from normal import Wrong, read_json, want


def frames(data, where="the stream"):
    """[(event or None, data)], without comments.  Every frame ends with an empty line."""
    want(data.endswith(b"\n\n"), f"{where} ends within an event: {data[-80:]!r}")
    want(b"\r" not in data, f"{where} has a carriage return")
    found = []
    for frame in data.decode().split("\n\n")[:-1]:
        frame = frame.lstrip("\n")  # empty lines are signs of life, which no reader minds
        if not frame:
            continue
        event, lines = None, []
        kinds = set()
        for line in frame.split("\n"):
            if line.startswith(":"):
                kinds.add("comment")
                continue
            kinds.add("data")
            if line.startswith("event: "):
                want(event is None, f"{where}: two names of one event")
                event = line[7:]
            elif line.startswith("data: "):
                lines.append(line[6:])
            else:
                raise Wrong(f"{where}: a line that is none of event, data, comment: {line!r}")
        want(len(kinds) == 1, f"{where}: a comment within an event (Google's SDK drops it): {frame!r}")
        if lines:
            want(len(lines) == 1, f"{where}: data over several lines")
            found.append((event, lines[0]))
        else:
            want(event is None, f"{where}: an event without data: {event!r}")
    return found


def named(data):
    """Events whose name is the type of their data."""
    found = []
    for event, text in frames(data):
        value = read_json(text, "an event")
        want(event is not None, f"an event without a name (the SDK skips it): {text[:120]}")
        want(event == value.get("type"), f"event {event!r} with data of type {value.get('type')!r}")
        found.append(value)
    return found


def lines(data):
    """Newline-delimited JSON; also the last line has its newline."""
    want(data.endswith(b"\n"), f"the last line has no newline: {data[-80:]!r}")
    found = []
    for line in data[:-1].split(b"\n"):
        want(line.strip(), "an empty line between the objects")
        found.append(read_json(line, "a line"))
    return found
