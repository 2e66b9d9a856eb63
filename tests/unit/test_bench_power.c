/* test_bench_power.c -- bench/power.h beside recorded readings: a folder like
 * /sys/class/powercap, and a program that prints what nvidia-smi does. */
#include "bench/power.h"
#include "folder.h"
#include "moved_clock.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static char root[] = "/tmp/weir-power-XXXXXX";

static void put(const char *zone, const char *file, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, zone);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/%s/%s", root, zone, file);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void zone(const char *dir, const char *name, const char *energy)
{
    put(dir, "name", name);
    put(dir, "energy_uj", energy);
    put(dir, "max_energy_range_uj", "262143328850\n");
}

static void energy_is(const char *dir, const char *energy)
{
    put(dir, "energy_uj", energy);
}

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-6)

/* Two packages and a memory; a core is in its package, psys holds all of them. */
static void counters_are_summed_and_begin_anew(void **state)
{
    struct bench_energy e;
    (void)state;
    zone("intel-rapl:0", "package-0\n", "1000000\n");
    zone("intel-rapl:1", "package-1\n", "262143000000\n");
    zone("intel-rapl:0:0", "core\n", "5\n");
    zone("intel-rapl:0:1", "dram\n", "7000000\n");
    zone("intel-rapl:2", "psys\n", "9\n");
    zone("intel-rapl-mmio:0", "package-0\n", "1000000\n");
    struct bench_power *p = bench_power_open(root, "true");
    assert_non_null(p);
    assert_true(bench_power_is_there(p));
    bench_power_begin(p);
    energy_is("intel-rapl:0", "3500000\n");    /* 2.5 J */
    energy_is("intel-rapl:1", "1671150\n");    /* 0.32885 J to the end, and 1.67115 J */
    energy_is("intel-rapl:0:1", "7250000\n");  /* 0.25 J */
    energy_is("intel-rapl:0:0", "90000000\n"); /* in package 0 */
    clock_pass(1000);
    bench_power_look(p);
    energy_is("intel-rapl:1", "4671150\n"); /* 3 J more */
    clock_pass(1000);
    bench_power_end(p, &e);
    NEAR(e.joules, 7.75);
    NEAR(e.seconds, 2);
    assert_true(isnan(e.idle_watts));
    assert_string_equal(e.words, "RAPL (2 packages and memory)");
    /* The next run begins with nothing. */
    bench_power_begin(p);
    clock_pass(500);
    bench_power_end(p, &e);
    NEAR(e.joules, 0);
    /* A counter that goes away is no 0. */
    bench_power_begin(p);
    put("intel-rapl:0", "energy_uj", "\n");
    bench_power_end(p, &e);
    assert_true(isnan(e.joules));
    bench_power_close(p);
}

/* Until nvidia-smi has written: it is a program of its own. */
static void read_all(struct bench_power *p)
{
    for (int i = 0; i < 500 && !bench_power_is_there(p); i++) {
        usleep(10000);
        clock_pass(1000);
        bench_power_look(p);
    }
    assert_true(bench_power_is_there(p));
}

/* What was made up in place of nvidia-smi waits for this, and then writes its lines in
 * one piece: when they come decides nothing. */
static void let_it_write(void)
{
    char path[256];
    snprintf(path, sizeof path, "%s/go", root);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void watts_of_cards_are_a_mean(void **state)
{
    struct bench_energy e;
    char words[512];
    (void)state;
    snprintf(words, sizeof words,
             "while [ ! -e %s/go ]; do sleep 0.01; done; "
             "cat <<E\n0, 100.00\n1, [N/A]\n0, 200.00\n2, 30.50\nE\n",
             root);
    struct bench_power *p = bench_power_open("/nowhere", words);
    assert_non_null(p);
    assert_false(bench_power_is_there(p));
    bench_power_begin(p);
    int64_t before = (int64_t)clock_mono_us();
    let_it_write();
    read_all(p);
    bench_power_end(p, &e);
    NEAR(e.seconds, (double)((int64_t)clock_mono_us() - before) / 1e6);
    NEAR(e.joules, 180.5 * e.seconds);
    assert_string_equal(e.words, "nvidia-smi (2 cards)");
    bench_power_close(p);
}

static void without_a_meter_it_is_unknown(void **state)
{
    struct bench_energy e;
    (void)state;
    struct bench_power *p =
        bench_power_open("/nowhere", "echo 'no such program' >&2; false");
    assert_non_null(p);
    bench_power_begin(p);
    clock_pass(1000);
    bench_power_end(p, &e);
    assert_false(bench_power_is_there(p));
    assert_true(isnan(e.joules) && isnan(e.idle_watts));
    assert_string_equal(e.words, "this machine has neither RAPL nor nvidia-smi");
    bench_power_close(p);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_are_summed_and_begin_anew),
        cmocka_unit_test(watts_of_cards_are_a_mean),
        cmocka_unit_test(without_a_meter_it_is_unknown),
    };
    (void)argc;
    clock_open(argv);
    if (!mkdtemp(root))
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    folder_remove(root);
    return rc;
}
