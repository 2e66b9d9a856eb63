/* train.c -- `weir train`: labelled lines in, weights out, figures on the way.
 *
 * The learning itself is scan/ner/train/train.c, and net_train.c for names.  What is here
 * reads the lines, shows how far it is, and writes the file as a whole or not at all. */
#include "cmd/decide/train_judge.h"
#include "cmd/decide/train_router.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/files.h"
#include "cmd/lib/lines.h"
#include "cmd/lib/options.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "core/mem.h"
#include "scan/names/prior_train.h"
#include "scan/ner/train/net_train.h"
#include "json/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { LEAN_MOST = 65536 };
enum {
    MAX_TEXT_BYTES = 1024 * 1024 * 1024,
    MAX_OUTPUT_BYTES = 8 * 1024 * 1024,
    MAX_TEXTS = 4 * 1024 * 1024,
    MAX_SPANS = 4096,
    DEFAULT_EPOCHS = 8,
    DEFAULT_ROWS = 124000,
    NAMES_EPOCHS = 10,
    NAMES_ROWS = 49152,
    NAMES_LEAN = 0,
    NAMES_WEIGHT = 20,
    NAMES_RATE = 2000,
    PRIOR_EPOCHS = 6,
    PRIOR_WEIGHT = 30
};

struct corpus {
    struct arena a;       /* texts and spans */
    struct train_text *v; /* owned */
    size_t n, cap;
};

static const struct command cmd_train_tagger, cmd_train_names, cmd_train_prior;

/* What the command line says. */
struct asked {
    struct options o;
    uint64_t seed, epochs, rows;
};

/* -- reading ------------------------------------------------------------------------ */

static uint64_t hash_of(struct str s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return h;
}

static bool read_span(struct json_cur *c, struct train_span *s)
{
    struct json_string key, type = {{"", 0}, false};
    int64_t start = -1, end = -1;
    enum guard_type t;
    if (!json_enter_object(c))
        return false;
    while (json_next_member(c, &key)) {
        if (json_string_is(key, "start"))
            json_read_i64(c, &start);
        else if (json_string_is(key, "end"))
            json_read_i64(c, &end);
        else if (json_string_is(key, "type"))
            json_read_string(c, &type);
        else
            json_skip(c, NULL);
    }
    if (!guard_type_find(type.raw, &t))
        json_fail(c, "no such type");
    if (start < 0 || end < 0 || start > UINT32_MAX || end > UINT32_MAX)
        json_fail(c, "a span has no start and end");
    *s = (struct train_span){(uint32_t)start, (uint32_t)end, (uint16_t)t};
    return json_ok(c);
}

static void read_spans(struct json_cur *c, struct corpus *k, struct train_text *t)
{
    struct train_span v[MAX_SPANS];
    if (!json_enter_array(c))
        return;
    while (json_next_element(c)) {
        if (t->nspan == MAX_SPANS) {
            json_fail(c, "too many spans");
            return;
        }
        if (!read_span(c, &v[t->nspan]))
            return;
        t->nspan++;
    }
    struct train_span *own = arena_array(&k->a, struct train_span, t->nspan + 1);
    if (own)
        memcpy(own, v, t->nspan * sizeof *v);
    else
        json_fail(c, "out of memory");
    t->span = own;
}

static int read_line(struct corpus *k, struct str line, struct train_text *t,
                     struct err *err)
{
    struct json_cur c;
    struct json_string key, s;
    *t = (struct train_text){.group = k->n};
    json_begin(&c, line);
    json_enter_object(&c);
    while (json_next_member(&c, &key)) {
        if (json_string_is(key, "text") && json_read_string(&c, &s))
            t->text = arena_strdup(&k->a, json_unescape(&k->a, s)); /* the line goes */
        else if (json_string_is(key, "group") && json_read_string(&c, &s))
            t->group = hash_of(s.raw);
        else if (json_string_is(key, "spans"))
            read_spans(&c, k, t);
        else if (json_string_is(key, "people_only"))
            json_read_bool(&c, &t->people_only);
        else
            json_skip(&c, NULL);
    }
    if (json_ok(&c) && !t->text.p)
        json_fail(&c, "there is no \"text\"");
    return json_finish(&c, err);
}

static int take_line(void *ctx, size_t number, struct str line, struct err *err)
{
    struct corpus *k = ctx;
    (void)number;
    if (!mem_room(&k->v, sizeof *k->v, k->n, &k->cap, MAX_TEXTS))
        return k->n < MAX_TEXTS ? err_nomem(err)
                                : err_set(err, ERR_CONFIG, "train_line",
                                          "more than %d lines", MAX_TEXTS);
    if (read_line(k, line, &k->v[k->n], err) < 0)
        return -1;
    k->n++;
    return 0;
}

static int read_corpus(struct corpus *k, const char *path, struct err *err)
{
    if (lines_each(path, take_line, k, err) < 0)
        return -1;
    return k->n ? 0
                : err_set(err, ERR_CONFIG, "train_empty",
                          "%s: there is no line to learn from", path);
}

/* -- showing ------------------------------------------------------------------------ */

struct bar {
    unsigned epochs;
    bool tty;
};

static void show_progress(void *ctx, unsigned epoch, size_t done, size_t of)
{
    const struct bar *b = ctx;
    char line[31] = {0};
    size_t full = of ? done * 30 / of : 30;
    if (!b->tty && done != of)
        return;
    memset(line, '.', 30);
    memset(line, '#', full);
    fprintf(stderr, "%s[%s] epoch %u of %u", b->tty ? "\r" : "", line, epoch + 1,
            b->epochs);
    if (done == of)
        fputc('\n', stderr);
}

static void print_count(const char *name, const struct train_count *seen,
                        const struct train_count *held)
{
    const struct train_count *c[] = {seen, held};
    printf("%-10s", name);
    for (size_t i = 0; i < ARRAY_LEN(c); i++) {
        double p = c[i]->told ? (double)c[i]->right / (double)c[i]->told : 0;
        double r = c[i]->gold ? (double)c[i]->right / (double)c[i]->gold : 0;
        printf("  %9llu %6.3f %6.3f", (unsigned long long)c[i]->gold, p, r);
    }
    putchar('\n');
}

static void print_report(const struct train_report *r, unsigned epochs, size_t bytes)
{
    printf("%zu texts, %zu of them held out; %zu tokens an epoch; %zu features; %zu "
           "bytes\n",
           r->texts, r->held_out, r->tokens, r->features, bytes);
    printf("tokens wrong while learning:");
    for (unsigned e = 0; e < epochs; e++)
        printf(" %llu", (unsigned long long)r->wrong[e]);
    printf("\n%-10s  %9s %6s %6s  %9s %6s %6s\n", "", "learnt", "P", "R", "held out", "P",
           "R");
    for (size_t t = 0; t < GUARD_NTYPES; t++)
        if (r->seen[t].gold || r->held[t].gold)
            print_count(guard_type_name((enum guard_type)t), &r->seen[t], &r->held[t]);
}

/* -- the command -------------------------------------------------------------------- */

static bool number_option(const struct options *o, const char *name, uint64_t or_else,
                          uint64_t *ret)
{
    const char *s = options_get(o, name);
    char *end;
    *ret = or_else;
    if (!s)
        return true;
    *ret = strtoull(s, &end, 10);
    return *s >= '0' && *s <= '9' && *end == '\0' && *ret <= UINT32_MAX;
}

/* Writes what was learnt; `rc` says whether anything was. */
static int finish(const struct asked *q, int rc, const struct buf *out,
                  const struct err *err)
{
    const char *path = options_get(&q->o, "--out");
    if (rc < 0) {
        say(stderr, "weir %s: %s", q->o.command->name, err->msg);
        return err->kind == ERR_INTERNAL ? EXIT_NO : EXIT_USAGE;
    }
    if (output_write(path, buf_view(out)))
        return EXIT_YES;
    say(stderr, "weir %s: cannot write %s: %s", q->o.command->name, path,
        strerror(errno));
    return EXIT_NO;
}

static int train(const struct asked *q, const struct corpus *k,
                 const struct train_options *to)
{
    struct train_report *rep = mem_new(struct train_report);
    struct err err = {0};
    struct scanner *sc = scanner_create(&err);
    struct buf out;
    buf_init(&out, MAX_OUTPUT_BYTES);
    int rc = !sc    ? -1
             : !rep ? err_nomem(&err)
                    : tagger_train(sc, k->v, k->n, to, &out, rep, &err);
    int code = finish(q, rc, &out, &err);
    if (code == EXIT_YES)
        print_report(rep, to->epochs, buf_len(&out));
    buf_release(&out);
    scanner_free(sc);
    mem_free(rep);
    return code;
}

static void print_names_report(const struct net_train_report *r, unsigned epochs,
                               size_t bytes)
{
    printf("%zu texts, %zu of them held out; %llu pieces an epoch; %zu bytes\n", r->texts,
           r->held_out, (unsigned long long)r->pieces, bytes);
    printf("loss of a piece while learning:");
    for (unsigned e = 0; e < epochs; e++)
        printf(" %.4f", r->loss[e]);
    printf("\n%-10s  %9s %6s %6s  %9s %6s %6s\n", "", "learnt", "P", "R", "held out", "P",
           "R");
    print_count("PERSON", &r->seen, &r->held);
}

static int train_names(const struct asked *q, const struct corpus *k,
                       const struct net_train_options *to)
{
    struct net_train_report *rep = mem_new(struct net_train_report);
    struct err err = {0};
    struct scanner *sc = scanner_create_nameless(&err);
    struct buf out;
    buf_init(&out, 2 * (size_t)MAX_OUTPUT_BYTES);
    int rc = !sc    ? -1
             : !rep ? err_nomem(&err)
                    : net_train(sc, k->v, k->n, to, &out, rep, &err);
    int code = finish(q, rc, &out, &err);
    if (code == EXIT_YES)
        print_names_report(rep, to->epochs, buf_len(&out));
    buf_release(&out);
    scanner_free(sc);
    mem_free(rep);
    return code;
}

static int read_and_train(const struct asked *q, const struct train_options *to,
                          const struct net_train_options *names)
{
    struct corpus k = {0};
    struct err err = {0};
    int code = EXIT_USAGE;
    arena_init(&k.a, MAX_TEXT_BYTES);
    if (read_corpus(&k, options_get(&q->o, "--from"), &err) < 0)
        say(stderr, "weir %s: %s", q->o.command->name, err.msg);
    else
        code = names ? train_names(q, &k, names) : train(q, &k, to);
    mem_free(k.v);
    arena_reset(&k.a);
    return code;
}

/* False: *ret_code is to be returned. */
static bool read_asked(struct asked *q, const struct command *c, int argc, char **argv,
                       uint64_t epochs, uint64_t rows, int *ret_code)
{
    static const char *const reads[] = {"--from"};
    if (!options_read(&q->o, c, argc, argv, ret_code))
        return false;
    *ret_code = EXIT_USAGE;
    if (q->o.nwords)
        options_fault(c, "'%s' is one word too many: the texts are --from FILE",
                      q->o.words[0]);
    else if (!options_get(&q->o, "--from") || !options_get(&q->o, "--out"))
        options_fault(c, "--from FILE and --out FILE are needed");
    else if (!number_option(&q->o, "--seed", 1, &q->seed) ||
             !number_option(&q->o, "--epochs", epochs, &q->epochs) ||
             !number_option(&q->o, "--rows", rows, &q->rows))
        options_fault(c, "--seed, --epochs and --rows take numbers");
    else
        *ret_code = files_check(&q->o, "--out", reads, ARRAY_LEN(reads));
    return *ret_code == EXIT_YES;
}

static int run_tagger(int argc, char **argv)
{
    struct asked q;
    int code;
    if (!read_asked(&q, &cmd_train_tagger, argc, argv, DEFAULT_EPOCHS, DEFAULT_ROWS,
                    &code))
        return code;
    struct bar bar = {(unsigned)q.epochs, isatty(STDERR_FILENO)};
    struct train_options to = {.seed = q.seed,
                               .epochs = (unsigned)q.epochs,
                               .rows = (uint32_t)q.rows,
                               .progress = show_progress,
                               .ctx = &bar};
    return read_and_train(&q, &to, NULL);
}

static int run_names(int argc, char **argv)
{
    static const char *const lean_options[NET_SCRIPTS] = {"--lean", "--lean-cased",
                                                          "--lean-uncased"};
    struct asked q;
    uint64_t lean, weight, rate;
    bool ok = true;
    int code;
    if (!read_asked(&q, &cmd_train_names, argc, argv, NAMES_EPOCHS, NAMES_ROWS, &code))
        return code;
    struct net_train_options to = {.seed = q.seed, .progress = show_progress};
    for (size_t i = 0; i < NET_SCRIPTS; i++) {
        ok &= number_option(&q.o, lean_options[i], NAMES_LEAN, &lean);
        to.lean[i] = (int32_t)(lean < LEAN_MOST ? lean : LEAN_MOST);
    }
    if (!ok || !number_option(&q.o, "--weight", NAMES_WEIGHT, &weight) ||
        !number_option(&q.o, "--rate", NAMES_RATE, &rate))
        return options_fault(q.o.command, "--lean, --weight and --rate take numbers");
    struct bar bar = {(unsigned)q.epochs, isatty(STDERR_FILENO)};
    to.epochs = (unsigned)q.epochs;
    to.rows = (uint32_t)q.rows;
    to.weight = (unsigned)weight;
    to.rate = (unsigned)rate;
    to.ctx = &bar;
    return read_and_train(&q, NULL, &to);
}

/* -- what a name means -------------------------------------------------------------- */

static void print_curve(const char *what, const struct prior_curve *c)
{
    printf("%s: %zu private names, %zu masked by the evidence alone; %zu texts without "
           "any, %zu with a mask\n",
           what, c->names, c->names_now, c->texts, c->texts_now);
    for (size_t k = 0; k < PRIOR_CUTS && (c->names || c->texts); k++)
        printf("  cut %4d: %6zu names masked, %6zu texts\n", c->cut[k], c->kept[k],
               c->needless[k]);
}

static int train_prior(const struct asked *q, const struct corpus *k,
                       const struct corpus *held, const struct prior_options *po,
                       unsigned lean)
{
    struct prior_report rep = {0};
    struct err err = {0};
    struct scanner *sc = scanner_create(&err);
    struct buf out;
    if (sc)
        scanner_lean_to_people(sc, lean);
    buf_init(&out, MAX_OUTPUT_BYTES);
    int rc =
        sc ? prior_train(sc, k->v, k->n, held->v, held->n, po, &out, &rep, &err) : -1;
    int code = finish(q, rc, &out, &err);
    if (code == EXIT_YES) {
        printf("%zu texts, %zu names, %zu of them private\n", rep.texts, rep.names,
               rep.privates);
        print_curve("learnt", &rep.seen);
        print_curve("held out", &rep.held);
    }
    buf_release(&out);
    scanner_free(sc);
    return code;
}

static int run_prior(int argc, char **argv)
{
    struct asked q;
    struct corpus k = {0}, held = {0};
    struct err err = {0};
    uint64_t weight, lean;
    int code;
    if (!read_asked(&q, &cmd_train_prior, argc, argv, PRIOR_EPOCHS, 0, &code))
        return code;
    if (!number_option(&q.o, "--weight", PRIOR_WEIGHT, &weight) ||
        !number_option(&q.o, "--lean", 0, &lean) || lean > LEAN_MOST)
        return options_fault(q.o.command, "--weight and --lean take numbers");
    const struct prior_options po = {q.seed, (unsigned)q.epochs, (unsigned)weight};
    const char *held_path = options_get(&q.o, "--held");
    arena_init(&k.a, MAX_TEXT_BYTES);
    arena_init(&held.a, MAX_TEXT_BYTES);
    code = EXIT_USAGE;
    if (read_corpus(&k, options_get(&q.o, "--from"), &err) < 0 ||
        (held_path && read_corpus(&held, held_path, &err) < 0))
        say(stderr, "weir %s: %s", q.o.command->name, err.msg);
    else
        code = train_prior(&q, &k, &held, &po, (unsigned)lean);
    mem_free(k.v);
    mem_free(held.v);
    arena_reset(&k.a);
    arena_reset(&held.a);
    return code;
}

/* -- what it says of itself --------------------------------------------------------- */

#define TEXT_LINES                                                                       \
    "A line of FILE is {\"text\":\"Ask Ana Diaz\",\"spans\":[{\"start\":4,\"end\":12,\n" \
    "\"type\":\"PERSON\"}]}: bytes of the UTF-8 text, end exclusive, in order and "      \
    "without\n"                                                                          \
    "overlaps. Lines with one \"group\" (texts of one template, one author) are "        \
    "learnt\n"                                                                           \
    "or held out together; one group in ten is held out, and the table printed at the\n" \
    "end says how the weights do on it. The same lines, seed and epochs give the same\n" \
    "bytes on every machine. Look at new weights before they are built in with:\n"       \
    "weir scan --weights FILE (of a tagger)\n\n"
#define EXIT_CODES                                                                       \
    "\nExit codes: 0 the weights are written, 1 they could not be, 2 the options or "    \
    "the\n"                                                                              \
    "lines are at fault."
#define FROM_HELP "JSON lines {\"text\",\"spans\"}; \"group\" keeps lines together."

static const struct command_option tagger_options[] = {
    {"--from", "FILE", FROM_HELP},
    {"--out", "FILE", "Where the weights go."},
    {"--seed", "N", "Another order of the texts; 1 unless said."},
    {"--epochs", "N", "How often each text is read; 8 unless said."},
    {"--rows", "N", "Rows of the table, of 16 bytes each; 124000 unless said."},
};

static const struct command cmd_train_tagger = {
    .name = "train tagger",
    .summary = "weights of the scanner: addresses, places, firms and the like",
    .usage = "--from FILE --out FILE [--seed N] [--epochs N] [--rows N]",
    .details = TEXT_LINES
    "Types are PERSON, ADDRESS, LOCATION, ORG, NRP and TITLE; others are skipped. FILE\n"
    "is made up (tools/guard_generate.py).\n\n"
    "Examples:\n"
    "  python3 tools/guard_generate.py --names NAMES --texts 60000 > texts.jsonl\n"
    "  weir train tagger --from texts.jsonl --out tagger.bin\n" EXIT_CODES,
    .options = tagger_options,
    .noptions = ARRAY_LEN(tagger_options),
    .run = run_tagger,
    .of = &cmd_train,
};

static const struct command_option names_options[] = {
    {"--from", "FILE", FROM_HELP},
    {"--out", "FILE", "Where the weights go."},
    {"--seed", "N", "Another order of the texts; 1 unless said."},
    {"--epochs", "N", "How often each text is read; 10 unless said."},
    {"--rows", "N", "Rows of the table, of 64 bytes each; 49152 unless said."},
    {"--lean", "N", "1/256 added to what speaks for a person; 0 unless said."},
    {"--lean-cased", "N", "The same for Greek, Cyrillic; 0 unless said."},
    {"--lean-uncased", "N", "The same for Arabic, Chinese; 0 unless said."},
    {"--weight", "N", "Of a word of a person, in tenths; 20 unless said."},
    {"--rate", "N", "Of learning, in millionths; 2000 unless said."},
};

static const struct command cmd_train_names = {
    .name = "train names",
    .summary = "weights of the scanner: who is a person",
    .usage = "--from FILE --out FILE [--seed N] [--epochs N] [--rows N] [--lean N]",
    .details = TEXT_LINES
    "PERSON alone is learnt, other types are skipped. FILE is real text (`make names`\n"
    "writes it).\n\n"
    "Example:\n"
    "  weir train names --from names.jsonl --out names.bin --epochs 6\n" EXIT_CODES,
    .options = names_options,
    .noptions = ARRAY_LEN(names_options),
    .run = run_names,
    .of = &cmd_train,
};

static const struct command_option prior_options[] = {
    {"--from", "FILE", FROM_HELP},
    {"--held", "FILE",
     "Lines that are not learnt from; what becomes of them is printed."},
    {"--out", "FILE", "Where the weights go."},
    {"--seed", "N", "Another order of the texts; 1 unless said."},
    {"--epochs", "N", "How often each name is read; 6 unless said."},
    {"--weight", "N", "Of a private name, in tenths; 30 unless said."},
    {"--lean", "N",
     "1/256 added to what speaks for a person while the texts are read, so that more "
     "is seen that is none; 0 unless said."},
};

static const struct command cmd_train_prior = {
    .name = "train prior",
    .summary = "weights of the scanner: does a text speak of private people",
    .usage = "--from FILE --out FILE [--held FILE] [--seed N] [--epochs N] [--weight N] "
             "[--lean N]",
    .details =
        "A line of FILE is {\"text\":\"Ask Ana\",\"spans\":[{\"start\":4,\"end\":7,\n"
        "\"type\":\"PERSON\"}]}. Persons that are marked are private people; every name "
        "in "
        "a\n"
        "line without one is nobody's who must be hidden. Printed is, for a row of\n"
        "thresholds, how many private names would be masked and in how many texts\n"
        "without any something would be. `make prior` writes the lines.\n\n"
        "Example:\n"
        "  weir train prior --from prior.jsonl --out prior.bin\n" EXIT_CODES,
    .options = prior_options,
    .noptions = ARRAY_LEN(prior_options),
    .run = run_prior,
    .of = &cmd_train,
};

static const struct command *const parts[] = {&cmd_train_tagger, &cmd_train_names,
                                              &cmd_train_prior,  &cmd_train_judge,
                                              &cmd_train_router, NULL};

const struct command cmd_train = {
    .name = "train",
    .summary = "learn the weights of the scanner, the judge of answers or the router",
    .usage = "tagger|names|prior|judge|router [options]",
    .details =
        "Learns weights of the scanner (tagger, names, prior) from texts whose values\n"
        "are marked, those of the judge of local answers from answers of which one\n"
        "knows how good they were, and those of the router (policy learned) from\n"
        "prompts that several models answered.",
    .parts = parts,
};
