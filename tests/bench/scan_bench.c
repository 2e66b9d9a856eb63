/* scan_bench.c -- how long the scanner and the restorer take, in one process on one core.
 *
 *     scan_bench [FILE.jsonl]      lines with a "text" (or "id" and "text")
 *
 * Without a file it makes texts of its own: prose, lists, code and log lines with values
 * in them.  Bodies are an agent's: 1 MB in strings of a few bytes and of some KB, read
 * for the first time, and again with one more turn by a scanner that remembers.  Each
 * figure is taken in rounds; of the rounds' percentiles the best is printed, for what a
 * shared machine adds is never the program's. */
#include "mask/restore.h"
#include "scan/scan.h"
#include "json/scan.h"
#include "json/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 9, MAX_TEXTS = 4096, TURN_BYTES = 2048, LONG_BYTES = 100 * 1024 };
enum { DELTAS = 20000, MAX_FILE = 64 << 20 };
enum { BODY_BYTES = 1 << 20, BODIES = 12, CACHE_BYTES = 8 << 20 };

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

struct figure {
    double p50, p99; /* of the best round */
};

static void take(struct figure *f, double *values, size_t n, bool is_first)
{
    qsort(values, n, sizeof *values, by_value);
    double p50 = values[n / 2], p99 = values[n * 99 / 100];
    f->p50 = is_first || p50 < f->p50 ? p50 : f->p50;
    f->p99 = is_first || p99 < f->p99 ? p99 : f->p99;
}

/* -- texts ------------------------------------------------------------------------ */

struct texts {
    struct str v[MAX_TEXTS];
    size_t n;
};

static uint64_t seed = 88172645463325252u;

static unsigned below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 11) % n;
}

static void put_sentence(struct buf *b)
{
    static const char *const words[] = {
        "the",        "service", "returned", "an",     "error",    "after",
        "deployment", "of",      "Monday",   "Berlin", "customer", "invoice",
        "latency",    "review",  "column",   "and",    "Martha",   "index",
        "was",        "rebuilt", "because",  "queue",  "(draft)",  "42"};
    static const char *const lines[] = {
        "\n- total: 1,204.50 EUR due 2026-03-14\n",
        "\nint main(int argc, char **argv) { "
        "return run(argc, argv); }\n",
        "\n2026-03-14T10:22:01Z INFO worker-3 GET /v1/items "
        "200 12ms\n",
        " Write to ann.ray@acme-labs.io or +49 30 5550 1234. ",
        " Peter Novak, 12 Harbour Street, Leeds LS1 4DY. ",
        "\n| a | b | c |\n|---|---|---|\n"};
    if (below(12) == 0) {
        buf_append(b, str_of(lines[below(6)]));
        return;
    }
    for (unsigned i = 8 + below(10); i > 0; i--) {
        buf_append(b, str_of(words[below(24)]));
        buf_byte(b, ' ');
    }
    buf_lit(b, ". ");
}

static void make_texts(struct texts *t, size_t bytes, size_t n, struct arena *a)
{
    struct buf b;
    buf_init(&b, bytes + 4096);
    for (size_t i = 0; i < n; i++) {
        buf_clear(&b);
        while (buf_len(&b) < bytes)
            put_sentence(&b);
        t->v[t->n++] = arena_strdup(a, buf_view(&b));
    }
    buf_release(&b);
}

static bool read_texts(struct texts *t, const char *path, struct arena *a)
{
    struct buf b;
    struct str rest, line;
    FILE *f = fopen(path, "rb");
    buf_init(&b, MAX_FILE);
    if (!f || !buf_reserve(&b, MAX_FILE))
        return false;
    b.n = fread(b.p, 1, MAX_FILE, f);
    fclose(f);
    rest = buf_view(&b);
    while (t->n < MAX_TEXTS && str_split(&rest, '\n', &line)) {
        struct str raw = json_get(line, "text");
        if (raw.n < 2)
            continue;
        struct json_string s = {str_sub(raw, 1, raw.n - 1), true};
        t->v[t->n++] = arena_strdup(a, json_unescape(a, s));
    }
    buf_release(&b);
    return t->n > 0;
}

/* -- scanning ------------------------------------------------------------------------ */

static struct figure time_scans(const struct scanner *sc, const struct texts *t,
                                double *per_100kb)
{
    static double us[MAX_TEXTS];
    struct figure f = {0};
    for (int round = 0; round < ROUNDS; round++) {
        double total = 0, bytes = 0;
        for (size_t i = 0; i < t->n; i++) {
            struct span_list l = {0};
            struct err err;
            uint64_t began = now_ns();
            if (guard_scan_text(sc, t->v[i], &l, &err) < 0)
                exit(1);
            us[i] = (double)(now_ns() - began) / 1e3;
            span_list_release(&l);
            total += us[i];
            bytes += (double)t->v[i].n;
        }
        take(&f, us, t->n, round == 0);
        double rate = total * LONG_BYTES / bytes;
        *per_100kb = round == 0 || rate < *per_100kb ? rate : *per_100kb;
    }
    return f;
}

static void print_scans(const char *what, const struct scanner *sc, const struct texts *t)
{
    double per_100kb = 0;
    struct figure f = time_scans(sc, t, &per_100kb);
    printf("{\"what\":\"%s\",\"texts\":%zu,\"p50_us\":%.1f,\"p99_us\":%.1f,"
           "\"us_per_100kb\":%.0f}\n",
           what, t->n, f.p50, f.p99, per_100kb);
}

/* -- bodies -------------------------------------------------------------------------- */

/* A call of a tool and what came of it: two strings of a few bytes, one of 100 to 4,000.
 */
static void put_turn(struct buf *b, struct buf *scratch)
{
    size_t bytes = below(4) ? 100 + below(400) : 4000;
    buf_clear(scratch);
    while (buf_len(scratch) < bytes)
        put_sentence(scratch);
    buf_printf(b,
               "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"call_%u\",\"type\":"
               "\"function\",\"function\":{\"name\":\"read_file\",\"arguments\":"
               "\"{\\\"path\\\":\\\"src/part%u.c\\\"}\"}}]},{\"role\":\"tool\","
               "\"content\":",
               below(1000000), below(400));
    json_write_string(b, buf_view(scratch));
    buf_byte(b, '}');
}

/* Turns up to BODY_BYTES that all bodies share, and one of its own for each. */
static void make_bodies(struct texts *t, struct arena *a)
{
    struct buf shared, own, scratch;
    buf_init(&shared, 4 * BODY_BYTES);
    buf_init(&own, 1 << 20);
    buf_init(&scratch, 1 << 20);
    buf_lit(&shared, "{\"model\":\"auto\",\"messages\":[");
    while (buf_len(&shared) < BODY_BYTES) {
        put_turn(&shared, &scratch);
        buf_byte(&shared, ',');
    }
    for (size_t i = 0; i < BODIES; i++) {
        buf_clear(&own);
        put_turn(&own, &scratch);
        buf_lit(&own, "]}");
        t->v[t->n++] =
            arena_join(a, (const struct str[]){buf_view(&shared), buf_view(&own)}, 2);
    }
    buf_release(&shared);
    buf_release(&own);
    buf_release(&scratch);
}

static void print_bodies(const char *what, const struct scanner *sc,
                         const struct texts *t)
{
    double us[BODIES];
    struct figure f = {0};
    for (size_t i = 0; i < t->n; i++) {
        struct body_scan b = {.nat = 0};
        struct err err = {0};
        uint64_t began = now_ns();
        if (guard_scan_body(sc, t->v[i], &b, &err) < 0 || b.found.is_undecodable)
            exit(1);
        us[i] = (double)(now_ns() - began) / 1e3;
        body_scan_release(&b);
    }
    /* The first has nothing to remember. */
    take(&f, us + 1, t->n - 1, true);
    printf("{\"what\":\"%s\",\"bodies\":%zu,\"p50_us\":%.0f,\"p99_us\":%.0f}\n", what,
           t->n - 1, f.p50, f.p99);
}

static void time_bodies(const struct scanner *sc, struct arena *a)
{
    static struct texts bodies;
    struct err err = {0};
    struct scanner *remembers = scanner_create(&err);
    make_bodies(&bodies, a);
    if (!remembers || scanner_add_cache(remembers, CACHE_BYTES, &err) < 0)
        exit(1);
    print_bodies("1 MB bodies", sc, &bodies);
    print_bodies("1 MB bodies, one more turn", remembers, &bodies);
    scanner_free(remembers);
}

/* -- on the loop --------------------------------------------------------------------- */

static const char *stop_late(void *ctx, uint64_t steps)
{
    (void)ctx;
    return steps > SCAN_STEPS_OF_LOOP ? "too_dear" : NULL;
}

/* What a loop's thread does of a scan before it leaves the rest to others: of requests of
 * which the last message is new, in so many bytes, and the others came before. */
static void time_loop(const char *what, size_t known, size_t bytes)
{
    enum { REQUESTS = 200 };
    struct err err = {0};
    struct scanner *sc = scanner_create(&err);
    struct buf body, scratch;
    double us[REQUESTS];
    struct figure f = {0};
    size_t whole = 0;
    if (!sc || scanner_add_cache(sc, CACHE_BYTES, &err) < 0)
        exit(1);
    buf_init(&body, 1 << 20);
    buf_init(&scratch, 1 << 20);
    for (size_t i = 0; i < REQUESTS; i++) {
        const struct scan_watch watch = {stop_late, NULL};
        struct body_scan b = {.watch = i ? &watch : NULL};
        buf_clear(&body);
        buf_lit(&body, "{\"model\":\"auto\",\"messages\":[");
        uint64_t kept = seed;
        seed = 88172645463325252u; /* the same turns each time */
        while (buf_len(&body) < known) {
            put_turn(&body, &scratch);
            buf_byte(&body, ',');
        }
        seed = kept + i;
        buf_clear(&scratch);
        while (buf_len(&scratch) < bytes)
            put_sentence(&scratch);
        buf_lit(&body, "{\"role\":\"user\",\"content\":");
        json_write_string(&body, str_sub(buf_view(&scratch), 0, bytes));
        buf_lit(&body, "}]}");
        uint64_t began = now_ns();
        whole += guard_scan_body(sc, buf_view(&body), &b, &err) == 0 && i;
        us[i] = (double)(now_ns() - began) / 1e3;
        body_scan_release(&b);
    }
    take(&f, us + 1, REQUESTS - 1, true);
    printf("{\"what\":\"%s\",\"requests\":%d,\"p50_us\":%.1f,\"p99_us\":%.1f,"
           "\"whole\":%s}\n",
           what, REQUESTS - 1, f.p50, f.p99, whole > REQUESTS / 2 ? "true" : "false");
    buf_release(&body);
    buf_release(&scratch);
    scanner_free(sc);
}

static void time_loops(void)
{
    time_loop("200 bytes new", 0, 200);
    time_loop("2 KB new", 0, TURN_BYTES);
    time_loop("14 KB known, 200 bytes new", 14 << 10, 200);
    time_loop("14 KB known, 2 KB new", 14 << 10, TURN_BYTES);
}

/* -- restoring ----------------------------------------------------------------------- */

static int drop(void *ctx, const struct event *e)
{
    size_t *bytes = ctx;
    *bytes += e->raw.n;
    return 0;
}

/* One event for each piece of five letters, as engines send them. */
static void time_restore(const char *what, const char *text, struct vault *v)
{
    static char data[DELTAS][160];
    static struct event events[DELTAS];
    double best = 0;
    size_t n = strlen(text), sum = 0;
    for (size_t i = 0; i < DELTAS; i++) {
        int k = snprintf(data[i], sizeof data[i],
                         "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{"
                         "\"content\":\"%.5s\"},\"finish_reason\":null}]}\n\n",
                         text + i * 5 % (n - 5));
        events[i] = (struct event){.kind = EVENT_DELTA,
                                   .raw = {data[i], (size_t)k},
                                   .data = {data[i] + 6, (size_t)k - 8},
                                   .content_bytes = 5};
    }
    for (int round = 0; round < ROUNDS; round++) {
        struct restorer *r = restorer_create(v, 1 << 20);
        struct err err = {0};
        uint64_t began = now_ns();
        for (size_t i = 0; i < DELTAS; i++)
            if (restore_event(r, &events[i], drop, &sum, &err) < 0)
                exit(1);
        double ns = (double)(now_ns() - began) / DELTAS;
        best = round == 0 || ns < best ? ns : best;
        restorer_free(r);
    }
    printf("{\"what\":\"%s\",\"deltas\":%d,\"ns_per_delta\":%.0f}\n", what, DELTAS, best);
}

static void time_restores(void)
{
    static const unsigned char key[VAULT_KEY_BYTES] = {1};
    struct vault *v = vault_create(key, NULL, NULL);
    struct err err = {0};
    struct tag tag;
    char text[600];
    if (!v)
        exit(1);
    for (int i = 0; i < 50; i++) {
        char name[40];
        snprintf(name, sizeof name, "Person Number %d", i);
        if (vault_tag(v, "PERSON", str_of(name), false, NULL, NULL, &tag, &err) < 0)
            exit(1);
    }
    time_restore("restore, no tags",
                 "the quick brown fox jumps over a lazy dog and then "
                 "runs home again through fields ",
                 v);
    snprintf(text, sizeof text, "%s met %s at noon; then she left with the papers. ",
             tag.text, tag.text);
    time_restore("restore, tags", text, v);
    vault_release(v);
}

int main(int argc, char **argv)
{
    static struct texts turns, longs, given;
    struct arena a;
    struct err err = {0};
    struct scanner *sc = scanner_create(&err);
    arena_init(&a, (size_t)512 << 20);
    if (!sc)
        return 1;
    make_texts(&turns, TURN_BYTES, 500, &a);
    make_texts(&longs, LONG_BYTES, 20, &a);
    print_scans("2 KB turns", sc, &turns);
    print_scans("100 KB texts", sc, &longs);
    for (int i = 1; i < argc; i++) {
        given.n = 0;
        if (!read_texts(&given, argv[i], &a)) {
            fprintf(stderr, "scan_bench: no texts in %s\n", argv[i]);
            return 2;
        }
        print_scans(argv[i], sc, &given);
    }
    time_bodies(sc, &a);
    time_loops();
    time_restores();
    arena_reset(&a);
    scanner_free(sc);
    return 0;
}
