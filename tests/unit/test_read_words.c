/* test_read_words.c -- passwords that are ordinary words or phrases: held under a name
 * that says "password", and the words of forms and manuals in their place are not. */
#include "scan/read/form_words.h"
#include "scanning.h"

#include <string.h>

static bool is_held(void **state, const char *text)
{
    struct span_list l = scan(state, text);
    bool held = false;
    for (size_t i = 0; i < l.n; i++)
        held |= guard_type_group((enum guard_type)l.v[i].type) == GROUP_SECRET &&
                l.v[i].score >= 55;
    span_list_release(&l);
    return held;
}

static void check(void **state, const char *const *rows, size_t n, bool want)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        if (is_held(state, rows[i]) != want) {
            print_message("%s: %s\n", want ? "not held" : "held", rows[i]);
            wrong++;
        }
    assert_int_equal(wrong, 0);
}
#define CHECK(rows, want) check(state, rows, sizeof(rows) / sizeof *(rows), want)

/* @ stands for the word. */
static const char *const word_forms[] = {
    "password: @",
    "{\"password\": \"@\"}",
    "DB_PASSWORD=@",
    "db:\n  user: u1\n  password: @\n  port: 5432",
    "Wifi password: @",
    "User: u1\nPasswort: @",
    "X-Password: @",
    "machine h.example login u1 password @",
    "Mot de passe : @",
    "Contrase\xC3\xB1"
    "a: @",
    "Пароль: @",
    "密码：@",
    "the wifi password is @, enjoy your stay",
    "The password for the NAS is @",
    "Das Passwort lautet @",
    "Le mot de passe est @.",
    "Hasło to @",
};

static void a_word_is_a_password_in_every_notation_that_says_so(void **state)
{
    static const char *const words[] = {"sommerregen", "dragonfly", "korallenriff",
                                        "Hirondelle"};
    for (size_t f = 0; f < sizeof word_forms / sizeof *word_forms; f++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
            char text[256];
            const char *at = strchr(word_forms[f], '@');
            snprintf(text, sizeof text, "%.*s%s%s", (int)(at - word_forms[f]),
                     word_forms[f], words[k], at + 1);
            if (!is_held(state, text))
                print_message("not held: %s\n", text);
            assert_true(is_held(state, text));
        }
}

static void what_forms_say_of_a_password_is_none(void **state)
{
    static const char *const rows[] = {
        "password: required",
        "Passwort: vergessen?",
        "Passwort: Pflichtfeld",
        "Mot de passe : oublié",
        "contraseña: ¿olvidó su contraseña?",
        "Пароль: неверный",
        "密码：必填",
        "password: CharField",
        "password: mandatory",
        "password = input",
        "{\"password\": \"incorrect\"}",
        "The password is expired.",
        "Das Passwort ist überall gleich",
        "La contraseña es obligatoria",
        "password: must have 8 characters",
        "Passwort: mindestens 8 Zeichen",
        "Password: expires in 30 days",
    };
    CHECK(rows, false);
}

static void phrases_are_passwords_whatever_parts_their_words(void **state)
{
    static const char *const held[] = {
        "Password: correct-walnut-drum-vale",
        "password: otter.maple.frost",
        "DB_PASSWORD=velvet_harbor_tuesday_moss",
        "{\"password\":\"otter.maple.frost\"}",
        "password=tiger lily moon 4",
        "<password>tiger lily moon 4</password>",
        "password: vier graue Elefanten 12",
    };
    static const char *const free_of[] = {
        "password: config.db.password",    "password=user.profile.password",
        "password: my-app-db-secret",      "password: your-strong-password-here",
        "password: validation.min.length", "password=get_user_password_hash",
        "password = None if x else y",     "password: see section 4 below",
    };
    CHECK(held, true);
    CHECK(free_of, false);
}

static void a_login_of_nobody_is_nothing_and_one_with_a_slash_is_held(void **state)
{
    static const char *const free_of[] = {
        "root:root@127.0.0.1",
        "amqp://guest:guest@localhost:5672/",
        "https://admin:admin@myhost.test/",
        "http://localhost:3000/@vite/client",
    };
    static const char *const held[] = {
        "redis://:m%26Ms%2F2024@cache.oak-tools.com:6379/0",
        "postgres://app:app@db.oak-tools.com/x",
        "postgres://app:Zug%21ab%3F3@db.oak-tools.com/x",
    };
    CHECK(free_of, false);
    CHECK(held, true);
}

static void labels_say_password_by_a_word_that_means_nothing_else(void **state)
{
    (void)state;
    assert_true(names_password(STR("Wifi password")));
    assert_true(names_password(STR("DB_PASSWORD")));
    assert_true(names_password(STR("userPassword")));
    assert_true(names_password(STR("Mot de passe")));
    assert_false(names_password(STR("pass")));
    assert_false(names_password(STR("clave")));
    assert_false(names_password(STR("parola")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_a_password_in_every_notation_that_says_so),
        cmocka_unit_test(what_forms_say_of_a_password_is_none),
        cmocka_unit_test(phrases_are_passwords_whatever_parts_their_words),
        cmocka_unit_test(a_login_of_nobody_is_nothing_and_one_with_a_slash_is_held),
        cmocka_unit_test(labels_say_password_by_a_word_that_means_nothing_else),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
