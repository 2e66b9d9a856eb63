/* test_decision.c -- the commands as a user meets them: words, exit codes, golden text.
 *
 * Commands print to stdout; it is caught in a temporary file.  The golden file of the
 * known errors lies in tests/golden/; to renew it after a change of facts, run
 * `weir plan --method errata` and read the difference. */
#include "caught.h"

#include "bench/kept.h"
#include "cmd/decide/advise_security.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void read_golden(const char *name, struct buf *out)
{
    static const char *const roots[] = {"tests/golden", "../tests/golden",
                                        "../../tests/golden"};
    const char *source = getenv("MESON_SOURCE_ROOT");
    char path[512];
    struct err err;
    buf_init(out, 1 << 20);
    snprintf(path, sizeof path, "%s/tests/golden/%s", source ? source : ".", name);
    if (facts_read_file(path, out, &err) == 0)
        return;
    for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
        snprintf(path, sizeof path, "%s/%s", roots[i], name);
        if (facts_read_file(path, out, &err) == 0)
            return;
    }
    fail_msg("%s", err.msg);
}

/* E01 to E23, computed, against the file a person has read. */
static void known_errors_e01_to_e23_match_the_golden_file(void **state)
{
    (void)state;
    struct buf out;
    struct buf golden;
    assert_int_equal(run_out(&cmd_plan, "plan~--method~errata", &out), 0);
    read_golden("errata.txt", &golden);
    struct str a = buf_view(&out);
    struct str b = buf_view(&golden);
    for (int e = 1; e <= 23; e++) {
        char id[8];
        snprintf(id, sizeof id, "E%02d ", e);
        assert_true(holds(&out, id));
    }
    if (!str_eq(a, b)) {
        struct str left;
        struct str right;
        while (str_split(&a, '\n', &left) && str_split(&b, '\n', &right))
            if (!str_eq(left, right))
                fail_msg("printed: %.*s\ngolden:  %.*s", STR_ARG(left), STR_ARG(right));
        fail_msg("one text is longer than the other");
    }
    buf_release(&out);
    buf_release(&golden);
}

static void a_method_is_known_by_its_name_until_0_1_1_too(void **state)
{
    (void)state;
    struct buf now, was;
    assert_int_equal(run_out(&cmd_plan, "plan~--method~run-locally", &now), 0);
    assert_int_equal(run_out(&cmd_plan, "plan~--method~seed-002", &was), 0);
    assert_true(holds(&now, "66.7 months"));
    assert_true(str_eq(buf_view(&now), buf_view(&was)));
    buf_release(&now);
    buf_release(&was);
}

static void the_first_word_of_a_claim_is_its_verdict(void **state)
{
    (void)state;
    static const struct {
        const char *line, *word;
        int rc;
    } rows[] = {
        {"claim~14B Q4_K_M on M4: 44 tok/s", "impossible:", 1},
        {"claim~14B~Q4_K_M~on~M4:~44~tok/s", "impossible:", 1},
        {"claim~Qwen2.5-14B Q3_K_M on RTX 4060: 38 tok/s", "implausible:", 1},
        {"claim~Llama 3.1 8B Q4 on RTX 4090: 130 tok/s", "plausible:", 0},
        {"claim~Qwen2.5-14B Q4_K_M on RTX 3080 10GB: 14 tok/s", "below-expectation:", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        assert_int_equal(run_out(&cmd_claim, rows[i].line, &out), rows[i].rc);
        if (!str_starts(buf_view(&out), str_of(rows[i].word)))
            fail_msg("%s: %.60s", rows[i].line, out.p);
        buf_release(&out);
    }
}

/* Tables as articles print them: device in a heading, unit in the column's head. */
static void a_table_is_judged_row_by_row(void **state)
{
    (void)state;
    char path[] = "/tmp/weir-claims-XXXXXX";
    char line[200];
    struct buf out;
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    fputs(
        "RTX 4060 (8GB VRAM)\n| Model | Quant | VRAM | tok/s |\n|---|---|---|---|\n"
        "| Qwen2.5-7B | Q4_K_M | 5.2GB | 68 |\n| Qwen2.5-14B | Q3_K_M | 6.8GB | 38 |\n\n"
        "| Hardware | Model | Speed |\n|---|---|---|\n"
        "| RTX 4090 (24 GB) | Llama 3.1 8B Q4 | 130-160 tok/sec |\n"
        "| Cloud | GPT-4o Mini | 80-150 tok/sec |\n",
        f);
    fclose(f);
    snprintf(line, sizeof line, "claim~--file~%s", path);
    assert_int_equal(run_out(&cmd_claim, line, &out), 1);
    assert_true(str_starts(buf_view(&out), STR("impossible:")));
    assert_true(holds(&out, "of 3 speeds 1 impossible, 1 implausible, 1 plausible"));
    buf_release(&out);
    unlink(path);
}

/* The example of "When to Run Locally" through the command, and every value with its
 * label. */
static void plan_json_labels_every_value(void **state)
{
    (void)state;
    struct buf out;
    json_error_t je;
    assert_int_equal(run_out(&cmd_plan, LOAD "~--json", &out), 0);
    struct str all = buf_view(&out);
    json_t *root = json_loadb(all.p, all.n, 0, &je);
    assert_non_null(root);
    const char *name;
    const char *key;
    json_t *section;
    json_t *v;
    size_t n = 0;
    json_object_foreach(json_object_get(root, "sections"), name, section)
    {
        json_object_foreach(json_object_get(section, "values"), key, v)
        {
            assert_true(json_is_string(json_object_get(v, "truth")));
            assert_true(json_string_length(json_object_get(v, "source")) > 0);
            n++;
        }
    }
    assert_true(n > 20);
    json_t *month = json_object_get(json_object_get(root, "sections"), "month");
    json_t *api = json_object_get(json_object_get(month, "values"), "api");
    assert_int_equal(json_integer_value(json_object_get(api, "value")), 54);
    json_decref(root);
    buf_release(&out);
}

/* Bad input: exit 2 and a message that names the field. */
static void bad_input_exits_2_and_names_the_field(void **state)
{
    (void)state;
    static const struct {
        const struct command *c;
        const char *line, *says;
    } rows[] = {
        {&cmd_plan, LOAD "~--tariff~-0.1", "--tariff"},
        {&cmd_plan, LOAD "~--tariff~nan", "--tariff"},
        {&cmd_plan, LOAD "~--input-tokens~-5", "--input-tokens"},
        {&cmd_plan, LOAD "~--input-tokens~12k", "--input-tokens"},
        {&cmd_plan, LOAD "~--load-watts~450W", "--load-watts"},
        {&cmd_plan, LOAD "~--load-watts~99999999", "load-watts"},
        {&cmd_plan, LOAD "~--currency~ZZZ", "--currency"},
        {&cmd_plan, LOAD "~--country~ZZ", "--country"},
        {&cmd_plan, LOAD "~--acceptance~0.8", "write 80 for 80 %"},
        {&cmd_plan, LOAD "~--acceptance~1", "write 100 or 1%"},
        {&cmd_plan, LOAD "~--local-model~bge-m3", "makes vectors"},
        {&cmd_advise, "advise~--may-leave~yes~--api-spend~1e12", "--api-spend"},
        {&cmd_plan, LOAD "~--rent~2~--capex~3000", "give one of them"},
        {&cmd_plan, LOAD "~--reasoning-tokens~500", "--output-tokens"},
        {&cmd_plan, LOAD "~--images~2", "see pictures"},
        {&cmd_plan, LOAD "~--input-tokens~2000000", "takes 128000"},
        {&cmd_plan, LOAD "~--model~gpt-4o-minni", "gpt-4o-mini"},
        {&cmd_plan, LOAD_ON("RTX 4061"), "RTX 4060"},
        {&cmd_plan, LOAD_ON("M4 Max"), "40-core"},
        {&cmd_plan, LOAD_ON("M4"), "16, 24 or 32"},
        {&cmd_plan, LOAD_ON("RTX 3090") "~--memory~48", "2x RTX 3090"},
        {&cmd_plan, LOAD "~--local-model~qwen3", "Qwen3-8B"},
        {&cmd_plan, LOAD "~--date~2020-01-01", "2024-07-18"},
        {&cmd_plan, LOAD "~--provider~groq", "openai"},
        {&cmd_fit, "fit~gpt-oss~--device~4090", "gpt-oss-120b"},
        {&cmd_plan, LOAD "~--acceptance~140", "--acceptance"},
        {&cmd_plan, LOAD "~--ops-hours~5", "--wage"},
        {&cmd_plan, LOAD "~--reqests-per-day~5", "--requests-per-day"},
        {&cmd_plan, LOAD "~--requests-per-month~5", "--requests-per-month"},
        {&cmd_plan, LOAD "~--from-ledger~--state-dir~/nonexistent/weir", "ledger"},
        {&cmd_plan, "plan~--model~gpt-4o", "--speed"},
        {&cmd_plan, "plan~--method~no-such", "--method"},
        {&cmd_plan, "plan~--method~run-locally~--model~nosuch", "nosuch"},
        {&cmd_fit, "fit~nosuch-model", "nosuch"},
        {&cmd_fit, "fit~llama-3.1-8b~--device~RTX 4060~--quant~Q9", "--quant"},
        {&cmd_fit, "fit~llama-3.1-8b~--device~RTX 4060~--context~0", "--context"},
        {&cmd_fit, "fit~--gguf~/nonexistent.gguf~--device~RTX 4060", "--gguf"},
        {&cmd_fit, "fit~llama-3.1-8b~--device~RTX 4060~--measured~900", "ceiling"},
        {&cmd_fit, "fit~llama-3.1-8b~--device~RTX 4060~--split~rows", "--split"},
        {&cmd_fit, "fit~llama-3.1-8b~--device~RTX 4060~--parallel~0", "--parallel"},
        {&cmd_fit, "fit~llama-3.1-8b~--device~RTX 4060~--kv~q2", "--kv"},
        {&cmd_fit, "fit~llama-3.1-8b~--device~RTX 4060~--also~qwen2.5-7b", "--measured"},
        {&cmd_fit, "fit~llama-3.3-70b~--device~2x RTX 3090~--measured~16", "--measured"},
        {&cmd_fit, "fit~--device~RTX 3090~--device~RTX 4060~--memory~24", "--memory"},
        {&cmd_fit, "fit~qwen3-8b~--memory~24", "--device"},
        {&cmd_fit, "fit~--device~RTX 3090~--device~DGX Spark", "alone"},
        {&cmd_claim, "claim~hello", "speed"},
        {&cmd_facts, "facts~nosuch", "prices"},
        {&cmd_facts, "facts~prices~--date~yesterday", "--date"},
        {&cmd_advise, "advise~--may-leave~perhaps", "--may-leave"},
        {&cmd_advise, "advise~--may-leave~yes~--parallel~-4", "--parallel"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        int rc = run_catching(rows[i].c, rows[i].line, STDERR_FILENO, &out);
        if (rc != 2 || !holds(&out, rows[i].says))
            fail_msg("%s: exit %d, %.200s", rows[i].line, rc, out.p ? out.p : "");
        buf_release(&out);
    }
}

/* An unknown model is refused where the article used another's price. */
static void an_unknown_model_is_refused(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(run_catching(&cmd_plan,
                                  "plan~--method~run-locally~--model~gpt-5-nosuch",
                                  STDERR_FILENO, &out),
                     2);
    buf_release(&out);
}

/* Every verdict says when to ask again. */
static void verdicts_expire(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(run_out(&cmd_plan, LOAD, &out), 0);
    assert_true(holds(&out, "Decide again after 20"));
    assert_true(holds(&out, "80 % interval"));
    assert_true(holds(&out, "What binds:"));
    buf_release(&out);
    assert_int_equal(run_out(&cmd_advise, "advise~--may-leave~yes", &out), 0);
    assert_true(holds(&out, "Decide again after 20"));
    buf_release(&out);
}

/* The command, too, never writes a cloud engine for such data. */
static void advise_for_confidential_data_names_no_cloud(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(
        run_out(&cmd_advise, "advise~--may-leave~no~--frontier~yes~--yaml", &out), 0);
    assert_true(holds(&out, "policy: local-only"));
    assert_false(holds(&out, "cloud"));
    buf_release(&out);
    assert_int_equal(run_out(&cmd_advise, "advise~--may-leave~no", &out), 0);
    assert_true(holds(&out, "mask the confidential parts"));
    buf_release(&out);
}

/* Data-use policies per provider and tier, to be verified. */
static void data_use_policies_say_verify(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(run_out(&cmd_advise, "advise~--may-leave~yes", &out), 0);
    assert_true(holds(&out, "verify before use"));
    assert_true(holds(&out, "paid API"));
    assert_true(holds(&out, "free or consumer"));
    buf_release(&out);
}

static void a_workload_file_gives_what_flags_would(void **state)
{
    (void)state;
    char path[] = "/tmp/weir-load-XXXXXX";
    char line[200];
    struct buf a;
    struct buf b;
    FILE *f = fdopen(mkstemp(path), "w");
    assert_non_null(f);
    fputs("model: gpt-4o-mini\nrequests-per-day: 5000\ninput-tokens: 800\n"
          "output-tokens: 400\ndevice: RTX 4090\nlocal-model: llama-3.1-8b\n",
          f);
    fclose(f);
    snprintf(line, sizeof line, "plan~--workload~%s", path);
    assert_int_equal(run_out(&cmd_plan, line, &a), 0);
    assert_int_equal(run_out(&cmd_plan, LOAD, &b), 0);
    assert_true(str_eq(buf_view(&a), buf_view(&b)));
    buf_release(&a);
    buf_release(&b);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("modell: gpt-4o-mini\n", f);
    fclose(f);
    assert_int_equal(run_catching(&cmd_plan, line, STDERR_FILENO, &a), 2);
    assert_true(holds(&a, ":1: unknown key 'modell'"));
    buf_release(&a);
    unlink(path);
}

/* What is good as it is has no remedy beside it. */
static void a_setting_is_judged_by_what_it_should_be(void **state)
{
    (void)state;
    struct buf out;
    unsetenv("OLLAMA_HOST");
    setenv("OLLAMA_ORIGINS", "*", 1);
    int rc = run_out(&cmd_advise, "advise~security", &out);
    assert_true(rc == EXIT_NO);
    assert_false(holds(&out, "unset it"));
    assert_true(holds(&out, "HF_HUB_DISABLE_TELEMETRY "));
    assert_true(holds(&out, "\nto close "));
    unsetenv("OLLAMA_ORIGINS");
    buf_release(&out);
}

/* Without --match too: every row of the list is looked at. */
static void facts_list_all_models(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(run_out(&cmd_facts, "facts~models~--all", &out), 0);
    assert_true(holds(&out, "Llama-2-7B"));
    buf_release(&out);
}

static void facts_flag_disputes_and_price_by_date(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(run_out(&cmd_facts, "facts~prices~--match~deepseek-chat", &out), 0);
    assert_true(holds(&out, "disputed"));
    buf_release(&out);
    assert_int_equal(
        run_out(&cmd_facts, "facts~prices~--match~gemini-2.0-flash-lite", &out), 0);
    assert_true(holds(&out, "deprecated"));
    buf_release(&out);
    assert_int_equal(
        run_out(&cmd_facts,
                "facts~prices~--match~claude-sonnet-5~--date~2026-08-31~--json", &out),
        0);
    assert_true(holds(&out, "\"input\":\"2\""));
    assert_false(holds(&out, "\"input\":\"3\""));
    buf_release(&out);
}

static void an_update_is_checked_before_it_is_installed(void **state)
{
    (void)state;
    char dir[] = "/tmp/weir-data-XXXXXX";
    char path[] = "/tmp/weir-facts-XXXXXX";
    char line[300];
    char where[300];
    struct buf out;
    assert_non_null(mkdtemp(dir));
    setenv("XDG_DATA_HOME", dir, 1);
    FILE *f = fdopen(mkstemp(path), "w");
    assert_non_null(f);
    fputs("{\"format\":1,\"currency\":\"EUR\",\"per_tokens\":1000000,\"built\":\"2026-07-"
          "01\","
          "\"rows\":[{\"provider\":\"x\"}]}",
          f);
    fclose(f);
    snprintf(line, sizeof line, "facts~update~prices~%s", path);
    assert_int_equal(run_catching(&cmd_facts, line, STDERR_FILENO, &out), 2);
    assert_true(holds(&out, "currency"));
    buf_release(&out);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"format\":1,\"currency\":\"USD\",\"per_tokens\":1000000,\"built\":\"2026-11-"
          "01\","
          "\"stale_after_days\":90,\"rows\":[{\"provider\":\"me\",\"id\":\"house-model\","
          "\"input\":\"1\",\"output\":\"2\",\"source\":\"me\","
          "\"source_date\":\"2026-11-01\"}]}",
          f);
    fclose(f);
    assert_int_equal(run_out(&cmd_facts, line, &out), 0);
    buf_release(&out);
    assert_int_equal(run_out(&cmd_facts, "facts~prices", &out), 0);
    assert_true(holds(&out, "house-model"));
    buf_release(&out);
    snprintf(where, sizeof where, "%s/weir/facts/prices.json", dir);
    assert_int_equal(unlink(where), 0);
    unsetenv("XDG_DATA_HOME");
    unlink(path);
}

static void the_evaluation_meets_its_goals(void **state)
{
    (void)state;
    char line[600] = "";
    struct buf out;
    static const char *const paths[] = {"data/speeds.json", "../data/speeds.json"};
    const char *source = getenv("MESON_SOURCE_ROOT");
    for (size_t i = 0; i < ARRAY_LEN(paths) && !line[0]; i++)
        if (access(paths[i], R_OK) == 0)
            snprintf(line, sizeof line, "fit~--eval~%s", paths[i]);
    if (!line[0])
        snprintf(line, sizeof line, "fit~--eval~%s/data/speeds.json",
                 source ? source : ".");
    assert_int_equal(run_out(&cmd_fit, line, &out), 0);
    assert_true(holds(&out, "one device left out"));
    buf_release(&out);
}

/* Recommendations are checked against the machine. */
static void recommendations_are_checked_against_the_device(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(run_out(&cmd_fit, "fit~--device~RTX 4060", &out), 0);
    assert_true(holds(&out, "Try "));
    assert_true(holds(&out, "What to try first"));
    assert_true(holds(&out, "vectors for search"));
    assert_true(holds(&out, "weir fit --all lists them"));
    assert_false(holds(&out, "Llama-2-7B"));
    assert_false(holds(&out, "Llama-3.1-70B")); /* it does not fit */
    buf_release(&out);
    assert_int_equal(run_out(&cmd_fit, "fit~--device~RTX 4060~--all", &out), 0);
    assert_true(holds(&out, "Llama-2-7B"));
    buf_release(&out);
    assert_int_equal(run_out(&cmd_fit, "fit~llama-3.1-70b~--device~M4~--memory~16", &out),
                     1);
    assert_true(holds(&out, "does not fit"));
    buf_release(&out);
}

static void a_context_past_the_model_is_said_first(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(
        run_out(&cmd_fit, "fit~llama-3.1-8b~--device~RTX 5090~--context~200000", &out),
        0);
    ptrdiff_t at = str_find(buf_view(&out), STR("131072 tokens."));
    assert_true(at > 0 && at < 300);
    buf_release(&out);
}

static void pages_are_written_and_complete(void **state)
{
    (void)state;
    char path[] = "/tmp/weir-page-XXXXXX";
    char line[800];
    struct buf out;
    struct err err;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    snprintf(line, sizeof line, LOAD "~--html~%s", path);
    assert_int_equal(run_out(&cmd_plan, line, &out), 0);
    buf_release(&out);
    buf_init(&out, 8 << 20);
    assert_int_equal(facts_read_file(path, &out, &err), 0);
    assert_true(holds(&out, "<svg"));
    assert_true(holds(&out, "Break-even"));
    assert_false(holds(&out, "<script"));
    buf_release(&out);
    unlink(path);
}

static void several_devices_are_reckoned_together(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(run_out(&cmd_fit, "fit~llama-3.3-70b~--device~2x RTX 3090", &out),
                     0);
    assert_true(holds(&out, "fits: "));
    assert_true(holds(&out, "layers are split"));
    buf_release(&out);
    assert_int_equal(run_out(&cmd_fit,
                             "fit~qwen2.5-32b~--device~RTX 3090~--device~RTX 3060 12GB",
                             &out),
                     0);
    assert_true(holds(&out, "RTX 3090 and RTX 3060 12GB"));
    buf_release(&out);
    assert_int_equal(
        run_out(&cmd_fit, "fit~gpt-oss-120b~--device~RTX 4090~--ram~96~--experts-in-ram",
                &out),
        0);
    assert_true(holds(&out, "all experts"));
    assert_true(holds(&out, "--n-cpu-moe 36"));
    buf_release(&out);
}

static void a_measurement_is_carried_to_another_model(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(
        run_out(&cmd_fit,
                "fit~llama-3.1-8b~--device~RTX 4060~--measured~44~--also~qwen2.5-7b",
                &out),
        0);
    assert_true(holds(&out, "44 (42 to 46)"));
    assert_true(holds(&out, "Another model"));
    buf_release(&out);
}

/* What weir bench measured of one model on this machine corrects the others. */
static void a_bench_of_one_model_corrects_another(void **state)
{
    (void)state;
    char dir[] = "/tmp/weir-state-XXXXXX";
    char place[64];
    struct buf out;
    struct err err;
    struct bench_kept_row row = {.engine = "here",
                                 .model = "qwen3:0.6b",
                                 .as = "weir",
                                 .is_local = true,
                                 .streams = 1,
                                 .done = 3,
                                 .stream_tok_s = 2};
    assert_non_null(mkdtemp(dir));
    snprintf(place, sizeof place, "%s/weir", dir);
    assert_int_equal(mkdir(place, 0700), 0);
    assert_int_equal(bench_kept_add(place, &row, 1, &err), 0);
    setenv("XDG_STATE_HOME", dir, 1);
    assert_int_equal(run_out(&cmd_fit, "fit~Qwen3-1.7B", &out), 0);
    unsetenv("XDG_STATE_HOME");
    assert_true(holds(&out, "corrected by weir"));
    buf_release(&out);
    snprintf(place, sizeof place, "%s/weir/bench.jsonl", dir);
    unlink(place);
    place[strlen(dir) + 5] = '\0';
    rmdir(place);
    rmdir(dir);
}

static void listeners_beyond_loopback_are_seen(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool listens, open;
        unsigned port;
    } rows[] = {
        {"   0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000", true, false, 11434},
        {"   1: 00000000:2CAA 00000000:0000 0A 00000000:00000000", true, true, 11434},
        {"   2: 0100007F:2CAA 0100007F:9999 01 00000000:00000000", false, false, 0},
        {"   3: 00000000000000000000000001000000:1F90 0:0 0A", true, false, 8080},
        {"   4: 00000000000000000000000000000000:1F90 0:0 0A", true, true, 8080},
        {"   5: 0000000000000000FFFF00000100007F:1F90 0:0 0A", true, false, 8080},
        {"  sl  local_address rem_address   st", false, false, 0},
        {"", false, false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        unsigned port = 0;
        bool open = false;
        assert_int_equal(security_parse_listener(str_of(rows[i].line), &port, &open),
                         rows[i].listens);
        if (rows[i].listens) {
            assert_int_equal(port, rows[i].port);
            assert_int_equal(open, rows[i].open);
        }
    }
}

static int quiet_home(void **state)
{
    (void)state;
    return setenv("XDG_DATA_HOME", "/nonexistent", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_errors_e01_to_e23_match_the_golden_file),
        cmocka_unit_test(a_method_is_known_by_its_name_until_0_1_1_too),
        cmocka_unit_test(the_first_word_of_a_claim_is_its_verdict),
        cmocka_unit_test(a_table_is_judged_row_by_row),
        cmocka_unit_test(plan_json_labels_every_value),
        cmocka_unit_test(bad_input_exits_2_and_names_the_field),
        cmocka_unit_test(an_unknown_model_is_refused),
        cmocka_unit_test(verdicts_expire),
        cmocka_unit_test(advise_for_confidential_data_names_no_cloud),
        cmocka_unit_test(data_use_policies_say_verify),
        cmocka_unit_test(a_workload_file_gives_what_flags_would),
        cmocka_unit_test(a_setting_is_judged_by_what_it_should_be),
        cmocka_unit_test(facts_list_all_models),
        cmocka_unit_test(facts_flag_disputes_and_price_by_date),
        cmocka_unit_test(an_update_is_checked_before_it_is_installed),
        cmocka_unit_test(the_evaluation_meets_its_goals),
        cmocka_unit_test(recommendations_are_checked_against_the_device),
        cmocka_unit_test(a_context_past_the_model_is_said_first),
        cmocka_unit_test(pages_are_written_and_complete),
        cmocka_unit_test(several_devices_are_reckoned_together),
        cmocka_unit_test(a_measurement_is_carried_to_another_model),
        cmocka_unit_test(a_bench_of_one_model_corrects_another),
        cmocka_unit_test(listeners_beyond_loopback_are_seen),
    };
    return cmocka_run_group_tests(tests, quiet_home, NULL);
}
