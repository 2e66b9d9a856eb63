/* gemini_embed.c -- texts that are to be embedded, asked for in Gemini's form.
 *
 * embedContent has one text, batchEmbedContents a list of requests with one each; engines
 * get them in OpenAI's form, as one list. */
#include "dialect/gemini.h"
#include "json/write.h"

/* All texts of a content, as one. */
static int write_content(const struct reader *r, const struct place *at, struct str raw,
                         struct json_writer *w)
{
    static const char *const names[] = {"parts", "role"}, *const part_names[] = {"text"};
    static const struct fields fields = {names, ARRAY_LEN(names), 1},
                               of_part = {part_names, 1, 1};
    struct place part = place_of(at, "parts");
    struct gemini_list list;
    struct str parts, one, own, said;
    if (gemini_fields(r, at, raw, &fields, &parts) != 0)
        return -1;
    if (!gemini_list_begin(NULL, parts, &list))
        return reader_refuse(r, &part, "it must be an array");
    if (w->needs_comma)
        buf_byte(w->out, ',');
    buf_byte(w->out, '"');
    for (part.index = 0; gemini_list_next(&list, &one); part.index++) {
        if (gemini_fields(r, &part, one, &of_part, &own) != 0 ||
            reader_text(r, &part, "text", own, &said) != 0)
            return -1;
        json_write_inside(w->out, said.p ? said : STR(""));
    }
    buf_byte(w->out, '"');
    w->needs_comma = true;
    return 0;
}

enum { IN_CONTENT, IN_DIMENSIONS, IN_CONFIG, IN_COUNT };

/* One request.  What is asked of the vector must be the same for all. */
static int write_request(const struct reader *r, const struct place *at, struct str raw,
                         struct str *dimensions, struct json_writer *w)
{
    static const char *const names[] = {[IN_CONTENT] = "content",
                                        [IN_DIMENSIONS] = "outputDimensionality",
                                        [IN_CONFIG] = "embedContentConfig",
                                        /* hints for Google's own models are lost */
                                        "model",
                                        "taskType",
                                        "title",
                                        "autoTruncate"};
    static const char *const config_names[] = {"outputDimensionality", "taskType",
                                               "title", "autoTruncate"};
    static const struct fields fields = {names, ARRAY_LEN(names), IN_COUNT},
                               of_config = {config_names, ARRAY_LEN(config_names), 1};
    const struct place content = place_of(at, "content"),
                       config = place_of(at, "embedContentConfig");
    struct str in[IN_COUNT], asked;
    if (gemini_fields(r, at, raw, &fields, in) != 0)
        return -1;
    asked = in[IN_DIMENSIONS];
    if (in[IN_CONFIG].p && !asked.p &&
        gemini_fields(r, &config, in[IN_CONFIG], &of_config, &asked) != 0)
        return -1;
    if (!in[IN_CONTENT].p)
        return reader_refuse(r, &content, "it is missing");
    if (asked.p && dimensions->p && !str_eq(asked, *dimensions))
        return reader_refuse_member(r, at, "outputDimensionality",
                                    "another request asks for another");
    if (asked.p)
        *dimensions = asked;
    return write_content(r, &content, in[IN_CONTENT], w);
}

static int write_requests(const struct reader *r, const struct chat *chat,
                          struct str *dimensions, struct json_writer *w)
{
    static const char *const names[] = {"requests", "model"};
    static const struct fields fields = {names, ARRAY_LEN(names), 1};
    struct place at = place_of(NULL, "requests");
    struct json_cur c;
    struct gemini_list list;
    struct str requests, one;
    json_begin(&c, chat->body);
    if (gemini_fields_at(r, NULL, &c, &fields, &requests) != 0)
        return -1;
    if (!gemini_list_begin(NULL, requests, &list))
        return reader_refuse(r, &at, "it must be an array");
    for (at.index = 0; gemini_list_next(&list, &one); at.index++)
        if (write_request(r, &at, one, dimensions, w) != 0)
            return -1;
    return 0;
}

static int write_body(const struct reader *r, const struct chat *chat, struct buf *out)
{
    struct str dimensions = {NULL, 0};
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, "model");
    json_str(&w, chat->model);
    json_key(&w, "input");
    json_array_open(&w);
    int rc = gemini_request_of(chat->path) == GEMINI_EMBED
                 ? write_request(r, NULL, chat->body, &dimensions, &w)
                 : write_requests(r, chat, &dimensions, &w);
    json_array_close(&w);
    if (dimensions.p) {
        json_key(&w, "dimensions");
        json_raw(&w, dimensions);
    }
    json_object_close(&w);
    return rc;
}

int gemini_as_openai(const struct chat *chat, struct arena *a, struct conversation *told,
                     struct str *ret, struct err *err)
{
    const struct reader r = {.arena = a, .c = told, .err = err};
    struct str made = {NULL, 0};
    struct buf out;
    buf_init(&out, 2 * chat->body.n + 4096);
    int rc = write_body(&r, chat, &out);
    if (rc == 0 && !out.failed)
        made = arena_strdup(a, buf_view(&out));
    buf_release(&out);
    if (rc != 0)
        return -1;
    if (!made.p)
        return err_nomem(err);
    *ret = made;
    return 0;
}

static int bad_vectors(struct err *err)
{
    return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                   "the engine's answer has no list of embeddings of numbers");
}

int gemini_encode_vectors(const struct answer_about *about, struct str answer,
                          struct buf *out, struct err *err)
{
    bool is_one = gemini_request_of(about->path) == GEMINI_EMBED;
    struct json_writer w;
    struct json_cur c;
    struct str entry;
    size_t n = 0;
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, is_one ? "embedding" : "embeddings");
    if (!is_one)
        json_array_open(&w);
    if (!array_begin(&c, json_get(answer, "data")))
        return bad_vectors(err);
    for (; array_next(&c, &entry) && (n == 0 || !is_one); n++) {
        struct str vector = json_get(entry, "embedding");
        if (!raw_is(vector, '['))
            return bad_vectors(err);
        json_object_open(&w);
        json_key(&w, "values");
        json_raw(&w, vector);
        json_object_close(&w);
    }
    if (n == 0)
        return bad_vectors(err);
    if (!is_one)
        json_array_close(&w);
    json_object_close(&w);
    return 0;
}
