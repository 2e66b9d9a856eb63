/* gemini_logprobs.c -- how likely the tokens of an answer were, as Gemini says it: those
 * that were chosen, and for each place the likeliest. */
#include "dialect/gemini.h"
#include "json/write.h"

static void write_token(struct json_writer *w, struct str token)
{
    struct str text = json_get(token, "token"), value = json_get(token, "logprob");
    json_object_open(w);
    if (raw_is(text, '"')) {
        json_key(w, "token");
        json_raw(w, text);
    }
    if (value.p) {
        json_key(w, "logProbability");
        json_raw(w, value);
    }
    json_object_close(w);
}

static void write_tokens(struct json_writer *w, struct str list)
{
    struct json_cur c;
    struct str one;
    json_array_open(w);
    if (array_begin(&c, list))
        while (array_next(&c, &one))
            write_token(w, one);
    json_array_close(w);
}

void gemini_write_logprobs(struct json_writer *w, struct str logprobs)
{
    struct json_cur c;
    struct str one, content = logprobs.p ? json_get(logprobs, "content") : logprobs;
    if (!array_begin(&c, content))
        return;
    json_key(w, "logprobsResult");
    json_object_open(w);
    json_key(w, "topCandidates");
    json_array_open(w);
    while (array_next(&c, &one)) {
        json_object_open(w);
        json_key(w, "candidates");
        write_tokens(w, json_get(one, "top_logprobs"));
        json_object_close(w);
    }
    json_array_close(w);
    json_key(w, "chosenCandidates");
    write_tokens(w, content);
    json_object_close(w);
}
