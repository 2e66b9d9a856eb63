"""kit.py -- runs the cells of one client: standard input names them, with their texts;
each gives one line of JSON, with what it returned or the error that it raised."""
import json
import os
import sys

URL, KEY = os.environ["WEIR_URL"], os.environ["WEIR_KEY"]
WRONG_KEY = "wk_this_key_is_wrong_this_key_is_wrong"
PERSON_TOOL = {"type": "function", "function": {
    "name": "lookup", "description": "Looks a city up",
    "parameters": {"type": "object", "required": ["city"], "additionalProperties": False,
                   "properties": {"city": {"type": "string"}}}}}


def lookup(city: str) -> str:
    """Looks a city up."""
    return "sunny in " + city


def words_of(error):
    """Its text and that of what it was made from: clients wrap what they got."""
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or error.__context__
    return {"class": type(seen[0]).__name__,
            "bases": [c.__name__ for e in seen for c in type(e).__mro__],
            "status": next((e.status_code for e in seen if hasattr(e, "status_code")), None),
            "text": " / ".join(str(e) for e in seen)}


def main(cells):
    for name, text in json.load(sys.stdin).items():
        if name not in cells:
            continue
        try:
            line = {"cell": name, "value": cells[name](text)}
        except Exception as error:  # what a client raises is what is looked at
            line = {"cell": name, "error": words_of(error)}
        print("CELL " + json.dumps(line), flush=True)
