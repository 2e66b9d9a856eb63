/* pilot_start.c -- `weir pilot start` and `weir pilot stop`: files that a weir which runs
 * finds within a second, and one that does not when it starts. */
#include "cmd/decide/pilot_place.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/say.h"
#include "cmd/lib/usual_config.h"
#include "cmd/lib/values.h"
#include "cmd/serve/serving.h"
#include "core/clock.h"
#include "core/hash.h"
#include "facts/money.h"
#include "gateway/setup.h"
#include "gateway/statefile.h"
#include "ledger/log/lock.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { TEXT_BYTES = 4096, NANOUSD_DECIMALS = 9 };

static const struct command_option start_options[] = {
    {"--to", "MODEL",
     "Asked too: a local model, to see whether it could answer what the cloud does, or a "
     "cloud model about what local ones answer."},
    {"--share", "PERCENT", "Of the sessions, always the same ones; default 10%."},
    {"--days", "N", "So long at most; default 30."},
    {"--margin", "POINTS",
     "The local side may be so many percentage points worse; default 5."},
    {"--max-usd", "AMOUNT",
     "Mirrors and judges cost so much at most; default 0: nothing that costs is asked."},
    {"--judge", "MODEL",
     "Says which answer is better where no check can; needs --keep-pairs."},
    {"--keep-pairs", "N",
     "So many questions and answers may be stored for weir pilot label; default 0: no "
     "text is ever stored."},
    {"--keep-share", "PERCENT",
     "Of the pairs that no check decides, kept for people; default 20%."},
    {"-c", "FILE",
     "The configuration that names the models; default weir.yaml here, else what a weir "
     "up on this machine serves."},
};

static const char start_details[] =
    "From now on a share of the live sessions is asked of another model too. The client\n"
    "gets its answer as ever and waits for nothing. A cloud model is asked only about\n"
    "requests that may leave in clear. Both answers are compared in memory; the state\n"
    "directory keeps digests, scores, times and costs, and texts only with "
    "--keep-pairs.\n"
    "\n"
    "  weir pilot start --to qwen2.5-7b --share 10% --days 30 --margin 5\n"
    "  weir pilot start --to qwen2.5-7b --judge gpt-4o-mini --max-usd 5 --keep-pairs "
    "300\n"
    "\n"
    "It ends by itself with a verdict, after its days, when --max-usd does not suffice "
    "for\n"
    "another request, or when --keep-pairs are kept. A weir that runs begins within a\n"
    "second, another one when it starts. weir pilot plan says before whether it can "
    "decide.\n"
    "\n"
    "Exit codes: 0 it has begun, 1 one runs already or it cannot be written, 2 usage.";

/* -- what is asked for -----------------------------------------------------------------
 */

struct starting {
    struct options o;
    struct pilot_terms terms;
    struct config *config;
    struct prices *prices;
    const struct config_model *to;
};

/* "a, b, c ...": those that answer chats. */
static const char *names_of(const struct config *c, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < c->nmodels; i++) {
        const struct config_model *m = c->models[i];
        if (m->caps & CAP_EMBEDDINGS)
            continue;
        if (n + m->name.n + 8 > size) {
            snprintf(out + n, size - n, " ...");
            break;
        }
        n += (size_t)snprintf(out + n, size - n, "%s%.*s", n ? ", " : "",
                              STR_ARG(m->name));
    }
    return out;
}

/* The model, and its name as ENGINE/MODEL, so that it means this one alone; NULL: *err.
 */
static const struct config_model *find_model(const struct starting *s, const char *option,
                                             const char *name, char ret[PILOT_NAME],
                                             struct err *err)
{
    const struct config_model *m = config_model_named(s->config, str_of(name));
    char names[300];
    if (!m)
        err_set(err, ERR_BAD_REQUEST, "pilot_model",
                "%s %s: the configuration has no such model; it has %s", option, name,
                names_of(s->config, names, sizeof names));
    else if (m->caps & CAP_EMBEDDINGS)
        err_set(err, ERR_BAD_REQUEST, "pilot_model",
                "%s %s makes embeddings, and no answers to compare", option, name);
    else if (snprintf(ret, PILOT_NAME, "%.*s/%.*s", STR_ARG(m->engine->name),
                      STR_ARG(m->name)) >= PILOT_NAME)
        err_set(err, ERR_BAD_REQUEST, "pilot_model", "%s: the name is too long", option);
    else
        return m;
    return NULL;
}

/* Of what costs, the price must be known, and there must be money. */
static int check_money(const struct starting *s, const char *option,
                       const struct config_model *m, struct err *err)
{
    const struct price *price = setup_price(m, s->prices);
    if (!m->is_cloud && !price)
        return 0;
    if (!price)
        return err_set(err, ERR_BAD_REQUEST, "pilot_price",
                       "%s %.*s: no price is known for it, so --max-usd could not be "
                       "kept; say which with price: in the configuration",
                       option, STR_ARG(m->name));
    if (s->terms.max_nanousd == 0)
        return err_set(err, ERR_BAD_REQUEST, "pilot_money",
                       "%s %.*s costs something: say with --max-usd how much the pilot "
                       "may cost",
                       option, STR_ARG(m->name));
    return 0;
}

/* What is set aside for the answer of one mirror of which the client says no limit: all
 * that the model can make.  0: nothing costs, or nobody knows how much that is. */
static int64_t answer_nanousd(const struct starting *s, const struct config_model *m,
                              uint64_t *ret_tokens)
{
    const struct price *price = setup_price(m, s->prices);
    const struct token_counts n = {.output = price ? price->max_output : 0};
    struct err ignored;
    int64_t nanousd = 0;
    *ret_tokens = n.output;
    return price && n.output && prices_cost_nanousd(price, &n, &nanousd, &ignored) == 0
               ? nanousd
               : 0;
}

/* Not one mirror could be asked: that is told now, and not by a pilot that ends. */
static int check_room(const struct starting *s, const struct config_model *m,
                      struct err *err)
{
    char each[MONEY_TEXT], most[MONEY_TEXT];
    uint64_t tokens;
    int64_t nanousd = answer_nanousd(s, m, &tokens);
    if (nanousd <= s->terms.max_nanousd)
        return 0;
    money_format(nanousd, 4, each);
    money_format(s->terms.max_nanousd, 4, most);
    return err_set(
        err, ERR_BAD_REQUEST, "pilot_money",
        "--max-usd %s is less than one answer of %.*s may cost (%s for %llu "
        "tokens, the most it can make), so of requests without max_tokens none "
        "could be asked; say --max-usd %s or more",
        most, STR_ARG(m->name), each, (unsigned long long)tokens, each);
}

static bool has_other_side(const struct config *c, const struct config_model *to)
{
    for (size_t i = 0; i < c->nmodels; i++)
        if (c->models[i]->is_cloud != to->is_cloud &&
            !(c->models[i]->caps & CAP_EMBEDDINGS))
            return true;
    return false;
}

static int read_models(struct starting *s, struct err *err)
{
    const char *to = options_get(&s->o, "--to"), *judge = options_get(&s->o, "--judge");
    if (!to)
        return err_set(err, ERR_BAD_REQUEST, "pilot_model",
                       "say with --to which model is asked too");
    const struct config_model *m = find_model(s, "--to", to, s->terms.to, err);
    if (!m || check_money(s, "--to", m, err) < 0 || check_room(s, m, err) < 0)
        return -1;
    s->to = m;
    s->terms.to_cloud = m->is_cloud;
    if (!has_other_side(s->config, m))
        return err_set(err, ERR_BAD_REQUEST, "pilot_sides",
                       "--to %s: it is compared with what the %s side answers, and the "
                       "configuration has no such model",
                       to, m->is_cloud ? "local" : "cloud");
    if (!judge)
        return 0;
    if (s->terms.keep == 0)
        return err_set(err, ERR_BAD_REQUEST, "pilot_judge",
                       "a judge's word counts only as far as people have checked it: say "
                       "with --keep-pairs how many questions and answers may be stored "
                       "for weir pilot label");
    m = find_model(s, "--judge", judge, s->terms.judge, err);
    return m ? check_money(s, "--judge", m, err) : -1;
}

static int read_terms(struct starting *s, struct err *err)
{
    struct pilot_terms *t = &s->terms;
    double points = 5;
    uint64_t kept = 200000;
    t->days = 30;
    t->share_ppm = 100000;
    if (value_double(&s->o, "--margin", &points, err) < 0 ||
        value_u64(&s->o, "--days", &t->days, err) < 0 ||
        value_percent(&s->o, "--share", &t->share_ppm, err) < 0 ||
        value_percent(&s->o, "--keep-share", &kept, err) < 0 ||
        value_u64(&s->o, "--keep-pairs", &t->keep, err) < 0 ||
        value_fixed(&s->o, "--max-usd", NANOUSD_DECIMALS, &t->max_nanousd, err) < 0)
        return -1;
    t->margin = points / 100;
    t->kept = (double)kept / 1e6;
    if (points > 0 && points < 50 && t->days >= 1 && t->days <= 3650 && t->share_ppm &&
        t->keep <= 1000000 && kept >= 10000)
        return 0;
    return err_set(err, ERR_BAD_REQUEST, "pilot_terms",
                   "--margin is above 0 and below 50 points, --days 1 to 3650, --share "
                   "above 0, --keep-share at least 1%%, --keep-pairs at most 1000000");
}

static int draw(struct pilot_terms *t, struct err *err)
{
    uint64_t drawn[3];
    if (!random_bytes(drawn, sizeof drawn))
        return err_set(err, ERR_INTERNAL, "no_random", "the system has no random source");
    t->id = drawn[0] | 1;
    t->key0 = drawn[1];
    t->key1 = drawn[2];
    t->began_ms = clock_wall_ms();
    return 0;
}

/* -- the files -------------------------------------------------------------------------
 */

/* One that has ended is replaced; one that runs is not. */
static int check_none_runs(const char *dir, struct err *err)
{
    static struct pilot_place p;
    struct buf terms, pairs;
    struct err ignored;
    char stop[STATE_DIR_BYTES + 32];
    bool runs = false;
    buf_init(&terms, 64 * 1024);
    buf_init(&pairs, PILOT_FILE_BYTES);
    snprintf(stop, sizeof stop, "%s/%s", dir, PILOT_FILE_STOP);
    if (statefile_read_all(dir, PILOT_FILE_TERMS, &terms) && buf_len(&terms) &&
        pilot_terms_read(buf_view(&terms), &p.terms, &ignored) == 0 &&
        statefile_read_all(dir, PILOT_FILE_PAIRS, &pairs) &&
        pilot_story_init(&p.story, &p.terms) == 0) {
        p.is_stopped = access(stop, F_OK) == 0;
        runs = pilot_story_read_pairs(&p.story, buf_view(&pairs)) == 0 &&
               pilot_place_runs(&p, clock_wall_ms());
        pilot_story_release(&p.story);
    }
    buf_release(&terms);
    buf_release(&pairs);
    return runs ? err_set(err, ERR_OVERLOAD, "pilot_runs",
                          "a pilot runs already: weir pilot report shows it, and weir "
                          "pilot stop ends it")
                : 0;
}

static int remove_old(const char *dir, struct err *err)
{
    static const char *const names[] = {PILOT_FILE_PAIRS, PILOT_FILE_KEPT,
                                        PILOT_FILE_LABELS, PILOT_FILE_STOP};
    char path[STATE_DIR_BYTES + 32];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        if (unlink(path) < 0 && errno != ENOENT)
            return err_sys(err, ERR_INTERNAL, "pilot_file", "%s cannot be removed", path);
    }
    return 0;
}

static int write_terms(const char *dir, const struct pilot_terms *t, struct err *err)
{
    char path[STATEFILE_PATH];
    struct buf text;
    buf_init(&text, 64 * 1024);
    pilot_terms_write(t, &text);
    bool ok = !text.failed && lock_make_dirs(dir) == 0 &&
              statefile_write(dir, PILOT_FILE_TERMS, path,
                              (const unsigned char *)buf_view(&text).p, buf_len(&text));
    buf_release(&text);
    return ok ? 0
              : err_sys(err, ERR_INTERNAL, "pilot_file", "%s/%s cannot be written", dir,
                        PILOT_FILE_TERMS);
}

static void tell_begun(const struct pilot_terms *t, const char *dir)
{
    char most[MONEY_TEXT];
    money_format(t->max_nanousd, 2, most);
    say(stdout,
        "A pilot has begun: %.1f %% of the sessions that the %s side answers are asked "
        "of %s too, for at most %llu days and %s. A weir that runs on %s begins within a "
        "second.",
        (double)t->share_ppm / 1e4, t->to_cloud ? "local" : "cloud", t->to,
        (unsigned long long)t->days, most, dir);
    if (t->keep)
        say(stdout,
            "Up to %llu questions and answers are stored in %s/%s: only of requests that "
            "are public, and nothing was masked in.",
            (unsigned long long)t->keep, dir, PILOT_FILE_KEPT);
    else
        say(stdout, "No text is stored. What no check can decide stays unknown; with "
                    "--keep-pairs people could say.");
}

/* Why a pilot with little money asks less often than it could. */
static void tell_room(const struct starting *s)
{
    char each[MONEY_TEXT];
    uint64_t tokens;
    int64_t nanousd = answer_nanousd(s, s->to, &tokens);
    if (!s->to->is_cloud)
        return;
    if (!tokens) {
        say(stdout,
            "No list says how many tokens %.*s can make, so only requests that say "
            "max_tokens are asked of it.",
            STR_ARG(s->to->name));
        return;
    }
    money_format(nanousd, 4, each);
    say(stdout,
        "So that no answer can cost more than is left, one without max_tokens sets aside "
        "%s (%llu tokens) until it is whole: %lld at once at most, and none once less "
        "than that is left.",
        each, (unsigned long long)tokens,
        (long long)(nanousd ? s->terms.max_nanousd / nanousd : 0));
}

static int begin(struct starting *s)
{
    struct err err = {0};
    char dir[STATE_DIR_BYTES];
    snprintf(dir, sizeof dir, "%.*s", STR_ARG(s->config->state_dir));
    if (check_none_runs(dir, &err) < 0 || draw(&s->terms, &err) < 0 ||
        remove_old(dir, &err) < 0 || write_terms(dir, &s->terms, &err) < 0) {
        say(stderr, "weir pilot start: %s", err.msg);
        return EXIT_NO;
    }
    tell_begun(&s->terms, dir);
    tell_room(s);
    return EXIT_YES;
}

static int start(struct starting *s)
{
    struct err err = {0};
    char path[STATE_DIR_BYTES];
    if (usual_config(&s->o, path, &err) < 0)
        return value_fault(&s->o, &err);
    s->config = serving_load(path);
    if (!s->config)
        return EXIT_USAGE;
    if (prices_load_embedded(&s->prices, &err) < 0 || read_terms(s, &err) < 0 ||
        read_models(s, &err) < 0)
        return value_fault(&s->o, &err);
    return begin(s);
}

static int run_start(int argc, char **argv)
{
    static struct starting s;
    int rc;
    if (!options_read(&s.o, &pilot_start_part, argc, argv, &rc))
        return rc;
    if (s.o.nwords)
        return options_fault(&pilot_start_part, "'%s' is not an option", s.o.words[0]);
    rc = start(&s);
    config_unref(s.config);
    prices_free(s.prices);
    return rc;
}

const struct command pilot_start_part = {
    .name = "pilot start",
    .summary = "ask a share of the sessions of another model too, and compare",
    .usage = "--to MODEL [options]",
    .details = start_details,
    .options = start_options,
    .noptions = ARRAY_LEN(start_options),
    .run = run_start,
    .of = &cmd_pilot,
};

/* -- stop ------------------------------------------------------------------------------
 */

static const struct command_option stop_options[] = {PILOT_PLACE_OPTIONS};

static const char stop_details[] =
    "Nothing is asked twice from then on: a weir that runs sees it within a second. What "
    "was\n"
    "found stays for weir pilot report, until the next weir pilot start.\n"
    "\n"
    "Exit codes: 0 it has ended, 1 none runs, 2 usage.";

static int run_stop(int argc, char **argv)
{
    static struct options o;
    static struct pilot_place p;
    char path[STATEFILE_PATH];
    int rc;
    if (!options_read(&o, &pilot_stop_part, argc, argv, &rc))
        return rc;
    if (o.nwords)
        return options_fault(&pilot_stop_part, "'%s' is not an option", o.words[0]);
    rc = pilot_place_open(&o, &p);
    if (rc != EXIT_YES)
        return rc;
    bool runs = pilot_place_runs(&p, clock_wall_ms());
    pilot_place_close(&p);
    if (!runs) {
        fprintf(stderr, "weir pilot stop: it has ended already; weir pilot report\n");
        return EXIT_NO;
    }
    if (!statefile_write(p.dir, PILOT_FILE_STOP, path, (const unsigned char *)"\n", 1)) {
        say(stderr, "weir pilot stop: %s cannot be written", path);
        return EXIT_NO;
    }
    printf("The pilot has ended; what it has found: weir pilot report\n");
    return EXIT_YES;
}

const struct command pilot_stop_part = {
    .name = "pilot stop",
    .summary = "end the pilot",
    .usage = "[-c weir.yaml]",
    .details = stop_details,
    .options = stop_options,
    .noptions = ARRAY_LEN(stop_options),
    .run = run_stop,
    .of = &cmd_pilot,
};
