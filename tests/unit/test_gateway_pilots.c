/* test_gateway_pilots.c -- a pilot's money and files: it never spends more than it may,
 * however often weir dies, and ends when it must. */
#include "core/mem.h"
#include "gateway/pilots.h"
#include "gateway/statefile.h"

#include "folder.h"
#include "moved_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { DAY_MS = 86400000 };
static const uint64_t start_ms = 1764470700000;
static char dir[] = "/tmp/weir-pilots-XXXXXX";

static struct pilot_terms terms_of(uint64_t id)
{
    return (struct pilot_terms){.id = id,
                                .began_ms = start_ms,
                                .to = "home/near",
                                .margin = .05,
                                .kept = .5,
                                .keep = 3,
                                .share_ppm = 100000,
                                .days = 2,
                                .max_nanousd = 1000};
}

static void write_file(const char *name, struct buf *text)
{
    char path[STATEFILE_PATH];
    assert_true(statefile_write(dir, name, path, (const unsigned char *)buf_view(text).p,
                                buf_len(text)));
    buf_release(text);
}

static void begin(struct pilots *p, const struct pilot_terms *t)
{
    struct buf text;
    static const char *const names[] = {PILOT_FILE_PAIRS, PILOT_FILE_KEPT,
                                        PILOT_FILE_LABELS, PILOT_FILE_STOP};
    char path[STATEFILE_PATH];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    buf_init(&text, 1 << 16);
    pilot_terms_write(t, &text);
    write_file(PILOT_FILE_TERMS, &text);
    memset(p, 0, sizeof *p);
    pilots_open(p);
    pilots_tend(p, dir, start_ms);
    assert_non_null(pilots_now(p));
    assert_true(pilots_now(p)->terms.id == t->id);
}

/* As a crash does: nothing is written any more. */
static void die(struct pilots *p)
{
    pilots_close(p, "", start_ms);
}

static struct pilot_story story_of(const struct pilot_terms *t)
{
    struct pilot_story s;
    struct buf text;
    buf_init(&text, 1 << 20);
    assert_int_equal(pilot_story_init(&s, t), 0);
    assert_true(statefile_read_all(dir, PILOT_FILE_PAIRS, &text));
    assert_int_equal(pilot_story_read_pairs(&s, buf_view(&text)), 0);
    buf_release(&text);
    return s;
}

static void tell(struct pilots *p, enum pilot_check check, double score, bool is_kept)
{
    struct pilot_finding *f = mem_new(struct pilot_finding);
    assert_non_null(f);
    f->pilot = pilots_now(p);
    f->pair = (struct pilot_pair){.at_ms = start_ms,
                                  .check = (uint8_t)check,
                                  .score = (float)score,
                                  .is_kept = is_kept};
    arena_init(&f->arena, 4096);
    f->kept =
        (struct pilot_kept){.question = STR("q"), .local = STR("a"), .other = STR("b")};
    assert_true(pilots_tell(p, f));
}

/* -- what waits to be written
 * ------------------------------------------------------------
 */

/* Texts are held until the main thread writes them, and never more than the bound. */
static void what_waits_is_bounded(void **state)
{
    enum { TEXT = 1 << 20, TRIES = 100 };
    static char text[TEXT];
    struct pilots p;
    struct pilot_terms t = terms_of(9);
    int taken = 0;
    (void)state;
    begin(&p, &t);
    for (int i = 0; i < TRIES; i++) {
        struct pilot_finding *f = mem_new(struct pilot_finding);
        assert_non_null(f);
        f->pilot = pilots_now(&p);
        arena_init(&f->arena, 2 * TEXT);
        f->kept.question = arena_strdup(&f->arena, (struct str){text, TEXT});
        taken += pilots_tell(&p, f);
    }
    assert_in_range(taken, 20, PILOTS_FOUND_BYTES / TEXT + 1);
    pilots_tend(&p, dir, start_ms + 1);
    assert_int_equal(p.found_bytes, 0);
    struct pilot_finding *f = mem_new(struct pilot_finding);
    assert_non_null(f);
    arena_init(&f->arena, 16);
    f->pilot = pilots_now(&p);
    assert_null(arena_alloc(&f->arena, TEXT));
    assert_false(pilots_tell(&p, f)); /* its texts are not whole */
    pilots_close(&p, dir, start_ms + 2);
}

/* -- money ------------------------------------------------------------------------------
 */

/* Whatever is asked for, in whatever order it is spent and given back, and however often
 * weir dies in between. */
static void it_never_spends_more_than_it_may(void **state)
{
    struct pilots p;
    struct pilot_terms t = terms_of(7);
    long long spent = 0;
    (void)state;
    begin(&p, &t);
    for (int life = 0; life < 40; life++) {
        for (int i = 0; i < 10; i++) {
            struct pilot_live *l = pilots_now(&p);
            if (l && pilot_take(l, 30)) {
                int64_t cost = i % 3 == 0 ? -1 : i % 3 == 1 ? 11 : 30;
                spent += cost < 0 ? 30 : cost;
                pilot_spent(l, 30, cost);
            }
            pilots_tend(&p, dir, start_ms + 1);
        }
        if (life % 2)
            die(&p);
        else
            pilots_close(&p, dir, start_ms + 2);
        memset(&p, 0, sizeof p);
        pilots_open(&p);
        pilots_tend(&p, dir, start_ms + 3);
    }
    assert_true(spent > 500 && spent <= 1000);
    assert_null(pilots_now(&p)); /* nothing is left that would do */
    struct pilot_story s = story_of(&t);
    assert_string_equal(s.ended_why, "money");
    assert_true(s.spent_nanousd >= spent && s.spent_nanousd <= 1000);
    pilot_story_release(&s);
    die(&p);
}

/* What was granted and not spent is lost to a crash, and comes back at a proper end. */
static void what_was_granted_counts_after_a_crash(void **state)
{
    struct pilots p;
    struct pilot_terms t = terms_of(8);
    (void)state;
    begin(&p, &t);
    assert_true(atomic_load(&pilots_now(&p)->granted) == 50);
    assert_false(pilot_take(pilots_now(&p), 51)); /* until it has been written down */
    pilots_tend(&p, dir, start_ms);
    assert_true(pilot_take(pilots_now(&p), 51));
    assert_true(atomic_load(&pilots_now(&p)->granted) == 101);
    die(&p);
    memset(&p, 0, sizeof p);
    pilots_open(&p);
    pilots_tend(&p, dir, start_ms);
    assert_true(atomic_load(&pilots_now(&p)->taken) == 101);
    pilots_close(&p, dir, start_ms);
    memset(&p, 0, sizeof p);
    pilots_open(&p);
    pilots_tend(&p, dir, start_ms);
    assert_true(atomic_load(&pilots_now(&p)->taken) == 101);
    die(&p);
}

static void what_costs_nothing_needs_no_money(void **state)
{
    struct pilots p;
    struct pilot_terms t = terms_of(9);
    (void)state;
    t.max_nanousd = 0;
    begin(&p, &t);
    assert_true(pilot_take(pilots_now(&p), 0));
    assert_false(pilot_take(pilots_now(&p), 1));
    pilots_tend(&p, dir, start_ms);
    assert_non_null(pilots_now(&p)); /* it goes on with what is free */
    die(&p);
}

/* -- pairs and the end ------------------------------------------------------------------
 */

static const char *ended(const struct pilot_terms *t)
{
    static char why[PILOT_WHY];
    struct pilot_story s = story_of(t);
    snprintf(why, sizeof why, "%s", s.ended_why);
    pilot_story_release(&s);
    return why;
}

static void it_ends_when_it_must(void **state)
{
    struct pilots p;
    struct pilot_terms t = terms_of(10);
    (void)state;
    begin(&p, &t);
    for (int i = 0; i < 300; i++)
        tell(&p, PILOT_RULES, -1, false);
    pilots_tend(&p, dir, start_ms);
    assert_null(pilots_now(&p));
    assert_string_equal(ended(&t), "rejected");
    pilots_tend(&p, dir, start_ms); /* and stays so */
    assert_null(pilots_now(&p));
    die(&p);
    begin(&p, &t);
    tell(&p, PILOT_SAME, 0, false);
    clock_pass(2 * (int64_t)DAY_MS - 1);
    pilots_tend(&p, dir, start_ms + 2 * (uint64_t)DAY_MS - 1);
    assert_non_null(pilots_now(&p));
    clock_pass(1);
    pilots_tend(&p, dir, start_ms + 2 * (uint64_t)DAY_MS);
    assert_null(pilots_now(&p));
    assert_string_equal(ended(&t), "days");
    die(&p);
    begin(&p, &t);
    for (int i = 0; i < 3; i++)
        tell(&p, PILOT_ASKED, 0, true);
    pilots_tend(&p, dir, start_ms);
    assert_string_equal(ended(&t), "kept");
    die(&p);
    begin(&p, &t);
    struct buf stop;
    buf_init(&stop, 64);
    buf_lit(&stop, "\n");
    write_file(PILOT_FILE_STOP, &stop);
    pilots_tend(&p, dir, start_ms);
    assert_string_equal(ended(&t), "stopped");
    die(&p);
}

/* People's labels decide while it runs. */
static void labels_are_heard_while_it_runs(void **state)
{
    struct pilots p;
    struct pilot_terms t = terms_of(11);
    struct buf labels;
    (void)state;
    t.keep = 1000;
    begin(&p, &t);
    for (int i = 0; i < 400; i++)
        tell(&p, PILOT_ASKED, 0, i % 2 == 0);
    pilots_tend(&p, dir, start_ms);
    assert_non_null(pilots_now(&p));
    buf_init(&labels, 1 << 20);
    for (uint64_t i = 0; i < 400; i += 2)
        pilot_write_label(i, -1, &labels);
    assert_true(statefile_append(dir, PILOT_FILE_LABELS, &labels));
    buf_release(&labels);
    pilots_tend(&p, dir, start_ms);
    assert_null(pilots_now(&p));
    assert_string_equal(ended(&t), "rejected");
    die(&p);
}

/* A line that a crash has cut off is followed by a whole one. */
static void a_line_that_was_cut_off_harms_nothing(void **state)
{
    struct pilots p;
    struct pilot_terms t = terms_of(12);
    struct buf cut;
    (void)state;
    begin(&p, &t);
    tell(&p, PILOT_SAME, 0, false);
    pilots_tend(&p, dir, start_ms);
    die(&p);
    buf_init(&cut, 64);
    buf_lit(&cut, "{\"pair_ms\":1,\"ta");
    assert_true(statefile_append(dir, PILOT_FILE_PAIRS, &cut));
    buf_release(&cut);
    memset(&p, 0, sizeof p);
    pilots_open(&p);
    pilots_tend(&p, dir, start_ms);
    tell(&p, PILOT_RULES, 1, false);
    pilots_tend(&p, dir, start_ms);
    die(&p);
    struct pilot_story s = story_of(&t);
    assert_int_equal(s.book.n, 2);
    assert_true(s.book.pairs[1].check == PILOT_RULES && s.book.pairs[1].score == 1);
    pilot_story_release(&s);
}

/* What was found for a pilot that is over, or for another, is none of this one's. */
static void another_pilot_takes_its_place(void **state)
{
    struct pilots p;
    struct pilot_terms t = terms_of(13), next = terms_of(14);
    struct buf text;
    char path[STATEFILE_PATH];
    struct stat st;
    (void)state;
    begin(&p, &t);
    tell(&p, PILOT_SAME, 0, false);
    snprintf(path, sizeof path, "%s/%s", dir, PILOT_FILE_PAIRS);
    unlink(path);
    buf_init(&text, 1 << 16);
    pilot_terms_write(&next, &text);
    write_file(PILOT_FILE_TERMS, &text);
    pilots_tend(&p, dir, start_ms);
    assert_true(pilots_now(&p)->terms.id == next.id);
    struct pilot_story s = story_of(&next);
    assert_int_equal(s.book.n, 0);
    pilot_story_release(&s);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    die(&p);
}

static int open_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int close_dir(void **state)
{
    (void)state;
    return folder_remove(dir);
}

/* Its days pass whatever is done to the wall clock; that is asked once, when weir has
 * read of it, and nobody has more days left than he was given. */
static void a_clock_that_is_set_changes_no_days(void **state)
{
    enum { YEAR = 365 };
    struct pilots p;
    struct pilot_terms t = terms_of(77);
    (void)state;
    begin(&p, &t);
    clock_pass(DAY_MS);
    pilots_tend(&p, dir, start_ms + YEAR * (uint64_t)DAY_MS); /* forward */
    assert_non_null(pilots_now(&p));
    pilots_tend(&p, dir, 0); /* back to 1970 */
    assert_non_null(pilots_now(&p));
    clock_pass(DAY_MS);
    pilots_tend(&p, dir, 0);
    assert_null(pilots_now(&p));
    assert_string_equal(ended(&t), "days");
    die(&p);
    /* weir starts while the clock stands before the pilot's beginning. */
    begin(&p, &t);
    die(&p);
    memset(&p, 0, sizeof p);
    pilots_open(&p);
    pilots_tend(&p, dir, start_ms - YEAR * (uint64_t)DAY_MS);
    assert_non_null(pilots_now(&p));
    clock_pass(2 * (int64_t)DAY_MS);
    pilots_tend(&p, dir, start_ms);
    assert_null(pilots_now(&p));
    die(&p);
}

int main(int argc, char **argv)
{
    (void)argc;
    clock_open(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_is_bounded),
        cmocka_unit_test(it_never_spends_more_than_it_may),
        cmocka_unit_test(what_was_granted_counts_after_a_crash),
        cmocka_unit_test(what_costs_nothing_needs_no_money),
        cmocka_unit_test(it_ends_when_it_must),
        cmocka_unit_test(a_clock_that_is_set_changes_no_days),
        cmocka_unit_test(labels_are_heard_while_it_runs),
        cmocka_unit_test(a_line_that_was_cut_off_harms_nothing),
        cmocka_unit_test(another_pilot_takes_its_place),
    };
    return cmocka_run_group_tests(tests, open_dir, close_dir);
}
