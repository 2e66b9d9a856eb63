/* ollama_other.c -- what is no chat in Ollama's API: embeddings, and texts that are to be
 * continued as they are (/api/generate with `suffix` or `raw`).
 *
 * Engines get these in OpenAI's form. */
#include "dialect/ollama.h"
#include "dialect/ollama_said.h"
#include "json/write.h"

/* What only moves a model about in the memory of an engine, and says nothing of its
 * answer; `num_ctx` is there too, as other engines have their own. */
static bool is_of_memory(struct json_string k)
{
    static const char *const names[] = {
        "num_ctx",   "num_gpu",  "num_thread", "num_batch", "main_gpu", "use_mmap",
        "use_mlock", "low_vram", "num_keep",   "numa",      "f16_kv",   "vocab_only"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (json_string_is(k, names[i]))
            return true;
    return false;
}

/* An option of Ollama's in the place where completions have it. */
static int write_option(const struct reader *r, struct json_writer *w,
                        struct json_string k, struct str value)
{
    static const char *const same[] = {
        "temperature",      "top_p", "top_k", "min_p", "presence_penalty", "stop",
        "frequency_penalty"};
    const struct place options = place_of(NULL, "options");
    const struct place at = {&options, k.raw, NO_INDEX};
    bool is_seed = json_string_is(k, "seed"), is_limit = json_string_is(k, "num_predict");
    if (json_is_empty(value) || ((is_seed || is_limit) && raw_is(value, '-')))
        return 0;
    if (is_of_memory(k))
        return reader_lose(r, &options, k.raw);
    if (is_seed || is_limit) {
        json_key(w, is_seed ? "seed" : "max_tokens");
        json_raw(w, value);
        return reader_check(r, &options, is_seed ? "seed" : "num_predict", value,
                            KIND_NUMBER);
    }
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (json_string_is(k, same[i])) {
            json_key(w, same[i]);
            json_raw(w, value);
            return str_eqz(k.raw, "stop")
                       ? 0
                       : reader_check(r, &options, same[i], value, KIND_NUMBER);
        }
    return reader_refuse(r, &at, "completions have no place for it");
}

static int write_options(const struct reader *r, struct json_writer *w, struct str raw)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    if (!raw_is(raw, '{'))
        return 0;
    json_begin(&c, raw);
    json_enter_object(&c);
    while (json_next_member(&c, &k) && json_skip(&c, &value))
        if (write_option(r, w, k, value) != 0)
            return -1;
    return 0;
}

static void write_raw(struct json_writer *w, const char *name, struct str raw)
{
    if (!raw.p)
        return;
    json_key(w, name);
    json_raw(w, raw);
}

enum {
    IN_PROMPT,
    IN_SUFFIX,
    IN_INPUT,
    IN_OPTIONS,
    IN_DIMENSIONS,
    IN_SYSTEM,
    IN_RAW, /* which is why it came here */
    IN_COUNT
};

static int write_prompt(const struct reader *r, const struct chat *chat,
                        const struct str in[IN_COUNT], struct json_writer *w)
{
    if (!json_is_empty(in[IN_SYSTEM]))
        return reader_refuse_member(r, NULL, "system",
                                    "a text that is continued as it is has none");
    write_raw(w, "prompt", in[IN_PROMPT].p ? in[IN_PROMPT] : STR("\"\""));
    if (!json_is_empty(in[IN_SUFFIX]))
        write_raw(w, "suffix", in[IN_SUFFIX]);
    json_key(w, "stream");
    json_bool(w, chat->is_stream);
    if (chat->is_stream)
        write_raw(w, "stream_options", STR("{\"include_usage\":true}"));
    return write_options(r, w, in[IN_OPTIONS]);
}

static int write_body(const struct reader *r, const struct chat *chat, struct buf *out)
{
    static const char *const names[] = {
        [IN_PROMPT] = "prompt",
        [IN_SUFFIX] = "suffix",
        [IN_INPUT] = "input",
        [IN_OPTIONS] = "options",
        [IN_DIMENSIONS] = "dimensions",
        [IN_SYSTEM] = "system",
        [IN_RAW] = "raw",
        /* lost: the first is the engine's affair; weir cuts no prompt */
        "keep_alive",
        "truncate",
        "stream",
        "model",
        "think",
        "shift"};
    static const struct fields fields = {names, ARRAY_LEN(names), IN_COUNT};
    bool is_embedding = chat->surface == SURFACE_EMBEDDINGS;
    struct str in[IN_COUNT];
    struct json_writer w;
    struct json_cur c;
    json_begin(&c, chat->body);
    if (reader_fields_at(r, NULL, &c, &fields, in) != 0)
        return -1;
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, "model");
    json_str(&w, chat->model);
    if (is_embedding) {
        write_raw(&w, "input", in[IN_INPUT].p ? in[IN_INPUT] : in[IN_PROMPT]);
        write_raw(&w, "dimensions", in[IN_DIMENSIONS]);
        if (!json_is_empty(in[IN_OPTIONS]) && reader_lose(r, NULL, STR("options")) != 0)
            return -1;
    } else if (write_prompt(r, chat, in, &w) != 0) {
        return -1;
    }
    json_object_close(&w);
    return 0;
}

int ollama_as_openai(const struct chat *chat, struct arena *a, struct conversation *told,
                     struct str *ret_body, struct err *err)
{
    const struct reader r = {.arena = a, .c = told, .err = err};
    struct buf out;
    buf_init(&out, chat->body.n + 4096);
    int rc = write_body(&r, chat, &out);
    if (rc == 0)
        *ret_body = arena_strdup(a, buf_view(&out));
    bool has_failed = rc == 0 && (out.failed || !ret_body->p);
    buf_release(&out);
    return has_failed ? err_nomem(err) : rc;
}

/* -- vectors ------------------------------------------------------------------------- */

static int bad_vectors(struct err *err)
{
    return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                   "the engine's answer has no list of embeddings of numbers");
}

/* Each as {"index":0,"embedding":[...]}, in order. */
static int write_vectors(struct json_writer *w, struct str data, bool is_one,
                         struct err *err)
{
    struct json_cur c;
    struct str entry;
    size_t n = 0;
    if (!array_begin(&c, data))
        return bad_vectors(err);
    for (; array_next(&c, &entry); n++) {
        struct str vector = json_get(entry, "embedding");
        if (!raw_is(vector, '['))
            return bad_vectors(err);
        if (n == 0 || !is_one)
            json_raw(w, vector);
    }
    return n ? 0 : bad_vectors(err);
}

int ollama_encode_vectors(const struct answer_about *about, struct str answer,
                          struct buf *out, struct err *err)
{
    bool is_one = ollama_request_of(about->path) == OLLAMA_EMBED_ONE;
    struct str data = json_get(answer, "data"), count;
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    if (is_one) {
        json_key(&w, "embedding");
        if (write_vectors(&w, data, true, err) != 0)
            return -1;
    } else {
        json_key(&w, "model");
        json_str(&w, about->model);
        json_key(&w, "embeddings");
        json_array_open(&w);
        if (write_vectors(&w, data, false, err) != 0)
            return -1;
        json_array_close(&w);
        count = json_path(answer, "usage", "prompt_tokens", NULL);
        if (count.p)
            write_raw(&w, "prompt_eval_count", count);
    }
    json_object_close(&w);
    return 0;
}

struct str ollama_logprobs(struct str logprobs)
{
    struct str content = logprobs.p ? json_get(logprobs, "content") : logprobs;
    return raw_is(content, '[') ? content : (struct str){NULL, 0};
}
