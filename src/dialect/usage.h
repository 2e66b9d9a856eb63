/* usage.h -- token counts as engines report them, in the many forms there are.
 *
 * A report is what was said, by name and as it came: an answer may say it in several
 * events, and a later one adds to what an earlier one said.  usage_resolve() makes of it
 * what the ledger counts: input that includes what the cache gave and took, output that
 * includes reasoning.
 *
 * Understood are the members of OpenAI (both its surfaces), Anthropic, Gemini, Cohere,
 * Ollama, llama.cpp, DeepSeek, xAI, Mistral, OpenRouter, Perplexity, Bedrock, Vercel's AI
 * SDK and those who copy them, each in small letters with `_` or in camel case;
 * docs/mapping.md has the table.  Numbers may be written 12, 12.0 or "12".  One that is
 * negative, broken, or above 10^12 is treated as not given: a ledger must not be fed by
 * garbage. */
#ifndef WEIR_DIALECT_USAGE_H
#define WEIR_DIALECT_USAGE_H

#include "dialect/event.h"

enum usage_count {
    COUNT_PROMPT,     /* prompt_tokens: what the cache gave is in it */
    COUNT_INPUT,      /* input_tokens: with Anthropic what the cache gave is not */
    COUNT_MISS,       /* the part of the prompt that was not in the cache */
    COUNT_TOOL_INPUT, /* beside the prompt: results of the provider's own tools */
    COUNT_OUTPUT,
    COUNT_TOTAL,
    COUNT_CACHED,         /* read from the cache */
    COUNT_CACHE_READ,     /* ... under Anthropic's name */
    COUNT_CACHE_WRITE,    /* written to it */
    COUNT_CACHE_CREATION, /* ... under Anthropic's name */
    COUNT_CACHE_SHORT,    /* of what is written: held for minutes, and */
    COUNT_CACHE_LONG,     /* ... held longer, at a price of its own */
    COUNT_REASONING,
    COUNT_THOUGHTS, /* reasoning that is never in COUNT_OUTPUT (Gemini) */
    COUNT_AUDIO_INPUT,
    COUNT_AUDIO_OUTPUT,
    COUNT_UNPRICED, /* pictures made, searches: things with a price in no list */
    USAGE_COUNTS
};

struct usage_report {
    uint64_t n[USAGE_COUNTS];
    uint32_t given; /* a bit for each count that was said, be it 0 */
    bool has_tier;
    enum service_tier tier;
};

/* Reads a usage object.  false when it is none or says no count of input, output or both
 * together. */
bool usage_report_read(struct str object, struct usage_report *ret);
/* The same of the value under the cursor, whatever it is: it is stepped over. */
struct json_cur;
bool usage_report_read_at(struct json_cur *c, struct usage_report *ret);
/* llama.cpp's `timings`: prompt_n leaves out what the cache gave. */
bool usage_report_read_timings(struct str object, struct usage_report *ret);
/* One member beside the answer (Ollama's prompt_eval_count, llama.cpp's
 * tokens_predicted, ...): true when `value` was a count under a name that counts. */
bool usage_report_add(struct usage_report *r, struct str name, struct str value);
/* Counts only grow in the course of an answer: one that a later event leaves out, or says
 * as 0 or less than before, stays as it was. */
void usage_report_merge(struct usage_report *sum, const struct usage_report *later);
/* What `more` says and `r` leaves out, or says as 0. */
void usage_report_fill(struct usage_report *r, const struct usage_report *more);
/* Another choice's own report: outputs add up, the prompt is one. */
void usage_report_add_choice(struct usage_report *sum, const struct usage_report *choice);
bool usage_report_is_known(const struct usage_report *r);

/* What it comes to.  Input and cache are put together or left as they are by what adds
 * up to the total, else by whose names they have; a total above input and output is
 * output that was not shown (reasoning), but for embeddings, which have none. */
struct usage usage_resolve(const struct usage_report *r, bool is_embedding);
/* The same for what reports of several choices come to. */
void usage_add_choice(struct usage *sum, const struct usage *choice);

#endif
