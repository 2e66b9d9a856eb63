#!/usr/bin/env python3
"""Build the fact files of the repository (data/*.json) from collected ones.

    tools/facts_build.py COLLECTION [data]

COLLECTION has two folders: facts (the first collection) and facts2 (the second, which
wins where both know a row).  tools/facts_additions.json holds what was written by hand:
further spellings, names that were given up, words without meaning in a name.

One row a line, so that a price change is a one-line diff.  Prices become decimal text:
weir never reads money as floating point.  Every row keeps its own source and date.
"""
import json
import re
import sys
from decimal import Decimal
from pathlib import Path

BUILT = "2026-11-28"
HERE = Path(__file__).resolve().parent

# Who makes models comes before who sells those of others: the first row of a name
# answers when no provider is given.
PROVIDERS = ("openai anthropic google mistral xai deepseek moonshotai zai alibaba minimax meta meta-ai "
             "cohere perplexity voyageai groq cerebras fireworks-ai togetherai baseten deepinfra "
             "amazon-bedrock").split()
# Not sold by the provider that the source names: a price range of resellers.
NOT_SOLD = re.compile(r"^openai/gpt-oss")


def day(text):
    """The first day of what is only a month or a year."""
    text = (text or "")[:10]
    return text + {4: "-01-01", 7: "-01"}.get(len(text), "")


def load(folder, name):
    return json.loads((folder / name).read_text())


def money(value, places=6):
    if value is None:
        return None
    unit = Decimal(1).scaleb(-places)
    return format(Decimal(str(value)).quantize(unit).normalize(), "f")


def lean(row):
    return {k: v for k, v in row.items() if v not in (None, [], {}, "", False)}


def plain_source(text):
    """Where a figure was looked up is nobody's concern; who published it is."""
    text = re.sub(r",? index file id \d+ \(repository not named; cites Apple specs\)",
                  " (unnamed repository; cites Apple's specifications)", text)
    text = re.sub(r",? index file id \d+ \(repository not named(?: by the index)?; unverified\)"
                  r"(?: \(unverified\))?", " (unnamed repository; unverified)", text)
    text = re.sub(r"\b(?:public copy, |memory sizes: )?\bindex (?:ids?|files?)( id)?:? ?[\d, and]+\d",
                  "public tables", text)
    text = re.sub(r"^[\w-]+\.md \w+: ", "", text)
    return text.replace("earlier facts/gpus.json", "weir 0.1.1 devices").replace(
        "earlier facts/models.json", "weir 0.1.1 models").replace("in earlier facts", "in weir 0.1.1")


def write(path, head, rows, name="rows"):
    lines = ",\n".join(json.dumps(lean(r), ensure_ascii=False) for r in rows)
    text = json.dumps(head, ensure_ascii=False)[:-1] + f', "{name}": [\n{lines}\n]}}\n'
    json.loads(text)
    path.write_text(text, encoding="utf-8")
    print(path, len(rows), "rows", len(text.encode()), "bytes")


# -- prices ---------------------------------------------------------------------------

def tiers_of(row):
    out = []
    for t in row.get("tiers") or []:
        above = t["above_context_tokens"] - (t.get("semantics") == "reaches")
        out.append(lean({"above_tokens": above, "input": money(t["input_per_1m"]),
                         "output": money(t["output_per_1m"]),
                         "cached_input": money(t.get("cached_input_per_1m")),
                         "cache_write": money(t.get("cache_write_per_1m"))}))
    return sorted(out, key=lambda t: t["above_tokens"])


def parts_of(row):
    return {"input": money(row.get("input_per_1m")), "output": money(row.get("output_per_1m")),
            "cached_input": money(row.get("cached_input_per_1m")),
            "cache_write": money(row.get("cache_write_per_1m")),
            "cache_write_1h": money(row.get("cache_write_1h_per_1m")),
            "reasoning": money(row.get("reasoning_per_1m")),
            "audio_input": money(row.get("audio_input_per_1m")),
            "audio_output": money(row.get("audio_output_per_1m")),
            "tiers": tiers_of(row)}


def modes_of(row):
    out = {}
    for name, m in (row.get("modes") or {}).items():
        if name == "peak" or None in (m.get("input_per_1m"), m.get("output_per_1m")):
            continue
        parts = parts_of(m)
        parts.update(source=row["source"], source_date=m.get("as_of") or row["source_date"])
        out[name] = lean(parts)
    return out


def peak_of(row):
    m = (row.get("modes") or {}).get("peak")
    return m and lean({**parts_of(m), "hours": m.get("hours")})


def old_price(row, kind, disagrees):
    out = {"provider": row["provider"], "id": row["id"], "name": row["name"], "kind": kind,
           **parts_of(row), "context_window": row.get("context_window"),
           "max_output": row.get("max_output"), "accepts": row.get("modalities_in"),
           "tool_call": row.get("tool_call"), "structured_output": row.get("structured_output"),
           "open_weights": row.get("open_weights"), "status": row.get("status"),
           "released": full_day(row.get("release_date")),
           "from": row.get("from_date"), "to": row.get("to_date"),
           "source": row["source"], "source_date": row["source_date"]}
    other = disagrees.get((row["provider"], row["id"]))
    if other and kind == "list":
        out["other_source"] = {"input": money(other["llm_prices"][0]),
                               "output": money(other["llm_prices"][1]),
                               "source": "simonw/llm-prices", "source_date": "2026-08-05"}
    return out


def full_day(text):
    return text if text and re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None


def new_price(row, kind, was):
    out = {"provider": row["provider"], "id": row["id"], "name": row["name"], "kind": kind}
    for k in ("context_window", "max_output", "accepts", "tool_call", "structured_output",
              "open_weights", "status", "released"):
        out[k] = was.get(k) if was else None
    out["context_window"] = out["context_window"] or row.get("context_window")
    out.update(parts_of(row))
    out.update({"from": row.get("from_date"), "to": row.get("to_date"), "modes": modes_of(row),
                "peak": peak_of(row), "source": row["source"], "source_date": row["source_date"]})
    other = re.match(r"disagrees: (litellm \S+) has ([\d.]+)/([\d.]+)$", row.get("litellm_check") or "")
    if other:
        out["other_source"] = {"input": money(other[2]), "output": money(other[3]),
                               "source": other[1], "source_date": "2026-11-01"}
    return out


def base_of_tier_row(row):
    m = re.fullmatch(r"(.*)-\d+k", row["id"])
    return (row["provider"], m.group(1)) if m else None


def prices(first, second, dst):
    a, b = load(first, "prices.json"), load(second, "prices2.json")
    differ = {(x["provider"], x["id_models_dev"]): x for x in a["meta"]["known_disagreements"]}
    new = {(r["provider"], r["id"]): r for r in b["models"]
           if not NOT_SOLD.match(r["provider"] + "/" + r["id"])}
    dated = [r for r in b["history"] if r["from_date"] or r["to_date"]]
    renewed = {(r["provider"], r["id"]) for r in dated}
    rows, was = [], {}
    for r in a["models"]:
        row = old_price(r, "list", differ)
        was[(r["provider"], r["id"])] = row
        if (r["provider"], r["id"]) not in new:
            rows.append(row)
    for key, r in new.items():
        rows.append(new_price(r, "list", was.get(key)))
    for r in a["history"]:
        key = (r["provider"], r["id"])
        bounded = r.get("from_date") or r.get("to_date")
        if key in renewed or base_of_tier_row(r) in new or (key in new and not bounded):
            continue
        rows.append(old_price(r, "dated", differ))
    rows += [new_price(r, "dated", was.get((r["provider"], r["id"]))) for r in dated]
    rank = {p: i for i, p in enumerate(PROVIDERS)}
    rows.sort(key=lambda r: (r["kind"] != "list", rank.get(r["provider"], 99)))
    head = {"format": 1, "currency": "USD", "per_tokens": 1000000, "built": BUILT,
            "stale_after_days": 90}
    write(dst / "prices.json", head, rows)


# -- devices --------------------------------------------------------------------------

MACBOOKS = {"macbook pro": (13, 14, 16), "macbook air": (13, 15)}
VENDORS = {"Qualcomm": "CPU", "Raspberry Pi": "CPU"}


def device_row(g, conflicts):
    hand = g.get("unverified") or []
    return {
        "name": g["name"], "vendor": VENDORS.get(g["vendor"], g["vendor"]),
        "memory_gb": g["vram_gb"], "memory_options_gb": g.get("memory_options_gb"),
        "unified": g["unified"], "bandwidth_gbs": g["bandwidth_gbs"], "tdp_w": g["tdp_w"],
        "idle_w": g.get("idle_w"), "load_w": g.get("load_w"),
        "gpu_cores": g.get("gpu_cores"), "launch_price_usd": money(g["launch_price_usd"]),
        "prices_usd_by_memory": {k: money(v) for k, v in (g.get("prices_usd_by_memory") or {}).items()},
        "launched": (g.get("launch") or "")[:10], "pci_ids": g.get("pci_ids"),
        "aliases": g.get("aliases"), "conflicts": conflicts.get(g["name"]),
        "unverified": sorted({u.split(":")[0] for u in hand}),
        "source": plain_source(g["source"]),
        "field_sources": lean({"launch_price_usd": plain_source(g["launch_price_source"])
                               if g.get("launch_price_source") else None,
                               "load_w": plain_source(g["power_source"]) if g.get("power_source") else None}),
        "source_date": day(g["source_date"])}


def old_device(g, conflicts):
    f = {k: plain_source(v) for k, v in g["fields_from"].items()}
    source = f.pop("all", None) or "; ".join(sorted(set(f.values())))
    return {"name": g["name"], "vendor": g["vendor"], "memory_gb": g["vram_gb"],
            "unified": g["unified"], "bandwidth_gbs": g["bandwidth_gbs"], "tdp_w": g["tdp_w"],
            "launch_price_usd": money(g["launch_price_usd"]),
            "launched": (g["launch"] or "")[:10], "aliases": [],
            "conflicts": conflicts.get(g["name"]), "source": source,
            "field_sources": {k: v for k, v in f.items() if v != source},
            "source_date": "2025-06-16"}


def chip_rows(rows, gpus):
    """One row for a chip whose variants have the same bandwidth: what people mean who
    do not count cores.  What the variants do not share is left out of it."""
    chips = {}
    for g in gpus:
        if g.get("chip"):
            chips.setdefault(g["chip"], []).append(g)
    out = []
    for chip, variants in chips.items():
        if len(variants) < 2 or len({v["bandwidth_gbs"] for v in variants}) > 1:
            continue
        shared = set.intersection(*(set(v["aliases"]) for v in variants))
        byname = {r["name"]: r for r in rows}
        for v in variants:
            row = byname[v["name"]]
            row["aliases"] = [x for x in row["aliases"] if x not in shared]
        sizes = sorted({m for v in variants for m in v["memory_options_gb"]})
        row = dict(byname[variants[0]["name"]])
        row.update(name="Apple " + chip, memory_gb=max(sizes), memory_options_gb=sizes, aliases=sorted(shared))
        for k in ("tdp_w", "idle_w", "load_w", "prefill_tflops", "prefill_moe_tflops", "gpu_cores", "launch_price_usd", "prices_usd_by_memory",
                  "conflicts", "unverified", "field_sources", "pci_ids"):
            same = {json.dumps(byname[v["name"]].get(k), sort_keys=True) for v in variants}
            if len(same) > 1:
                row[k] = None
        out.append(row)
    return out


def pci_names(ids):
    """As the kernel's files tell them: "pci 1002:1586", and with the revision."""
    out = []
    for text in ids:
        device, _, revs = text.partition(" rev ")
        out.append("pci " + device)
        out += [f"pci {device} rev {r.strip()}" for r in revs.split(",") if r]
    return out


def prefill_rates(second):
    """Useful operations a second while reading prompts, in 10^12: medians of measured
    prompt speeds of dense models and of mixtures of experts."""
    rates = {}
    for r in load(second, "prefill2.json")["device_tflops"]:
        field = "prefill_moe_tflops" if r["kind"] == "moe" else "prefill_tflops"
        rates.setdefault(r["device"], {})[field] = r["implied_tflops_median"]
    return rates


def devices(first, second, dst, hand):
    a, b = load(first, "gpus.json"), load(second, "devices2.json")
    rates = prefill_rates(second)
    conflicts = {}
    for c in a["meta"]["conflicts"]:
        field = c["field"].split()[0]
        if not any(x["field"] == field for x in conflicts.get(c["gpu"], [])):
            conflicts.setdefault(c["gpu"], []).append({"field": field, "other": c["other"]})
    rows = [device_row(g, conflicts) | rates.get(g["name"], {}) for g in b["gpus"]]
    rows = chip_rows(rows, b["gpus"]) + rows
    byname = {r["name"]: r for r in rows}
    for g in a["gpus"]:
        now = hand["device_superseded"].get(g["name"])
        if g["name"] in byname or g["vendor"] == "Apple":
            continue
        if now:
            continue
        rows.append(old_device(g, conflicts))
        byname[g["name"]] = rows[-1]
    for name, more in hand["device_aliases"].items():
        byname[name]["aliases"] += more
    for r in rows:
        if r["name"].endswith(" Laptop") and r["name"].startswith("RTX "):
            short = r["name"][4:-7].replace(" ", "").lower()
            r["aliases"] += [short + "m"] if "gb" not in short else []
        r["aliases"] += [x.replace(book, f"{book} {inch}") for x in r["aliases"]
                         for book, inches in MACBOOKS.items() if x.startswith(book + " ")
                         for inch in inches]
        r["aliases"] += pci_names(r.get("pci_ids") or [])
        mine = {r["name"].lower()} | set(hand["device_alias_dropped"])
        r["aliases"] = sorted({x.lower() for x in r["aliases"]} - mine)
        r.pop("pci_ids", None)
    head = {"format": 1, "built": BUILT, "words": hand["device_words"]}
    write(dst / "devices.json", head, rows)


# -- models ---------------------------------------------------------------------------

COUNTS = ("params_total params_active layers hidden heads kv_heads head_dim ffn vocab tied_embeddings "
          "context sliding_window swa_layers full_attention_layers experts experts_per_token moe_ffn "
          "shared_experts shared_expert_ffn first_dense_layers kv_bytes_per_token_f16 "
          "kv_bytes_per_token_f16_swa_layers state_bytes_per_sequence_f32 kv_lora_rank qk_rope_head_dim "
          "kv_shared_layers global_kv_heads global_head_dim params_vision params_mtp "
          "params_per_layer_embedding params_effective params_ngram_table "
          "linear_layers linear_key_heads linear_value_heads linear_head_dim linear_conv_kernel "
          "mamba_layers ssm_heads ssm_head_dim ssm_state ssm_groups ssm_conv_kernel conv_layers "
          "conv_kernel moe_layers mlp_layers q_lora_rank qk_nope_head_dim v_head_dim "
          "k_equals_v_in_global_layers per_layer_embedding_dim").split()


def attention_kind(text):
    text = (text or "").lower()
    for word in ("hybrid", "bidirectional", "mla", "gqa", "mha", "mqa"):
        if word in text:
            return word
    return text.split()[0].strip(",") if text else None


def published(m, field, by_ollama=()):
    """Sizes of files that hold the language model alone, by quantisation."""
    out = {}
    for label, size in (m.get(field) or {}).items():
        if m["id"] in by_ollama and re.match(r"Q4_K_M$|Q4_K_M \(ollama", label):
            out["Ollama-Q4_K_M"] = int(size)
            continue
        if re.search(r"vision|mmproj|with MTP|\+|label|QAT", label) or label in (m.get("mlx_bytes_approximate") or []):
            continue
        name = re.sub(r" \(.*\)$", "", label).strip()
        name = {"MXFP4_MOE": "MXFP4", "i1-Q4_K_M": None, "BF16": "F16"}.get(name, name)
        if name and name not in out:
            out[name] = int(size)
    return out


def model_row(m, hand):
    row = {"id": m["id"], "aliases": sorted({x.lower() for x in (m.get("aliases") or [])} |
                                            {x.lower() for x in m.get("ollama_tags") or []})}
    row.update({k: m.get(k) for k in COUNTS})
    # llama.cpp keeps the keys of an indexer in a cache of their own, of each layer that has one.
    index = hand["model_index_keys"].get(m["id"])
    if index:
        row["kv_bytes_per_token_f16"] += 2 * index * (m.get("full_attention_layers") or m["layers"])
    native = (m.get("native_format") or {}).get("format", "").split()
    row.update({
        "attention": attention_kind(m.get("attention")),
        "latent_kv": bool(m.get("kv_lora_rank")) or "mla" in (m.get("attention") or "").lower(),
        "embedding": bool(m.get("embedding_model")), "native_quant": native[0] if native else None,
        "gguf_bytes_published": published(m, "gguf_bytes_published", hand["model_quantised_by_ollama"]),
        "mlx_bytes_published": published(m, "mlx_bytes_published"),
        "licence": m.get("licence"),
        "released": full_day(m.get("released")),
        "made_for": "code" if re.search("coder|devstral|codestral|codellama", m["id"], re.I) else None,
        "ollama_tag": next((t for t in m.get("ollama_tags") or [] if not re.search(":(latest|cloud)|mlx", t)), None),
        "source": plain_source(m["source"]), "source_date": day(m["source_date"])})
    return row


def models(first, second, dst, hand):
    a, b = load(first, "models.json"), load(second, "models2.json")
    rows = [model_row(m, hand) for m in b["models"]]
    known = {r["id"] for r in rows}
    old = []
    for m in a["models"]:
        if m["id"] in known or m["id"] in hand["model_superseded"]:
            continue
        row = model_row(m, hand)
        row["id"] = hand["model_renamed"].get(m["id"], m["id"])
        row["aliases"] = sorted(set(row["aliases"]) | {m["id"].lower()})
        old.append(row)
    rows = old + rows
    byname = {r["id"]: r for r in rows}
    for was, now in hand["model_superseded"].items():
        byname[now]["aliases"].append(was.lower())
    for name, more in hand["model_aliases"].items():
        byname[name]["aliases"] += more
    sized = re.compile(r"(?<![\d.])[\d.]+[bm]\b|:latest|\d{4}\b", re.I)
    for r in rows:
        r["released"] = r["released"] or hand["model_released"].get(r["id"])
        short = {x.lower().split("/")[-1] for x in r["aliases"]} - {r["id"].lower()}
        r["aliases"] = sorted(x for x in short if sized.search(x) or not is_family(x, r, rows)
                              or x in hand["model_alias_kept"])
        r["aliases"] = [x for x in r["aliases"] if not is_name_of_another(x, r, rows, hand)]
        r["aliases"] = [x for x in r["aliases"] if x not in hand["model_shared"]] + [
            x for x, who in hand["model_shared"].items() if r["id"] in who]
    head = {"format": 1, "built": BUILT, "words": hand["model_words"]}
    write(dst / "models.json", head, rows)


def words_of(name):
    return set(re.findall(r"[a-z]+|\d+(?:\.\d+)?[bm]?", name.lower()))


def is_name_of_another(alias, row, rows, hand):
    """Without the words that say nothing it is what another row is called."""
    empty = set(hand["model_words"]["ignored"])
    mine = words_of(alias) - empty
    shortened = mine != words_of(alias)
    return any(other is not row and any(
        words_of(x) - empty == mine for x in [other["id"]] + (other["aliases"] if shortened else []))
        for other in rows)


def is_family(alias, row, rows):
    """True when the alias names several models that differ in size: then it is a
    question, and no row may have it for itself."""
    plain = {"a", "e", "x", "it", "instruct", "latest"}
    for other in rows:
        if other is row:
            continue
        rest = words_of(other["id"]) - words_of(alias)
        if words_of(alias) <= words_of(other["id"]) and all(
                w in plain or w[0].isdigit() for w in rest):
            return True
    return False


# -- what a plan may need besides: rent, electricity, currencies -----------------------

def costs(second, dst):
    d = load(second, "prices2.json")
    rows = []
    for r in d["gpu_rental"]:
        rows.append({"kind": "rent", "provider": r["provider"], "gpu": r["gpu"], "memory_gb": r["memory_gb"],
                     "gpus": r["gpu_count"], "sku": r["sku"], "region": r["region"],
                     "usd_per_gpu_hour": money(r["usd_per_gpu_hour"]),
                     "spot_usd_per_gpu_hour": money(r["spot_usd_per_gpu_hour"]),
                     "reserved": r["note"] == "reserved", "unverified": r["unverified"],
                     "source": plain_source(r["source"]), "source_date": r["source_date"]})
    for r in d["electricity"]:
        rows.append({"kind": "electricity", "country": r["country_code"], "name": r["country"],
                     "usd_per_kwh": money(r["usd_per_kwh"]), "per_kwh": money(r["per_kwh"]),
                     "currency": r["currency"], "period": r["period"], "with_tax": r["incl_tax"],
                     "unverified": r["unverified"], "source": plain_source(r["source"]),
                     "source_date": r["source_date"]})
    for r in d["exchange_rates"]:
        rows.append({"kind": "currency", "currency": r["currency"],
                     "usd_per_unit": money(r["usd_per_unit"], 9),
                     "units_per_usd": money(r["units_per_usd"], 9),
                     "source": r["source"], "source_date": r["rate_date"]})
    head = {"format": 1, "currency": "USD", "built": BUILT,
            "stale_after_days": 90}
    write(dst / "costs.json", head, rows)


def field_speeds(rows):
    """Rows that nobody had fitted anything on.  Where two say the same, the one that
    tells the engine and whether main memory was used."""
    kept = {}
    for r in rows:
        key = (r["device"], r["model"], r["quant"], r["depth_tokens"], r["tok_s"])
        if key not in kept or "splits_with_ram" in r:
            kept[key] = {"set": "field", "gpu": r["device"], "gpus": 1, "model": r["model"],
                         "quant": r["quant"], "mean_depth_tokens": float(r["depth_tokens"]),
                         "tok_s": r["tok_s"], "engine": r.get("engine"),
                         "splits_with_ram": r.get("splits_with_ram"), "source": r["source"],
                         "source_date": "2026-11-28"}
    return list(kept.values())


def speeds(first, dst):
    d = load(first, "tokps.json")
    keep = ("set gpu gpus bandwidth_gbs model quant mean_depth_tokens tok_s tok_s_low "
            "tok_s_high n_gpu_layers flag source").split()
    rows = [{k: r.get(k) for k in keep} for r in d["rows"] if r["set"] != "seed-claim"]
    for r in rows:
        r["source"] = r["source"].replace("seeds/ ", "")
        r["source_date"] = {"public": "2024-05-31", "crowd": "2026-08-10"}.get(r["set"], "2026-08-22")
        if "2026-03" in r["source"]:
            r["source_date"] = "2026-03-01"
    rows += field_speeds(load(first, "speeds2_dev.json")["rows"])
    write(dst / "speeds.json", {"format": 1, "built": BUILT, "stale_after_days": 365}, rows)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    first, second = Path(sys.argv[1]) / "facts", Path(sys.argv[1]) / "facts2"
    dst = Path(sys.argv[2] if len(sys.argv) == 3 else HERE.parent / "data")
    hand = json.loads((HERE / "facts_additions.json").read_text())
    prices(first, second, dst)
    devices(first, second, dst, hand)
    models(first, second, dst, hand)
    costs(second, dst)
    speeds(first, dst)


if __name__ == "__main__":
    main()
