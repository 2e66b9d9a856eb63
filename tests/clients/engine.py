"""engine.py -- an engine that does what it is told, for the clients to talk to.

It speaks OpenAI's chat completions, completions and embeddings well enough for every
client here: streams with usage, tools, JSON schema.  The answer is the last user's text,
so that a client can check that its own words came back whole.  The model's name makes it
misbehave: "limited" answers 429 once, "busy" 503 once, both with Retry-After, and then
serves; "broken" cuts its stream."""
import base64
import http.server
import json
import struct
import threading


def text_of(message):
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content if isinstance(part, dict))


def example(schema, words, defs=None):
    """A value that the schema allows; words fill the strings."""
    defs = defs or schema.get("$defs") or schema.get("definitions") or {}
    if "$ref" in schema:
        return example(defs[schema["$ref"].rsplit("/", 1)[1]], words, defs)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return example(schema[word][0], words, defs)
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: example(s, words, defs)
                for name, s in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema.get("items", {"type": "string"}), words, defs)]
    return {"string": words, "integer": 7, "number": 7, "boolean": True}.get(kind)


class Answer:
    """What will be said to one request."""

    def __init__(self, body):
        self.model = body["model"]
        messages = body["messages"]
        self.usage = {"prompt_tokens": sum(len(text_of(m)) for m in messages) // 4 + 1,
                      "completion_tokens": 5}
        self.usage["total_tokens"] = sum(self.usage.values())
        said = [text_of(m) for m in messages if m["role"] == "user"]
        words = said[-1] if said else ""
        self.text, self.call = words, None
        schema = (body.get("response_format") or {}).get("json_schema")
        tools = [t for t in body.get("tools") or [] if t.get("type") == "function"]
        if messages[-1]["role"] == "tool":
            self.text = "The tool said: " + text_of(messages[-1])
        elif schema:
            self.text = json.dumps(example(schema["schema"], words))
        elif tools and self.is_told_to_call(body.get("tool_choice"), words):
            tool = self.chosen(tools, body.get("tool_choice"))["function"]
            arguments = example(tool.get("parameters") or {}, words)
            self.call = (tool["name"], json.dumps(arguments))

    @staticmethod
    def is_told_to_call(choice, words):
        if choice == "none":
            return False
        return choice == "required" or isinstance(choice, dict) or "USE A TOOL" in words

    @staticmethod
    def chosen(tools, choice):
        if isinstance(choice, dict):
            wanted = choice["function"]["name"]
            return next(t for t in tools if t["function"]["name"] == wanted)
        return tools[0]

    def message(self):
        if not self.call:
            return {"role": "assistant", "content": self.text}
        return {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_1", "type": "function",
             "function": {"name": self.call[0], "arguments": self.call[1]}}]}

    @property
    def finish(self):
        return "tool_calls" if self.call else "stop"

    def deltas(self):
        yield {"role": "assistant", "content": "" if not self.call else None}
        if self.call:
            name, arguments = self.call
            yield {"tool_calls": [{"index": 0, "id": "call_1", "type": "function",
                                   "function": {"name": name, "arguments": ""}}]}
            for i in range(0, len(arguments), 3):
                yield {"tool_calls": [{"index": 0, "function":
                                       {"arguments": arguments[i:i + 3]}}]}
            return
        step = 3 if len(self.text) < 3000 else 3000
        for i in range(0, len(self.text), step):
            yield {"content": self.text[i:i + step]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def say(self, status, value, **fields):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        for name, text in fields.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status, code, words, **fields):
        self.say(status, {"error": {"message": words, "type": code, "code": code,
                                    "param": None}}, **fields)

    def do_GET(self):
        self.say(200, {"object": "list", "data": []})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.seen.append(body)
        first = self.server.turns.setdefault(body["model"], []) == []
        if body["model"] in ("limited", "busy") and first:
            self.server.turns[body["model"]].append(1)
            if body["model"] == "limited":
                return self.refuse(429, "rate_limit_exceeded", "slow down", retry_after="1")
            return self.refuse(503, "overloaded", "overloaded", retry_after="1")
        self.server.turns[body["model"]].clear()
        if self.path.endswith("/embeddings"):
            return self.embed(body)
        if self.path.endswith("/chat/completions"):
            return self.chat(body)
        return self.refuse(404, "not_found", self.path)

    def embed(self, body):
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        vectors = [[float(len(t)), 0.5, -1.0] for t in texts]
        if body.get("encoding_format") == "base64":
            vectors = [base64.b64encode(struct.pack("<3f", *v)).decode() for v in vectors]
        self.say(200, {"object": "list", "model": body["model"], "data": [
            {"object": "embedding", "index": i, "embedding": v}
            for i, v in enumerate(vectors)],
            "usage": {"prompt_tokens": 3, "total_tokens": 3}})

    def chat(self, body):
        answer = Answer(body)
        head = {"id": "chatcmpl-1", "created": 1, "model": answer.model}
        if not body.get("stream"):
            return self.say(200, {**head, "object": "chat.completion", "choices": [
                {"index": 0, "message": answer.message(), "finish_reason": answer.finish}],
                "usage": answer.usage})
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        head["object"] = "chat.completion.chunk"
        for delta in answer.deltas():
            self.event({**head, "choices": [{"index": 0, "delta": delta,
                                             "finish_reason": None}]})
        if answer.model == "broken":
            self.close_connection = True
            return self.connection.close()
        self.event({**head, "choices": [{"index": 0, "delta": {},
                                         "finish_reason": answer.finish}]})
        if (body.get("stream_options") or {}).get("include_usage"):
            self.event({**head, "choices": [], "usage": answer.usage})
        self.chunk(b"data: [DONE]\n\n")
        self.chunk(b"")

    def event(self, value):
        self.chunk(b"data: " + json.dumps(value).encode() + b"\n\n")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


class Engine(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen, self.turns = [], {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self):
        self.shutdown()
        self.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"
