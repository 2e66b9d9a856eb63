/* ratelimit.c -- see ratelimit.h. */
#include "http/ratelimit.h"

/* Up to one of `marks` outside of quotes; it and the mark are taken off *rest. */
static struct str take_until(struct str *rest, const char *marks)
{
    bool is_quoted = false;
    size_t n = 0;
    for (; n < rest->n; n++) {
        char c = rest->p[n];
        if (c == '"')
            is_quoted = !is_quoted;
        else if (c == '\\' && is_quoted)
            n++;
        else if (!is_quoted && c && strchr(marks, c))
            break;
    }
    struct str taken = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n + 1, rest->n);
    return str_trim(taken);
}

static void read_part(struct str part, struct ratelimit *limit)
{
    double n;
    ptrdiff_t eq = str_index(part, '=');
    struct str key = str_trim(str_sub(part, 0, eq < 0 ? 0 : (size_t)eq));
    struct str value = str_trim(str_sub(part, eq < 0 ? part.n : (size_t)eq + 1, part.n));
    if (!str_to_double(value, &n))
        return;
    if (str_eq_nocase(key, STR("t")) || str_eq_nocase(key, STR("reset"))) {
        limit->has_reset = true;
        limit->reset_s = n;
    } else if (str_eq_nocase(key, STR("r")) || str_eq_nocase(key, STR("remaining"))) {
        limit->is_used_up = n <= 0;
    }
}

/* Whether a limit of its own begins here: by its name, which the dictionary has not. */
static bool begins_limit(struct str rest)
{
    struct str first = take_until(&rest, ",;");
    return first.n && (first.p[0] == '"' || str_index(first, '=') < 0);
}

bool ratelimit_next(struct str *rest, struct ratelimit *ret)
{
    *ret = (struct ratelimit){.has_reset = false};
    if (str_trim(*rest).n == 0)
        return false;
    do {
        struct str member = take_until(rest, ",");
        while (member.n)
            read_part(take_until(&member, ";"), ret);
    } while (str_trim(*rest).n && !begins_limit(*rest));
    return true;
}
