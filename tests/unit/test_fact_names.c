/* test_fact_names.c -- what people type means the right row, a question, or nothing.
 *
 * The spellings are in tests/golden/names.tsv, one a line. */
#include "core/buf.h"
#include "facts/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_type_is_understood),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
