/* test_door.c -- links that work once, and cookies that cannot be made or changed. */
#include "gateway/door.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/weir-door-XXXXXX";

static void test_links(void **state)
{
    (void)state;
    struct err err = {0};
    char a[DOOR_LINK_TEXT], b[DOOR_LINK_TEXT], more[DOOR_LINK_TEXT];
    struct door *d = door_create(folder, &err);
    assert_true(d && !err.kind); /* a door */
    assert_true(door_make_link(d, DOOR_VIEW, 1000, a) &&
                door_make_link(d, DOOR_OPERATE, 1000, b));     /* two links */
    assert_true(strcmp(a, b) != 0);                            /* that differ */
    assert_true(door_use_link(d, STR(""), 1000) == DOOR_NONE); /* nothing opens nothing */
    assert_true(door_use_link(d, str_sub(str_of(a), 0, 63), 1000) ==
                DOOR_NONE); /* nor a part */
    assert_true(door_use_link(d, str_of(b), 1000 + 59999) ==
                DOOR_OPERATE); /* one opens for its role */
    assert_true(door_use_link(d, str_of(b), 1000 + 59999) == DOOR_NONE); /* once */
    assert_true(door_use_link(d, str_of(a), 1000 + 60000) ==
                DOOR_NONE); /* for 60 seconds */
    door_make_link(d, DOOR_VIEW, 2000, a);
    for (int i = 0; i < DOOR_LINKS; i++)
        door_make_link(d, DOOR_VIEW, 2001, more);
    assert_true(door_use_link(d, str_of(a), 2002) ==
                DOOR_NONE); /* the oldest makes room */
    assert_true(door_use_link(d, str_of(more), 2002) ==
                DOOR_VIEW); /* the newest is there */
    door_free(d);
}

static void test_cookies(void **state)
{
    (void)state;
    struct err err = {0};
    char view[DOOR_COOKIE_TEXT], operate[DOOR_COOKIE_TEXT], forged[DOOR_COOKIE_TEXT];
    struct door *d = door_create(folder, &err);
    size_t n, changed = 0;
    assert_true(door_make_cookie(d, DOOR_VIEW, 1000, view) &&
                door_make_cookie(d, DOOR_OPERATE, 1000, operate)); /* cookies */
    assert_true(door_role_of(d, str_of(view), 1000) == DOOR_VIEW); /* one says view */
    assert_true(door_role_of(d, str_of(operate), 1000) ==
                DOOR_OPERATE); /* one says operate */
    assert_true(door_role_of(d, str_of(view), 1000 + DOOR_COOKIE_S) ==
                DOOR_NONE); /* for seven days */
    assert_true(door_role_of(d, str_of(view), 10) ==
                DOOR_NONE); /* a clock that was set back makes none last longer */
    n = strlen(view);
    for (size_t i = 0; i < n; i++) {
        memcpy(forged, view, n + 1);
        forged[i] = forged[i] == 'o' ? 'v' : 'o';
        changed += door_role_of(d, str_of(forged), 1000) == DOOR_NONE;
    }
    assert_true(changed == n); /* no byte of it can be changed */
    assert_true(door_role_of(d, str_of("o.99999999999."), 1000) == DOOR_NONE &&
                door_role_of(d, STR(""), 1000) ==
                    DOOR_NONE); /* what is no cookie opens nothing */
    door_free(d);
    d = door_create(folder, &err);
    assert_true(door_role_of(d, str_of(view), 1000) ==
                DOOR_VIEW); /* it holds through a restart */
    assert_true(door_forget_all(d, &err) == 0 &&
                door_role_of(d, str_of(view), 1000) ==
                    DOOR_NONE); /* until all are forgotten */
    door_free(d);
    d = door_create(folder, &err);
    assert_true(door_role_of(d, str_of(view), 1000) ==
                DOOR_NONE); /* also after a restart */
    door_free(d);
}

static void test_marks(void **state)
{
    (void)state;
    struct err err = {0};
    char a[DOOR_COOKIE_TEXT], b[DOOR_COOKIE_TEXT], long_one[DOOR_COOKIE_TEXT + 1];
    char of_a[DOOR_MARK_TEXT], again[DOOR_MARK_TEXT], of_b[DOOR_MARK_TEXT];
    struct door *d = door_create(folder, &err);
    assert_true(door_make_cookie(d, DOOR_VIEW, 1000, a) &&
                door_make_cookie(d, DOOR_VIEW, 1000, b)); /* two cookies */
    assert_true(door_mark_of(d, str_of(a), of_a) && door_mark_of(d, str_of(a), again) &&
                door_mark_of(d, str_of(b), of_b));           /* have marks */
    assert_true(strlen(of_a) == 64 && !strcmp(of_a, again)); /* each its own */
    assert_true(strcmp(of_a, of_b) != 0);                    /* and none another's */
    assert_true(strcmp(of_a, a + strlen(a) - 64) != 0);      /* which it does not say */
    memset(long_one, 'x', sizeof long_one);
    assert_true(!door_mark_of(d, (struct str){long_one, sizeof long_one}, of_a) ||
                strcmp(of_a, again) != 0); /* what is too long is no cookie */
    assert_true(door_turns(d) == 0 && door_forget_all(d, &err) == 0 &&
                door_turns(d) == 1); /* all visits were ended once */
    assert_true(door_mark_of(d, str_of(a), of_a) && strcmp(of_a, again) != 0);
    /* then a mark is another */
    door_free(d);
}

static void test_paths(void **state)
{
    (void)state;
    assert_true(door_is_path(STR("/weir")) && door_is_path(STR("/weir/x")) &&
                door_is_path(STR("/weir?a"))); /* the page's paths */
    assert_true(!door_is_path(STR("/weird")) &&
                !door_is_path(STR("/v1/page"))); /* and others */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_cookies),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_paths),
    };
    char path[64];
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    snprintf(path, sizeof path, "%s/page.key", folder);
    unlink(path);
    rmdir(folder);
    return failed;
}
