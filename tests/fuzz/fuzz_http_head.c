/* fuzz_http_head.c -- any bytes, as requests and as responses: cut as the fuzzer likes
 * they mean the same as whole, and an accepted request keeps the promises that the
 * rest of the house builds on. */
#include "cut.h"
#include "http_transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static int check_head(void *ctx, const struct http_head *h, struct err *err)
{
    size_t hosts = 0, lengths = 0, encodings = 0;
    for (size_t i = 0; i < h->nfields; i++) {
        struct str name = h->fields[i].name, value = h->fields[i].value;
        hosts += str_eq_nocase(name, STR("host"));
        lengths += str_eq_nocase(name, STR("content-length"));
        encodings += str_eq_nocase(name, STR("transfer-encoding"));
        require(http_is_token(name) && value.p);
        require(value.n == 0 || !memchr(value.p, '\0', value.n));
        require(str_index(value, '\r') < 0 && str_index(value, '\n') < 0);
        require(str_eq(str_trim(value), value));
    }
    require(lengths + encodings <= 1);
    require((lengths == 1) == (h->content_length >= 0));
    require((encodings == 1) == h->is_chunked);
    if (h->status == 0) {
        require(hosts == 1 || (hosts == 0 && h->minor_version == 0));
        require(http_is_token(h->method) && str_starts(h->target, STR("/")));
    }
    return transcript_head(ctx, h, err);
}

static const struct http_reader_events checked_events = {check_head, transcript_body,
                                                         transcript_end};

static struct transcript read_all(enum http_role role, struct cut c)
{
    struct transcript t;
    struct str rest = c.stream;
    transcript_begin(&t);
    struct http_reader *r = http_reader_create(role, &checked_events, &t);
    while (rest.n > 0)
        transcript_feed(&t, r, cut_next(&c, &rest));
    transcript_close(&t, r, true);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cut cut = cut_of(data, size), whole = {.stream = cut.stream};
    for (enum http_role role = HTTP_READ_REQUESTS; role <= HTTP_READ_RESPONSES; role++) {
        struct transcript a = read_all(role, cut), b = read_all(role, whole);
        require(str_eq(buf_view(&a.text), buf_view(&b.text)));
        buf_release(&a.text);
        buf_release(&b.text);
    }
    return 0;
}
