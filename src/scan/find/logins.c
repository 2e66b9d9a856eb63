/* logins.c -- see logins.h. */
#include "scan/find/logins.h"

#include "scan/detect.h"

static bool is_mask(struct str password)
{
    return password.p[0] == '*' || (password.p[0] == 'x' && password.p[1] == 'x');
}

/* A server on the machine itself, or under a name that is reserved for tests. */
static bool is_of_nobody(struct str server)
{
    static const char *const fronts[] = {"localhost", "127.", "[::1]", "0.0.0.0"};
    size_t end = 0;
    for (size_t i = 0; i < ARRAY_LEN(fronts); i++)
        if (str_starts_nocase(server, str_of(fronts[i])))
            return true;
    while (end < server.n && server.p[end] != ':' && server.p[end] != '/')
        end++;
    return str_ends(str_sub(server, 0, end), STR(".test"));
}

bool is_documented_login(struct str user, struct str password, struct str server)
{
    static const char *const words[] = {
        "password",
        "pass",
        "passwd",
        "pwd",
        "secret",
        "pw",
        "token",
        "changeme",
        "bar",
        "xyz",
        "pass1",
        "example",
        "apikey",
        "p",
        "b",
        "mypassword",
        "yourpassword",
        "user_password",
        "abc",
        "test",
        "mot_de_passe",
        "motdepasse",
        "contrasena",
        "contrase\xC3\xB1"
        "a",
        "clave",
        "senha",
        "passwort",
        "kennwort",
        "geheim",
        "wachtwoord",
        "haslo",
        "has\xC5\x82o",
        "heslo",
        "jelszo",
        "jelsz\xC3\xB3",
        "parola",
        "lozinka",
        "geslo",
        "sifre",
        "\xC5\x9Fifre",
        "salasana",
        "losenord",
        "l\xC3\xB6senord",
        "passord",
        "kodeord",
        "adgangskode",
        "password_utente",
        "\xD0\xBF\xD0\xB0\xD1\x80\xD0\xBE"
        "\xD0\xBB\xD1\x8C",
        "\xE5\xAF\x86\xE7\xA0\x81",
        "\xE5\xAF\x86\xE7\xA2\xBC",
        "\xEB\xB9\x84\xEB\xB0\x80\xEB\xB2\x88\xED\x98\xB8",
        "\xE3\x83\x91\xE3\x82\xB9\xE3\x83\xAF\xE3\x83\xBC\xE3\x83\x89"};
    static const char *const hosts[] = {"example.com", "example.org", "example.net",
                                        "host",        "hostname",    "server"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_nocase(password, str_of(words[i])))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
        if (str_starts_nocase(server, str_of(hosts[i])) && password.n <= 4)
            return true;
    bool is_same =
        user.n > 0 && str_eq_nocase(user, password); /* guest:guest@localhost */
    return is_mask(password) || (is_same && is_of_nobody(server)) ||
           (user.n == 0 && str_starts(password, STR("pserver:")));
}

size_t sign_behind_slash(struct str url, size_t colon)
{
    size_t i = colon + 1, host, end = url.n;
    while (i < end && is_digit(url.p[i]))
        i++;
    if (i == end || url.p[i] == '/' || url.p[i] == '?')
        return 0;
    while (i < end && url.p[i] != '@')
        i++;
    for (host = i + 1; host < end && (is_alnum(url.p[host]) || url.p[host] == '-' ||
                                      url.p[host] == '.' || url.p[host] == ':');)
        host++;
    bool is_host = host > i + 3 && memchr(url.p + i + 1, '.', host - i - 1) &&
                   (host == end || url.p[host] == '/' || url.p[host] == '?');
    return i < end && is_host ? i : 0;
}
