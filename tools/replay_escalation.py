"""Plays recorded answers through a running weir, and compares what it does with what
`weir eval escalate` says that it would do.

    replay_escalation.py DATA OUT --weir build/weir     (make eval-replay DATA=...)

Two simulated engines answer what a small and a large model have answered (weir sim
--replay), others give the final answers of further small models.  A weir between them
judges each local answer and asks the large model where one is too weak.  Printed for each
source, with and without second opinions: the share that went to the cloud and the quality
of the answers, as predicted from the same rows and as they came.  Exit code 1 when one of
them differs by more than 3 points.  Needs only python3."""
import argparse
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import escalate_rows

MOST_POINTS = 3.0
CASES = (("crux", 0, 0.4), ("crux", 1, 0.4), ("crux", 1, 0.75), ("crux", 3, 0.5),
         ("mathl5", 0, 0.1), ("mathl5", 1, 0.2), ("mathl5", 3, 0.5))


def replay_file(path, model, rows):
    with open(path, "w", encoding="utf-8") as f:
        for prompt, answer in rows:
            f.write(json.dumps({"prompt": prompt, "model": model, "answer": answer}) + "\n")
    return path


class Process:
    """One that prints where it listens, and is ended with the block."""

    def __init__(self, command, port=None):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.port = port
        deadline = time.monotonic() + 30
        while self.port is None and time.monotonic() < deadline:
            found = re.search(r"127\.0\.0\.1:(\d+)", self.process.stdout.readline())
            self.port = int(found.group(1)) if found else None
        if self.port is None:
            raise SystemExit(f"{command} did not say where it listens")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("weir does not listen")


def sim(weir, path, model):
    return Process([weir, "sim", "--replay", path, "--model", model, "--port", "0"])


def config(port, folder, local, cloud, others, threshold):
    engines = [("here", "local", local.port, "small"), ("sky", "cloud", cloud.port, "large")]
    engines += [(f"other{i}", "local", o.port, f"other{i}") for i, o in enumerate(others)]
    opinions = ", ".join(f"other{i}" for i in range(len(others)))
    text = f"listen: 127.0.0.1:{port}\nstate_dir: {folder}/state\naccess_log: off\n"
    text += f"escalate: {{threshold: {threshold}, hold: 60s, hold_tokens: 100000"
    text += f", second_opinion: [{opinions}]}}\n" if others else "}\n"
    text += "roles: {cloud_strong: large}\nengines:\n"
    for name, side, at, model in engines:
        text += f"  - {{name: {name}, kind: openai, side: {side}, max_inflight: 0, " \
                f"url: \"http://127.0.0.1:{at}/v1\", models: [{{name: {model}}}]}}\n"
    path = os.path.join(folder, "weir.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def ask(port, prompt):
    """Which engine answered."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    body = json.dumps({"model": "auto", "messages": [{"role": "user", "content": prompt}]})
    c.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
    answer = c.getresponse()
    text = answer.read().decode()
    if answer.status != 200:
        raise SystemExit(f"HTTP {answer.status}: {text[:300]}")
    c.close()
    return answer.getheader("x-weir-engine")


def play(weir, rows, cloud_texts, threshold):
    with tempfile.TemporaryDirectory() as folder:
        def file(name, model, pairs):
            return replay_file(os.path.join(folder, name), model, pairs)
        nothers = len(rows[0]["answers"]) - 1
        here = file("here", "small", [(r["prompt"], r["answers"][0]["text"]) for r in rows])
        sky = file("sky", "large", [(r["prompt"], cloud_texts[r["id"]]) for r in rows])
        with sim(weir, here, "small") as local, sim(weir, sky, "large") as cloud:
            others = []
            for i in range(nothers):
                path = file(f"other{i}", f"other{i}",
                            [(r["prompt"], r["answers"][1 + i]["text"]) for r in rows])
                others.append(sim(weir, path, f"other{i}"))
            port = free_port()
            path = config(port, folder, local, cloud, others, threshold)
            with subprocess.Popen([weir, "serve", "-c", path], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as serving:
                try:
                    wait_for(port)
                    with ThreadPoolExecutor(4) as pool:
                        went = list(pool.map(lambda r: ask(port, r["prompt"]), rows))
                finally:
                    serving.terminate()
                    for o in others:
                        o.__exit__()
    is_cloud = [w == "sky" for w in went]
    return sum(is_cloud) / len(rows), quality_of(rows, is_cloud)


def quality_of(rows, is_cloud):
    return sum(r["cloud_score"] if c else r["local_score"]
               for r, c in zip(rows, is_cloud)) / len(rows)


def predict(weir, path, rows, threshold):
    said = subprocess.run([weir, "eval", "escalate", "--each", path], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    scores = {}
    for line in said.splitlines():
        if line.startswith("{"):
            each = json.loads(line)
            # Where nothing speaks against an answer it is kept, whatever the threshold.
            scores[each["id"]] = each["score"] if each["evidence"] else 1.0
    is_cloud = [scores[r["id"]] < threshold for r in rows]
    return sum(is_cloud) / len(rows), quality_of(rows, is_cloud)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--weir", required=True)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    subprocess.run([sys.executable, escalate_rows.__file__, args.data, args.out], check=True,
                   stdout=subprocess.DEVNULL)
    is_good = True
    print("source   opinions  threshold     n   to the cloud %        quality %")
    print("                                     said   came         said   came")
    for source, nopinions, threshold in CASES:
        path = os.path.join(args.out, f"test_{source}_{nopinions}.jsonl")
        with open(path, encoding="utf-8") as f:
            rows = [json.loads(line) for line in f]
        # One prompt has one recorded answer: where two rows share it, the first counts.
        rows = list({r["prompt"]: r for r in reversed(rows)}.values())[::-1]
        own = os.path.join(args.out, "played.jsonl")
        with open(own, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(r) + "\n" for r in rows)
        replay = escalate_rows.SOURCES[source][4]
        texts = {r["id"]: r["answer"]
                 for r in escalate_rows.read(args.data, "replay", replay + ".jsonl.gz")
                 if r["model"] == escalate_rows.CLOUD or r["model"].startswith("gpt-4o")}
        said = predict(args.weir, own, rows, threshold)
        came = play(args.weir, rows, texts, threshold)
        is_good &= all(abs(s - c) * 100 <= MOST_POINTS for s, c in zip(said, came))
        print(f"{source:8} {nopinions:8} {threshold:10} {len(rows):5} {said[0] * 100:6.1f} "
              f"{came[0] * 100:6.1f}       {said[1] * 100:6.1f} {came[1] * 100:6.1f}",
              flush=True)
    if not is_good:
        print(f"they differ by more than {MOST_POINTS} points")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
