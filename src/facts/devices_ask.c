/* devices_ask.c -- which device a name means, and the questions when it means several. */
#include "facts/devices_rows.h"
#include "facts/nearest.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define SAME_GB 0.6 /* makers and drivers round */

bool device_has_size(const struct device *d, double memory_gb)
{
    if (memory_gb <= 0 || d->memory_gb <= 0)
        return true;
    for (size_t i = 0; i < d->nsizes; i++)
        if (fabs(d->sizes[i] - memory_gb) < SAME_GB)
            return true;
    if (d->nsizes)
        return false;
    if (d->is_unified) /* modules of any size */
        return memory_gb < d->memory_gb + SAME_GB;
    return fabs(d->memory_gb - memory_gb) < SAME_GB;
}

int64_t device_price(const struct device *d, double memory_gb)
{
    for (size_t i = 0; i < d->nsizes; i++)
        if (fabs(d->sizes[i] - memory_gb) < SAME_GB && d->size_nanousd[i] >= 0)
            return d->size_nanousd[i];
    bool is_smallest = d->nsizes == 0 || memory_gb <= d->sizes[0] + SAME_GB;
    return is_smallest ? d->price_nanousd : -1;
}

/* The rows of a match that have the memory; false when some were there and none has. */
static bool keep(const struct devices *d, const struct name_match *m, double memory_gb,
                 struct device_answer *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < m->n; i++)
        if (device_has_size(&d->rows[m->rows[i]], memory_gb))
            ret->choices[ret->n++] = &d->rows[m->rows[i]];
    if (ret->n || m->n == 0)
        return true;
    for (size_t i = 0; i < m->n; i++)
        ret->choices[ret->n++] = &d->rows[m->rows[i]];
    return false;
}

static void ask(const struct devices *d, struct str name, double memory_gb,
                struct device_answer *ret)
{
    struct name_tokens t;
    struct name_match m;
    *ret = (struct device_answer){.count = 1, .memory_gb = memory_gb};
    if (!names_read(d->names, name, &t))
        return;
    names_match(d->names, &t, &m);
    if (ret->memory_gb <= 0)
        ret->memory_gb = t.memory_gb;
    ret->is_size = !keep(d, &m, ret->memory_gb, ret);
    if (ret->n == 0 || ret->is_size)
        return;
    ret->verdict = ret->n == 1 && m.is_whole ? NAME_FOUND : NAME_QUESTION;
    if (ret->verdict == NAME_FOUND && ret->memory_gb <= 0 && ret->choices[0]->nsizes == 0)
        ret->memory_gb = ret->choices[0]->memory_gb;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_times(struct str s, size_t *ret_n)
{
    *ret_n = str_starts(s, STR("\xC3\x97")) ? 2 : 1; /* the multiplication sign */
    return *ret_n == 2 || (s.n && (s.p[0] == 'x' || s.p[0] == 'X' || s.p[0] == '*'));
}

/* "2x NAME", "2 NAME": the number, and what is behind it; 0 when there is none. */
static unsigned leading_count(struct str name, struct str *ret_rest)
{
    static const struct {
        const char *word;
        unsigned count;
    } words[] = {{"dual ", 2},   {"two ", 2},    {"twin ", 2},
                 {"double ", 2}, {"triple ", 3}, {"three ", 3},
                 {"quad ", 4},   {"four ", 4},   {"eight ", 8}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (str_starts_nocase(name, str_of(words[i].word))) {
            *ret_rest = str_sub(name, strlen(words[i].word), name.n);
            return words[i].count;
        }
    }
    size_t n = 0, times;
    uint64_t count;
    while (n < name.n && is_digit(name.p[n]))
        n++;
    struct str rest = str_trim(str_sub(name, n, name.n));
    bool is_apart = n < name.n && name.p[n] == ' ';
    if (n == 0 || n > 2 || !str_to_u64(str_sub(name, 0, n), &count))
        return 0;
    if (is_times(rest, &times))
        rest = str_sub(rest, times, rest.n);
    else if (!is_apart)
        return 0;
    *ret_rest = str_trim(rest);
    return (unsigned)count;
}

/* "NAME x2", "NAME * 2", "NAME (x2)". */
static unsigned trailing_count(struct str name, struct str *ret_rest)
{
    size_t end = name.n;
    uint64_t count;
    while (end && (name.p[end - 1] == ')' || name.p[end - 1] == ' '))
        end--;
    size_t digits = end;
    while (digits && is_digit(name.p[digits - 1]))
        digits--;
    if (digits == end || end - digits > 2 ||
        !str_to_u64(str_sub(name, digits, end), &count))
        return 0;
    size_t at = digits;
    while (at && name.p[at - 1] == ' ')
        at--;
    struct str before = str_sub(name, 0, at);
    bool sign = str_ends(before, STR("\xC3\x97"));
    if (!sign && (before.n == 0 ||
                  (before.p[before.n - 1] != 'x' && before.p[before.n - 1] != 'X' &&
                   before.p[before.n - 1] != '*')))
        return 0;
    before = str_sub(before, 0, before.n - (sign ? 2 : 1));
    while (before.n && (before.p[before.n - 1] == '(' || before.p[before.n - 1] == ' '))
        before.n--;
    *ret_rest = before;
    return (unsigned)count;
}

void devices_ask(const struct devices *d, struct str name, double memory_gb,
                 struct device_answer *ret)
{
    struct str rest;
    name = str_trim(name);
    ask(d, name, memory_gb, ret);
    if (ret->n)
        return;
    unsigned count = leading_count(name, &rest);
    if (count == 0)
        count = trailing_count(name, &rest);
    if (count == 0 || rest.n == 0)
        return;
    ask(d, rest, memory_gb, ret);
    if (ret->n == 0 && rest.n > 1 && (rest.p[rest.n - 1] == 's')) /* "3090s" */
        ask(d, str_sub(rest, 0, rest.n - 1), memory_gb, ret);
    ret->count = count;
}

const struct device *devices_find(const struct devices *d, struct str name,
                                  double memory_gb)
{
    struct device_answer a;
    devices_ask(d, name, memory_gb, &a);
    return a.verdict == NAME_FOUND ? a.choices[0] : NULL;
}

const struct device *devices_seen(const struct devices *d, struct str name,
                                  double memory_gb)
{
    struct name_tokens t;
    struct name_match m;
    const struct device *best = NULL;
    double best_off = 0;
    if (!names_read(d->names, name, &t))
        return NULL;
    names_match(d->names, &t, &m);
    for (size_t i = 0; m.is_whole && i < m.n; i++) {
        const struct device *row = &d->rows[m.rows[i]];
        double off = fabs(row->memory_gb - memory_gb);
        if (memory_gb <= 0 || row->memory_gb <= 0)
            off = 0;
        else if (row->is_unified) /* less may be shown than there is */
            off = device_has_size(row, memory_gb) ? 0 : row->memory_gb;
        bool alike = best && fabs(off - best_off) < SAME_GB;
        if (!best ||
            (alike ? row->bandwidth_gbs < best->bandwidth_gbs : off < best_off)) {
            best = row;
            best_off = off;
        }
    }
    return best;
}

const struct device *devices_slowest(const struct devices *d, enum device_kind kind,
                                     double memory_gb)
{
    const struct device *best = NULL;
    for (size_t i = 0; i < d->n; i++) {
        const struct device *row = &d->rows[i];
        double ratio = row->memory_gb > 0 ? memory_gb / row->memory_gb : 0;
        if (row->kind == kind && !row->is_unified && ratio > 0.85 && ratio < 1.15 &&
            (!best || row->bandwidth_gbs < best->bandwidth_gbs))
            best = row;
    }
    return best;
}

void devices_with(const struct device_named *named, double memory_gb,
                  struct device_range *ret)
{
    bool any = false;
    *ret = (struct device_range){0};
    for (size_t i = 0; i < named->n; i++)
        any = any || device_has_size(named->rows[i], memory_gb);
    for (size_t i = 0; i < named->n; i++) {
        const struct device *row = named->rows[i];
        if (any && !device_has_size(row, memory_gb))
            continue;
        if (!ret->fastest || row->bandwidth_gbs > ret->fastest->bandwidth_gbs)
            ret->fastest = row;
        if (!ret->slowest || row->bandwidth_gbs < ret->slowest->bandwidth_gbs)
            ret->slowest = row;
        ret->memory_gb = fmax(ret->memory_gb, row->memory_gb);
    }
}

static void take_rows(const struct devices *d, const struct name_match *m,
                      struct device_named *ret)
{
    ret->n = m->n;
    for (size_t i = 0; i < m->n; i++)
        ret->rows[i] = &d->rows[m->rows[i]];
}

size_t devices_named_at(const struct devices *d, struct str sentence, size_t at,
                        struct device_named *ret)
{
    struct name_match m;
    size_t end = names_at(d->names, sentence, at, &m);
    take_rows(d, &m, ret);
    return end;
}

bool devices_in_sentence(const struct devices *d, struct str sentence, double memory_gb,
                         struct device_range *ret)
{
    struct name_match m;
    struct device_named named;
    names_in_sentence(d->names, sentence, &m);
    take_rows(d, &m, &named);
    devices_with(&named, memory_gb, ret);
    return named.n > 0;
}

/* -- questions ------------------------------------------------------------------------
 */

static void say(char *out, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void say(char *out, size_t size, const char *fmt, ...)
{
    size_t used = strlen(out);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(out + used, size - used, fmt, ap);
    va_end(ap);
}

/* "16, 24 or 32". */
static void say_sizes(const struct device *d, char *out, size_t size)
{
    for (size_t i = 0; i < d->nsizes; i++)
        say(out, size, "%s%g",
            i == 0               ? ""
            : i + 1 == d->nsizes ? " or "
                                 : ", ",
            d->sizes[i]);
    if (d->nsizes == 0)
        say(out, size, "%g", d->memory_gb);
}

/* Whether memory tells the choices apart. */
static bool differ_in_memory(const struct device_answer *a)
{
    for (size_t i = 1; i < a->n; i++)
        if (a->choices[i]->nsizes != a->choices[0]->nsizes ||
            fabs(a->choices[i]->memory_gb - a->choices[0]->memory_gb) >= SAME_GB)
            return true;
    return false;
}

static void say_choices(const struct device_answer *a, char *out, size_t size)
{
    enum { SHOWN = 6, WITH_MEMORY = 4 };
    for (size_t i = 0; i < a->n && i < SHOWN && strlen(out) + 70 < size; i++) {
        say(out, size, "%s%.*s", i ? ", " : "", STR_ARG(a->choices[i]->name));
        if (a->n > WITH_MEMORY || !differ_in_memory(a))
            continue;
        say(out, size, " (");
        say_sizes(a->choices[i], out, size);
        say(out, size, " GB)");
    }
    if (a->n > SHOWN)
        say(out, size, " and %zu more", a->n - SHOWN);
}

static int ask_which(const struct device_answer *a, struct str name, struct err *err)
{
    char words[230] = "";
    say_choices(a, words, sizeof words);
    int n = (int)(name.n > 40 ? 40 : name.n);
    if (a->n == 1)
        return err_set(err, ERR_CONFIG, "ambiguous_device",
                       "--device: \"%.*s\" is no whole name; do you mean %s?", n, name.p,
                       words);
    return err_set(err, ERR_CONFIG, "ambiguous_device",
                   "--device: \"%.*s\" may be %s: which?%s", n, name.p, words,
                   differ_in_memory(a) ? " Or give --memory" : "");
}

static int ask_size(const struct device *d, struct err *err)
{
    char words[80] = "";
    say_sizes(d, words, sizeof words);
    return err_set(err, ERR_CONFIG, "unknown_memory",
                   "--memory: %.*s is sold with %s GB; give the memory that yours has",
                   STR_ARG(d->name), words);
}

static int no_such_size(const struct device_answer *a, struct err *err)
{
    char words[160] = "";
    for (size_t i = 0; i < a->n && strlen(words) + 60 < sizeof words; i++) {
        say(words, sizeof words, "%s%.*s with ", i ? ", " : "",
            STR_ARG(a->choices[i]->name));
        say_sizes(a->choices[i], words, sizeof words);
        say(words, sizeof words, " GB");
    }
    bool is_several = a->n == 1 && a->choices[0]->nsizes == 0 &&
                      fmod(a->memory_gb, a->choices[0]->memory_gb) < SAME_GB &&
                      a->memory_gb > a->choices[0]->memory_gb;
    if (is_several)
        return err_set(err, ERR_CONFIG, "unknown_memory",
                       "--memory: %g GB is not one of it; known is %s. For several cards "
                       "write --device \"%.0fx %.*s\"",
                       a->memory_gb, words, a->memory_gb / a->choices[0]->memory_gb,
                       STR_ARG(a->choices[0]->name));
    return err_set(err, ERR_CONFIG, "unknown_memory",
                   "--memory: no such device has %g GB; known is %s", a->memory_gb,
                   words);
}

static int explain_unknown(const struct devices *d, struct str name, struct err *err)
{
    struct nearest near;
    char words[200];
    nearest_init(&near, name);
    for (size_t i = 0; i < d->n; i++)
        nearest_offer(&near, d->rows[i].name);
    nearest_print(&near, "; the nearest known are ", "", words, sizeof words);
    return err_set(err, ERR_CONFIG, "unknown_device",
                   "the device \"%.*s\" is unknown%s; weir facts devices lists all",
                   (int)(name.n > 60 ? 60 : name.n), name.p, words);
}

int devices_choose(const struct devices *d, struct str name, double memory_gb,
                   struct device_answer *ret, struct err *err)
{
    devices_ask(d, name, memory_gb, ret);
    if (ret->count < 1 || ret->count > 16)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--device: must be 1 to 16 cards in one machine");
    if (ret->is_size)
        return no_such_size(ret, err);
    if (ret->verdict == NAME_QUESTION)
        return ask_which(ret, name, err);
    if (ret->verdict == NAME_UNKNOWN)
        return explain_unknown(d, name, err);
    if (ret->memory_gb <= 0 && ret->choices[0]->nsizes)
        return ask_size(ret->choices[0], err);
    return 0;
}
