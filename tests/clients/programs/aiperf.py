"""AIPerf, a load generator: every one of its requests is answered."""
import json

from program import HOME, KEY, PLACE, URL, main, run


TOKENIZER = """
import sys
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
words = Tokenizer(models.WordLevel({"[UNK]": 0, "the": 1, "word": 2}, unk_token="[UNK]"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]").save_pretrained(sys.argv[1])
"""


def load(text):
    # It counts with a tokenizer, which it would fetch: one of three words is enough.
    run(PLACE / "bin/python", "-c", TOKENIZER, HOME / "tokenizer")
    base = URL.removesuffix("/v1")
    run(PLACE / "bin/aiperf", "profile", "--model", "parrot", "--url", base,
        "--endpoint-type", "chat", "--streaming", "--request-count", "20",
        "--concurrency", "4", "--api-key", KEY, "--tokenizer", HOME / "tokenizer",
        "--synthetic-input-tokens-mean", "20", "--output-artifact-dir", HOME / "out",
        "--ui", "none")
    path = next(HOME.glob("out/**/profile_export_aiperf.json"))
    found = json.loads(path.read_text())
    count = (found.get("request_count") or found["records"]["request_count"])["avg"]
    return {"text": text} if count == 20 else {"text": f"{count} of 20 requests"}


main({"stream": load})
