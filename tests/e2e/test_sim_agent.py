"""An agent's loop without a network: a client of each dialect, weir, and `weir sim` as an engine
of each form, playing a script that thinks, calls tools and reports their results.

The simulator is strict in all dialects here: what its vendor would refuse of what weir sends (a call
without its result, a changed thought, an id of the wrong form), it refuses."""
import json
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import harness
from simulated import FORMS, Sim, is_served

SCRIPT = r"""
{"when": {"user": "/create ([a-z.]+) with (.*), run it/"}, "steps": [
  {"think": "First the file.", "say": "Writing ${1}.", "pieces": [3, 1, 8],
   "call": {"write_file": {"path": "${1}", "content": "${2}"}}},
  {"think": "Now both.", "call": [{"Bash|shell": {"command": "sh ${1}"}}, {"shell|Bash": {"command": "ls"}}]},
  {"say": "It printed ${result}; ${results} results."}]}
{"say": "no rule holds"}
"""
WISH = "create a.sh with echo \"hi\" && ls, run it"
TOOLS = {"write_file": {"path": {"type": "string"}, "content": {"type": "string"}},
         "shell": {"command": {"type": "string"}}}


def schema(properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


class Asker:
    """A client that keeps its conversation as its dialect has it."""

    def __init__(self, base):
        self.base = base

    def post(self, path, body):
        request = urllib.request.Request(
            self.base + path, json.dumps(body).encode(),
            {"content-type": "application/json", "anthropic-version": "2023-06-01"})
        try:
            with urllib.request.urlopen(request, timeout=harness.PATIENCE_S) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as why:
            raise AssertionError(f"{why.code}: {why.read().decode()[:400]}") from None

    @staticmethod
    def events(text):
        return [json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: {")]

    def run(self, stream):
        """The agent's loop: the calls it was asked to do, and the last text."""
        done = []
        for _ in range(6):
            text, calls = self.turn(stream)
            if not calls:
                return done, text
            done += [(name, arguments) for _, name, arguments in calls]
            self.give([(i, name, f"r{len(done)}.{n}") for n, (i, name, _) in enumerate(calls)])
        raise AssertionError("it goes on for ever")


class OpenAI(Asker):
    NAME = "openai"
    PATH = FORMS[NAME][1]

    def __init__(self, base):
        super().__init__(base)
        self.messages = [{"role": "user", "content": WISH}]

    def turn(self, stream):
        text = self.post(self.PATH, {
            "model": "m", "stream": stream, "messages": self.messages,
            "tools": [{"type": "function", "function": {"name": n, "parameters": schema(p)}}
                      for n, p in TOOLS.items()]})
        message = self.joined(text) if stream else json.loads(text)["choices"][0]["message"]
        self.messages.append(message)
        return message["content"], [(c["id"], c["function"]["name"],
                                     json.loads(c["function"]["arguments"]))
                                    for c in message.get("tool_calls", [])]

    def joined(self, text):
        message, calls = {"role": "assistant", "content": "", "reasoning_details": []}, {}
        for event in self.events(text):
            for choice in event["choices"]:
                delta = choice["delta"]
                message["content"] += delta.get("content") or ""
                message["reasoning_details"] += delta.get("reasoning_details", [])
                for piece in delta.get("tool_calls", []):
                    call = calls.setdefault(piece["index"], {
                        "id": piece.get("id"), "type": "function",
                        "function": {"name": piece["function"].get("name"), "arguments": ""}})
                    call["function"]["arguments"] += piece["function"].get("arguments", "")
        if calls:
            message["tool_calls"] = [calls[i] for i in sorted(calls)]
        if not message["reasoning_details"]:
            del message["reasoning_details"]
        return message

    def give(self, results):
        self.messages += [{"role": "tool", "tool_call_id": i, "content": text}
                          for i, _, text in results]


class Anthropic(Asker):
    NAME = "anthropic"
    PATH = FORMS[NAME][1]

    def __init__(self, base):
        super().__init__(base)
        self.messages = [{"role": "user", "content": WISH}]

    def turn(self, stream):
        text = self.post(self.PATH, {
            "model": "m", "max_tokens": 500, "stream": stream, "messages": self.messages,
            "tools": [{"name": n, "input_schema": schema(p)} for n, p in TOOLS.items()]})
        content = self.joined(text) if stream else json.loads(text)["content"]
        self.messages.append({"role": "assistant", "content": content})
        return ("".join(b["text"] for b in content if b["type"] == "text"),
                [(b["id"], b["name"], b["input"]) for b in content if b["type"] == "tool_use"])

    def joined(self, text):
        blocks, events = [], self.events(text)
        for event in events:
            if event["type"] == "content_block_start":
                blocks.append(dict(event["content_block"], partial=""))
            elif event["type"] == "content_block_delta":
                delta = event["delta"]
                for name in ("text", "thinking", "signature"):
                    if name in delta:
                        blocks[-1][name] += delta[name]
                blocks[-1]["partial"] += delta.get("partial_json", "")
        for block in blocks:
            partial = block.pop("partial")
            if partial:
                block["input"] = json.loads(partial)
        assert events[-1]["type"] == "message_stop", events[-1]
        return blocks

    def give(self, results):
        self.messages.append({"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": i, "content": text} for i, _, text in results]})


class Ollama(Asker):
    NAME = "ollama"
    PATH = FORMS[NAME][1]

    def __init__(self, base):
        super().__init__(base)
        self.messages = [{"role": "user", "content": WISH}]

    def turn(self, stream):
        text = self.post(self.PATH, {
            "model": "m", "stream": stream, "messages": self.messages,
            "tools": [{"type": "function", "function": {"name": n, "parameters": schema(p)}}
                      for n, p in TOOLS.items()]})
        lines = [json.loads(line) for line in text.split("\n") if line.strip()]
        assert lines[-1]["done"] is True, lines[-1]
        message = {"role": "assistant", "content": "", "tool_calls": []}
        for line in lines:
            message["content"] += line["message"].get("content", "")
            message["tool_calls"] += line["message"].get("tool_calls", [])
        self.messages.append(message)
        return message["content"], [(None, c["function"]["name"], c["function"]["arguments"])
                                    for c in message["tool_calls"]]

    def give(self, results):
        self.messages += [{"role": "tool", "tool_name": name, "content": text}
                          for _, name, text in results]


class Responses(Asker):
    NAME = "responses"
    PATH = FORMS[NAME][1]

    def __init__(self, base):
        super().__init__(base)
        self.items = [{"role": "user", "content": WISH}]

    def turn(self, stream):
        text = self.post(self.PATH, {
            "model": "m", "stream": stream, "store": False, "input": self.items,
            "include": ["reasoning.encrypted_content"],
            "tools": [dict(type="function", name=n, parameters=schema(p))
                      for n, p in TOOLS.items()]})
        output = json.loads(text)["output"] if not stream else [
            e["item"] for e in self.events(text) if e["type"] == "response.output_item.done"]
        self.items += output
        return ("".join(part["text"] for item in output if item["type"] == "message"
                        for part in item["content"]),
                [(i["call_id"], i["name"], json.loads(i["arguments"])) for i in output
                 if i["type"] == "function_call"])

    def give(self, results):
        self.items += [{"type": "function_call_output", "call_id": i, "output": text}
                       for i, _, text in results]


class Gemini(Asker):
    NAME = "gemini"
    PATH = FORMS[NAME][1]

    def __init__(self, base):
        super().__init__(base)
        self.contents = [{"role": "user", "parts": [{"text": WISH}]}]

    def turn(self, stream):
        path = self.PATH.replace(":generate", ":streamGenerate") + "?alt=sse" if stream else self.PATH
        text = self.post(path, {
            "contents": self.contents,
            "tools": [{"functionDeclarations": [{"name": n, "parametersJsonSchema": schema(p)}
                                                for n, p in TOOLS.items()]}]})
        answers = self.events(text) if stream else [json.loads(text)]
        parts = [p for a in answers for c in a["candidates"]
                 for p in c.get("content", {}).get("parts", [])]
        self.contents.append({"role": "model", "parts": [p for p in parts if p.get("text") != ""
                                                         or "thoughtSignature" in p]})
        return ("".join(p.get("text", "") for p in parts if not p.get("thought")),
                [(p["functionCall"].get("id"), p["functionCall"]["name"],
                  p["functionCall"].get("args", {})) for p in parts if "functionCall" in p])

    def give(self, results):
        self.contents.append({"role": "user", "parts": [
            {"functionResponse": dict({"id": i} if i else {}, name=name,
                                      response={"output": text})} for i, name, text in results]})


ASKERS = {c.NAME: c for c in (OpenAI, Anthropic, Ollama, Responses, Gemini)}


def engine_of(speaks, url):
    return (f"engines:\n  - {{name: e, kind: openai, speaks: {speaks}, side: local, "
            f"url: \"{url}{FORMS[speaks][0]}\", models: [{{name: m}}]}}\n")


def is_known(speaks):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(engine_of(speaks, "http://127.0.0.1:9"))
        file.flush()
        return subprocess.run([harness.WEIR, "check", "-c", file.name], check=False,
                              capture_output=True).returncode == 0


class SimAgent(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        script = Path(cls.folder.name) / "script"
        script.write_text(SCRIPT)
        cls.sim = Sim("--script", str(script), "--fault", "strict,signed-calls")
        cls.addClassCleanup(cls.sim.stop)

    def check(self, asker, stream):
        done, text = asker.run(stream)
        self.assertEqual(done, [("write_file", {"path": "a.sh", "content": "echo \"hi\" && ls"}),
                                ("shell", {"command": "sh a.sh"}), ("shell", {"command": "ls"})])
        self.assertEqual(text, "It printed r3.1; 3 results.")

    def test_each_dialect_alone(self):
        served = [a for a in ASKERS.values() if is_served(self.sim.url, a.PATH)]
        self.assertEqual({a.NAME for a in served}, set(ASKERS))
        for asker in served:
            for stream in (False, True):
                with self.subTest(asker.NAME, stream=stream):
                    self.check(asker(self.sim.url), stream)

    def test_each_dialect_through_weir_to_each_form(self):
        forms = [s for s in self.sim.forms() if is_known(s)]
        self.assertEqual(set(forms), set(FORMS))
        for speaks in forms:
            weir = harness.Weir(engine_of(speaks, self.sim.url))
            self.addCleanup(weir.remove)
            weir.start()
            base = weir.url.removesuffix("/v1")
            for asker in [a for a in ASKERS.values() if is_served(base, a.PATH)]:
                for stream in (False, True):
                    with self.subTest(asker.NAME, speaks=speaks, stream=stream):
                        self.check(asker(base), stream)
            weir.stop()


if __name__ == "__main__":
    unittest.main()
