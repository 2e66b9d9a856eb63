/* said.h -- what an engine's error says, whatever its shape; inside this folder only.
 *
 * Shapes met in the field: {"error":{message,type,code}} (OpenAI, llama-server with a
 * number as code), {"error":"text"} (Ollama), {"object":"error","message":...} (vLLM,
 * Mistral, whose message may be an object), {"detail":...} (FastAPI), an array around
 * any of them (Gemini), a provider's own error as text inside a router's (OpenRouter:
 * metadata.raw), plain text and HTML (whatever stands in front). */
#ifndef WEIR_ENGINE_SAID_H
#define WEIR_ENGINE_SAID_H

#include "core/arena.h"
#include "json/scan.h"

enum { SAID_WORDS_BYTES = 1024 };

struct said {
    struct json_string type, code, reason, param;
    struct str message; /* unescaped; the text when it is no JSON; may be empty */
    struct str page;    /* in its place: HTML or XML, of which no word is searched */
    bool is_text;       /* the message is not from JSON: any bytes */
    int status;         /* a number in it that looks like an HTTP status, or 0 */
    /* The message as it is searched: what it quotes is replaced by "_", for what is
     * quoted is a name or the client's own text and no statement of the engine. */
    char words[SAID_WORDS_BYTES];
    /* As `words`, without everything between the first quote and the last: the engine's
     * own words for certain.  What is remembered of an engine for everybody is taken from
     * here, as one client's text that an engine repeats may hold quotes of any form. */
    char sure[SAID_WORDS_BYTES];
};

/* Strings point into body or the arena. */
void said_read(struct str body, struct arena *a, struct said *ret);

/* Is `word` in the type, code or reason? */
bool said_has_code(const struct said *s, const char *word);

#endif
