#!/usr/bin/env python3
"""Write data/advise.json: the published decision rules, one row a rule.

The rules are facts about articles (which threshold, which verdict), told in our own
words; "id" is the requirement the tests carry.  Run: tools/make-advise.py data/"""
import json
import sys
from pathlib import Path

DATES = {"000": "2026-03-01", "001": "2026-05-16", "002": "2026-08-22",
         "003": "2026-08-22", "004": "2026-08-22", "weir": "2026-11-21"}
RULES = [
    # table, id, question, condition, verdict, in our words
    ("checklist", "000-20.1", "may_leave", {"is": "no"}, "local", "data that may not leave stays on the machine"),
    ("checklist", "000-20.2", "tokens_month", {"at_least": 50e6}, "local", "much volume: local hardware begins to make sense"),
    ("checklist", "000-20.3", "ttft_ms", {"below": 100}, "local", "first token under 100 ms: local, with the model kept loaded"),
    ("checklist", "000-20.4", "frontier", {"is": "yes"}, "api", "frontier reasoning: a frontier API"),
    ("checklist", "000-20.5", "parallel", {"at_least": 100}, "api", "a hundred at once: the API scales without hardware"),
    ("checklist", "000-20.6", "team", {"is": "yes"}, "api", "a team: API and SDK often cost less to run"),
    ("checklist", "000-20.7", None, {}, "local", "none of these: local, no network and no rate limit"),
    ("tree", "002-01.1", "may_leave", {"is": "no"}, "local", "personal, health or classified data: local is required"),
    ("tree", "002-01.2", "frontier", {"is": "yes"}, "api", "frontier quality needed: API"),
    ("tree", "002-01.3", "api_spend", {"at_most": 500}, "api", "API bill of $500 or less: the API is cheaper all in"),
    ("tree", "002-01.4", "engineers", {"is": "no"}, "api", "nobody to maintain it: stay with the API"),
    ("tree", "002-01.5", None, {}, "local", "bill above $500 and people to run it: local is viable"),
    ("axes", "000-04", "may_leave", {"is": "no"}, "local", "axis 1, confidentiality: decides before all others"),
    ("axes", "000-10", "tokens_month", {"at_least": 50e6}, "local", "axis 2, volume: from 50M tokens a month (see E05)"),
    ("axes", "000-13.1", "deadline", {"is": "yes"}, "api", "axis 3, latency: a batch with a deadline runs in parallel on the API"),
    ("axes", "000-13.2", "realtime", {"is": "yes"}, "local", "axis 3, latency: people waiting get a low and stable first token"),
    ("axes", "000-13.3", "deadline", {"is": "no"}, "local", "axis 3, latency: a batch that may wait costs only electricity"),
    ("axes", "000-07", "frontier", {"is": "yes"}, "api", "axis 4, capability: multi-step reasoning is the APIs'"),
    ("axes", "000-15", "team", {"is": "yes"}, "evaluate", "axis 5, operations: count model updates, faults and versions in hours"),
    ("constraint", "001-02.1", "may_leave", {"is": "no"}, "local", "the constraint is privacy"),
    ("constraint", "001-02.2", "offline", {"is": "yes"}, "local", "the constraint is the network"),
    ("constraint", "001-07.1", "frontier", {"is": "yes"}, "api", "the constraint is capability"),
    ("constraint", "001-07.2", "multimodal", {"is": "yes"}, "api", "the constraint is vision, language and audio together"),
    ("constraint", "001-07.3", "context_tokens", {"above": 200000}, "api", "the constraint is context above 200K"),
    ("constraint", "001-06.1", "api_spend", {"above": 200}, "local", "above $200 a month local pays in months"),
    ("constraint", "001-06.2", "api_spend", {"above": 30}, "evaluate", "above $30-50 a month local is said to pay in 2-3 years (see E09)"),
    ("constraint", "001-09", None, {}, "hybrid", "no constraint bites: most by a small model, the hard rest by a frontier one"),
    ("start", "002-12", "api_spend", {"above": 300}, "evaluate", "bill above $200-300: a pilot of 30 days on 10 % of the traffic"),
    ("start", "003-04", "tokens_month", {"below": 150000}, "api", "a few thousand tokens a day: the API, set-up time priced in"),
    ("start", "002-12.0", None, {}, "api", "otherwise begin with the API and measure"),
    ("volume", "004-03.1", "requests_month", {"below": 100000}, "api", "under 100K requests a month (see E13)"),
    ("volume", "004-03.2", "requests_month", {"above": 200000}, "local", "above 200K requests a month (see E13)"),
    ("volume", "004-03.3", None, {}, "evaluate", "between the two the article says nothing"),
    ("priority", "004-06.1", "priority", {"is": "privacy"}, "local", "maximum privacy: all local"),
    ("priority", "004-06.2", "priority", {"is": "cost"}, "hybrid", "lowest cost at scale: hybrid"),
    ("priority", "004-06.3", "priority", {"is": "reasoning"}, "api", "highest reasoning: cloud"),
    ("priority", "004-06.4", "priority", {"is": "speed-to-market"}, "api", "fastest to market: cloud"),
    ("priority", "004-06.5", "priority", {"is": "compliance"}, "local", "GDPR or HIPAA: local on dedicated hardware"),
    ("priority", "004-06.6", "priority", {"is": "realtime"}, "local", "voice or chat in real time: local"),
    ("compliance", "003-08.1", "compliance", {"is": "hipaa"}, "local", "HIPAA: local, or an isolated enterprise tier"),
    ("compliance", "003-08.2", "compliance", {"is": "pci-dss"}, "local", "PCI-DSS: local, or an isolated enterprise tier"),
    ("compliance", "003-08.3", "compliance", {"is": "legal"}, "local", "legal privilege: local; transit is open to process"),
    ("compliance", "004-04.1", "compliance", {"is": "gdpr"}, "local", "GDPR: local on dedicated hardware"),
    ("compliance", "004-04.2", "compliance", {"is": "soc2"}, "local", "SOC 2: local on dedicated hardware"),
    ("compliance", "004-04.3", "compliance", {"is": "eu-ai-act"}, "local", "EU AI Act: local on dedicated hardware"),
]
FACTORS = [
    ("privacy", "complete: data stays on the device", "provider's servers and policy"),
    ("cost a token", "none after hardware; power is not free", "$0.15-60 a million (003)"),
    ("quality", "good at 13B-70B", "best available"),
    ("speed", "10-120 tok/s said; 4090 row says more (E19)", "50-200 tok/s"),
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
    ("001-01.1", "capability for a dollar at the frontier", "", "API"),
    ("001-01.2", "audio and video", "", "API"),
    ("001-01.3", "nothing to operate", "", "API"),
    ("001-01.4", "bursts", "", "API"),
    ("001-01.5", "always the newest model", "", "API"),
    ("001-02.4", "privacy", "local", ""),
    ("001-02.5", "predictable latency", "local", ""),
    ("001-02.6", "fixed cost at volume", "local", ""),
    ("001-02.7", "no network needed", "local", ""),
    ("001-02.8", "control of prompt, sampling, quantisation, model", "local", ""),
    ("003-11.1", "no set-up, prototypes, low volume", "", "API"),
    ("003-11.2", "learning how models work", "local", ""),
    ("004-04.3", "no rate limits, no deprecations", "local", ""),
]
PREDICTIONS = [
    ("000-19.1", "local good enough for classification, boilerplate, completion", "2026", "opinion"),
    ("000-19.2", "APIs ahead in multimodal, million-token context, live voice", "2026", "opinion"),
    ("000-19.3", "Vulkan opens many more gaming PCs to local models", "2026", "opinion"),
]


def source(rule_id):
    article = rule_id[:3]
    return {"source": f"article {article}", "source_date": DATES[article]}


def rows():
    for table, rid, question, cond, verdict, say in RULES:
        row = {"table": table, "id": rid}
        if question:
            row["if"] = question
        yield {**row, **cond, "then": verdict, "say": say, **source(rid)}
    for i, (name, local, cloud) in enumerate(FACTORS, 1):
        yield {"table": "factors", "id": f"003-06.{i}", "say": name, "local": local,
               "cloud": cloud, **source("003")}
    for i, (name, local, cloud, verdict) in enumerate(TASKS, 1):
        yield {"table": "capability", "id": f"000-14.{i}", "if": "task", "is": name,
               "then": verdict, "say": name, "local": local, "cloud": cloud, **source("000")}
    for table, items in (("wins", WINS), ("predictions", PREDICTIONS)):
        for rid, say, local, cloud in items:
            row = {"table": table, "id": rid, "say": say, "local": local, "cloud": cloud}
            yield {**{k: v for k, v in row.items() if v}, **source(rid)}
    for i, (provider, tier, says) in enumerate(POLICIES, 1):
        yield {"table": "policy", "id": f"003-14.{i}", "say": provider, "local": tier,
               "cloud": says, **source("003")}


def main():
    lines = ",\n".join(json.dumps(r) for r in rows())
    head = '{"format": 1, "built": "2026-11-21", "stale_after_days": 60, "rows": [\n'
    Path(sys.argv[1], "advise.json").write_text(head + lines + "\n]}\n")


if __name__ == "__main__":
    main()
