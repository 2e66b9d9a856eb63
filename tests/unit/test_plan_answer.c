/* test_plan_answer.c -- what weir plan says first, and that weir advise says the same. */
#include "caught.h"

#include "bench/kept.h"
#include "cmd/decide/advise_models.h"
#include "discover/machine.h"
#include "facts/facts.h"
#include "folder.h"
#include "json/scan.h"

#include <math.h>

/* What would make the plan wrong is said first, in place of money. */
static void a_plan_never_recommends_what_does_not_run(void **state)
{
    (void)state;
#define ASK "plan~--requests-per-day~500~--output-tokens~300~--model~"
    static const struct {
        const char *line, *says;
    } rows[] = {
        {ASK "gpt-4o~--input-tokens~1500~--device~RTX 4060~--local-model~llama-3.3-70b",
         "does not fit"},
        {ASK "gpt-4o~--input-tokens~1500~--device~RTX 4060~--local-model~llama-3.1-405b",
         "does not fit"},
        {ASK
         "gpt-4.1-mini~--input-tokens~150000~--device~RTX 4090~--local-model~qwen3-8b",
         "reads 40960 tokens"},
        {ASK "gpt-4o~--input-tokens~1500~--device~RTX 3090~--local-model~llama-3.3-70b",
         "people read faster"},
        {ASK "gpt-4o~--input-tokens~1500~--device~RTX 4060~--local-model~qwen3-8b~"
             "--speed~2",
         "people read faster"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        int rc = run_out(&cmd_plan, rows[i].line, &out);
        struct str rest = buf_view(&out);
        struct str first;
        if (rc != 1 || !str_starts(rest, STR("Not like this.")) ||
            holds(&out, "paid back") || holds(&out, "Local first"))
            fail_msg("%s: exit %d, %.300s", rows[i].line, rc, out.p ? out.p : "");
        /* The sentence breaks over lines: looked for without them. */
        for (size_t k = 0; k < out.n; k++)
            out.p[k] = out.p[k] == '\n' ? ' ' : out.p[k];
        assert_true(str_split(&rest, '\n', &first));
        if (!holds(&out, rows[i].says))
            fail_msg("%s: %.400s", rows[i].says, out.p);
        buf_release(&out);
    }
    struct buf out;
    assert_int_equal(run_out(&cmd_plan,
                             ASK "gpt-4o~--input-tokens~1500~--device~2x RTX 3090~"
                                 "--local-model~llama-3.3-70b",
                             &out),
                     0);
    buf_release(&out);
#undef ASK
}

/* Its first lines: the money, what that assumes, and what turns it. */
static void the_answer_says_what_decides_it(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(run_out(&cmd_plan, LOAD, &out), 0);
    assert_true(holds(&out, "\nIt assumes: 30 to 95 % of local answers"));
    assert_true(holds(&out, "weir pilot"));
    assert_false(holds(&out, "100.0 %   "));
    buf_release(&out);
    assert_int_equal(run_out(&cmd_plan, LOAD "~--acceptance~80", &out), 0);
    assert_true(holds(&out, "\nIt assumes: 80 % of local answers are good enough;"));
    buf_release(&out);
    assert_int_equal(run_out(&cmd_plan,
                             "plan~--model~gpt-4o~--requests-per-day~500~"
                             "--input-tokens~1500~--output-tokens~300~--device~RTX 4060~"
                             "--local-model~qwen3-30b-a3b",
                             &out),
                     0);
    assert_true(holds(&out, "stays in main memory"));
    buf_release(&out);
    /* The same model on both sides answers alike; who sells it for less is said. */
    assert_int_equal(
        run_out(&cmd_plan,
                "plan~--model~gpt-oss-120b~--requests-per-day~5000~"
                "--input-tokens~1000~--output-tokens~300~--device~Strix Halo~"
                "--memory~128~--capex~1999~--local-model~gpt-oss-120b",
                &out),
        0);
    assert_true(holds(&out, "It assumes: 90 to 100 %"));
    assert_true(holds(&out, "cerebras's list price"));
    assert_true(holds(&out, "sells it"));
    assert_true(holds(&out, "buying from"));
    buf_release(&out);
    assert_int_equal(run_out(&cmd_plan, LOAD "~--rent~0.5", &out), 0);
    assert_false(holds(&out, "paid back in"));
    assert_false(holds(&out, "purchase,"));
    assert_true(holds(&out, "Electricity is in the rent"));
    buf_release(&out);
    assert_int_equal(run_out(&cmd_plan, LOAD "~--currency~EUR~--tariff~0.30", &out), 0);
    assert_true(holds(&out, "EUR 0.3000"));
    assert_true(holds(&out, "1 EUR = $1."));
    buf_release(&out);
}

/* A card that batches answers as many at once as its busiest hour asks for; a machine
 * that does not is bought as often as that hour needs. */
static void streams_and_machines_follow_from_the_load(void **state)
{
    (void)state;
#define BUSY                                                                             \
    "plan~--requests-per-day~20000~--input-tokens~2000~--output-tokens~500~--model~"     \
    "gpt-4.1-mini~--local-model~llama-3.1-8b~--rent~1~--device~"
    struct buf out;
    assert_int_equal(run_out(&cmd_plan, BUSY "H100 SXM 80GB", &out), 0);
    assert_true(holds(&out, " at once"));
    assert_true(holds(&out, "machines for the busiest hour      1 "));
    assert_false(holds(&out, "How many machines?"));
    buf_release(&out);
    assert_int_equal(run_out(&cmd_plan, BUSY "H100 SXM 80GB~--parallel~1", &out), 0);
    assert_true(holds(&out, "How many machines?"));
    buf_release(&out);
    assert_int_equal(run_out(&cmd_plan, BUSY "M4 Max 128GB", &out), 0);
    assert_false(holds(&out, " at once"));
    assert_true(holds(&out, "How many machines?"));
    buf_release(&out);
#undef BUSY
}

/* A run that weir bench kept is this machine's speed of its own model, corrects the
 * estimate of another one here, and says nothing of another machine. */
static void a_run_of_the_bench_counts_on_this_machine(void **state)
{
    (void)state;
#define HERE                                                                             \
    "plan~--model~gpt-4o~--requests-per-day~10~--input-tokens~80~--output-tokens~40"
    char dir[] = "/tmp/weir-kept-XXXXXX";
    char line[400];
    struct err err;
    struct buf out;
    struct bench_kept_row row = {.at_ms = UINT64_C(1795000000000),
                                 .engine = "ollama",
                                 .model = "qwen3:4b",
                                 .workload = "chat",
                                 .load = "1 at once",
                                 .as = "weir",
                                 .is_local = true,
                                 .streams = 1,
                                 .done = 3,
                                 .stream_tok_s = 0.05};
    static const struct {
        const char *more;
        const char *says; /* NULL: nothing of a run */
    } rows[] = {
        {"--local-model~qwen3-4b", "\"text\":\"0.05\""},
        {"--local-model~qwen3-1.7b", "corrected by weir bench, run 1"},
        {"--local-model~qwen3-1.7b~--device~RTX 4090", NULL},
    };
    assert_non_null(mkdtemp(dir));
    assert_int_equal(bench_kept_add(dir, &row, 1, &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(line, sizeof line,
                 HERE "~--load-watts~100~--batch-share~100~--json~--state-dir~%s~%s", dir,
                 rows[i].more);
        (void)run_out(&cmd_plan, line, &out);
        if (rows[i].says ? !holds(&out, rows[i].says) : holds(&out, "weir bench"))
            fail_msg("%s: %.3000s", rows[i].more, out.p);
        buf_release(&out);
    }
    snprintf(line, sizeof line, "rm -r %s", dir);
    assert_int_equal(system(line), 0);
#undef HERE
}

/* There is one estimate of how fast prompts are read: weir fit's. */
static void prompts_are_read_as_weir_fit_says(void **state)
{
    (void)state;
    static const struct {
        const char *more, *says;
    } rows[] = {
        {"--local-model~llama-3.1-8b~--device~RTX 4090",
         "from prompts measured on such a device"},
        {"--local-model~llama-3.1-8b~--device~Tesla T4~--capex~500",
         "a multiple of decode, by the kind of machine"},
        {"--speed~50~--capex~1000~--load-watts~200",
         "a cautious guess for an unknown machine or model"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char line[400];
        struct buf out;
        snprintf(line, sizeof line,
                 "plan~--requests-per-day~500~--input-tokens~800~--output-tokens~400~"
                 "--model~gpt-4o~--json~%s",
                 rows[i].more);
        (void)run_out(&cmd_plan, line, &out);
        if (!holds(&out, rows[i].says))
            fail_msg("%s: %.3000s", rows[i].more, out.p);
        buf_release(&out);
    }
}

/* The sum behind these words, in dollars; NAN: they are not there. */
static double sum_behind(struct str text, const char *words)
{
    char digits[32];
    size_t n = 0;
    ptrdiff_t at = str_find(text, str_of(words));
    if (at < 0)
        return NAN;
    for (size_t i = (size_t)at + strlen(words); i < text.n && n + 1 < sizeof digits; i++)
        if (text.p[i] != ',') {
            if ((text.p[i] < '0' || text.p[i] > '9') && text.p[i] != '.')
                break;
            digits[n++] = text.p[i];
        }
    digits[n] = '\0';
    return n ? strtod(digits, NULL) : NAN;
}

static double value_of(const struct buf *out, const char *section, const char *key)
{
    struct str raw =
        json_path(buf_view(out), "sections", section, "values", key, "value", NULL);
    char text[40];
    snprintf(text, sizeof text, "%.*s", STR_ARG(raw));
    return raw.n ? strtod(text, NULL) : NAN;
}

/* What the answer says first is the figure of the table, from the same computation. */
static void headline_and_table_agree(void **state)
{
    (void)state;
    static const char *const models[] = {"gpt-4o-mini", "gpt-4o", "gpt-4.1-mini"};
    static const char *const sums[] = {"saves about $", "would cost about $",
                                       "as given $"};
    unsigned seed = 19, nsaves = 0, npaid = 0;
    for (int i = 0; i < 60; i++) {
        char line[400], months[60];
        struct buf out;
        unsigned x[5];
        for (size_t k = 0; k < ARRAY_LEN(x); k++)
            x[k] = (seed = seed * 1103515245u + 12345u) >> 8;
        snprintf(line, sizeof line,
                 "plan~--json~--model~%s~--requests-per-month~%u~--input-tokens~%u~"
                 "--output-tokens~%u~--local-model~llama-3.1-8b~--device~RTX 3090~"
                 "--capex~%u%s",
                 models[x[0] % ARRAY_LEN(models)], 1000 + x[1] % 600000,
                 100 + x[2] % 4000, 20 + x[3] % 500, x[4] % 3000,
                 x[0] % 2 ? "~--acceptance~70" : "");
        assert_int_equal(run_out(&cmd_plan, line, &out), 0);
        struct str answer = json_get(buf_view(&out), "answer");
        double ahead = value_of(&out, "month", "ahead"), said = NAN;
        for (size_t k = 0; k < ARRAY_LEN(sums) && isnan(said); k++)
            said = sum_behind(answer, sums[k]);
        double near = fabs(ahead) >= 99.995 ? 0.5001 : 0.0051;
        if (!(fabs(said - fabs(ahead)) <= near))
            fail_msg("%s: it says %.2f, the table %.2f: %.*s", line, said, ahead,
                     STR_ARG(answer));
        nsaves += ahead > 0;
        struct str paid = json_path(buf_view(&out), "sections", "payback", "values",
                                    "months", "text", NULL);
        snprintf(months, sizeof months, "is paid back in %.*s months",
                 paid.n > 2 ? (int)paid.n - 2 : 0, paid.n > 2 ? paid.p + 1 : "");
        bool is_paid = paid.n && !str_eqz(paid, "\"never\"");
        if (is_paid && str_find(answer, str_of(months)) < 0)
            fail_msg("%s: no \"%s\" in %.*s", line, months, STR_ARG(answer));
        npaid += is_paid;
        buf_release(&out);
    }
    if (nsaves <= 10 || nsaves >= 50 || npaid <= 10)
        fail_msg("a lopsided sample: %u save, %u are paid back", nsaves, npaid);
}

/* What weir plan says of a load, weir advise says too. */
static void advise_says_of_money_what_plan_says(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says;
    } rows[] = {
        {"advise~--may-leave~yes~--api-spend~5~--tokens-month~60e6", "API."},
        {"advise~--may-leave~yes~--tokens-month~80e6~--model~gpt-4o-mini", "API."},
        {"advise~--may-leave~yes~--tokens-month~800e6~--model~gpt-4o~--device~RTX 4090",
         "Local."},
        {"advise~--may-leave~yes~--tokens-month~80e6~--device~RTX 4090", "Hybrid."},
        {"advise~--may-leave~yes~--api-spend~0", "API."},
        {"advise~--may-leave~yes~--tokens-month~1e15~--model~gpt-4o~--device~RTX 4090",
         "Local."},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        assert_int_equal(run_out(&cmd_advise, rows[i].line, &out), 0);
        if (!str_starts(buf_view(&out), str_of(rows[i].says)))
            fail_msg("%s: %.400s", rows[i].line, out.p);
        assert_true(holds(&out, "What binds: money"));
        assert_true(holds(&out, "Money, computed here"));
        buf_release(&out);
    }
    /* A last resort does not fire while questions before it are open. */
    struct buf out;
    assert_int_equal(run_out(&cmd_advise, "advise~--may-leave~yes", &out), 0);
    assert_false(holds(&out, ">  bill above $500"));
    buf_release(&out);
}

static int64_t release_of(const struct prices *prices, const char *name)
{
    const struct price *p =
        prices_find(prices, STR("openai"), str_of(name), date_today());
    if (!p)
        fail_msg("%s has no price", name);
    assert_true(p->context_window > 0);
    return p->released_days;
}

/* A model that its maker has replaced is no advice. */
static void the_models_of_advise_are_the_newest_of_their_maker(void **state)
{
    (void)state;
    struct prices *prices;
    struct err err;
    if (prices_load_embedded(&prices, &err) < 0)
        fail_msg("%s", err.msg);
    int64_t cheap = release_of(prices, ADVISE_CHEAP);
    int64_t dear = release_of(prices, ADVISE_DEAR);
    for (size_t i = 0; i < prices_count(prices); i++) {
        const struct price *p = prices_at(prices, i);
        if (!str_eqz(p->provider, "openai") || !str_starts(p->model, STR("gpt-")))
            continue;
        bool is_mini = str_ends(p->model, STR("-mini"));
        if (p->released_days > (is_mini ? cheap : dear))
            fail_msg("%.*s is newer", STR_ARG(p->model));
    }
    prices_free(prices);
}

static void advise_writes_what_fits_the_device(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says, *not ;
    } rows[] = {
        {"advise~--may-leave~no~--device~RTX 4090~--yaml", "qwen3.8:27b", "side: cloud"},
        {"advise~--may-leave~no~--device~RTX 4060~--yaml", "name: \"", "27b"},
        {"advise~--may-leave~yes~--frontier~yes~--yaml",
         "{name: gpt-5.4-mini, context: ", "gpt-4o"},
        {"advise~--may-leave~yes~--frontier~yes~--model~claude-sonnet-5~--yaml",
         "kind: anthropic", "openai"},
        {"advise~--may-leave~yes~--frontier~yes~--model~glm-4.6~--yaml",
         "https://ADDRESS-OF-zai/v1", "openai.com"},
        {"advise~--may-leave~no~--local-model~qwen3-8b~--device~RTX 4090~--yaml",
         "name: \"qwen3:8b\", context: 32768", "cloud"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        assert_int_equal(run_out(&cmd_advise, rows[i].line, &out), EXIT_YES);
        if (str_find(buf_view(&out), str_of(rows[i].says)) < 0 ||
            str_find(buf_view(&out), str_of(rows[i].not )) >= 0)
            fail_msg("%s: %.*s", rows[i].line, (int)out.n, (char *)out.p);
        buf_release(&out);
    }
}

/* Programs are looked for in `folder` alone; what was before stands in `was`. */
static void look_only_in(const char *folder, char was[4096])
{
    snprintf(was, 4096, "%s", getenv("PATH"));
    setenv("PATH", folder, 1);
}

static void put_nvidia_smi(const char *folder, const char *says)
{
    char path[300];
    snprintf(path, sizeof path, "%s/nvidia-smi", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\necho '%s'\n", says);
    fclose(f);
    assert_int_equal(chmod(path, 0700), 0);
}

static void one_line(struct buf *b)
{
    for (size_t i = 0; i < b->n; i++)
        b->p[i] = b->p[i] == '\n' ? ' ' : b->p[i];
}

/* Nobody names a device: it is the card of this machine, by which the money is computed
 * as weir plan does; an example only where none is found that the list knows. */
static void advise_reckons_on_the_card_of_this_machine(void **state)
{
    (void)state;
    static const struct {
        const char *card, *says, *yaml;
    } rows[] = {
        {"NVIDIA GeForce RTX 4060, 8188, 7900",
         "Reckoned on this machine: RTX 4060, 8 GB, found by nvidia-smi. Another one: "
         "--device.",
         "chosen for this machine's RTX 4060:"},
        {"NVIDIA GeForce RTX 9999, 16384, 16000",
         "Reckoned on an RTX 4090, an example: this machine's card, NVIDIA GeForce RTX "
         "9999, is not in the device list. Name yours with --device.",
         "chosen for an RTX 4090, an example:"},
        {"",
         "Reckoned on an RTX 4090, an example: no graphics card was found on this "
         "machine. Name yours with --device.",
         "chosen for an RTX 4090, an example:"},
    };
    char folder[] = "/tmp/weir-path-XXXXXX";
    char was[4096];
    struct machine here;
    assert_non_null(mkdtemp(folder));
    look_only_in(folder, was);
    machine_read(&here, false);
    for (size_t i = 0; here.ncards == 0 && i < ARRAY_LEN(rows); i++) {
        struct buf out;
        put_nvidia_smi(folder, rows[i].card);
        assert_int_equal(
            run_out(&cmd_advise, "advise~--may-leave~yes~--tokens-month~80e6", &out), 0);
        one_line(&out);
        if (!holds(&out, rows[i].says))
            fail_msg("%s: %.700s", rows[i].card, out.p);
        buf_release(&out);
        assert_int_equal(run_out(&cmd_advise, "advise~--may-leave~no~--yaml", &out), 0);
        if (!holds(&out, rows[i].yaml))
            fail_msg("%s: %.700s", rows[i].card, out.p);
        buf_release(&out);
        assert_int_equal(
            run_out(&cmd_advise, "advise~--may-leave~no~--device~RTX 3090", &out), 0);
        assert_false(holds(&out, "Reckoned on"));
        buf_release(&out);
    }
    setenv("PATH", was, 1);
    folder_remove(folder);
    if (here.ncards)
        skip(); /* its own card would be the answer */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_never_recommends_what_does_not_run),
        cmocka_unit_test(the_answer_says_what_decides_it),
        cmocka_unit_test(streams_and_machines_follow_from_the_load),
        cmocka_unit_test(a_run_of_the_bench_counts_on_this_machine),
        cmocka_unit_test(prompts_are_read_as_weir_fit_says),
        cmocka_unit_test(headline_and_table_agree),
        cmocka_unit_test(advise_says_of_money_what_plan_says),
        cmocka_unit_test(the_models_of_advise_are_the_newest_of_their_maker),
        cmocka_unit_test(advise_writes_what_fits_the_device),
        cmocka_unit_test(advise_reckons_on_the_card_of_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
