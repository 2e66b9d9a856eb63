#!/usr/bin/env python3
"""Write data/advise.json: the published decision rules, one row a rule.

The rules are facts about articles (which threshold, which verdict), told in our own
words; an "id" is the place of a rule in its table.  Run: tools/make-advise.py data/"""
import json
import sys
from collections import Counter
from pathlib import Path

# Title and date of each article; where a page has no date, the day it was read.
GUT = ("Still Picking API vs Local LLM by Gut Feeling?", "2026-03-01")
CONSTRAINT = ("a note on which constraint is biting", "2026-05-16")
LOCALLY = ("When to Run Locally", "2026-08-22")
EIGHT = ("a comparison by eight factors", "2026-08-22")
DEFINITIVE = ("Local LLM vs Cloud API: The Definitive Comparison in 2026", "2026-08-22")
RULES = [
    # table, article, question, condition, verdict, in our words
    ("checklist", GUT, "may_leave", {"is": "no"}, "local", "data that may not leave stays on the machine"),
    ("checklist", GUT, "tokens_month", {"at_least": 50e6}, "local", "much volume: local hardware begins to make sense"),
    ("checklist", GUT, "ttft_ms", {"below": 100}, "local", "first token under 100 ms: local, with the model kept loaded"),
    ("checklist", GUT, "frontier", {"is": "yes"}, "api", "frontier reasoning: a frontier API"),
    ("checklist", GUT, "parallel", {"at_least": 100}, "api", "a hundred at once: the API scales without hardware"),
    ("checklist", GUT, "team", {"is": "yes"}, "api", "a team: API and SDK often cost less to run"),
    ("checklist", GUT, None, {}, "local", "none of these: local, no network and no rate limit"),
    ("tree", LOCALLY, "may_leave", {"is": "no"}, "local", "personal, health or classified data: local is required"),
    ("tree", LOCALLY, "frontier", {"is": "yes"}, "api", "frontier quality needed: API"),
    ("tree", LOCALLY, "api_spend", {"at_most": 500}, "api", "API bill of $500 or less: the API is cheaper all in"),
    ("tree", LOCALLY, "engineers", {"is": "no"}, "api", "nobody to maintain it: stay with the API"),
    ("tree", LOCALLY, None, {}, "local", "bill above $500 and people to run it: local is viable"),
    ("axes", GUT, "may_leave", {"is": "no"}, "local", "axis 1, confidentiality: decides before all others"),
    ("axes", GUT, "tokens_month", {"at_least": 50e6}, "local", "axis 2, volume: from 50M tokens a month, whatever they cost"),
    ("axes", GUT, "deadline", {"is": "yes"}, "api", "axis 3, latency: a batch with a deadline runs in parallel on the API"),
    ("axes", GUT, "realtime", {"is": "yes"}, "local", "axis 3, latency: people waiting get a low and stable first token"),
    ("axes", GUT, "deadline", {"is": "no"}, "local", "axis 3, latency: a batch that may wait costs only electricity"),
    ("axes", GUT, "frontier", {"is": "yes"}, "api", "axis 4, capability: multi-step reasoning is the APIs'"),
    ("axes", GUT, "team", {"is": "yes"}, "evaluate", "axis 5, operations: count model updates, faults and versions in hours"),
    ("constraint", CONSTRAINT, "may_leave", {"is": "no"}, "local", "the constraint is privacy"),
    ("constraint", CONSTRAINT, "offline", {"is": "yes"}, "local", "the constraint is the network"),
    ("constraint", CONSTRAINT, "frontier", {"is": "yes"}, "api", "the constraint is capability"),
    ("constraint", CONSTRAINT, "multimodal", {"is": "yes"}, "api", "the constraint is vision, language and audio together"),
    ("constraint", CONSTRAINT, "context_tokens", {"above": 200000}, "api", "the constraint is context above 200K"),
    ("constraint", CONSTRAINT, "api_spend", {"above": 200}, "local", "above $200 a month local pays in months"),
    ("constraint", CONSTRAINT, "api_spend", {"above": 30}, "evaluate", "above $30-50 a month local is said to pay in 2-3 years; its own figures give 25 to 170 months"),
    ("constraint", CONSTRAINT, None, {}, "hybrid", "no constraint bites: most by a small model, the hard rest by a frontier one"),
    ("start", LOCALLY, "api_spend", {"above": 300}, "evaluate", "bill above $200-300: a pilot of 30 days on 10 % of the traffic"),
    ("start", EIGHT, "tokens_month", {"below": 150000}, "api", "a few thousand tokens a day: the API, set-up time priced in"),
    ("start", LOCALLY, None, {}, "api", "otherwise begin with the API and measure"),
    ("volume", DEFINITIVE, "requests_month", {"below": 100000}, "api", "under 100K requests a month, whatever they cost"),
    ("volume", DEFINITIVE, "requests_month", {"above": 200000}, "local", "above 200K requests a month, whatever they cost"),
    ("volume", DEFINITIVE, None, {}, "evaluate", "between the two the article says nothing"),
    ("priority", DEFINITIVE, "priority", {"is": "privacy"}, "local", "maximum privacy: all local"),
    ("priority", DEFINITIVE, "priority", {"is": "cost"}, "hybrid", "lowest cost at scale: hybrid"),
    ("priority", DEFINITIVE, "priority", {"is": "reasoning"}, "api", "highest reasoning: cloud"),
    ("priority", DEFINITIVE, "priority", {"is": "speed-to-market"}, "api", "fastest to market: cloud"),
    ("priority", DEFINITIVE, "priority", {"is": "compliance"}, "local", "GDPR or HIPAA: local on dedicated hardware"),
    ("priority", DEFINITIVE, "priority", {"is": "realtime"}, "local", "voice or chat in real time: local"),
    ("compliance", EIGHT, "compliance", {"is": "hipaa"}, "local", "HIPAA: local, or an isolated enterprise tier"),
    ("compliance", EIGHT, "compliance", {"is": "pci-dss"}, "local", "PCI-DSS: local, or an isolated enterprise tier"),
    ("compliance", EIGHT, "compliance", {"is": "legal"}, "local", "legal privilege: local; transit is open to process"),
    ("compliance", DEFINITIVE, "compliance", {"is": "gdpr"}, "local", "GDPR: local on dedicated hardware"),
    ("compliance", DEFINITIVE, "compliance", {"is": "soc2"}, "local", "SOC 2: local on dedicated hardware"),
    ("compliance", DEFINITIVE, "compliance", {"is": "eu-ai-act"}, "local", "EU AI Act: local on dedicated hardware"),
]
FACTORS = [
    ("privacy", "complete: data stays on the device", "provider's servers and policy"),
    ("cost a token", "none after hardware; power is not free", "$0.15-60 a million"),
    ("quality", "good at 13B-70B", "best available"),
    ("speed", "10-120 tok/s said; its row of a 4090 says 130-160", "50-200 tok/s"),
    ("set-up", "5-15 minutes", "2-5 minutes"),
    ("offline", "yes", "no"),
    ("updates", "manual, when you choose", "automatic, without notice"),
    ("customisation", "full: tuning, prompts, quantisation", "limited: prompts"),
]
TASKS = [
    ("classification", "sufficient", "more than needed", "local"),
    ("rag", "practical", "better", "local"),
    ("code-review", "practical under 200 lines", "marginal gain", "local"),
    ("architecture", "lacking", "clear advantage", "api"),
    ("long-documents", "14B and up can", "context advantage", "evaluate"),
    ("proof", "unreliable", "depends on the demand", "api"),
]
POLICIES = [
    ("OpenAI", "paid API", "no training by default"), ("OpenAI", "free or consumer", "often trains"),
    ("Anthropic", "paid API", "no training by default"), ("Anthropic", "free or consumer", "often trains"),
    ("Google", "paid API", "no training by default"), ("Google", "free or consumer", "often trains"),
]


WINS = [
    (CONSTRAINT, "capability for a dollar at the frontier", "", "API"),
    (CONSTRAINT, "audio and video", "", "API"),
    (CONSTRAINT, "nothing to operate", "", "API"),
    (CONSTRAINT, "bursts", "", "API"),
    (CONSTRAINT, "always the newest model", "", "API"),
    (CONSTRAINT, "privacy", "local", ""),
    (CONSTRAINT, "predictable latency", "local", ""),
    (CONSTRAINT, "fixed cost at volume", "local", ""),
    (CONSTRAINT, "no network needed", "local", ""),
    (CONSTRAINT, "control of prompt, sampling, quantisation, model", "local", ""),
    (EIGHT, "no set-up, prototypes, low volume", "", "API"),
    (EIGHT, "learning how models work", "local", ""),
    (DEFINITIVE, "no rate limits, no deprecations", "local", ""),
]
PREDICTIONS = [
    (GUT, "local good enough for classification, boilerplate, completion", "2026", "opinion"),
    (GUT, "APIs ahead in multimodal, million-token context, live voice", "2026", "opinion"),
    (GUT, "Vulkan opens many more gaming PCs to local models", "2026", "opinion"),
]


def source(article):
    return {"source": article[0], "source_date": article[1]}


def rows():
    place = Counter()
    for table, article, question, cond, verdict, say in RULES:
        place[table] += 1
        row = {"table": table, "id": f"{table}-{place[table]}"}
        if question:
            row["if"] = question
        yield {**row, **cond, "then": verdict, "say": say, **source(article)}
    for i, (name, local, cloud) in enumerate(FACTORS, 1):
        yield {"table": "factors", "id": f"factors-{i}", "say": name, "local": local,
               "cloud": cloud, **source(EIGHT)}
    for i, (name, local, cloud, verdict) in enumerate(TASKS, 1):
        yield {"table": "capability", "id": f"task-{i}", "if": "task", "is": name,
               "then": verdict, "say": name, "local": local, "cloud": cloud, **source(GUT)}
    for table, items in (("wins", WINS), ("predictions", PREDICTIONS)):
        for i, (article, say, local, cloud) in enumerate(items, 1):
            row = {"table": table, "id": f"{table}-{i}", "say": say, "local": local, "cloud": cloud}
            yield {**{k: v for k, v in row.items() if v}, **source(article)}
    for i, (provider, tier, says) in enumerate(POLICIES, 1):
        yield {"table": "policy", "id": f"policy-{i}", "say": provider, "local": tier,
               "cloud": says, **source(EIGHT)}


def main():
    lines = ",\n".join(json.dumps(r) for r in rows())
    head = '{"format": 1, "built": "2026-11-21", "stale_after_days": 60, "rows": [\n'
    Path(sys.argv[1], "advise.json").write_text(head + lines + "\n]}\n")


if __name__ == "__main__":
    main()
