"""cells.py -- what is asked of each client, and what it must have seen.

A client is a program that is given a cell's name and prints what it got; here is what it
must have got.  Each cell is one habit of applications; W in the table means that it
works as with the provider itself."""

SECRET = "My SSN is 536-22-8726"
MASKED = "Write to Maria Schmidt, maria.schmidt@gmail.com"
UMLAUTS = "Grüße, Größe, 你好, нет, 🎉"
LONG = "lorem ipsum dolor sit amet " * 7500  # 200 KB

# cell: what the client is to send, or nothing where the name says all.
CELLS = {
    "models": "lists the models and asks for one",
    "chat": "Hello there",
    "stream": "One two three four five six seven",
    "tools": "USE A TOOL please",
    "stream_tools": "USE A TOOL please",
    "schema": "Cologne",
    "embed": "the weather is fine",
    "long": LONG,
    "text": UMLAUTS,
    "masked": MASKED,
    "masked_stream": MASKED,
    "masked_tools": MASKED,
    "unknown": "a model that is not there",
    "held": SECRET,
    "key": "a wrong key",
    "limited": "an engine that answers 429 once",
    "busy": "an engine that answers 503 once",
    "broken": "a stream that is cut",
    "context": "a prompt that is too long",
}
