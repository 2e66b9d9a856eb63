/* test_fact_names.c -- what people type means the right row, a question, or nothing.
 *
 * The spellings are in tests/golden/names.tsv, one a line. */
#include "core/buf.h"
#include "core/mem.h"
#include "facts/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int load(void **state)
{
    static struct facts f;
    struct err err;
    if (facts_load(&f, NULL, &err) < 0) {
        print_error("%s\n", err.msg);
        return -1;
    }
    *state = &f;
    return 0;
}

static int unload(void **state)
{
    if (*state)
        facts_release(*state);
    return 0;
}

/* What a name came to, for devices and models alike. */
struct outcome {
    enum name_verdict verdict;
    struct str names[NAME_ROWS];
    size_t n;
};

static struct outcome ask(const struct facts *f, struct str kind, struct str name,
                          double memory)
{
    struct outcome o = {.n = 0};
    if (str_eqz(kind, "device")) {
        struct device_answer a;
        devices_ask(f->devices, name, memory, &a);
        o.verdict = a.verdict;
        for (; o.n < a.n; o.n++)
            o.names[o.n] = a.choices[o.n]->name;
        return o;
    }
    struct model_answer a;
    models_ask(f->models, name, &a);
    o.verdict = a.verdict;
    for (; o.n < a.n; o.n++)
        o.names[o.n] = a.choices[o.n]->id;
    return o;
}

static bool offers(const struct outcome *o, struct str name)
{
    for (size_t i = 0; i < o->n; i++)
        if (str_eq(o->names[i], name))
            return true;
    return false;
}

static bool is_as_wanted(const struct outcome *o, struct str wanted)
{
    struct str part;
    if (str_eqz(wanted, "-"))
        return o->verdict == NAME_UNKNOWN;
    if (!str_starts(wanted, STR("? ")))
        return o->verdict == NAME_FOUND && str_eq(o->names[0], wanted);
    wanted = str_sub(wanted, 2, wanted.n);
    if (o->verdict != NAME_QUESTION)
        return false;
    while (str_split(&wanted, ',', &part))
        if (!offers(o, str_trim(part)))
            return false;
    return true;
}

static void read_table(struct buf *out)
{
    const char *source = getenv("MESON_SOURCE_ROOT");
    char path[512];
    struct err err;
    buf_init(out, 1 << 20);
    snprintf(path, sizeof path, "%s/tests/golden/names.tsv", source ? source : "..");
    if (facts_read_file(path, out, &err) < 0)
        fail_msg("%s", err.msg);
}

static void what_people_type_is_understood(void **state)
{
    const struct facts *f = *state;
    struct buf table;
    struct str line, rest;
    size_t n = 0, wrong = 0;
    read_table(&table);
    rest = buf_view(&table);
    while (str_split(&rest, '\n', &line)) {
        struct str kind, name, memory;
        double gb = 0;
        if (line.n == 0 || line.p[0] == '#')
            continue;
        assert_true(str_split(&line, '\t', &kind) && str_split(&line, '\t', &name) &&
                    str_split(&line, '\t', &memory));
        assert_true(memory.n == 0 || str_to_double(memory, &gb));
        struct outcome o = ask(f, kind, name, gb);
        n++;
        if (is_as_wanted(&o, line))
            continue;
        wrong++;
        print_error("%.*s \"%.*s\": wanted %.*s, got %s %.*s of %zu\n", STR_ARG(kind),
                    STR_ARG(name), STR_ARG(line),
                    o.verdict == NAME_FOUND      ? "the row"
                    : o.verdict == NAME_QUESTION ? "a question with"
                                                 : "unknown, with",
                    o.n ? (int)o.names[0].n : 0, o.n ? o.names[0].p : "", o.n);
    }
    buf_release(&table);
    print_message("%zu spellings, %zu wrong\n", n, wrong);
    assert_true(n >= 150);
    assert_int_equal(wrong, 0);
}

/* Bytes of any kind are a name that nobody has, or a question; never harm. */
static void no_text_harms_the_reader(void **state)
{
    const struct facts *f = *state;
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        char text[96];
        size_t n = 0;
        while (n < sizeof text) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            text[n++] = i % 2 ? (char)(x >> 32) : "rtx 4090-gb/x.:(2\xC3\x97"[x % 19];
        }
        struct str name = {text, x % sizeof text};
        struct device_answer d;
        struct model_answer m;
        struct device_range r;
        devices_ask(f->devices, name, 0, &d);
        models_ask(f->models, name, &m);
        (void)devices_in_sentence(f->devices, name, 0, &r);
        (void)models_in_sentence(f->models, name);
        assert_true(d.n <= NAME_ROWS && m.n <= NAME_ROWS);
    }
    char *large = mem_alloc(1 << 20);
    memset(large, 'x', 1 << 20);
    struct device_answer d;
    devices_ask(f->devices, (struct str){large, 1 << 20}, 0, &d);
    assert_int_equal(d.verdict, NAME_UNKNOWN);
    mem_free(large);
}

/* Wherever it stands: a sentence is read in windows. */
static void a_name_is_found_anywhere_in_a_sentence(void **state)
{
    const struct facts *f = *state;
    for (size_t words = 0; words < 120; words++) {
        char text[2048];
        size_t n = 0;
        for (size_t i = 0; i < words; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s ",
                                  i % 3 ? "is" : "fast2x");
        snprintf(text + n, sizeof text - n,
                 "CPU 12-channel DDR5-4800, qwen3-coder-30b ok");
        struct device_range r;
        assert_true(devices_in_sentence(f->devices, str_of(text), 0, &r));
        assert_true(str_eqz(r.fastest->name, "CPU 12-channel DDR5-4800"));
        const struct model *m = models_in_sentence(f->models, str_of(text));
        assert_non_null(m);
        assert_true(str_eqz(m->id, "Qwen3-Coder-30B-A3B"));
    }
}

static void cards_are_counted(void **state)
{
    const struct facts *f = *state;
    static const struct {
        const char *name;
        unsigned count;
    } rows[] = {{"RTX 3090", 1},           {"2x RTX 3090", 2}, {"RTX 3090 x2", 2},
                {"RTX 3090 (x4)", 4},      {"3090 * 2", 2},    {"dual 3090", 2},
                {"2\xC3\x97 RTX 3090", 2}, {"two 3090s", 2},   {"8x H100 SXM", 8},
                {"GMKtec EVO-X2", 1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct device_answer a;
        devices_ask(f->devices, str_of(rows[i].name), 0, &a);
        if (a.verdict != NAME_FOUND || a.count != rows[i].count)
            fail_msg("%s: verdict %d, %u cards", rows[i].name, (int)a.verdict, a.count);
    }
    struct device_answer a;
    struct err err;
    assert_int_equal(devices_choose(f->devices, STR("99x RTX 3090"), 0, &a, &err), -1);
    assert_int_equal(devices_choose(f->devices, STR("0x RTX 3090"), 0, &a, &err), -1);
}

static void a_name_of_a_model_may_say_its_quantisation(void **state)
{
    const struct facts *f = *state;
    static const struct {
        const char *name, *quant;
    } rows[] = {{"qwen3:30b-a3b", ""},
                {"qwen3:30b-a3b-q4_K_M", "q4_k_m"},
                {"Qwen/Qwen3-8B-FP8", "fp8"},
                {"mlx-community/Qwen3-8B-4bit", "4bit"},
                {"unsloth/Qwen3-8B-GGUF:UD-Q4_K_XL", "ud-q4_k_xl"},
                {"Qwen3-8B-IQ4_XS.gguf", "iq4_xs"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct model_answer a;
        models_ask(f->models, str_of(rows[i].name), &a);
        assert_int_equal(a.verdict, NAME_FOUND);
        assert_string_equal(a.quant, rows[i].quant);
    }
}

static void costs_are_found_with_source_and_day(void **state)
{
    const struct facts *f = *state;
    struct cost_rent rent[4];
    struct err err;
    int64_t usd;
    assert_true(costs_rent(f->costs, STR("H100"), rent, 4) > 4);
    for (size_t i = 1; i < 4; i++)
        assert_true(rent[i - 1].nanousd_per_gpu_hour <= rent[i].nanousd_per_gpu_hour);
    assert_true(rent[0].from.source.n > 0 && rent[0].from.days > 20000);
    assert_int_equal(costs_rent(f->costs, STR("H1"), rent, 4), 0);
    const struct cost_electricity *de = costs_electricity(f->costs, STR("de"));
    assert_non_null(de);
    assert_ptr_equal(costs_electricity(f->costs, STR("Germany")), de);
    assert_true(de->nanousd_per_kwh > 300000000 && de->nanousd_per_kwh < 600000000);
    const struct cost_currency *eur = costs_currency(f->costs, STR("EUR"));
    assert_non_null(eur);
    assert_int_equal(costs_to_usd(eur, 1000000000, &usd, &err), 0);
    assert_int_equal(usd, eur->nanousd_per_unit);
    assert_int_equal(costs_to_usd(eur, INT64_MAX, &usd, &err), -1);
    assert_null(costs_currency(f->costs, STR("XYZ")));
}

static void a_file_without_end_is_refused(void **state)
{
    (void)state;
    struct buf out;
    struct err err;
    buf_init(&out, FACTS_FILE_MAX);
    assert_int_equal(facts_read_file("/dev/zero", &out, &err), -1);
    assert_string_equal(err.code, "too_large");
    buf_release(&out);
}

/* Nobody writes to it, and nobody waits for that. */
static void a_pipe_without_a_writer_is_empty(void **state)
{
    (void)state;
    char folder[] = "/tmp/weir-pipe-XXXXXX";
    char path[64];
    struct buf out;
    struct err err;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    buf_init(&out, FACTS_FILE_MAX);
    assert_int_equal(facts_read_file(path, &out, &err), 0);
    assert_int_equal(out.n, 0);
    buf_release(&out);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_type_is_understood),
        cmocka_unit_test(a_name_is_found_anywhere_in_a_sentence),
        cmocka_unit_test(cards_are_counted),
        cmocka_unit_test(a_name_of_a_model_may_say_its_quantisation),
        cmocka_unit_test(no_text_harms_the_reader),
        cmocka_unit_test(costs_are_found_with_source_and_day),
        cmocka_unit_test(a_file_without_end_is_refused),
        cmocka_unit_test(a_pipe_without_a_writer_is_empty),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
