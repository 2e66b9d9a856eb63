/* eval_escalate.c -- `weir eval escalate`: what judging the local answer is worth.
 *
 * Every answer is judged as the gateway would judge it, with the opinions that are
 * there; the prompts with the lowest scores go to the cloud.  The figures are RouteLLM's
 * (eval/apgr.h).  Beside them stand chance, the longer prompt first, and what sees both
 * scores. */
#include "cmd/decide/eval_escalate.h"

#include "cmd/decide/escalate_rows.h"
#include "cmd/decide/figures.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/files.h"
#include "cmd/lib/options.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "core/mem.h"
#include "eval/apgr.h"
#include "eval/calibrated.h"
#include "judge/traits.h"
#include "json/write.h"

#include <math.h>
#include <stdlib.h>

enum {
    MAX_ROWS = 4 * 1024 * 1024,
    MAX_WEIGHTS_BYTES = 4 * 1024 * 1024,
    EXPLAINED_BYTES = 400
};

/* What is judged with. */
struct judging {
    double weights[FEATURE_COUNT];
    struct router router;
    bool tells_each;
};

struct judged {
    struct eval_pair pair;
    double score;  /* how good the local answer is held to be */
    double prompt; /* what policy learned thinks of the question alone: the gain */
    double length, us;
    bool stays; /* at the threshold */
};

struct run {
    const struct judging *with;
    struct judged *v; /* owned */
    size_t n, cap;
};

static void tell(const struct escalate_row *row, const struct judgement *j,
                 struct arena *arena)
{
    struct buf b;
    struct json_writer w;
    struct str words = judge_explain(j, EXPLAINED_BYTES, arena);
    buf_init(&b, 1 << 20);
    json_writer_init(&w, &b);
    json_object_open(&w);
    json_key(&w, "id");
    json_str(&w, row->id);
    json_key(&w, "score");
    json_double(&w, j->score);
    json_key(&w, "evidence");
    json_bool(&w, j->has_evidence);
    json_key(&w, "task");
    json_str(&w, str_of(task_name(j->findings.task)));
    json_key(&w, "final");
    json_str(&w, str_sub(j->findings.final.text, 0, 200));
    json_key(&w, "why");
    json_str(&w, words);
    json_object_close(&w);
    say_json(stdout, buf_view(&b));
    buf_release(&b);
}

static int judge_row(void *ctx, const struct escalate_row *row, struct arena *arena,
                     struct err *err)
{
    struct run *r = ctx;
    struct judgement j;
    struct router_score prompt;
    if (!mem_room(&r->v, sizeof *r->v, r->n, &r->cap, MAX_ROWS))
        return r->n < MAX_ROWS ? err_nomem(err)
                               : err_set(err, ERR_CONFIG, "escalate_rows",
                                         "more than %d lines", MAX_ROWS);
    double before = figures_now_us();
    router_read(&r->with->router, row->question.prompt, &prompt);
    struct judge_case c = {.question = &row->question,
                           .answers = row->answers,
                           .nanswers = row->nanswers,
                           .prompt_score = (double)prompt.suffices,
                           .verdict = NAN};
    if (judge_weighted(&c, r->with->weights, arena, &j) < 0)
        return err_nomem(err);
    r->v[r->n++] = (struct judged){
        .pair = {row->local, row->cloud, eval_tie(row->id)},
        .score = j.score,
        .prompt = (double)prompt.gap,
        .length = eval_length(row->question.prompt),
        .us = figures_now_us() - before,
        .stays = judge_is_good(&j, JUDGE_THRESHOLD),
    };
    if (r->with->tells_each)
        tell(row, &j, arena);
    return 0;
}

struct figures {
    struct eval_figures judged, prompt, length, oracle;
    double random, ece, us_p50, us_p99;
    double kept,
        kept_quality; /* at the threshold: share that stays, and how good all is */
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int measure_orders(const struct run *r, const struct eval_pair *pairs, double *by,
                          struct figures *f, struct err *err)
{
    for (size_t i = 0; i < r->n; i++)
        by[i] = 1 - r->v[i].score; /* the worst goes first */
    if (eval_scores(pairs, by, r->n, &f->judged, err) < 0)
        return -1;
    for (size_t i = 0; i < r->n; i++)
        by[i] = r->v[i].prompt;
    if (eval_scores(pairs, by, r->n, &f->prompt, err) < 0)
        return -1;
    for (size_t i = 0; i < r->n; i++)
        by[i] = r->v[i].length;
    if (eval_scores(pairs, by, r->n, &f->length, err) < 0 ||
        eval_oracle(pairs, r->n, &f->oracle, err) < 0)
        return -1;
    return eval_random(pairs, r->n, &f->random, err);
}

static void measure_rest(const struct run *r, double *room, bool *came, struct figures *f)
{
    f->kept = f->kept_quality = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct judged *j = &r->v[i];
        f->kept += j->stays;
        f->kept_quality += j->stays ? j->pair.local : j->pair.cloud;
        came[i] = j->pair.local >= j->pair.cloud;
        room[i] = j->score;
    }
    f->kept /= (double)r->n;
    f->kept_quality /= (double)r->n;
    f->ece = eval_ece(room, came, r->n);
    for (size_t i = 0; i < r->n; i++)
        room[i] = r->v[i].us;
    qsort(room, r->n, sizeof *room, by_value);
    f->us_p50 = room[r->n / 2];
    f->us_p99 = room[r->n * 99 / 100];
}

static int measure(const struct run *r, struct figures *f, struct err *err)
{
    struct eval_pair *pairs = mem_alloc(r->n * sizeof *pairs);
    double *room = mem_alloc(r->n * sizeof *room);
    bool *came = mem_alloc(r->n * sizeof *came);
    int rc = -1;
    if (pairs && room && came) {
        for (size_t i = 0; i < r->n; i++)
            pairs[i] = r->v[i].pair;
        rc = measure_orders(r, pairs, room, f, err);
        if (rc == 0)
            measure_rest(r, room, came, f);
    } else {
        (void)err_nomem(err);
    }
    mem_free(pairs);
    mem_free(room);
    mem_free(came);
    return rc;
}

static void print_json(const char *path, const struct figures *f)
{
    const struct {
        const char *name;
        double value;
    } rows[] = {{"apgr", f->judged.apgr},
                {"cpt50", f->judged.cpt50},
                {"cpt80", f->judged.cpt80},
                {"share95", f->judged.share95},
                {"oracle", f->oracle.apgr},
                {"random", f->random},
                {"length", f->length.apgr},
                {"prompt_only", f->prompt.apgr},
                {"ece", f->ece},
                {"us_p50", f->us_p50},
                {"us_p99", f->us_p99},
                {"local", f->judged.local},
                {"cloud", f->judged.cloud},
                {"kept", f->kept},
                {"kept_quality", f->kept_quality}};
    struct buf b;
    struct json_writer w;
    buf_init(&b, 1 << 16);
    json_writer_init(&w, &b);
    json_object_open(&w);
    json_key(&w, "file");
    json_str(&w, str_of(path));
    json_key(&w, "n");
    json_u64(&w, f->judged.n);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_key(&w, rows[i].name);
        json_double(&w, rows[i].value);
    }
    json_object_close(&w);
    say_json(stdout, buf_view(&b));
    buf_release(&b);
}

static void print_order(const char *name, const struct eval_figures *f, const char *note)
{
    char t[4][FIGURE_TEXT];
    printf("  %-8s  %9s  %12s  %12s  %12s%s\n", name, figure_text(t[0], 3, f->apgr, ""),
           figure_text(t[1], 1, f->cpt50, " %"), figure_text(t[2], 1, f->cpt80, " %"),
           figure_text(t[3], 1, f->share95, " %"), note);
}

static void print_text(const char *path, const struct figures *f)
{
    char t[FIGURE_TEXT];
    const struct eval_figures *j = &f->judged;
    say(stdout, "%s: %zu prompts; mean score %.3f all local, %.3f all cloud", path, j->n,
        j->local, j->cloud);
    if (j->n < 2)
        printf("  One prompt has no order: a few hundred prompts tell something.\n");
    else if (!isfinite(j->apgr))
        printf("  Both sides are equally good on average: there is nothing to gain.\n");
    printf("  to the cloud by  APGR        CPT 50        CPT 80      share 95\n");
    print_order("judged", j, "");
    print_order("prompt", &f->prompt, "   (policy learned: no answer is seen)");
    print_order("length", &f->length, "");
    print_order("oracle", &f->oracle, "   (sees both answers)");
    printf("  %-8s  %9s\n", "chance", figure_text(t, 3, f->random, ""));
    printf("  kept at a score of %.2f: %.1f %%, and all answers together have %.3f\n",
           JUDGE_THRESHOLD, 100 * f->kept, f->kept_quality);
    printf("  calibration error %.3f; %.1f us a judgement, 99 of 100 within %.1f us\n",
           f->ece, f->us_p50, f->us_p99);
}

static int one_file(const struct options *o, const char *path, const struct judging *with,
                    struct err *err)
{
    struct run r = {.with = with};
    struct figures f;
    int rc = escalate_read(path, judge_row, &r, err);
    if (rc == 0)
        rc = measure(&r, &f, err);
    if (rc == 0 && options_has(o, "--json"))
        print_json(path, &f);
    else if (rc == 0)
        print_text(path, &f);
    mem_free(r.v);
    return rc;
}

static int all_files(const struct options *o, struct judging *with)
{
    struct err err = {0};
    struct buf bytes;
    const char *from = options_get(o, "--weights");
    buf_init(&bytes, MAX_WEIGHTS_BYTES);
    memcpy(with->weights, judge_weights, sizeof with->weights);
    with->tells_each = options_has(o, "--each");
    int rc = from ? escalate_read_weights(from, with->weights, &err) : 0;
    if (rc == 0)
        rc = figures_open_router(options_get(o, "--router"), &bytes, &with->router, &err);
    for (size_t i = 0; rc == 0 && i < o->nwords; i++)
        rc = one_file(o, o->words[i], with, &err);
    buf_release(&bytes);
    return rc < 0 ? figures_tell(o->command->name, &err) : EXIT_YES;
}

static int run(int argc, char **argv)
{
    struct options o;
    int code = EXIT_YES;
    if (!options_read(&o, &cmd_eval_escalate, argc, argv, &code))
        return code;
    if (o.nwords == 0)
        return options_fault(
            o.command, "name at least one file (\"-\" is standard input): weir eval "
                       "escalate answers.jsonl");
    if ((code = files_check(&o, NULL, NULL, 0)) != EXIT_YES)
        return code;
    struct judging *with = mem_new(struct judging);
    if (!with) {
        fprintf(stderr, "weir eval escalate: out of memory\n");
        return EXIT_NO;
    }
    code = all_files(&o, with);
    mem_free(with);
    return code;
}

static const struct command_option options[] = {
    {"--json", NULL, "One JSON object for each file."},
    {"--each", NULL, "Also one JSON line for each answer, with its reasons."},
    {"--weights", "FILE", "Other weights of the judge (of weir train judge)."},
    {"--router", "FILE",
     "Other weights of the router (of weir train router), for what is thought of the "
     "prompt; as learned.weights of weir.yaml."},
};

const struct command cmd_eval_escalate = {
    .name = "eval escalate",
    .summary = "what judging the local answer is worth",
    .usage = "FILE... [--json] [--each] [--weights FILE] [--router FILE]",
    .details =
        "A line is {\"id\",\"prompt\",\"answers\":[{\"engine\",\"text\",\"logprobs\"?,\n"
        "\"finish_reason\"?}],\"local_score\",\"cloud_score\"}: answers[0] is judged, "
        "the "
        "others\nare opinions of further local models. Each is judged as the gateway "
        "would\n"
        "judge it, with what the router thinks of the prompt. Nothing leaves this "
        "machine.\n\n"
        "Examples:\n"
        "  weir eval escalate answers.jsonl\n"
        "  weir eval escalate --json --each answers.jsonl\n\n"
        "Exit codes: 0 it is printed, 1 it could not be, 2 the options or a line are at\n"
        "fault.",
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
    .of = &cmd_eval,
};
