/* judge_other.c -- see judge.h: accounts, numbers, dates, addresses and hosts. */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"
#include "scan/read/known_form.h"
#include "scan/read/named.h"
#include "scan/read/no_value.h"
#include "scan/text/letters.h"

static bool is_role(struct str s)
{
    static const char *const words[] = {"root",      "admin",      "administrator",
                                        "postgres",  "mysql",      "ubuntu",
                                        "debian",    "daemon",     "nobody",
                                        "www-data",  "system",     "sa",
                                        "oracle",    "sys",        "pi",
                                        "ec2-user",  "vagrant",    "jenkins",
                                        "docker",    "git",        "anonymous",
                                        "service",   "nginx",      "apache",
                                        "bin",       "operator",   "default",
                                        "me",        "you",        "name",
                                        "localhost", "everyone",   "all",
                                        "any",       "support",    "info",
                                        "noreply",   "assistant",  "human",
                                        "model",     "tool",       "developer",
                                        "users",     "mongodb",    "redis",
                                        "rabbitmq",  "elastic",    "kibana",
                                        "grafana",   "prometheus", "backup",
                                        "deploy",    "runner",     "build",
                                        "app",       "web",        "api",
                                        "db",        "dovecot",    "postfix",
                                        "mailman",   "mysqld",     "sshd",
                                        "ftp",       "named",      "foo",
                                        "bar",       "baz",        "someone",
                                        "has",       "had",        "was",
                                        "is",        "last",       "first",
                                        "who",       "that",       "already",
                                        "currently", "sqluser",    "dbuser",
                                        "testuser",  "myuser",     "someuser",
                                        "sysname",   "nodename",   "release",
                                        "version",   "machine",    "processor"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* "PASSWORD@127.0.0.1": the end of an address of a server. */
static bool is_login_of_url(struct str v)
{
    ptrdiff_t at = str_index(v, '@');
    return at > 0 && (telling_of(str_sub(v, 0, (size_t)at)).what == TELLS_PASSWORD ||
                      is_digit(v.p[at + ((size_t)at + 1 < v.n)]));
}

unsigned judge_user(const struct given *g)
{
    struct str v = str_trim(g->value);
    size_t letters = 0;
    if (!g->is_quoted && v.n && v.p[v.n - 1] == '.')
        v.n--;
    if (v.n > 4 && v.p[v.n - 1] == '$' && is_upper(v.p[0]) && count_digits(v))
        v.n--; /* "DC59$": the account of a machine */
    for (size_t i = 0; i < v.n; i++) {
        letters += is_alpha(v.p[i]) || v.p[i] < 0;
        if (!is_alnum(v.p[i]) && v.p[i] >= 0 && !strchr("._-@\\+", v.p[i]))
            return 0;
    }
    if (v.n < 3 || v.n > 40 || letters < 2 || !has_letter(v) || v.p[0] == '-' ||
        is_role(v) || is_function_word(v) || is_no_value(g, v) || is_login_of_url(v) ||
        g->is_inner)
        return 0;
    if (g->note == NOTE_CODE && !g->is_quoted)
        return 0;
    if (g->note == NOTE_LINE && !count_digits(v) && v.p[0] != '@')
        return 0;
    return count_digits(v) ? 85 : 75;
}

struct str number_at_front(struct str s)
{
    size_t end = 0;
    for (size_t i = 0; i < s.n && i < 48; i++) {
        char c = s.p[i], next = i + 1 < s.n ? s.p[i + 1] : '\0';
        bool opens = (c == '(' || c == '+') && (is_digit(next) || next == '+');
        bool parts = c == ' ' && (is_digit(next) || is_upper(next) || next == '(');
        if (is_alnum(c))
            end = i + 1;
        else if (!opens && !parts && c != ')' && c != '-' && c != '/' && c != '.' &&
                 c != '_' && c != '#')
            break;
    }
    return str_sub(s, 0, end);
}

/* Parts between dashes and blanks. */
static size_t groups_of(struct str s)
{
    size_t n = s.n > 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '-' || s.p[i] == ' ';
    return n;
}

/* "RFC1952": no number of a taxpayer of Mexico. */
static bool is_standard(struct str v)
{
    enum { DIGITS_MOST = 5 };
    struct str rest = str_sub(v, 3, v.n);
    return str_starts(v, STR("RFC")) && rest.n <= DIGITS_MOST &&
           count_digits(rest) == rest.n;
}

/* "2617/7616", "XP/2003", "8-65464": two numbers, versions, a range. */
static bool is_couple(struct str v)
{
    enum { PART_MOST = 5 };
    size_t mark = 0;
    while (mark < v.n && v.p[mark] != '/' && v.p[mark] != '-')
        mark++;
    struct str first = str_sub(v, 0, mark), second = str_sub(v, mark + 1, v.n);
    bool is_range = mark < v.n && v.p[mark] == '-';
    return second.n && count_digits(second) == second.n && first.n <= PART_MOST &&
           second.n <= PART_MOST && first.n &&
           (!is_range || (first.n == 1 && is_digit(first.p[0])));
}

/* Capitals and digits, as papers are numbered: "CA19663FR", "L9NRK7X20". */
static bool is_document(enum telling what, struct str v, size_t digits, size_t small)
{
    enum { LEAST = 7, MOST = 24, DIGITS = 2 };
    bool is_paper = what == TELLS_NATIONAL || what == TELLS_PASSPORT ||
                    what == TELLS_LICENSE || what == TELLS_PLAN || what == TELLS_TAX;
    return is_paper && !is_standard(v) && small == 0 && digits >= DIGITS &&
           digits < v.n && v.n >= LEAST && v.n <= MOST;
}

/* How many digits a number has at least that only a blank parts from its name. */
static size_t least_in_line(enum telling what, bool is_paper)
{
    return what == TELLS_EMPLOYEE ? 4 : is_paper ? 3 : 6;
}

/* "30.123.456" of a person, "1503.21.48391" of a bank. */
static bool is_dotted_number(enum telling what, size_t dots, size_t digits)
{
    return dots <= 3 && ((what == TELLS_NATIONAL && digits >= 7) ||
                         (what == TELLS_ACCOUNT && digits >= 10));
}

unsigned judge_number(const struct given *g)
{
    struct str whole = str_trim(g->value), v = number_at_front(whole);
    if ((v.n < whole.n && whole.p[v.n] == '@') || is_machine_limit(v) ||
        is_of_register(v) || is_security_id(v))
        return 0;
    size_t digits = count_digits(v), letters = 0, small = 0, run = 0, longest = 0;
    for (size_t i = 0; i < v.n; i++) {
        letters += is_alpha(v.p[i]);
        small += is_lower(v.p[i]);
        run = is_alpha(v.p[i]) ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    if ((g->what == TELLS_NATIONAL || g->what == TELLS_TAX) && !g->is_said &&
        is_couple(v))
        return 0;
    if (g->note == NOTE_SCHEME)
        return is_placeholder(v) || is_counted_off(v) ? 0 : 86;
    bool is_form = g->is_said && (g->what == TELLS_NATIONAL || g->what == TELLS_PLAN);
    bool is_paper = is_document(g->what, v, digits, small);
    size_t least = is_paper                                            ? 2
                   : g->what == TELLS_EMPLOYEE || g->what == TELLS_MRN ? 3
                   : is_form                                           ? 4
                                                                       : 5;
    if (g->what == TELLS_DEVICE) /* a counter, too, may be called serial */
        return letters >= 1 && digits >= 2 && v.n >= 6 && v.n <= 24 &&
                       (!small || (g->note == NOTE_DATA && digits >= 6)) &&
                       longest <= 6 && !g->is_inner && !is_placeholder(v) &&
                       !(g->note == NOTE_CODE && !g->is_quoted)
                   ? 70
                   : 0;
    if (g->what == TELLS_PLATE && g->note == NOTE_LINE && groups_of(v) < 3)
        return 0; /* "bus RS-485" */
    if (g->what == TELLS_PLATE)
        return digits >= 1 && letters >= 1 && v.n >= 4 && v.n <= 12 && !small &&
                       longest <= 4
                   ? 80
                   : 0;
    size_t dots = 0;
    for (size_t i = 0; i < v.n; i++)
        dots += v.p[i] == '.';
    if (g->note == NOTE_LINE &&
        ((dots && !is_dotted_number(g->what, dots, digits)) || g->what == TELLS_PLATE ||
         digits < least_in_line(g->what, is_paper) ||
         (g->what == TELLS_ACCOUNT && letters > 1) ||
         (g->what == TELLS_CARD && (digits < 15 || v.n == digits))))
        return 0;
    if ((dots > 2 && letters == 0 && dots != 3) || str_starts(v, STR("0x")))
        return 0;
    if (g->what == TELLS_VIN && v.n == 17 && digits >= 3 && !small)
        return g->is_inner || (g->note == NOTE_CODE && !g->is_quoted) ? 0 : 80;
    if (g->is_inner || digits < least || v.n > 32 || longest > (is_paper ? 6 : 5) ||
        small > 3 || (g->note == NOTE_CODE && !g->is_quoted) || is_placeholder(v) ||
        is_typed(v))
        return digits >= 9 && is_typed(v) && !g->is_inner && g->note != NOTE_CODE ? 60
                                                                                  : 0;
    return 80;
}

static bool is_year(struct str s)
{
    return s.n == 4 && ((s.p[0] == '1' && s.p[1] == '9') ||
                        (s.p[0] == '2' && s.p[1] == '0' && s.p[2] <= '2'));
}

static unsigned two_digits(struct str s)
{
    return (unsigned)(s.p[0] - '0') * 10 + (unsigned)(s.p[1] - '0');
}

static bool is_day(struct str year, struct str month, struct str day)
{
    unsigned m = two_digits(month), d = two_digits(day);
    return is_year(year) && m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

unsigned judge_date(const struct given *g)
{
    struct str v = str_trim(g->value);
    size_t digits = 0, groups = 0, letters = 0, other = 0;
    if (v.n > 40)
        v.n = 40;
    for (size_t i = 0; i < v.n; i++) {
        bool d = is_digit(v.p[i]);
        digits += d;
        groups += d && (i == 0 || !is_digit(v.p[i - 1]));
        letters += is_alpha(v.p[i]) || v.p[i] < 0;
        other += !d && !is_alpha(v.p[i]) && v.p[i] >= 0 && !strchr("./- ,:T'", v.p[i]);
    }
    if (other || (g->note == NOTE_CODE && !g->is_quoted) || g->is_inner)
        return 0;
    if (groups == 1 && digits == 8 && letters == 0)
        return is_day(str_sub(v, 0, 4), str_sub(v, 4, 6), str_sub(v, 6, 8)) ||
                       is_day(str_sub(v, 4, 8), str_sub(v, 2, 4), str_sub(v, 0, 2)) ||
                       is_day(str_sub(v, 4, 8), str_sub(v, 0, 2), str_sub(v, 2, 4))
                   ? 85
                   : 0;
    if (groups == 1 && digits == 4)
        return is_year(v) ? 80 : 0;
    return digits >= 3 && groups >= 2 && groups <= 6 && letters <= 24 ? 85 : 0;
}

/* A number of its own, maybe with a letter: "12a"; not "IPv4" or "0xFF". */
static bool has_own_number(struct str s)
{
    for (size_t i = 0, to = 0; i < s.n; i = to + 1) {
        for (to = i; to < s.n && is_digit(s.p[to]); to++)
            ;
        bool begins = i == 0 || !is_alpha(s.p[i - 1]) || i == 1 || !is_alpha(s.p[i - 2]);
        bool goes_on = to + 1 < s.n && is_alpha(s.p[to]) && is_alpha(s.p[to + 1]);
        if (to > i && begins && !goes_on)
            return true;
    }
    return false;
}

/* "lookup(x)"; and of "0.0.0.0:8080 is in use" what stands behind the colon. */
static bool is_of_program(const struct given *g, struct str v)
{
    ptrdiff_t opens = str_index(v, '(');
    bool is_port = !g->is_said && is_digit(v.p[0]) && v.p == g->value.p && v.p[-1] == ':';
    return is_port || (opens > 0 && is_alnum(v.p[opens - 1]));
}

unsigned judge_address(const struct given *g)
{
    struct str v = str_trim(g->value);
    size_t digits = count_digits(v), letters = 0, blanks = 0, marks = 0;
    for (size_t i = 0; i < v.n; i++) {
        letters += is_alpha(v.p[i]) || v.p[i] < 0;
        blanks += v.p[i] == ' ' || v.p[i] == '^';
        bool parts = g->is_said && (v.p[i] == ';' || v.p[i] == '\\'); /* of a vCard */
        marks += v.p[i] >= 0 && !parts && strchr("=<>{}[]@$%*|~`\\;?!_", v.p[i]) != NULL;
    }
    if (v.n < 6 || letters < 3 || marks || memmem(v.p, v.n, "://", 3) || g->is_inner ||
        (g->note == NOTE_CODE && !g->is_quoted) || is_placeholder(v) ||
        is_reference(v, g->is_quoted) || is_of_program(g, v))
        return 0;
    if (v.n > 1 && v.p[0] == '0' && v.p[1] == 'x')
        return 0;
    bool script = v.p[0] < 0;
    if (digits < letters && has_own_number(v) && (blanks || script))
        return 75;
    return g->is_said && blanks && letters > 5 ? 60 : 0;
}

/* db01.dmz.bell.example: a label that only names inside of a house have. */
static bool has_inner_label(struct str v)
{
    static const char *const labels[] = {
        "dmz", "int",   "internal", "intern",  "corp",    "prod",  "stg",    "staging",
        "lan", "mgmt",  "priv",     "private", "intra",   "ad",    "svc",    "vpn",
        "lab", "infra", "ops",      "k8s",     "cluster", "local", "office", "oob"};
    for (size_t i = 0; i < v.n;) {
        size_t to = i;
        while (to < v.n && v.p[to] != '.')
            to++;
        if (i > 0 && to < v.n && is_word_of(str_sub(v, i, to), labels, ARRAY_LEN(labels)))
            return true;
        i = to + 1;
    }
    return false;
}

unsigned judge_host(const struct given *g)
{
    static const char *const inside[] = {
        ".local",    ".internal",    ".lan",  ".corp", ".intra",   ".home",
        ".intranet", ".localdomain", ".priv", ".ad",   ".private", ".prod",
        ".svc",      ".site",        ".dmz",  ".test"};
    static const char *const levels[] = {"info",     "warn",  "warning", "error",
                                         "debug",    "trace", "fatal",   "notice",
                                         "critical", "alert", "severe"};
    struct str v = str_trim(g->value);
    size_t letters = 0, marks = 0;
    if (is_word_of(v, levels, ARRAY_LEN(levels)))
        return 0; /* of a log's line, not the machine that wrote it */
    for (size_t i = 0; i < v.n; i++) {
        letters += is_alpha(v.p[i]);
        marks += !is_alnum(v.p[i]) && v.p[i] != '-' && v.p[i] != '.';
    }
    if (v.n < 4 || v.n > 80 || marks || letters < 2 || is_no_value(g, v) || g->is_inner ||
        (g->note == NOTE_CODE && !g->is_quoted) || str_starts(v, STR("localhost")))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(inside); i++)
        if (str_ends(v, str_of(inside[i])))
            return 75;
    if (has_inner_label(v))
        return 75;
    return !memchr(v.p, '.', v.n) &&
                   (count_digits(v) || memchr(v.p, '-', v.n) || g->is_said)
               ? 70
               : 0;
}
