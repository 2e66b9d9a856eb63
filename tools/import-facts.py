#!/usr/bin/env python3
"""Turn collected fact files into the ones the repository carries (data/*.json).

One row a line, so that a price change is a one-line diff.  Prices become decimal
text: weir never reads money as floating point.  Every row keeps its own source and
date; rows whose sources disagree carry what the other source says.

    tools/import-facts.py FACTS_FOLDER data/
    tools/import-facts.py --modes PRICES_FILE data/

The second form puts the prices of other tiers of service (flex, priority, batch, fast)
to the rows of data/prices.json whose own prices the newer file confirms.
"""
import json
import re
import sys
from decimal import Decimal
from pathlib import Path


def plain_source(text):
    """An unnamed repository stays unnamed; where it was looked up is nobody's concern."""
    text = re.sub(r", index file id \d+ \(repository not named; cites Apple specs\)",
                  " (unnamed repository; cites Apple's specifications)", text)
    return re.sub(r", index file id \d+ \(repository not named(?: by the index)?; "
                  r"unverified\)(?: \(unverified\))?", " (unnamed repository; unverified)", text)


def money(value):
    return None if value is None else format(
        Decimal(str(value)).quantize(Decimal("0.000001")).normalize(), "f")


def lean(row):
    return {k: v for k, v in row.items() if v not in (None, [], {}, "", False)}


def write(path, head, name, rows):
    lines = ",\n".join(json.dumps(lean(r), ensure_ascii=False) for r in rows)
    text = json.dumps(head, ensure_ascii=False)[:-1] + f', "{name}": [\n{lines}\n]}}\n'
    json.loads(text)
    path.write_text(text, encoding="utf-8")
    print(path, len(rows), "rows", len(text), "bytes")


def price_row(row, kind, disagrees):
    out = {
        "provider": row["provider"], "id": row["id"], "name": row["name"], "kind": kind,
        "input": money(row["input_per_1m"]), "output": money(row["output_per_1m"]),
        "cached_input": money(row.get("cached_input_per_1m")),
        "cache_write": money(row.get("cache_write_per_1m")),
        "reasoning": money(row.get("reasoning_per_1m")),
        "audio_input": money(row.get("audio_input_per_1m")),
        "audio_output": money(row.get("audio_output_per_1m")),
        "tiers": [lean({"above_tokens": t["above_context_tokens"],
                        "input": money(t["input_per_1m"]),
                        "output": money(t["output_per_1m"]),
                        "cached_input": money(t.get("cached_input_per_1m"))})
                  for t in row.get("tiers") or []],
        "context_window": row.get("context_window"), "max_output": row.get("max_output"),
        "accepts": row.get("modalities_in"), "tool_call": row.get("tool_call"),
        "structured_output": row.get("structured_output"),
        "open_weights": row.get("open_weights"), "status": row.get("status"),
        "from": row.get("from_date"), "to": row.get("to_date"),
        "source": row["source"], "source_date": row["source_date"],
    }
    other = disagrees.get((row["provider"], row["id"]))
    if other and kind == "list":
        out["other_source"] = {"input": money(other["llm_prices"][0]),
                               "output": money(other["llm_prices"][1]),
                               "source": "simonw/llm-prices", "source_date": "2026-08-05"}
    return out


def prices(src, dst):
    d = json.loads((src / "prices.json").read_text())
    differ = {(x["provider"], x["id_models_dev"]): x
              for x in d["meta"]["known_disagreements"]}
    rows = [price_row(r, "list", differ) for r in d["models"]]
    rows += [price_row(r, "dated", differ) for r in d["history"]]
    head = {"format": 1, "currency": "USD", "per_tokens": 1000000,
            "built": "2026-08-05", "stale_after_days": 90}
    write(dst / "prices.json", head, "rows", rows)


def devices(src, dst):
    d = json.loads((src / "gpus.json").read_text())
    conflicts = {}
    for c in d["meta"]["conflicts"]:
        field = c["field"].split()[0]
        conflicts.setdefault(c["gpu"], []).append({"field": field, "other": c["other"]})
    rows = []
    for g in d["gpus"]:
        f = dict(g["fields_from"])
        f = {k: plain_source(v) for k, v in f.items()}
        source = f.pop("all", None) or "; ".join(sorted(set(f.values())))
        rows.append({
            "name": g["name"], "vendor": g["vendor"], "memory_gb": g["vram_gb"],
            "unified": g["unified"], "bandwidth_gbs": g["bandwidth_gbs"],
            "tdp_w": g["tdp_w"], "launch_price_usd": money(g["launch_price_usd"]),
            "launched": (g["launch"] or "")[:10] if g.get("launch") else None,
            "conflicts": conflicts.get(g["name"]), "source": source,
            "field_sources": {k: v for k, v in f.items() if v != source} or None,
            "source_date": "2025-06-16"})
    rows += cpu_rows()
    write(dst / "devices.json", {"format": 1, "built": "2025-06-16",
                                 "stale_after_days": 730}, "rows", rows)


CPU_MEMORY = [("CPU dual-channel DDR4-3200", 2, 3200), ("CPU dual-channel DDR5-4800", 2, 4800),
              ("CPU dual-channel DDR5-5600", 2, 5600), ("CPU dual-channel DDR5-6400", 2, 6400),
              ("CPU 8-channel DDR5-4800", 8, 4800), ("CPU 12-channel DDR5-4800", 12, 4800)]


def cpu_rows():
    """Peak bandwidth is arithmetic: channels x 8 bytes x transfers a second."""
    return [{"name": name, "vendor": "CPU", "unified": True,
             "bandwidth_gbs": round(channels * 8 * mts / 1000, 1),
             "source": f"computed: {channels} channels x 8 bytes x {mts} MT/s",
             "source_date": "2026-08-22"} for name, channels, mts in CPU_MEMORY]


def speeds(src, dst):
    d = json.loads((src / "tokps.json").read_text())
    keep = ("set gpu gpus bandwidth_gbs model quant mean_depth_tokens tok_s tok_s_low "
            "tok_s_high n_gpu_layers flag source").split()
    rows = [{k: r.get(k) for k in keep} for r in d["rows"] if r["set"] != "seed-claim"]
    for r in rows:
        r["source"] = r["source"].replace("seeds/ ", "")
        r["source_date"] = {"public": "2024-05-31", "crowd": "2026-08-10"}.get(
            r["set"], "2026-08-22")
        if "2026-03" in r["source"]:
            r["source_date"] = "2026-03-01"
    write(dst / "speeds.json", {"format": 1, "built": "2026-08-22",
                                "stale_after_days": 365}, "rows", rows)


def models(src, dst):
    d = json.loads((src / "models.json").read_text())
    keep = ("id params_total params_active layers hidden heads kv_heads head_dim ffn vocab "
            "tied_embeddings context sliding_window swa_layers experts experts_per_token "
            "moe_ffn shared_experts attention kv_bytes_per_token_f16 licence source "
            "source_date gguf_bytes_published kv_shared_layers full_attention_layers "
            "global_kv_heads global_head_dim notes").split()
    rows = []
    for m in d["models"]:
        row = {k: m.get(k) for k in keep}
        row["layout_only"] = "gguf_bytes_computed" not in m
        rows.append(row)
    write(dst / "models.json", {"format": 1, "built": "2026-06-29",
                                "stale_after_days": 730}, "rows", rows)


def mode_of(row, mode):
    lean_tiers = [lean({"above_tokens": t["above_context_tokens"],
                        "input": money(t["input_per_1m"]),
                        "output": money(t["output_per_1m"]),
                        "cached_input": money(t.get("cached_input_per_1m")),
                        "cache_write": money(t.get("cache_write_per_1m"))})
                  for t in mode.get("tiers") or []]
    return lean({"input": money(mode["input_per_1m"]),
                 "output": money(mode["output_per_1m"]),
                 "cached_input": money(mode.get("cached_input_per_1m")),
                 "cache_write": money(mode.get("cache_write_per_1m")),
                 "tiers": lean_tiers, "source": row["source"],
                 "source_date": mode.get("as_of") or row["source_date"]})


def modes(src, dst):
    newer = {(r["provider"], r["id"]): r for r in json.loads(src.read_text())["models"]}
    d = json.loads(dst.read_text())
    for row in d["rows"]:
        row.pop("modes", None)
        new = newer.get((row["provider"], row["id"]))
        if not new or row.get("to") or (money(new["input_per_1m"]), money(
                new["output_per_1m"])) != (row["input"], row["output"]):
            continue
        row["modes"] = {m: mode_of(new, v) for m, v in (new["modes"] or {}).items()
                        if m in ("flex", "priority", "batch", "fast")
                        and None not in (v["input_per_1m"], v["output_per_1m"])}
    head = {k: v for k, v in d.items() if k != "rows"}
    write(dst, head, "rows", d["rows"])


def main():
    if sys.argv[1] == "--modes":
        modes(Path(sys.argv[2]), Path(sys.argv[3]) / "prices.json")
        return
    src, dst = Path(sys.argv[1]), Path(sys.argv[2])
    prices(src, dst)
    devices(src, dst)
    models(src, dst)
    speeds(src, dst)


if __name__ == "__main__":
    main()
