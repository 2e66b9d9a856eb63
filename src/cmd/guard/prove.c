/* prove.c -- `weir prove`: is the audit chain whole, and did anything leave?
 *
 * Reads state_dir/audit/chain and needs no running weir.  The answer is an exit code,
 * so that a cron job can ask; 2 means that there is no answer, because the chain is
 * broken, cut, missing, or the question itself is at fault. */
#include "cmd/ledger/ledger_when.h"
#include "cmd/lib/options.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "config/type_words.h"
#include "core/clean.h"
#include "core/clock.h"
#include "core/mem.h"
#include "ledger/audit/audit_check.h"
#include "json/scan.h"
#include "json/write.h"

#include <stdlib.h>

enum { SHOWN = 10, KEPT = 1000, TYPES = 64, WORD = 64, WHY = 204, EXIT_BROKEN = 2 };
enum { CONFIDENTIAL = 3, LABELS = 5 }; /* the last one: any other word */
static const char *const label_names[LABELS - 1] = {"public", "unlabelled", "internal",
                                                    "confidential"};

static const struct command_option options[] = {
    {"--since", "TIME",
     "From: 2026-11-01, 2026-11-01T04:05:06Z, or before now: 90m, 24h, 7d, 2w."},
    {"--label", "LABEL",
     "Ask about requests of this label: unlabelled, public, internal, confidential."},
    {"--masked-ok", NULL,
     "A request that left with tags in the place of values is fine."},
    {"--head", NULL, "Print the last record's hash and the count, to be kept elsewhere."},
    {"--expect-head", "HASH",
     "A hash that --head printed before: if the chain no longer has it, it was cut."},
    {"-c", "FILE", "A weir.yaml: the chain is looked for in its state_dir."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
    {"--json", NULL, "One JSON object."},
};

static const char details[] =
    "weir writes each decision on whether something leaves into a chain of records\n"
    "before a byte goes to a cloud engine. This command checks every record of it and\n"
    "answers: did anything (labelled LABEL, since TIME) leave?\n"
    "\n"
    "A chain alone cannot show that its end was cut off. Keep what --head prints in\n"
    "another place, once a day or so, and give it back with --expect-head.\n"
    "\n"
    "Examples:\n"
    "  weir prove --label confidential --since 30d\n"
    "  weir prove --head >> /elsewhere/weir-heads\n"
    "  weir prove --expect-head 4f1c...\n"
    "\n"
    "When records are missing, it says which.\n"
    "\n"
    "Exit codes: 0 nothing left, 1 something left or may have left, 2 no answer: the\n"
    "chain is broken (the first bad record is named), cut or missing, the options\n"
    "are at fault, or the answer could not be written.";

struct shown {
    uint64_t seq, ts_ms, attempt;
    char request[WORD], engine[WORD], label[WORD];
    bool is_masked, is_unknown;
};

struct type_sum {
    char type[WORD], action[WORD];
    uint64_t left, stayed;
};

struct label_sum {
    char label[WORD];
    uint64_t sent, masked; /* what left, less what was taken back */
};

struct proof {
    struct options o;
    char state_dir[STATE_DIR_BYTES];
    const char *label, *expect;
    uint64_t since_ms;
    struct audit_chain chain;
    uint64_t by[AUDIT_DECISIONS], bytes, lost, first_ms;
    uint64_t sent, masked; /* what left, less what was taken back */
    uint64_t unknown;      /* of those: nobody knows */
    struct shown *kept;    /* KEPT: the first that left; more than are shown, because some
                              are taken back */
    size_t nkept;
    struct type_sum types[TYPES];
    size_t ntypes;
    struct label_sum labels[LABELS];
    struct switched {
        uint64_t ts_ms;
        enum audit_decision what;
        char engine[WORD], why[WHY];
    } switched[SHOWN]; /* the newest, in a ring: nswitched() in all */
    bool has_head;     /* the expected one was met */
};

/* -- gathering ----------------------------------------------------------------- */

static void keep_word(char out[WORD], struct str s)
{
    size_t n = s.n < WORD ? s.n : WORD - 1;
    if (n)
        memcpy(out, s.p, n);
    out[clean_in_place(out, n)] = '\0';
}

/* With --masked-ok a masked request is no leaving. */
static bool is_fine(const struct proof *p, bool is_masked)
{
    return is_masked && options_has(&p->o, "--masked-ok");
}

/* The last one has what no other is for. */
static uint64_t *of_label(struct proof *p, struct str label, bool is_masked)
{
    size_t i = 0;
    while (i + 1 < LABELS && !str_eqz(label, label_names[i]))
        i++;
    if (!*p->labels[i].label)
        keep_word(p->labels[i].label, label);
    return is_masked ? &p->labels[i].masked : &p->labels[i].sent;
}

static void keep_left(struct proof *p, const struct audit_seen *s)
{
    bool is_masked = s->decision == AUDIT_MASKED;
    *(is_masked ? &p->masked : &p->sent) += 1;
    *of_label(p, s->label, is_masked) += 1;
    p->bytes += s->bytes;
    if (is_fine(p, is_masked) || p->nkept == KEPT)
        return;
    struct shown *k = &p->kept[p->nkept++];
    *k = (struct shown){
        .seq = s->seq, .ts_ms = s->ts_ms, .attempt = s->attempt, .is_masked = is_masked};
    keep_word(k->request, s->request);
    keep_word(k->engine, s->engine);
    keep_word(k->label, s->label);
}

static struct shown *find_kept(struct proof *p, const struct audit_seen *s)
{
    char request[WORD];
    keep_word(request, s->request);
    for (size_t i = p->nkept; i-- > 0;)
        if (p->kept[i].ts_ms == s->ts_ms && p->kept[i].attempt == s->attempt &&
            strcmp(p->kept[i].request, request) == 0)
            return &p->kept[i];
    return NULL;
}

/* One that was to leave did not.  A count that has nothing to be taken from stays. */
static void take_back(struct proof *p, const struct audit_seen *s)
{
    struct shown *k = find_kept(p, s);
    if (p->chain.first > 1 && s->ts_ms <= p->chain.first_file_ms)
        return; /* what it is about may stand in a file that was not read */
    uint64_t *n = s->is_of_masked ? &p->masked : &p->sent;
    uint64_t *of = of_label(p, s->label, s->is_of_masked);
    *n -= *n > 0;
    *of -= *of > 0;
    p->bytes -= p->bytes < s->bytes ? p->bytes : s->bytes;
    if (k) {
        p->unknown -= k->is_unknown;
        size_t after = p->nkept - (size_t)(k - p->kept) - 1;
        memmove(k, k + 1, after * sizeof *k);
        p->nkept--;
    }
}

static void mark_unknown(struct proof *p, const struct audit_seen *s)
{
    struct shown *k = find_kept(p, s); /* one that is not found counts as left */
    if (!k || k->is_unknown)
        return;
    k->is_unknown = true;
    p->unknown++;
}

/* NULL: there are too many. */
static struct type_sum *type_of(struct proof *p, const char *type, const char *action)
{
    for (size_t i = 0; i < p->ntypes; i++)
        if (strcmp(p->types[i].type, type) == 0 &&
            strcmp(p->types[i].action, action) == 0)
            return &p->types[i];
    if (p->ntypes == TYPES)
        return NULL;
    struct type_sum *t = &p->types[p->ntypes++];
    keep_word(t->type, str_of(type));
    keep_word(t->action, str_of(action));
    return t;
}

/* Of what was to leave and did not, its values were counted before as having left. */
static void add_type(struct type_sum *t, enum audit_decision d, uint64_t n)
{
    if (d == AUDIT_NOT_SENT)
        t->left -= t->left < n ? t->left : n;
    *(audit_has_left(d) ? &t->left : &t->stayed) += n;
}

static void add_types(struct proof *p, enum audit_decision d, struct str list)
{
    struct json_cur c;
    struct json_string k, s;
    json_begin(&c, list);
    if (!list.n || !json_enter_array(&c))
        return;
    while (json_next_element(&c)) {
        char type[WORD] = "", action[WORD] = "";
        int64_t n = 0;
        json_enter_object(&c);
        while (json_next_member(&c, &k)) {
            if (json_string_is(k, "n"))
                json_read_i64(&c, &n);
            else if (json_read_string(&c, &s))
                keep_word(json_string_is(k, "type") ? type : action, s.raw);
        }
        struct type_sum *t = type_of(p, type, action);
        if (t && n > 0 && d != AUDIT_UNKNOWN) /* that follows a record of the same */
            add_type(t, d, (uint64_t)n);
    }
}

static bool is_switch(enum audit_decision d)
{
    return d == AUDIT_PAUSED || d == AUDIT_RESUMED || d == AUDIT_STOPPED ||
           d == AUDIT_STARTED;
}

static uint64_t nswitched(const struct proof *p)
{
    return p->by[AUDIT_PAUSED] + p->by[AUDIT_RESUMED] + p->by[AUDIT_STOPPED] +
           p->by[AUDIT_STARTED];
}

/* It concerns every label, so a question about one is answered with it. */
static void keep_switched(struct proof *p, const struct audit_seen *s)
{
    struct switched *k = &p->switched[(nswitched(p) - 1) % SHOWN];
    size_t len = s->reason.n < WHY ? s->reason.n : WHY - 1;
    *k = (struct switched){.ts_ms = s->ts_ms, .what = s->decision};
    keep_word(k->engine, s->engine);
    if (len)
        memcpy(k->why, s->reason.p, len);
    k->why[clean_in_place(k->why, len)] = '\0';
}

static void visit(void *ctx, const struct audit_seen *s)
{
    struct proof *p = ctx;
    p->has_head |=
        p->expect && (str_eqz(s->hash, p->expect) || str_eqz(s->head, p->expect));
    p->lost += s->lost;
    if (!p->first_ms)
        p->first_ms = s->ts_ms;
    if (is_switch(s->decision) && s->ts_ms >= p->since_ms) {
        p->by[s->decision]++;
        keep_switched(p, s);
        return;
    }
    if (s->ts_ms < p->since_ms || (p->label && !str_eqz(s->label, p->label)))
        return;
    p->by[s->decision]++;
    add_types(p, s->decision, s->types);
    if (audit_has_left(s->decision))
        keep_left(p, s);
    else if (s->decision == AUDIT_NOT_SENT)
        take_back(p, s);
    else if (s->decision == AUDIT_UNKNOWN)
        mark_unknown(p, s);
}

/* -- the answer ----------------------------------------------------------------- */

static uint64_t count_left(const struct proof *p)
{
    return p->sent + (is_fine(p, true) ? 0 : p->masked);
}

/* Of nothing that left does anybody know that it did. */
static bool is_all_unknown(const struct proof *p)
{
    return p->unknown && p->unknown >= count_left(p);
}

/* The oldest file there is begins behind records that weir did not delete. */
static bool is_missing_before(const struct proof *p)
{
    return p->chain.first > 1 && !p->chain.is_partial &&
           p->chain.deleted_through + 1 < p->chain.first &&
           p->chain.first_file_ms >= p->since_ms;
}

static bool has_gap(const struct proof *p)
{
    const struct audit_gap *g = &p->chain.gap;
    return p->chain.ngaps && g->ts_ms >= p->since_ms &&
           (g->to == 0 || g->to > p->chain.deleted_through);
}

static uint64_t count_label(const struct proof *p, size_t i)
{
    return p->labels[i].sent + (is_fine(p, true) ? 0 : p->labels[i].masked);
}

/* " 14 messages left (9 public, 5 unlabelled). Nothing confidential is among them.": the
 * page's Privacy says the same. */
static void print_how(const struct proof *p)
{
    const char *before = " (";
    uint64_t n = count_left(p);
    printf(": %llu message%s left", (unsigned long long)n, say_s(n));
    for (size_t i = 0; i < LABELS && !p->label; i++)
        if (count_label(p, i)) {
            printf("%s%llu %s", before, (unsigned long long)count_label(p, i),
                   p->labels[i].label);
            before = ", ";
        }
    if (p->label) {
        printf(".\n");
        return;
    }
    n = count_label(p, CONFIDENTIAL);
    printf(n == 0   ? "). Nothing confidential is among them.\n"
           : n == 1 ? "). 1 of them is confidential.\n"
                    : "). %llu of them are confidential.\n",
           (unsigned long long)n);
}

static const char *answer(const struct proof *p)
{
    if (count_left(p) == 0 && (has_gap(p) || is_missing_before(p)))
        return "Nobody knows: records are missing.";
    return count_left(p) == 0 ? "No." : is_all_unknown(p) ? "It may have." : "Yes";
}

/* What is gone may have been about something that left. */
static void print_missing(const struct proof *p)
{
    const struct audit_gap *g = &p->chain.gap;
    char time[25], why[AUDIT_WORD_BYTES + 1];
    uint64_t ms = has_gap(p) ? g->ts_ms : p->chain.first_file_ms;
    memcpy(why, g->why, sizeof why);
    why[clean_in_place(why, strlen(why))] = '\0';
    clock_format_utc(ms, time);
    if (has_gap(p) && g->from)
        fprintf(stderr, "weir prove: records %llu to %llu are gone: %s",
                (unsigned long long)g->from, (unsigned long long)g->to, why);
    else if (has_gap(p))
        fprintf(stderr, "weir prove: what was before record %llu is not known: %s",
                (unsigned long long)p->chain.first, why);
    else
        fprintf(stderr,
                "weir prove: the files before record %llu are gone, and weir did not "
                "delete them",
                (unsigned long long)p->chain.first);
    fprintf(stderr,
            ". %s %s; put the missing files back "
            "from a backup, or ask with --since about the time after it\n",
            count_left(p) ? "More may have left than is told above, in the time before"
                          : "There is no answer for the time before",
            time);
}

static const char *question(const struct proof *p, char out[128])
{
    snprintf(out, 128, "Did anything%s%s leave%s?", p->label ? " labelled " : "",
             p->label ? p->label : "",
             options_has(&p->o, "--masked-ok") ? " unmasked" : "");
    return out;
}

static unsigned long long count_read(const struct proof *p)
{
    return p->chain.count + 1 - p->chain.first;
}

static void print_shown(const struct proof *p)
{
    size_t nshown = p->nkept < SHOWN ? p->nkept : SHOWN;
    for (size_t i = 0; i < nshown; i++) {
        const struct shown *s = &p->kept[i];
        char time[25];
        clock_format_utc(s->ts_ms, time);
        printf("  record %llu  %s  %s  to %s  %s%s%s\n", (unsigned long long)s->seq, time,
               s->request, s->engine, s->label, s->is_masked ? ", masked" : "",
               s->is_unknown ? ", may have left" : "");
    }
    uint64_t more = count_left(p) - nshown;
    if (more)
        printf("  and %llu more\n", (unsigned long long)more);
}

/* The period that was asked about, whenever in it a matching record was written. */
static void print_asked(const struct proof *p)
{
    char from[25], to[25];
    clock_format_utc(p->since_ms ? p->since_ms : p->first_ms, from);
    clock_format_utc(clock_wall_ms(), to);
    printf("Asked    %s to %s%s%s\n", from, to, p->label ? ", label " : "",
           p->label ? p->label : "");
}

/* Which part of the chain the answer is about. */
static void print_extent(const struct proof *p)
{
    const struct audit_chain *c = &p->chain;
    char time[25];
    clock_format_utc(c->first_file_ms, time);
    if (c->is_partial)
        printf("         from record %llu of %s on; files with nothing since the time\n"
               "         asked about were not read\n",
               (unsigned long long)c->first, time);
    else if (c->first > 1 && !is_missing_before(p))
        printf("         from record %llu of %s on; weir deleted the older ones, as\n"
               "         `keep` says\n",
               (unsigned long long)c->first, time);
}

static void print_times(const char *what, uint64_t n, const char *back, uint64_t m)
{
    printf("%s: %llu time%s, %s %llu time%s\n", what, (unsigned long long)n, say_s(n),
           back, (unsigned long long)m, say_s(m));
}

static void print_switched(const struct proof *p)
{
    uint64_t n = nswitched(p);
    if (p->by[AUDIT_PAUSED] + p->by[AUDIT_RESUMED])
        print_times("Paused   the cloud, by the operator", p->by[AUDIT_PAUSED], "resumed",
                    p->by[AUDIT_RESUMED]);
    if (p->by[AUDIT_STOPPED] + p->by[AUDIT_STARTED])
        print_times("Stopped  an engine, by the operator", p->by[AUDIT_STOPPED],
                    "started", p->by[AUDIT_STARTED]);
    if (n > SHOWN)
        printf("         the last %d changes:\n", SHOWN);
    for (uint64_t i = n > SHOWN ? n - SHOWN : 0; i < n; i++) {
        const struct switched *k = &p->switched[i % SHOWN];
        char time[25];
        clock_format_utc(k->ts_ms, time);
        printf("         %s  %-7s%s%s  %s\n", time, audit_decision_name(k->what),
               *k->engine ? " " : "", k->engine, k->why);
    }
}

/* What was done about a value is said where it left; what stayed needed nothing. */
static bool print_types(const struct proof *p, bool is_left, const char *before)
{
    bool is_any = false;
    for (size_t i = 0; i < p->ntypes; i++) {
        const struct type_sum *t = &p->types[i];
        uint64_t n = is_left ? t->left : t->stayed;
        char words[GUARD_WORDS];
        if (!n)
            continue;
        guard_type_words(str_of(t->type), n, words);
        printf("%s%s%llu %s", is_any ? ", " : before,
               is_any    ? ""
               : is_left ? "in what left: "
                         : "in what stayed: ",
               (unsigned long long)n, words);
        if (is_left)
            printf(" (%s)", t->action);
        is_any = true;
    }
    if (is_any)
        printf("\n");
    return is_any;
}

static void print_text(const struct proof *p)
{
    char line[128];
    printf("Chain    %llu record%s, whole; head %s\n", count_read(p),
           say_s(count_read(p)), p->chain.head);
    print_extent(p);
    if (p->chain.torn_bytes)
        printf("         its last %llu bytes are a record that was never finished: what "
               "it was\n         about did not leave\n",
               (unsigned long long)p->chain.torn_bytes);
    if (p->lost)
        printf("         %llu decisions could not be written at their time; what they "
               "were\n         about was refused\n",
               (unsigned long long)p->lost);
    print_asked(p);
    printf("Left     %llu as they were, %llu with tags in the place of values; %llu "
           "bytes\n",
           (unsigned long long)p->sent, (unsigned long long)p->masked,
           (unsigned long long)p->bytes);
    if (p->unknown)
        printf(
            "         of %llu nobody knows: weir died, or the connection broke, at the\n"
            "         moment of sending\n",
            (unsigned long long)p->unknown);
    if (p->by[AUDIT_NOT_SENT])
        printf("Not sent %llu that were to leave, and did not: no byte went out\n",
               (unsigned long long)p->by[AUDIT_NOT_SENT]);
    printf("Kept     %llu on the local side, %llu refused\n",
           (unsigned long long)p->by[AUDIT_LOCAL],
           (unsigned long long)p->by[AUDIT_REFUSED]);
    if (p->by[AUDIT_DELETED])
        printf("Deleted  %llu time%s: rows of the ledger, or old files of the chain\n",
               (unsigned long long)p->by[AUDIT_DELETED], say_s(p->by[AUDIT_DELETED]));
    if (p->by[AUDIT_LOWERED])
        printf("Lowered  %llu label%s, by a person\n",
               (unsigned long long)p->by[AUDIT_LOWERED], say_s(p->by[AUDIT_LOWERED]));
    if (p->by[AUDIT_ALLOWED])
        printf("Allowed  %llu value%s, by a person: nothing to hide\n",
               (unsigned long long)p->by[AUDIT_ALLOWED], say_s(p->by[AUDIT_ALLOWED]));
    print_switched(p);
    if (!print_types(p, true, "Found    "))
        (void)print_types(p, false, "Found    ");
    else
        (void)print_types(p, false, "         ");
    printf("\n%s %s", question(p, line), answer(p));
    if (count_left(p) && !is_all_unknown(p))
        print_how(p);
    else
        printf("\n");
    print_shown(p);
}

static void put_counts(struct json_writer *w, const struct proof *p)
{
    for (unsigned d = 0; d < AUDIT_DECISIONS; d++) {
        json_key(w, audit_decision_name((enum audit_decision)d));
        json_u64(w, p->by[d]);
    }
    json_key(w, "types");
    json_array_open(w);
    for (size_t i = 0; i < p->ntypes; i++) {
        json_object_open(w);
        json_key(w, "type");
        json_str(w, str_of(p->types[i].type));
        json_key(w, "action");
        json_str(w, str_of(p->types[i].action));
        json_key(w, "n");
        json_u64(w, p->types[i].left + p->types[i].stayed);
        json_key(w, "n_left");
        json_u64(w, p->types[i].left);
        json_object_close(w);
    }
    json_array_close(w);
}

static void print_json(const struct proof *p, const char *broken)
{
    struct buf b;
    struct json_writer w;
    buf_init(&b, 64 * 1024);
    json_writer_init(&w, &b);
    json_object_open(&w);
    json_key(&w, "records");
    json_u64(&w, p->chain.count);
    json_key(&w, "first_record");
    json_u64(&w, p->chain.first);
    json_key(&w, "is_missing_records");
    json_bool(&w, has_gap(p) || is_missing_before(p));
    json_key(&w, "head");
    json_str(&w, str_of(p->chain.head));
    json_key(&w, "broken");
    json_str(&w, str_of(broken));
    json_key(&w, "bad_record");
    json_u64(&w, p->chain.bad_record);
    json_key(&w, "torn_bytes");
    json_u64(&w, p->chain.torn_bytes);
    json_key(&w, "lost");
    json_u64(&w, p->lost);
    json_key(&w, "label");
    json_str(&w, str_of(p->label));
    json_key(&w, "has_left");
    bool is_missing = has_gap(p) || is_missing_before(p);
    if (broken || is_all_unknown(p) || (is_missing && count_left(p) == 0))
        json_write_null(&w);
    else
        json_bool(&w, count_left(p) > 0);
    json_key(&w, "left");
    json_u64(&w, count_left(p));
    json_key(&w, "may_have_left");
    json_u64(&w, p->unknown);
    json_key(&w, "bytes_left");
    json_u64(&w, p->bytes);
    put_counts(&w, p);
    json_object_close(&w);
    say_json(stdout, buf_view(&b));
    buf_release(&b);
}

static int print_broken(const struct proof *p)
{
    char why[256];
    if (p->chain.broken)
        snprintf(why, sizeof why, "record %llu (byte %llu of %s) is bad: %s",
                 (unsigned long long)p->chain.bad_record,
                 (unsigned long long)p->chain.bad_byte, p->chain.bad_file,
                 p->chain.broken);
    else
        snprintf(why, sizeof why,
                 "it no longer has the expected head: its end was cut off after record "
                 "%llu, or it was written anew%s",
                 (unsigned long long)p->chain.count,
                 p->chain.first > 1 ? ", or the head is in an old file that is gone"
                                    : "");
    if (options_has(&p->o, "--json"))
        print_json(p, why);
    fprintf(stderr,
            "weir prove: the chain is broken: %s. The %llu records before it are as "
            "they were written\n",
            why, count_read(p));
    return EXIT_BROKEN;
}

static int prove(struct proof *p)
{
    struct err err;
    bool is_head = options_has(&p->o, "--head");
    uint64_t from = p->expect ? 0 : is_head && !p->since_ms ? UINT64_MAX : p->since_ms;
    if (audit_check(p->state_dir, from, visit, p, &p->chain, &err) < 0) {
        bool is_missing = err.code && strcmp(err.code, "audit_missing") == 0;
        say(stderr, "weir prove: %s%s", err.msg,
            is_missing
                ? "; name the state_dir of your weir with --state-dir, or weir.yaml "
                  "with -c. One that has never been started has none"
                : "");
        return EXIT_BROKEN;
    }
    if (p->chain.broken || (p->expect && !p->has_head))
        return print_broken(p);
    if (is_head) {
        printf("%s %llu\n", p->chain.head, (unsigned long long)p->chain.count);
        return EXIT_YES;
    }
    if (options_has(&p->o, "--json"))
        print_json(p, NULL);
    else
        print_text(p);
    bool is_missing = has_gap(p) || is_missing_before(p);
    if (is_missing)
        print_missing(p);
    return count_left(p) ? EXIT_NO : is_missing ? EXIT_BROKEN : EXIT_YES;
}

/* -- the question ----------------------------------------------------------------- */

/* A label that is misspelt would be a question whose answer is always no. */
static bool is_label(const char *word)
{
    for (size_t i = 0; i < LABELS - 1; i++)
        if (strcmp(word, label_names[i]) == 0)
            return true;
    return false;
}

static bool is_hash(const char *word)
{
    return strlen(word) == AUDIT_HASH_TEXT - 1 &&
           strspn(word, "0123456789abcdef") == AUDIT_HASH_TEXT - 1;
}

static int find_chain(struct proof *p, const struct command *c)
{
    const char *file = options_get(&p->o, "-c");
    const char *given = options_get(&p->o, "--state-dir");
    if (file && !given)
        return state_dir_of_config(file, p->state_dir) ? EXIT_YES : EXIT_USAGE;
    if (!state_dir_find(given, p->state_dir))
        return options_fault(c, STATE_DIR_FAULT);
    return EXIT_YES;
}

static int read_question(struct proof *p, const struct command *c)
{
    const char *since = options_get(&p->o, "--since");
    p->label = options_get(&p->o, "--label");
    p->expect = options_get(&p->o, "--expect-head");
    if (p->o.nwords)
        return options_fault(c, "'%s' is not an option", p->o.words[0]);
    if (p->label && !is_label(p->label))
        return options_fault(
            c, "--label %s: write unlabelled, public, internal or confidential",
            p->label);
    if (p->expect && !is_hash(p->expect))
        return options_fault(
            c, "--expect-head %s: write the 64 digits that --head printed", p->expect);
    if (since && !when_parse(str_of(since), clock_wall_ms(), false, &p->since_ms))
        return options_fault(c,
                             "--since %s: write a date (2026-11-01), a time "
                             "(2026-11-01T04:05:06Z) or an age (24h, 7d)",
                             since);
    return find_chain(p, c);
}

static int run(int argc, char **argv);

const struct command cmd_prove = {
    .name = "prove",
    .summary = "did anything confidential leave? with the chain that shows it",
    .usage = "[options]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};

static int run(int argc, char **argv)
{
    struct proof p = {.label = NULL};
    int exit_code = EXIT_USAGE;
    if (!options_read(&p.o, &cmd_prove, argc, argv, &exit_code))
        return exit_code;
    exit_code = read_question(&p, &cmd_prove);
    p.kept = mem_zalloc(KEPT * sizeof *p.kept);
    if (exit_code == EXIT_YES)
        exit_code = p.kept ? prove(&p) : EXIT_BROKEN;
    mem_free(p.kept);
    /* 1 would say that something left. */
    return output_finish() == 0 ? exit_code : EXIT_BROKEN;
}
