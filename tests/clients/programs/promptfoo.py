"""promptfoo: an evaluation goes on when one prompt of it may not leave."""
import json

from program import HOME, KEY, PLACE, URL, Failed, main, run

QUIET = {"PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1",
         "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1", "PROMPTFOO_CONFIG_DIR": str(HOME)}


def results(prompts, model="auto", key=KEY):
    (HOME / "eval.json").write_text(json.dumps({
        "prompts": ["{{text}}"], "tests": [{"vars": {"text": t}} for t in prompts],
        "providers": [{"id": f"openai:chat:{model}", "config": {
            "apiBaseUrl": URL, "apiKey": key, "maxRetries": 2}}]}))
    out = HOME / "out.json"
    out.unlink(missing_ok=True)
    try:
        run(PLACE / "node_modules/.bin/promptfoo", "eval", "-c", "eval.json", "-o", out,
            "--no-cache", "--no-progress-bar", "--no-table", "-j", "1", **QUIET)
    except Failed:
        if not out.exists():
            raise
    return json.loads(out.read_text())["results"]["results"]


def one(text, model="auto", key=KEY):
    r = results([text], model, key)[0]
    if r.get("error"):
        raise Failed(r["error"])
    return r["response"]["output"]


def held(text):
    """The prompt that may not leave fails alone: the ones after it are still asked."""
    rows = results([text, "after it one", "after it two"], "cloud")
    said = [r.get("response", {}).get("output") for r in rows]
    if said[1:] != ["after it one", "after it two"]:
        return f"the rest was not asked: {said}"
    raise Failed(rows[0].get("error") or str(rows[0]))


main({"chat": one, "text": one, "masked": lambda t: one(t, "cloud"),
      "unknown": lambda t: one(t, "nope"), "held": held,
      "key": lambda t: one(t, key="wk_wrong"), "limited": lambda t: one(t, "limited"),
      "busy": lambda t: one(t, "busy"), "context": lambda t: one(t, "small")})
