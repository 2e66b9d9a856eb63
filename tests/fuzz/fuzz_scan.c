/* fuzz_scan.c -- any bytes as a text and as a body: spans are in order and inside, the
 * same again, and what is masked of a body that can be read is a body again. */
#include "guard/locate.h"
#include "mask/mask.h"
#include "json/scan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static struct guard_rules *rules(void)
{
    static struct guard_rules *kept;
    struct err err;
    if (!kept)
        kept = guard_rules_create(NULL, &err);
    require(kept != NULL);
    return kept;
}

static void check_spans(const struct span *v, size_t n, size_t bytes)
{
    for (size_t i = 0; i < n; i++) {
        require(v[i].start < v[i].end && v[i].end <= bytes);
        require(i == 0 || v[i - 1].end <= v[i].start);
        require(v[i].type < GUARD_NTYPES && v[i].score <= 100);
    }
}

static void scan_text(struct str text)
{
    struct span_list a = {0}, b = {0};
    struct err err = {0};
    const struct scanner *s = guard_rules_scanner(rules());
    require(guard_scan_text(s, text, &a, &err) == 0);
    require(guard_scan_text(s, text, &b, &err) == 0);
    check_spans(a.v, a.n, text.n);
    require(a.n == b.n && a.has_blob == b.has_blob && a.is_clinical == b.is_clinical);
    for (size_t i = 0; i < a.n; i++)
        require(a.v[i].start == b.v[i].start && a.v[i].end == b.v[i].end &&
                a.v[i].type == b.v[i].type && a.v[i].score == b.v[i].score);
    span_list_release(&a);
    span_list_release(&b);
}

static bool is_json(struct str text)
{
    struct json_cur c;
    json_begin(&c, text);
    json_skip(&c, NULL);
    return json_finish(&c, NULL) == 0;
}

static void mask(const struct body_scan *scan, struct str body)
{
    static const unsigned char key[VAULT_KEY_BYTES] = "of the fuzzer";
    struct mask_span *spans = NULL;
    size_t n = 0;
    uint32_t bad_at;
    struct mask_counts counts;
    struct arena a;
    struct buf out;
    struct err err = {0};
    struct vault *v = vault_create(key, NULL, NULL);
    require(v != NULL);
    arena_init(&a, 64 * body.n + (1 << 20));
    buf_init(&out, 64 * body.n + (1 << 20));
    if (guard_raw_spans(rules(), NULL, scan, body, &a, &spans, &n, &bad_at, &err) == 0) {
        /* Places that come from the scan are such that they can be cut out. */
        require(mask_body(v, body, spans, n, &out, &counts, &err) == 0 ||
                strcmp(err.code, "vault_full") == 0);
        require(err.code || is_json(buf_view(&out)));
    } else {
        require(strcmp(err.code, "unmaskable") == 0);
    }
    buf_release(&out);
    arena_reset(&a);
    vault_release(v);
}

static void scan_body(struct str body)
{
    struct body_scan b = {0};
    struct err err = {0};
    require(guard_scan_body(guard_rules_scanner(rules()), body, &b, &err) == 0);
    require(b.found.is_undecodable || is_json(body));
    for (size_t i = 0; i < b.nat; i++) {
        require(b.at[i].raw_start <= b.at[i].raw_end && b.at[i].raw_end <= body.n);
        require(b.at[i].first + b.at[i].n <= b.spans.n);
        check_spans(b.spans.v + b.at[i].first, b.at[i].n, body.n);
    }
    if (!b.found.is_undecodable)
        mask(&b, body);
    body_scan_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    scan_text(text);
    scan_body(text);
    return 0;
}
