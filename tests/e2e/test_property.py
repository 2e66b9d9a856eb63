"""A property, tried on random worlds: nothing labelled internal or confidential reaches
a cloud engine, whatever the configuration, the request and the engines' faults; nor does
anything under the policy local-only; nor does a secret, an id or an address that only the
scan can find (canaries.py), wherever in the request it stands and however it is written;
also when local answers are judged, a second opinion is asked, or a judge in the cloud,
when a pilot compares both sides, and when somebody says with the value itself what an
answer was worth.  A pilot moreover asks the cloud for nothing that leaves with masks.

Every request has words of its own in its prompt, and most of them a canary.  Engines are
taps that keep every byte they are sent; what counts as cloud is computed here from the
configuration that was written, not from what weir says.  Besides, each request must get a
clean answer, with the values that were masked back in it, and exactly one row with its
label.  One weir a configuration, many requests each.
WEIR_PROPERTY_RUNS says how many requests (500), WEIR_PROPERTY_SEED which worlds."""
import collections
import hashlib
import json
import os
import random
import sys
import unittest
import urllib.request
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import canaries
import harness
import live
import talk
from taps import Tap

sys.path.append(str(Path(__file__).resolve().parents[1] / "soak"))
import turns  # noqa: E402

RUNS = int(os.environ.get("WEIR_PROPERTY_RUNS", "500"))
SEED = int(os.environ.get("WEIR_PROPERTY_SEED", "1"))
RUNS_A_WORLD = 25
LEVELS = ("public", "internal", "confidential")
POLICIES = ("local-first", "local-only", "cloud-only", "seed-table", "complexity",
            "length-keyword", "deadline", "learned")
KINDS = ("openai", "llama-server", "ollama", "lm-studio", "vllm", "mistral", "gemini",
         "openrouter", "groq")
WORDS = ("hello", "prove the theorem step by step", "summarise", "why", "refactor this "
         "code and analyse its complexity", "x " * 9000)
TOOL = {"type": "function", "function": {
    "name": "f", "parameters": {"type": "object", "properties": {}}}}


Request = collections.namedtuple(
    "Request", "words canary place model text headers declared policy")


class World:
    """A random configuration, its taps, and what is cloud in it."""

    def __init__(self, seed):
        self.seed, self.random = seed, random.Random(seed)
        self.cloud = set()  # (tap, the model's name as the tap is asked for it)
        self.models, self.taps, self.keys, self.aliases = [], [], [], {}
        self.sides = {}
        pick = self.random
        # Half of the worlds let most things go, so that there is something to find.
        is_open = pick.random() < 0.5
        self.levels = (None, None, "public") if is_open else (None, "public") + LEVELS
        self.policies = POLICIES[:1] + POLICIES[2:] if is_open else POLICIES
        engines = [self.engine(i) for i in range(pick.randint(1, 5))]
        self.default = pick.choice((None,) * 4 + self.levels)
        self.policy = pick.choice(self.policies)
        lines = ["access_log: off", f"policy: {self.policy}"]
        if self.default:
            lines.append(f"default_sensitivity: {self.default}")
        lines += ["engines:"] + engines + self.make_roles() + self.make_aliases()
        lines += self.make_escalate() + self.make_keys()
        self.pilot = self.make_pilot()
        self.config = "\n".join(lines)

    def engine(self, i):
        pick, tap = self.random, Tap(self.random.random())
        self.taps.append(tap)
        side, kind = pick.choice(("local", "local", "cloud")), pick.choice(KINDS)
        models = []
        for j in range(pick.randint(1, 3)):
            name = pick.choice((f"m{i}{j}", f"shared{j}"))
            asked, is_cloud, words = name, side == "cloud", [f"name: {name}"]
            if pick.random() < 0.3:
                asked = f"{name}-as"
                if pick.random() < 0.5:
                    asked = f"{name}{pick.choice((':cloud', ':8b-cloud', '-cloud'))}"
                    # Ollama's own way to name them; elsewhere only behind a colon.
                    is_cloud |= kind == "ollama" or ":" in asked
                words.append(f'as: "{asked}"')
            if side == "local" and pick.random() < 0.25:
                words.append("side: cloud")
                is_cloud = True
            if pick.random() < 0.6:
                words.append("caps: [tools]")
            if pick.random() < 0.3:
                words.append(f"context: {pick.choice((2048, 16384))}")
            if any(f"name: {name}" in m.split(", ")[0] for m in models):
                continue
            if is_cloud:
                words.append("price: openai/gpt-4o-mini")
            models.append("{" + ", ".join(words) + "}")
            self.models += [name, f"e{i}/{name}"]
            self.sides.setdefault(is_cloud, []).append(f"e{i}/{name}")
            if is_cloud:
                self.cloud.add((i, asked))
        extra = f"    max_inflight: {pick.choice((1, 4, 0))}\n" \
            f"    queue: {pick.choice((0, 2, 64))}\n"
        if pick.random() < 0.3:
            extra += "    defaults: {system: be brief, params: {temperature: 0.5}}\n"
        return (f"  - name: e{i}\n    kind: {kind}\n    side: {side}\n"
                f"    url: {tap.url}\n{extra}"
                f"    timeouts: {{connect: 2s, first_byte: 200ms, idle: 200ms, total: 5s}}"
                f"\n    models: [{', '.join(models)}]")

    def make_roles(self):
        roles = []
        for is_cloud, names in ((False, ("local_small", "local_large")),
                                (True, ("cloud_cheap", "cloud_strong"))):
            for role in names:
                if self.sides.get(is_cloud) and self.random.random() < 0.5:
                    roles.append(f"{role}: {self.random.choice(self.sides[is_cloud])}")
                    self.models.append(role)
        return [f"roles: {{{', '.join(roles)}}}"] if roles else []

    def make_aliases(self):
        for i in range(self.random.randint(0, 3)):
            self.aliases[f"alias{i}"] = self.random.choice(
                [m for m in self.models if "_" not in m] + ["auto", "local", "cloud"])
        # A bare name that several engines have is no alias target's fault either.
        words = [f'{a}: "{to}"' for a, to in self.aliases.items()]
        return [f"aliases: {{{', '.join(words)}}}"] if words else []

    def make_escalate(self):
        """Local answers are judged, often by the cloud, and mostly found too weak."""
        pick, here = self.random, self.sides.get(False)
        if pick.random() < 0.4:
            return []
        words = [f"threshold: {pick.choice((0, 0.5, 0.9, 1))}",
                 f"hold: {pick.choice(('50ms', '300ms', '8s'))}",
                 f"hold_tokens: {pick.choice((1, 20, 1024))}"]
        if here and pick.random() < 0.6:
            words.append(f"second_opinion: {pick.choice(here)}")
        if pick.random() < 0.7:
            words.append(f"judge: {pick.choice(sum(self.sides.values(), []))}")
        return [f"escalate: {{{', '.join(words)}}}"]

    def make_pilot(self):
        """The words of `weir pilot start`, in most worlds that have both sides."""
        pick = self.random
        if len(self.sides) < 2:
            return None
        words = ["--to", pick.choice(self.sides[pick.random() < 0.7]), "--share", "100%",
                 "--max-usd", "1000", "--keep-pairs", "1000", "--keep-share", "100%"]
        if pick.random() < 0.6:
            words += ["--judge", pick.choice(sum(self.sides.values(), []))]
        return words

    def make_keys(self):
        lines = ["keys:"]
        for i in range(self.random.choice((0, 2, 3))):
            secret = f"wk_secret{i}"
            level = self.random.choice((None, None) + self.levels)
            policy = self.random.choice((None, None) + self.policies)
            words = [f"name: k{i}",
                     f'hash: "sha256:{hashlib.sha256(secret.encode()).hexdigest()}"']
            words += [f"sensitivity: {level}"] if level else []
            words += [f"policy: {policy}"] if policy else []
            lines.append("  - {" + ", ".join(words) + "}")
            self.keys.append((secret, level, policy))
        return lines if self.keys else []

    def request(self, number):
        pick, words = self.random, f"request-{number:05d}-of-many"
        model = pick.choice(pick.choice((self.models + list(self.aliases),
                                         ("auto", "auto", "local", "cloud"))))
        body = talk.chat(f"{pick.choice(WORDS)} {words}", model, pick.random() < 0.5)
        if pick.random() < 0.2:
            body["tools"] = [TOOL]
        if pick.random() < 0.2:
            body["max_tokens"] = 50
        if pick.random() < 0.3:
            body["messages"].insert(0, {"role": "system", "content": words})
        canary, place = None, None
        if pick.random() < 0.6:
            canary, place = canaries.Canary(pick), pick.choice(canaries.PLACES)
            place(body, canary.text)
        text = json.dumps(body, ensure_ascii=pick.random() < 0.5)
        if pick.random() < 0.2:
            text = canaries.escape_values(body, pick)
        header = pick.choice(self.levels)
        headers = {"x-request-id": words, "x-weir-sensitivity": header,
                   "x-weir-quality": pick.choice((None, "high", "normal")),
                   "x-weir-latency-ms": pick.choice((None, "0", "50", "5000")),
                   "x-weir-deadline-s": pick.choice((None, "none", "0", "60")),
                   "x-weir-session": pick.choice((None, f"s{number}")),
                   "x-weir-escalate": pick.choice((None,) * 4 + ("off",)),
                   "x-weir-policy": pick.choice((None,) * 9 + self.policies)}
        key_level, policy = None, self.policy
        if self.keys:
            secret, key_level, key_policy = pick.choice(self.keys)
            policy = key_policy or policy
            headers["authorization"] = f"Bearer {secret}"
        headers = {k: v for k, v in headers.items() if v is not None}
        return Request(words, canary, place, model, text, headers, (header, key_level),
                       policy)

    @property
    def has_cloud(self):
        return bool(self.cloud)

    def effective(self, declared):
        levels = [LEVELS.index(level) for level in declared if level]
        if self.default:
            levels.append(LEVELS.index(self.default))
        return LEVELS[max(levels, default=0)]

    def close(self):
        for tap in self.taps:
            tap.close()


def reached_cloud(world):
    """Every byte that went to something that is cloud, as one text a tap."""
    for i, tap in enumerate(world.taps):
        with tap.lock:
            requests, strays = list(tap.requests), list(tap.strays)
        for raw in requests:
            model = json.loads(raw[raw.find(b"\r\n\r\n") + 4:])["model"]
            if (i, model) in world.cloud:
                yield raw
        if any(engine == i for engine, _ in world.cloud):
            yield from strays


class Property(unittest.TestCase):
    def test_what_stays_never_reaches_a_cloud_engine(self):
        counts, loops = collections.Counter(), turns.Turns(harness.WEIR)
        for number in range(0, RUNS, RUNS_A_WORLD):
            self.one_world(SEED + number, min(RUNS_A_WORLD, RUNS - number), counts,
                           loops)
        print(f"property: {counts['held']} of {counts['tried']} requests kept their "
              f"promise; {counts['stay']} had to stay ({counts['stay-ok']} of them "
              f"answered), {counts['cloud']} public ones were seen by a cloud engine, "
              f"{counts['ok']} answered in all, {counts['worlds']} worlds; "
              f"{counts['canaries']} of {counts['canaries']} values that only the scan "
              f"knows reached none, {counts['restored']} came back in answers; "
              f"{counts['mirrors']} mirrors of pilots, {counts['away']} of them in the "
              f"cloud, {counts['stored']} texts kept", flush=True)
        print(f"property: longest turn of a loop {loops.told()}", flush=True)
        self.assertEqual(loops.troubles(), [])
        self.assertEqual(counts["held"], RUNS)
        # Else the property would hold of a weir that answers nothing.
        self.assertGreater(counts["cloud"], RUNS // 10)
        self.assertGreater(counts["stay-ok"], RUNS // 20)
        self.assertGreater(counts["restored"], RUNS // 250)
        self.assertGreater(counts["mirrors"], RUNS // 100)
        self.assertGreater(counts["away"], RUNS // 500)
        self.assertGreater(counts["stored"], RUNS // 1000)

    def one_world(self, seed, nrequests, counts, loops):
        world = World(seed)
        self.addCleanup(world.close)
        weir = harness.Weir(world.config)
        self.addCleanup(weir.remove)
        weir.env["WEIR_TURN_METER"] = "1"
        weir.key = world.keys[0][0] if world.keys else None
        if world.pilot:
            begun = weir.run("pilot", "start", "-c", "weir.yaml", *world.pilot)
            self.assertEqual(begun.returncode, 0, f"{begun.stderr}\n{world.config}")
        weir.start()
        if world.pilot:
            live.wait(lambda: "a pilot runs" in weir.stderr, "the pilot")
        requests = [world.request(n) for n in range(nrequests)]
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda r: self.ask(weir, r), requests))
            said = list(pool.map(lambda r: self.say(weir, r), requests))
        loops.look(weir)
        weir.stop()
        rows = collections.defaultdict(list)
        for row in weir.ledger():
            rows[row["client_id"]].append(row)
        kept = weir.folder / "state/pilot.kept"
        stored = canaries.everything_in(kept.read_bytes()) if kept.exists() else ""
        world.close()
        cloud = list(reached_cloud(world))
        cloud_bytes = b"\n".join(cloud)
        cloud_says = "\n".join(canaries.everything_in(raw) for raw in cloud)
        counts["tried"] += nrequests
        counts["worlds"] += 1
        for request, answer, word in zip(requests, answers, said):
            self.judge_canary(world, request, answer, cloud_says, counts)
            if word:
                self.assertEqual([r["feedback"] for r in rows[request.words]], [word],
                                 self.about(world, request))
            self.judge(world, request, answer, rows[request.words], cloud_bytes, counts)
            self.judge_pilot(world, request, rows[request.words], stored, counts)

    @staticmethod
    def ask(weir, request):
        try:
            return talk.ask(weir.url, request.text.encode(), request.headers)
        except talk.Unclean as why:
            return why

    @staticmethod
    def say(weir, request):
        """Of every other request, as its own client; beside it stands what must not leave."""
        words = (None, "good", None, "bad", None, "regenerate")
        word = words[zlib.crc32(request.words.encode()) % len(words)]
        if not word:
            return None
        key = {k: v for k, v in request.headers.items() if k == "authorization"}
        body = {"id": request.words, "verdict": word,
                "comment": request.canary.text if request.canary else request.words}
        ask = urllib.request.Request(f"{weir.url}/v1/feedback", json.dumps(body).encode(),
                                     {"content-type": "application/json", **key})
        with urllib.request.urlopen(ask, timeout=30) as answer:
            return word if answer.status == 200 else None

    @staticmethod
    def about(world, request):
        canary = request.canary and (request.canary.kind, request.canary.encoding,
                                     request.place.__name__)
        text = request.text.replace("x x x x x x x x ", "")
        return (f"seed {world.seed}: {request.model} {request.headers} {canary}\n"
                f"{text}\n{world.config}")

    def judge_canary(self, world, request, answer, cloud_says, counts):
        """No engine of the cloud could have read it; the client has it all the same."""
        if not request.canary:
            return
        canary, about = request.canary, self.about(world, request)
        self.assertNotIn(canary.value, cloud_says, f"LEAKED {canary.kind}: {about}")
        counts["canaries"] += 1
        if isinstance(answer, talk.Unclean) or not answer.is_ok:
            return
        if "x-weir-masked" in answer.headers and request.place in canaries.ECHOED:
            self.assertIn(canary.text, answer.text, f"not restored: {about}")
            counts["restored"] += 1

    def judge_pilot(self, world, request, rows, stored, counts):
        """No mirror in the cloud of what has something to mask, and no text of it kept."""
        about = self.about(world, request)
        level = world.effective(request.declared)
        mirrors = [leg for leg in rows[0]["legs"] if leg["purpose"] == "mirror"]
        away = [leg for leg in mirrors if leg["side"] == "cloud"]
        counts["mirrors"] += len(mirrors)
        counts["away"] += len(away)
        counts["stored"] += request.words in stored
        if request.canary or level != "public":
            self.assertEqual(away, [], about)
            self.assertNotIn(request.words, stored, about)
        if request.canary:
            self.assertNotIn(request.canary.value, stored, about)

    def judge(self, world, request, answer, rows, cloud_bytes, counts):
        level, policy = world.effective(request.declared), request.policy
        wish = request.headers.get("x-weir-policy", policy)
        is_refused_unread = policy == "local-only" != wish
        is_found = world.has_cloud and request.canary and not is_refused_unread and (
            request.canary.must_stay or request.place is canaries.in_name)
        level = LEVELS[-1] if is_found else level
        is_seen = request.words.encode() in cloud_bytes
        about = self.about(world, request)
        if level != "public" or "local-only" in (policy, wish):
            self.assertFalse(is_seen, f"LEAKED: {about}")
        self.assertFalse(isinstance(answer, talk.Unclean), f"{answer}: {about}")
        counts["stay"] += level != "public"
        if is_refused_unread:  # nobody talks their way out of it
            self.assertEqual(answer.code, "policy_is_local_only", about)
        self.assertEqual(len(rows), 1, f"rows: {about}")
        said = is_found or any(request.declared)
        self.assertEqual(rows[0]["label"], level if said else "unlabelled", about)
        self.assertEqual(rows[0]["outcome"] == "ok", answer.is_ok, f"{rows[0]} {about}")
        counts["held"] += 1
        counts["ok"] += answer.is_ok
        counts["stay-ok"] += level != "public" and answer.is_ok
        counts["cloud"] += level == "public" and is_seen
