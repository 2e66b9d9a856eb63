#!/usr/bin/env python3
"""Write data/workloads.jsonl, the five workloads of `weir bench`: bench_workloads.py OUT

Every text is made up here; each workload has eight prompts, so that no two requests that
follow each other are alike.  A prompt is the body of a chat request without its model.
The same program gives the same bytes."""
import json
import random
import sys

PROMPTS = 8

QUESTIONS = [
    "Explain to a new colleague what a message queue is good for, in about ten sentences.",
    "I have 3 kg of apples and no oven. Suggest two desserts with steps.",
    "Write a polite reply that moves our meeting from Tuesday to Thursday afternoon.",
    "What is the difference between latency and throughput? Give an everyday example.",
    "Plan two rainy days in a harbour town for a family with a child of seven.",
    "Why does bread dough have to rest? Answer as a baker would.",
    "List pros and cons of storing times in UTC, and when local time is right after all.",
    "Tell a short story about a lighthouse keeper who repairs radios.",
]

PARTS = ["pump", "valve", "compressor", "conveyor", "boiler", "heat exchanger", "fan",
         "gearbox"]
STEPS = [
    "Switch the {0} off and wait {1} minutes until the display shows no pressure.",
    "Loosen the {2} screws of the cover crosswise; the torque for closing is {3} Nm.",
    "Check the seal of the {0} for cracks longer than {1} millimetres and replace it then.",
    "The sensor reports between {3} and {4} units; a value outside means a broken cable.",
    "Write the number of operating hours into the log; after {4} hours order a service.",
    "When the {0} vibrates at more than {2} Hz, stop it and look at the bearings first.",
    "Clean the filter with air of at most {2} bar, from the inside towards the outside.",
    "A red lamp together with a low hum means that the {0} runs against a closed outlet.",
]
ASKED = ["How long must I wait before I open the {0}, and with which torque is it closed?",
         "The {0} vibrates and hums. What do I check first, and in which order?",
         "After how many hours does the {0} need a service, and where is that written?",
         "Which readings of the sensor of the {0} mean that its cable is broken?"]

DIFFS = [
    ("cache.py", "def get(key):\n    if key in store:\n        return store[key]\n"
                 "    value = load(key)\n    store[key] = value\n    return value\n"),
    ("retry.py", "def call(f, times=3):\n    for i in range(times):\n        try:\n"
                 "            return f()\n        except Exception:\n"
                 "            time.sleep(1)\n"),
    ("sum.c", "int sum(int *a, int n) {\n    int s;\n    for (int i = 0; i <= n; i++)\n"
              "        s += a[i];\n    return s;\n}\n"),
    ("pages.js", "async function all(urls) {\n  const out = []\n"
                 "  urls.forEach(async u => out.push(await get(u)))\n  return out\n}\n"),
    ("money.go", "func Total(items []Item) float64 {\n\tvar t float64\n"
                 "\tfor _, i := range items {\n\t\tt += i.Price * 1.19\n\t}\n"
                 "\treturn t\n}\n"),
    ("find.sql", "SELECT * FROM orders o, customers c\nWHERE o.state = 'open'\n"
                 "ORDER BY o.created LIMIT 10;\n"),
    ("parse.rs", "fn port(s: &str) -> u16 {\n"
                 "    s.split(':').last().unwrap().parse().unwrap()\n}\n"),
    ("copy.sh", "for f in $(ls $1); do\n  cp $f $2/$f\ndone\nrm -rf $1\n"),
]

ORDERS = ["two boxes of screws, blue, delivery on Monday", "one ladder of 3 m, picked up",
          "five litres of white paint and a brush", "a drill, a case and ten bits",
          "forty bricks, pallet to be returned", "a garden hose of 20 m with couplings",
          "three sacks of cement, before noon", "one workbench, mounted, second floor"]
ORDER = {"type": "object", "additionalProperties": False,
         "required": ["items", "delivery"],
         "properties": {
             "items": {"type": "array", "items": {
                 "type": "object", "additionalProperties": False,
                 "required": ["name", "quantity"],
                 "properties": {"name": {"type": "string"},
                                "quantity": {"type": "number"},
                                "colour": {"type": ["string", "null"]}}}},
             "delivery": {"type": ["string", "null"]}}}

FILES = ["main.c", "server.py", "build.gradle", "index.ts", "README.md", "schema.sql",
         "config.yaml", "app.rb"]


def tool(name, says, **members):
    return {"type": "function", "function": {
        "name": name, "description": says,
        "parameters": {"type": "object", "required": list(members),
                       "properties": {k: {"type": "string", "description": v}
                                      for k, v in members.items()}}}}


TOOLS = [tool("read_file", "Reads a file of the project.", path="below the project"),
         tool("write_file", "Writes a file of the project.", path="below the project",
              text="its whole new content"),
         tool("run", "Runs a command in the project's folder.", command="for a shell")]


def chat(i, _rng):
    return {"max_tokens": 256,
            "messages": [{"role": "system", "content": "You are a helpful assistant."},
                         {"role": "user", "content": QUESTIONS[i]}]}


def rag(i, rng):
    pages = []
    for page in range(14):
        part = PARTS[(i + page) % len(PARTS)]
        lines = [step.format(part, *(rng.randint(3, 90) for _ in range(4)))
                 for step in rng.sample(STEPS, len(STEPS))]
        pages.append(f"[{page + 1}] Manual of the {part}, page {rng.randint(2, 90)}\n"
                     + "\n".join(lines))
    question = ASKED[i % len(ASKED)].format(PARTS[i])
    return {"max_tokens": 200,
            "messages": [{"role": "system", "content":
                          "Answer from the sources alone and name their numbers."},
                         {"role": "user", "content":
                          "\n\n".join(pages) + "\n\nQuestion: " + question}]}


def review(i, _rng):
    name, text = DIFFS[i]
    return {"max_tokens": 400,
            "messages": [{"role": "system", "content":
                          "You review code. Name each fault with its line and a remedy."},
                         {"role": "user", "content": f"{name}:\n```\n{text}```"}]}


def extract(i, _rng):
    return {"max_tokens": 150,
            "response_format": {"type": "json_schema", "json_schema": {
                "name": "order", "strict": True, "schema": ORDER}},
            "messages": [{"role": "user", "content":
                          f"Read this order and answer in JSON: {ORDERS[i]}"}]}


def agent(i, rng):
    path, said = FILES[i], []
    for turn in range(6):
        call = f"call_{i}{turn}"
        said.append({"role": "assistant", "content": None, "tool_calls": [
            {"id": call, "type": "function", "function": {
                "name": "run", "arguments": json.dumps({"command": f"sed -n "
                                                        f"{turn * 20 + 1},{turn * 20 + 20}p {path}"})}}]})
        lines = [f"{turn * 20 + n}: value_{rng.randint(1, 99)} = {rng.randint(1, 9999)}"
                 for n in range(1, 21)]
        said.append({"role": "tool", "tool_call_id": call, "content": "\n".join(lines)})
    return {"max_tokens": 200, "tools": TOOLS,
            "messages": [{"role": "system", "content":
                          "You are a coding agent. Use the tools; say little."},
                         {"role": "user", "content":
                          f"Find out what {path} sets twice and mend it."}, *said]}


def main():
    rng = random.Random(1)
    kinds = {"chat": chat, "rag": rag, "review": review, "extract": extract,
             "agent": agent}
    lines = [json.dumps({"workload": name, **make(i, rng)}, separators=(",", ":"))
             for name, make in kinds.items() for i in range(PROMPTS)]
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
