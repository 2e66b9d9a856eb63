/* config_help.h -- texts to configurations and to faults, in an environment of the
 * tests' own. */
#ifndef WEIR_TEST_CONFIG_HELP_H
#define WEIR_TEST_CONFIG_HELP_H

#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static inline const char *test_env(const char *name)
{
    static const struct {
        const char *name, *value;
    } env[] = {{"HOME", "/h/ann"},       {"KEY", "sk-from-env"},
               {"HOST", "models.lan"},   {"EMPTY", ""},
               {"BAD", "sk-with blank"}, {"OPENAI_API_KEY", "sk-example"}};
    for (size_t i = 0; i < ARRAY_LEN(env); i++)
        if (strcmp(env[i].name, name) == 0)
            return env[i].value;
    return NULL;
}

static inline const char *no_env(const char *name)
{
    (void)name;
    return NULL;
}

/* Everything found wrong with a text, as it is printed. */
static inline struct str faults_of(const char *yaml, config_getenv_fn *env,
                                   struct buf *out)
{
    struct config_faults faults;
    config_faults_init(&faults);
    buf_init(out, 1 << 20);
    struct config *c = config_parse(str_of(yaml), "f", env, &faults);
    assert_int_equal(c == NULL, faults.nerrors > 0);
    config_faults_print(&faults, "f", out);
    config_unref(c);
    config_faults_release(&faults);
    buf_byte(out, '\0');
    return str_of(out->p ? out->p : "");
}

static inline struct config *must_parse_env(const char *yaml, config_getenv_fn *env)
{
    struct buf text;
    struct config_faults faults;
    config_faults_init(&faults);
    struct config *c = config_parse(str_of(yaml), "f", env, &faults);
    if (!c) {
        buf_init(&text, 1 << 20);
        config_faults_print(&faults, "f", &text);
        fail_msg("%.*s", STR_ARG(buf_view(&text)));
    }
    config_faults_release(&faults);
    return c;
}

static inline struct config *must_parse(const char *yaml)
{
    return must_parse_env(yaml, test_env);
}

#define assert_str(s, text) assert_string_equal_n((s), (text))
static inline void assert_string_equal_n(struct str s, const char *text)
{
    if (!str_eqz(s, text))
        fail_msg("'%.*s' is not '%s'", STR_ARG(s), text);
}

/* An engine without faults, to hang one fault on. */
#define E "engines: [{name: e, kind: sim, side: local, models: [{name: m}]}]\n"
#define ENGINE(more)                                                                     \
    "engines:\n  - {name: e, side: local, models: [{name: m}], " more "}\n"
#define LOCAL "url: \"http://127.0.0.1:1\""
#define H     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#endif
