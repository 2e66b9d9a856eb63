/* test_vault.c -- tags keep their promises: stable, per client, in ranges that are
 * nobody's; and masking refuses what it cannot do cleanly. */
#include "mask/mask.h"

#include "core/mem.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const unsigned char key_a[VAULT_KEY_BYTES] = "one client",
                           key_b[VAULT_KEY_BYTES] = "another client";

static struct tag tag_of(struct vault *v, const char *type, const char *value)
{
    struct tag t;
    struct err err = {0};
    int rc = vault_tag(v, type, str_of(value), false, NULL, NULL, &t, &err);
    if (rc)
        fprintf(stderr, "%s\n", err.msg);
    assert_int_equal(rc, 0);
    return t;
}

static void a_value_has_one_tag_and_each_client_its_own(void **state)
{
    (void)state;
    struct vault *a = vault_create(key_a, NULL, NULL),
                 *again = vault_create(key_a, NULL, NULL);
    struct vault *b = vault_create(key_b, NULL, NULL);
    struct tag first = tag_of(a, "PERSON", "Ada Byron");
    assert_string_equal(tag_of(a, "PERSON", "Ada Byron").text, first.text);
    assert_string_equal(tag_of(again, "PERSON", "Ada Byron").text, first.text);
    assert_string_not_equal(tag_of(a, "PERSON", "Eva Byron").text, first.text);
    assert_string_not_equal(tag_of(b, "PERSON", "Ada Byron").text, first.text);
    assert_int_equal(first.n, strlen("PersonQ7K2M"));
    assert_true(strncmp(first.text, "Person", 6) == 0);
    /* Another spelling is seen to be the same person, and comes back as it was. */
    struct tag loud = tag_of(a, "PERSON", "ADA BYRON");
    assert_string_not_equal(loud.text, first.text);
    assert_memory_equal(loud.text, first.text, first.n - 1u);
    vault_release(a);
    vault_release(again);
    vault_release(b);
}

static void keys_differ_by_client(void **state)
{
    (void)state;
    unsigned char x[VAULT_KEY_BYTES], y[VAULT_KEY_BYTES], z[VAULT_KEY_BYTES];
    assert_true(vault_key_derive(key_a, STR("team-a"), x));
    assert_true(vault_key_derive(key_a, STR("team-b"), y));
    assert_true(vault_key_derive(key_a, STR("team-a"), z));
    assert_memory_not_equal(x, y, sizeof x);
    assert_memory_equal(x, z, sizeof x);
}

static bool is_luhn(const char *s)
{
    int sum = 0, n = (int)strlen(s);
    for (int i = 0; i < n; i++) {
        int d = (s[n - 1 - i] - '0') * (i % 2 ? 2 : 1);
        sum += d > 9 ? d - 9 : d;
    }
    return sum % 10 == 0;
}

static void numbers_keep_their_form_in_ranges_that_are_nobodys(void **state)
{
    (void)state;
    struct vault *v = vault_create(key_a, NULL, NULL);
    for (int i = 0; i < 200; i++) {
        char value[64];
        struct in_addr v4;
        struct in6_addr v6;
        int year, month, day;
        snprintf(value, sizeof value, "4%015d", i);
        struct tag card = tag_of(v, "CREDIT_CARD", value);
        assert_int_equal(card.n, 16);
        assert_false(is_luhn(card.text));
        snprintf(value, sizeof value, "user%d@corp.example.net", i);
        struct tag mail = tag_of(v, "EMAIL", value);
        assert_string_equal(strchr(mail.text, '@'), "@example.com");
        snprintf(value, sizeof value, "+49 30 %07d", i);
        struct tag phone = tag_of(v, "PHONE", value);
        assert_int_equal(phone.n, 15);
        assert_memory_equal(phone.text, "+1-", 3);
        assert_memory_equal(phone.text + 6, "-555-01", 7);
        assert_true(phone.text[3] >= '2' && phone.text[4] <= '8');
        assert_false(phone.text[4] == '1' && phone.text[5] == '1');
        snprintf(value, sizeof value, "10.0.3.%d", i);
        struct tag ip = tag_of(v, "IP", value);
        assert_int_equal(inet_pton(AF_INET, ip.text, &v4), 1);
        assert_int_equal(ntohl(v4.s_addr) >> 17, 0xC612 >> 1);
        snprintf(value, sizeof value, "fe80::%x", i);
        struct tag ip6 = tag_of(v, "IP", value);
        assert_int_equal(inet_pton(AF_INET6, ip6.text, &v6), 1);
        assert_memory_equal(ip6.text, "2001:db8:", 9);
        snprintf(value, sizeof value, "1970-01-%02d", i % 28 + 1);
        struct tag date = tag_of(v, "DOB", value);
        assert_int_equal(sscanf(date.text, "%4d-%2d-%2d", &year, &month, &day), 3);
        assert_true(year / 100 == 18 && month >= 1 && month <= 12);
        assert_true(day >= 1 && day <= 28);
        snprintf(value, sizeof value, "%03d-45-6789", i + 1);
        assert_memory_equal(tag_of(v, "US_SSN", value).text, "000-", 4);
        snprintf(value, sizeof value, "DE%020d", i);
        assert_memory_equal(tag_of(v, "IBAN", value).text, "ZZ00", 4);
    }
    vault_release(v);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct tag *)a)->text, ((const struct tag *)b)->text);
}

/* 100 x 100 x 2 addresses and 71,000 phones: many of a thousand fall together. */
static void no_two_values_share_a_tag(void **state)
{
    (void)state;
    enum { N = 1000 };
    static const char *const types[] = {"IP", "PHONE", "PERSON"};
    struct vault_limits limits = {3 * N, 1 << 20};
    struct vault *v = vault_create(key_a, &limits, NULL);
    struct tag *tags = mem_alloc(3 * N * sizeof *tags);
    for (size_t t = 0; t < 3; t++)
        for (int i = 0; i < N; i++) {
            char value[32];
            snprintf(value, sizeof value, "value %d", i);
            tags[t * N + (size_t)i] = tag_of(v, types[t], value);
        }
    qsort(tags, 3 * N, sizeof *tags, by_text);
    for (size_t i = 1; i < 3 * N; i++)
        assert_string_not_equal(tags[i].text, tags[i - 1].text);
    mem_free(tags);
    vault_release(v);
}

static void past_its_bounds_nothing_is_masked(void **state)
{
    (void)state;
    struct vault_limits limits = {3, 100};
    struct err err;
    struct tag t;
    char large[200];
    memset(large, 'x', sizeof large);
    struct vault *v = vault_create(key_a, &limits, NULL);
    assert_int_equal(vault_tag(v, "PERSON", (struct str){large, sizeof large}, false,
                               NULL, NULL, &t, &err),
                     -1);
    assert_string_equal(err.code, "vault_full");
    tag_of(v, "PERSON", "a");
    tag_of(v, "PERSON", "b");
    tag_of(v, "PERSON", "c");
    assert_int_equal(vault_tag(v, "PERSON", STR("d"), false, NULL, NULL, &t, &err), -1);
    assert_string_equal(err.code, "vault_full");
    tag_of(v, "PERSON", "a"); /* those there are stay usable */
    assert_int_equal(vault_stats(v).entries, 3);
    vault_release(v);
}

/* -- masking ------------------------------------------------------------------- */

struct masked {
    struct buf out;
    struct mask_counts counts;
    struct err err;
    int rc;
};

static struct masked mask(struct vault *v, const char *body, const struct mask_span *s,
                          size_t n)
{
    struct masked m = {.rc = 0};
    buf_init(&m.out, 1 << 20);
    m.rc = mask_body(v, str_of(body), s, n, &m.out, &m.counts, &m.err);
    return m;
}

static struct mask_span span_of(const char *body, const char *part, const char *type)
{
    const char *at = strstr(body, part);
    assert_non_null(at);
    uint32_t start = (uint32_t)(at - body);
    return (struct mask_span){
        .start = start, .end = start + (uint32_t)strlen(part), .type = type, .depth = 1};
}

static void everything_but_the_spans_is_copied(void **state)
{
    (void)state;
    const char body[] = "{ \"a\" : [\"Dear Ada \\\"C\\\" Byron,\\n\", 1.50e3 ], \"n\":\n"
                        " 1234567890123, \"b\":\"\\u00e9 Ada\" }";
    struct mask_span spans[] = {span_of(body, "Ada \\\"C\\\" Byron", "PERSON"),
                                span_of(body, "1234567890123", "BANK_ACCOUNT"),
                                span_of(body, "Ada\" }", "PERSON")};
    spans[2].end -= 3;
    struct vault *v = vault_create(key_a, NULL, NULL);
    struct masked m = mask(v, body, spans, 3);
    assert_int_equal(m.rc, 0);
    char want[512];
    struct tag number;
    assert_int_equal(vault_tag(v, "BANK_ACCOUNT", STR("1234567890123"), true, NULL, NULL,
                               &number, &m.err),
                     0);
    assert_int_equal(number.n, 13);
    snprintf(want, sizeof want,
             "{ \"a\" : [\"Dear %s,\\n\", 1.50e3 ], \"n\":\n %s, \"b\":\"\\u00e9 %s\" }",
             tag_of(v, "PERSON", "Ada \"C\" Byron").text, number.text,
             tag_of(v, "PERSON", "Ada").text);
    assert_true(str_eqz(buf_view(&m.out), want));
    assert_int_equal(m.counts.total, 3);
    assert_int_equal(m.counts.ntypes, 2);
    assert_int_equal(m.counts.types[0].n, 2);
    json_t *root = json_loadb(m.out.p, m.out.n, 0, NULL);
    assert_non_null(root);
    json_decref(root);
    buf_release(&m.out);
    vault_release(v);
}

static void spans_that_cannot_be_cut_out_cleanly_are_refused(void **state)
{
    (void)state;
    static const char body[] =
        "{\"key\":\"a\\u00e9b\\\\c\xC3\xA9\",\"n\":123456789,\"t\":true}";
    static const struct {
        uint32_t start, end;
    } bad[] = {
        {1, 5},   {2, 5},   {5, 9},   {8, 10},  {8, 11},  {10, 15}, {11, 15},
        {14, 16}, {16, 17}, {17, 18}, {18, 19}, {18, 20}, {19, 21}, {8, 22},
        {26, 30}, {27, 30}, {40, 42}, {41, 45}, {9, 9},   {10, 9},  {8, 999},
    };
    struct vault *v = vault_create(key_a, NULL, NULL);
    unsigned refused = 0, whole = 0;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct mask_span s = {
            .start = bad[i].start, .end = bad[i].end, .type = "PERSON", .depth = 1};
        struct masked m = mask(v, body, &s, 1);
        if (m.rc < 0) {
            assert_string_equal(m.err.code, "mask_span");
            refused++;
        } else {
            json_t *root = json_loadb(m.out.p, m.out.n, 0, NULL);
            assert_non_null(root);
            json_decref(root);
            whole++;
        }
        buf_release(&m.out);
    }
    assert_true(refused >= 15);
    assert_true(whole >= 1);
    const struct mask_span one = {.start = 8, .end = 9, .type = "PERSON", .depth = 1};
    const struct mask_span overlap[] = {one, one};
    struct masked m = mask(v, body, overlap, 2);
    assert_int_equal(m.rc, -1);
    buf_release(&m.out);
    vault_release(v);
}

/* Whatever span anybody asks for, what comes out is JSON or a refusal. */
static void any_span_gives_json_or_a_refusal(void **state)
{
    (void)state;
    static const char body[] = "{\"k\\n\":\"a\\u00e9b\\\\c\xC3\xA9 \\\"q\\\" "
                               "\xF0\x9F\x98\x80\",\"n\":[12345,-1.5e3,"
                               "true,\"\",\"{\\\"x\\\":\\\"y\\\\u0041z\\\"}\"]}";
    unsigned masked = 0;
    for (uint8_t depth = 1; depth <= 3; depth++)
        for (uint32_t from = 0; from < sizeof body - 1; from++)
            for (uint32_t to = from + 1; to < sizeof body; to++) {
                struct vault *v = vault_create(key_a, NULL, NULL);
                struct mask_span s = {
                    .start = from, .end = to, .type = "PERSON", .depth = depth};
                struct masked m = mask(v, body, &s, 1);
                if (m.rc == 0) {
                    json_t *root = json_loadb(m.out.p, m.out.n, 0, NULL);
                    if (!root)
                        fprintf(stderr, "[%u,%u) gives %.*s\n", from, to,
                                STR_ARG(buf_view(&m.out)));
                    assert_non_null(root);
                    json_decref(root);
                    masked++;
                } else {
                    if (strcmp(m.err.code, "mask_span") != 0)
                        fprintf(stderr, "[%u,%u) at %u: %s\n", from, to, depth,
                                m.err.msg);
                    assert_string_equal(m.err.code, "mask_span");
                }
                buf_release(&m.out);
                vault_release(v);
            }
    assert_true(masked > 300);
}

static void a_tag_never_occurs_in_the_text_before(void **state)
{
    (void)state;
    struct vault *probe = vault_create(key_a, NULL, NULL),
                 *v = vault_create(key_a, NULL, NULL);
    struct tag taken = tag_of(probe, "PERSON", "Ada Byron");
    struct tag mail = tag_of(probe, "EMAIL", "ada@byron.org");
    char body[512];
    snprintf(body, sizeof body, "{\"c\":\"Ada Byron ada@byron.org %s %s\"}", taken.text,
             mail.text);
    struct mask_span spans[] = {span_of(body, "Ada Byron", "PERSON"),
                                span_of(body, "ada@byron.org", "EMAIL")};
    struct masked m = mask(v, body, spans, 2);
    assert_int_equal(m.rc, 0);
    assert_string_not_equal(tag_of(v, "PERSON", "Ada Byron").text, taken.text);
    assert_string_not_equal(tag_of(v, "EMAIL", "ada@byron.org").text, mail.text);
    assert_non_null(strstr(m.out.p, taken.text)); /* the user's own word stays */
    buf_release(&m.out);
    vault_release(probe);
    vault_release(v);
}

/* -- several workers ------------------------------------------------------------- */

enum { THREADS = 4, SHARED = 300 };

static void *tag_many(void *arg)
{
    struct vault *v = arg;
    struct tag *tags = mem_alloc(SHARED * sizeof *tags);
    for (int i = 0; tags && i < SHARED; i++) {
        char value[32];
        snprintf(value, sizeof value, "shared person %d", i);
        struct err err;
        if (vault_tag(v, "PERSON", str_of(value), false, NULL, NULL, &tags[i], &err) < 0)
            return NULL;
    }
    return tags;
}

static void several_workers_give_a_value_one_tag(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct tag *tags[THREADS];
    struct vault *v = vault_create(key_a, NULL, NULL);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, tag_many, v), 0);
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        assert_non_null(result);
        tags[i] = result;
        for (int k = 0; k < SHARED; k++)
            assert_string_equal(tags[i][k].text, tags[0][k].text);
    }
    assert_int_equal(vault_stats(v).entries, SHARED);
    for (int i = 0; i < THREADS; i++)
        mem_free(tags[i]);
    vault_release(v);
}

/* A search of the text for a tag may take seconds.  Meanwhile others tag their values in
 * the same vault, and read answers with it. */
struct meeting {
    struct vault *v;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_searching, has_other_tagged;
};

static bool search_until_the_other_has_tagged(void *ctx, struct str tag)
{
    struct meeting *m = ctx;
    (void)tag;
    pthread_mutex_lock(&m->lock);
    m->is_searching = true;
    pthread_cond_broadcast(&m->changed);
    while (!m->has_other_tagged)
        pthread_cond_wait(&m->changed, &m->lock);
    pthread_mutex_unlock(&m->lock);
    return false;
}

static void *tag_with_a_long_search(void *arg)
{
    struct meeting *m = arg;
    struct tag t;
    struct err err;
    int rc = vault_tag(m->v, "PERSON", STR("Ada Byron"), false,
                       search_until_the_other_has_tagged, m, &t, &err);
    return rc == 0 ? m : NULL;
}

static void a_long_search_keeps_nobody_waiting(void **state)
{
    (void)state;
    struct meeting m = {.v = vault_create(key_a, NULL, NULL)};
    pthread_t searcher;
    void *result;
    struct vault_look look;
    pthread_mutex_init(&m.lock, NULL);
    pthread_cond_init(&m.changed, NULL);
    assert_int_equal(pthread_create(&searcher, NULL, tag_with_a_long_search, &m), 0);
    pthread_mutex_lock(&m.lock);
    while (!m.is_searching)
        pthread_cond_wait(&m.changed, &m.lock);
    pthread_mutex_unlock(&m.lock);
    struct tag mine = tag_of(m.v, "PERSON", "Eva Ray");
    vault_look_at(m.v, (struct str){mine.text, mine.n}, 0, ' ', true, &look);
    assert_true(look.is_known);
    assert_int_equal(vault_count_clear(m.v, STR("it was Eva Ray"), 0), 1);
    pthread_mutex_lock(&m.lock);
    m.has_other_tagged = true;
    pthread_cond_broadcast(&m.changed);
    pthread_mutex_unlock(&m.lock);
    pthread_join(searcher, &result);
    assert_non_null(result);
    pthread_cond_destroy(&m.changed);
    pthread_mutex_destroy(&m.lock);
    vault_release(m.v);
}

/* Readers see a value whole or not at all while others add. */
static void *read_many(void *arg)
{
    struct vault *v = arg;
    for (int i = 0; i < SHARED; i++) {
        char text[64];
        struct vault_look look;
        snprintf(text, sizeof text, "PersonQ7K2M and shared person %d", i);
        vault_look_at(v, str_of(text), 0, ' ', true, &look);
        if (look.is_known && look.found.value.n < 8)
            return NULL;
        if (vault_count_clear(v, str_of(text), 0) > 3)
            return NULL;
    }
    return v;
}

static void answers_are_read_while_others_add(void **state)
{
    (void)state;
    pthread_t writers[2], readers[2];
    void *result;
    struct vault *v = vault_create(key_a, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&writers[i], NULL, tag_many, v), 0);
        assert_int_equal(pthread_create(&readers[i], NULL, read_many, v), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(writers[i], &result);
        assert_non_null(result);
        mem_free(result);
        pthread_join(readers[i], &result);
        assert_non_null(result);
    }
    assert_int_equal(vault_stats(v).entries, SHARED);
    vault_release(v);
}

/* What looks like a tag is searched for in all of the text, of any size; where all tags
 * of a form are there, the value gets a word, and the same one the next time. */
static bool is_no_word(void *ctx, struct str tag)
{
    (void)ctx;
    return tag.p[0] == '+';
}

static void a_value_keeps_its_tag_when_its_form_has_run_out(void **state)
{
    (void)state;
    struct vault *v = vault_create(key_a, NULL, NULL);
    struct err err = {0};
    struct tag first, again;
    for (int i = 0; i < 2; i++)
        assert_int_equal(vault_tag(v, "PHONE", STR("+49 30 1234567"), false, is_no_word,
                                   NULL, i ? &again : &first, &err),
                         0);
    assert_memory_equal(first.text, "Phone", 5);
    assert_string_equal(first.text, again.text);
    assert_int_equal(vault_stats(v).entries, 1);
    vault_release(v);
}

static void a_large_text_of_all_sorts_is_masked_with_tags_it_has_not(void **state)
{
    (void)state;
    enum { BODY = 3 << 20, NAMES = 200 };
    char *body = mem_alloc(BODY + 64);
    struct mask_span spans[NAMES];
    struct vault *probe = vault_create(key_a, NULL, NULL),
                 *v = vault_create(key_a, NULL, NULL);
    uint64_t random = 88172645463325252u;
    size_t n = 2;
    memcpy(body, "[\"", 2);
    for (int i = 0; i < NAMES; i++) {
        char value[24];
        struct tag taken;
        snprintf(value, sizeof value, "name %d of all", i);
        spans[i] = (struct mask_span){.start = (uint32_t)n,
                                      .end = (uint32_t)(n + strlen(value)),
                                      .type = "PERSON",
                                      .depth = 1};
        taken = tag_of(probe, "PERSON", value);
        n += (size_t)sprintf(body + n, "%s %s ", value, taken.text);
    }
    while (n < BODY) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        body[n++] = "abcdefghijklmnop0123456789 QRST"[random % 31];
    }
    memcpy(body + n, "\"]", 3);
    struct masked m = {.rc = 0};
    buf_init(&m.out, 2 * BODY);
    m.rc = mask_body(v, str_of(body), spans, NAMES, &m.out, &m.counts, &m.err);
    assert_int_equal(m.rc, 0);
    assert_int_equal(m.counts.total, NAMES);
    for (int i = 0; i < NAMES; i++) {
        char value[24];
        snprintf(value, sizeof value, "name %d of all", i);
        assert_string_not_equal(tag_of(v, "PERSON", value).text,
                                tag_of(probe, "PERSON", value).text);
    }
    buf_release(&m.out);
    mem_free(body);
    vault_release(probe);
    vault_release(v);
}

/* -- a ceiling for all --------------------------------------------------------------- */

static void vaults_share_a_ceiling_and_give_it_back(void **state)
{
    (void)state;
    struct err err = {0};
    struct tag t;
    struct allowance *all = allowance_create(NULL, 256 * 1024);
    struct allowance *mine = allowance_create(all, 64 * 1024),
                     *other = allowance_create(all, 1 << 20);
    struct vault *v = vault_create(key_a, NULL, mine),
                 *w = vault_create(key_b, NULL, other);
    int made = 0;
    char value[1024];
    for (; made < 1000; made++) {
        snprintf(value, sizeof value, "%0500d", made);
        if (vault_tag(v, "PERSON", str_of(value), false, NULL, NULL, &t, &err) < 0)
            break;
    }
    assert_string_equal(err.code, "vault_full");
    assert_in_range(made, 20, 120);
    assert_true(allowance_used(mine) <= 64 * 1024);
    assert_true(allowance_used(all) == allowance_used(mine) + allowance_used(other));
    tag_of(w, "PERSON", "Ada Byron"); /* a client's own ceiling is no other's */
    tag_of(v, "PERSON", "short, and there is room in the last page");
    allowance_release(mine);
    vault_release(v);
    vault_release(w);
    assert_int_equal(allowance_used(all), 0);
    assert_int_equal(allowance_used(other), 0);
    allowance_set_max(all, 0);
    assert_null(vault_create(key_b, NULL, other));
    assert_int_equal(allowance_used(other), 0);
    allowance_release(other);
    allowance_release(all);
}

/* The pages with values say so to the kernel: "dd" is do-not-dump. */
static void values_are_kept_out_of_core_dumps(void **state)
{
    (void)state;
    struct vault *v = vault_create(key_a, NULL, NULL);
    struct tag t = tag_of(v, "PERSON", "Ada Byron");
    struct vault_look look;
    vault_look_at(v, (struct str){t.text, t.n}, 0, ' ', true, &look);
    assert_true(look.match == TAG_FULL && look.is_known);
    uintptr_t at = (uintptr_t)look.found.value.p;
    FILE *f = fopen("/proc/self/smaps", "r");
    if (!f)
        skip();
    char line[512];
    bool is_ours = false, is_kept_out = false;
    while (fgets(line, sizeof line, f)) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            is_ours = at >= from && at < to;
        if (is_ours && strncmp(line, "VmFlags:", 8) == 0)
            is_kept_out = strstr(line, " dd") != NULL;
    }
    fclose(f);
    assert_true(is_kept_out);
    vault_release(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_has_one_tag_and_each_client_its_own),
        cmocka_unit_test(keys_differ_by_client),
        cmocka_unit_test(numbers_keep_their_form_in_ranges_that_are_nobodys),
        cmocka_unit_test(no_two_values_share_a_tag),
        cmocka_unit_test(past_its_bounds_nothing_is_masked),
        cmocka_unit_test(everything_but_the_spans_is_copied),
        cmocka_unit_test(spans_that_cannot_be_cut_out_cleanly_are_refused),
        cmocka_unit_test(any_span_gives_json_or_a_refusal),
        cmocka_unit_test(a_tag_never_occurs_in_the_text_before),
        cmocka_unit_test(several_workers_give_a_value_one_tag),
        cmocka_unit_test(a_long_search_keeps_nobody_waiting),
        cmocka_unit_test(answers_are_read_while_others_add),
        cmocka_unit_test(a_value_keeps_its_tag_when_its_form_has_run_out),
        cmocka_unit_test(a_large_text_of_all_sorts_is_masked_with_tags_it_has_not),
        cmocka_unit_test(vaults_share_a_ceiling_and_give_it_back),
        cmocka_unit_test(values_are_kept_out_of_core_dumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
