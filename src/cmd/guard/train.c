/* train.c -- `weir train`: labelled lines in, weights out, figures on the way.
 *
 * The learning itself is scan/ner/train/train.c, and net_train.c for names.  What is here
 * reads the lines, shows how far it is, and writes the file as a whole or not at all. */
#include "cmd/decide/train_judge.h"
#include "cmd/decide/train_ledger.h"
#include "cmd/decide/train_router.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "cmd/lib/output.h"
#include "cmd/lib/state_dir.h"
#include "core/mem.h"
#include "scan/ner/train/net_train.h"
#include "json/scan.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    MAX_INPUT_BYTES = 512 * 1024 * 1024,
    MAX_OUTPUT_BYTES = 8 * 1024 * 1024,
    MAX_TEXTS = 4 * 1024 * 1024,
    MAX_SPANS = 4096,
    DEFAULT_EPOCHS = 8,
    DEFAULT_ROWS = 124000,
    NAMES_EPOCHS = 10,
    NAMES_ROWS = 49152,
    NAMES_LEAN = 0,
    NAMES_WEIGHT = 20,
    NAMES_RATE = 2000
};

static const struct command_option options[] = {
    {"--from", "FILE",
     "JSON lines {\"text\",\"spans\"}; \"group\" keeps lines together."},
    {"--out", "FILE", "Where the weights go."},
    {"--seed", "N", "Another order of the texts; 1 unless said."},
    {"--epochs", "N", "How often each text is read; 8 unless said (names: 10)."},
    {"--rows", "N", "Rows of the table; 124000 of 16 bytes (names: 49152 of 64)."},
    {"--lean", "N", "names: 1/256 added to what speaks for a person; 0 unless said."},
    {"--lean-cased", "N", "names: the same for Greek, Cyrillic; 0 unless said."},
    {"--lean-uncased", "N", "names: the same for Arabic, Chinese; 0 unless said."},
    {"--weight", "N", "names: of a word of a person, in tenths; 20 unless said."},
    {"--rate", "N", "names: of learning, in millionths; 2000 unless said."},
    {"--own", "FILE",
     "router: your own judged prompts; --out is written only if they help."},
    {"--ledger", NULL,
     "router: learn from the ledger's outcomes; --out is written only if they help."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
    {"--json", NULL, "router --ledger: one JSON object."},
    {"--leave", "SOURCE", "router: do not learn from this source, to measure on it."},
};

static const char details[] =
    "Learns weights of the scanner from texts in which the values are marked, those of\n"
    "the judge of local answers from answers of which one knows how good they were, and\n"
    "those of the router (policy learned) from prompts that several models answered:\n\n"
    "  tagger   addresses, places, firms, nationalities and titles, where no list or\n"
    "           cue decides; FILE is made up (tools/guard_generate.py)\n"
    "  names    who is a person; FILE is real text (`make names` writes it)\n"
    "  judge    which local answers are good enough; files in the form of\n"
    "           `weir eval escalate`, each of which counts alike\n"
    "  router   which prompts gain by the cloud; a line of a FILE is "
    "{\"id\",\"source\",\n"
    "           \"prompt\",\"scores\":{\"llama-3.1-8b\":0,\"gpt-4o\":1}}, scores 0 to 1. "
    "Models\n"
    "           whose name says at most 10b are weak, the better half of the others\n"
    "           strong. --leave SOURCE keeps a source out, to measure on it with\n"
    "           weir eval route. --own FILE (instead of FILE...) takes lines as\n"
    "           weir eval route does, and learns from them on top of the weights\n"
    "           that are built in, if that is better on what is held out\n"
    "  " TRAIN_LEDGER_DETAILS "\n"
    "A line of the scanner's FILE is {\"text\":\"Ask Ana "
    "Diaz\",\"spans\":[{\"start\":4,\"end\":12,\n"
    "\"type\":\"PERSON\"}]}: bytes of the UTF-8 text, end exclusive, in order and "
    "without\n"
    "overlaps. Types are PERSON, ADDRESS, LOCATION, ORG, NRP and TITLE; others are\n"
    "skipped, and names learns PERSON alone. Lines with one \"group\" (texts of one\n"
    "template, one author) are learnt or held out together; one group in ten is held\n"
    "out, and the table printed at the end says how the weights do on it.\n\n"
    "The same lines, seed and epochs give the same bytes on every machine. Look at\n"
    "new weights of a tagger before they are built in with: weir scan --weights FILE\n\n"
    "Examples:\n"
    "  python3 tools/guard_generate.py --names NAMES --texts 60000 > texts.jsonl\n"
    "  weir train tagger --from texts.jsonl --out tagger.bin\n\n"
    "Exit codes: 0 the weights are written, 1 they could not be, 2 the options or the\n"
    "lines are at fault.";

struct corpus {
    struct arena a;       /* texts and spans */
    struct train_text *v; /* owned */
    size_t n, cap;
};

/* -- reading ------------------------------------------------------------------------ */

static bool read_file(const char *path, struct buf *b)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    size_t n = 1;
    while (f && n > 0 && buf_reserve(b, 1 << 16)) {
        n = fread(b->p + b->n, 1, 1 << 16, f);
        b->n += n;
    }
    bool ok = f && !ferror(f) && !b->failed;
    if (f && f != stdin)
        fclose(f);
    return ok;
}

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
            t->text = json_unescape(&k->a, s);
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

static bool corpus_grow(struct corpus *k)
{
    if (k->n < k->cap)
        return true;
    size_t cap = k->cap ? 2 * k->cap : 4096;
    struct train_text *v = cap > MAX_TEXTS ? NULL : mem_realloc(k->v, cap * sizeof *v);
    if (!v)
        return false;
    k->v = v;
    k->cap = cap;
    return true;
}

static int read_corpus(struct corpus *k, struct str in, struct err *err)
{
    struct str line;
    for (size_t no = 1; str_split(&in, '\n', &line); no++) {
        struct err why = {0};
        if (line.n == 0)
            continue;
        if (!corpus_grow(k))
            return err_nomem(err);
        if (read_line(k, line, &k->v[k->n], &why) < 0)
            return err_set(err, ERR_CONFIG, "train_line", "line %zu: %s", no, why.msg);
        k->n++;
    }
    return k->n ? 0
                : err_set(err, ERR_CONFIG, "train_empty",
                          "there is no line to learn from");
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
static int finish(int rc, const struct buf *out, const char *path, const struct err *err)
{
    if (rc < 0) {
        fprintf(stderr, "weir train: %s\n", err->msg);
        return err->kind == ERR_INTERNAL ? EXIT_NO : EXIT_USAGE;
    }
    if (output_write(path, buf_view(out)))
        return EXIT_YES;
    fprintf(stderr, "weir train: cannot write %s\n", path);
    return EXIT_NO;
}

static int train(const struct corpus *k, const struct train_options *to, const char *path)
{
    struct train_report *rep = mem_new(struct train_report);
    struct err err = {0};
    struct scanner *sc = scanner_create(&err);
    struct buf out;
    buf_init(&out, MAX_OUTPUT_BYTES);
    int rc = !sc    ? -1
             : !rep ? err_nomem(&err)
                    : tagger_train(sc, k->v, k->n, to, &out, rep, &err);
    int code = finish(rc, &out, path, &err);
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

static int train_names(const struct corpus *k, const struct net_train_options *to,
                       const char *path)
{
    struct net_train_report *rep = mem_new(struct net_train_report);
    struct err err = {0};
    struct scanner *sc = scanner_create(&err);
    struct buf out;
    buf_init(&out, 2 * (size_t)MAX_OUTPUT_BYTES);
    int rc = !sc    ? -1
             : !rep ? err_nomem(&err)
                    : net_train(sc, k->v, k->n, to, &out, rep, &err);
    int code = finish(rc, &out, path, &err);
    if (code == EXIT_YES)
        print_names_report(rep, to->epochs, buf_len(&out));
    buf_release(&out);
    scanner_free(sc);
    mem_free(rep);
    return code;
}

static int read_and_train(const struct options *o, const struct train_options *to,
                          const struct net_train_options *names)
{
    struct corpus k = {0};
    struct err err = {0};
    struct buf in;
    int code = EXIT_USAGE;
    buf_init(&in, MAX_INPUT_BYTES);
    arena_init(&k.a, 2 * (size_t)MAX_INPUT_BYTES);
    if (!read_file(options_get(o, "--from"), &in))
        fprintf(stderr, "weir train: cannot read %s\n", options_get(o, "--from"));
    else if (read_corpus(&k, buf_view(&in), &err) < 0)
        fprintf(stderr, "weir train: %s\n", err.msg);
    else
        code = names ? train_names(&k, names, options_get(o, "--out"))
                     : train(&k, to, options_get(o, "--out"));
    mem_free(k.v);
    arena_reset(&k.a);
    buf_release(&in);
    return code;
}

static int run_tagger(const struct options *o, uint64_t seed)
{
    uint64_t epochs, rows;
    if (!number_option(o, "--epochs", DEFAULT_EPOCHS, &epochs) ||
        !number_option(o, "--rows", DEFAULT_ROWS, &rows))
        return options_fault(&cmd_train, "--seed, --epochs and --rows take numbers");
    struct bar bar = {(unsigned)epochs, isatty(STDERR_FILENO)};
    struct train_options to = {.seed = seed,
                               .epochs = (unsigned)epochs,
                               .rows = (uint32_t)rows,
                               .progress = show_progress,
                               .ctx = &bar};
    return read_and_train(o, &to, NULL);
}

static int run_names(const struct options *o, uint64_t seed)
{
    enum { LEAN_MOST = 65536 };
    static const char *const lean_options[NET_SCRIPTS] = {"--lean", "--lean-cased",
                                                          "--lean-uncased"};
    uint64_t epochs, rows, lean, weight, rate;
    bool ok = true;
    struct net_train_options to = {.seed = seed, .progress = show_progress};
    for (size_t i = 0; i < NET_SCRIPTS; i++) {
        ok &= number_option(o, lean_options[i], NAMES_LEAN, &lean);
        to.lean[i] = (int32_t)(lean < LEAN_MOST ? lean : LEAN_MOST);
    }
    if (!ok || !number_option(o, "--epochs", NAMES_EPOCHS, &epochs) ||
        !number_option(o, "--rows", NAMES_ROWS, &rows) ||
        !number_option(o, "--weight", NAMES_WEIGHT, &weight) ||
        !number_option(o, "--rate", NAMES_RATE, &rate))
        return options_fault(&cmd_train,
                             "--seed, --epochs, --rows, --lean, --weight and --rate take "
                             "numbers");
    struct bar bar = {(unsigned)epochs, isatty(STDERR_FILENO)};
    to.epochs = (unsigned)epochs;
    to.rows = (uint32_t)rows;
    to.weight = (unsigned)weight;
    to.rate = (unsigned)rate;
    to.ctx = &bar;
    return read_and_train(o, NULL, &to);
}

static int run(int argc, char **argv)
{
    struct options o;
    int code = EXIT_YES;
    uint64_t seed;
    if (!options_read(&o, &cmd_train, argc, argv, &code))
        return code;
    if (o.nwords >= 1 && strcmp(o.words[0], "router") == 0)
        return options_has(&o, "--ledger") ? train_ledger(&o) : train_router_run(&o);
    if (o.nwords >= 1 && strcmp(o.words[0], "judge") == 0) {
        if (o.nwords < 2 || !options_get(&o, "--out"))
            return options_fault(&cmd_train, "say: weir train judge --out FILE FILE...");
        return train_judge(o.words + 1, o.nwords - 1, options_get(&o, "--out"));
    }
    bool is_names = o.nwords == 1 && strcmp(o.words[0], "names") == 0;
    if (o.nwords != 1 || (!is_names && strcmp(o.words[0], "tagger") != 0))
        return options_fault(&cmd_train,
                             "say what to train: weir train tagger ..., names ... or "
                             "judge ... or router ...");
    if (!options_get(&o, "--from") || !options_get(&o, "--out"))
        return options_fault(&cmd_train, "--from FILE and --out FILE are needed");
    if (!number_option(&o, "--seed", 1, &seed))
        return options_fault(&cmd_train, "--seed takes a number");
    return is_names ? run_names(&o, seed) : run_tagger(&o, seed);
}

const struct command cmd_train = {
    .name = "train",
    .summary = "learn the weights of the scanner, the judge of answers or the router",
    .usage = "tagger|names --from FILE --out FILE [--seed N] [--epochs N], or "
             "judge|router FILE... --out FILE, or router --ledger --out FILE",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
