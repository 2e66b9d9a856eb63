/* claim_explain.c -- what a claim lacks, and the known names that come near. */
#include "facts/nearest.h"
#include "fit/claim.h"
#include "fit/claim_text.h"

#include <stdio.h>

enum { WORDS_MAX = 24, WORD_MAX = 40 };

static bool is_name_char(char c)
{
    return claim_is_alnum(c) || c == '.' || c == '-' || c == '_' || c == ':';
}

/* Words that may be names: a letter with a digit, or a capital letter. */
static bool may_be_name(struct str w)
{
    bool digit = false, letter = false, capital = false;
    for (size_t i = 0; i < w.n; i++) {
        digit = digit || claim_is_digit(w.p[i]);
        letter = letter || (claim_is_alnum(w.p[i]) && !claim_is_digit(w.p[i]));
        capital = capital || (w.p[i] >= 'A' && w.p[i] <= 'Z');
    }
    return w.n >= 2 && w.n <= WORD_MAX && letter && (digit || capital);
}

static struct str name_of(const struct facts *f, bool device, size_t i)
{
    return device ? devices_at(f->devices, i)->name : models_at(f->models, i)->id;
}

/* Keeps `best` or takes what comes nearer to `wanted`, by the share that would change. */
static void offer_all(const struct facts *f, bool device, struct str wanted,
                      struct nearest *best, double *share)
{
    struct nearest near;
    size_t n = device ? devices_count(f->devices) : models_count(f->models);
    nearest_init(&near, wanted);
    for (size_t i = 0; i < n; i++)
        nearest_offer(&near, name_of(f, device, i));
    if (near.n == 0)
        return;
    double s = (double)near.best[0].distance / (double)wanted.n;
    if (s < *share || best->n == 0) {
        *best = near;
        *share = s;
    }
}

static void find_near(const struct facts *f, bool device, struct str text,
                      struct nearest *best)
{
    double share = 1;
    size_t tried = 0;
    struct str last = {0};
    best->n = 0;
    for (size_t i = 0; i < text.n && tried < WORDS_MAX;) {
        size_t end = i;
        while (end < text.n && is_name_char(text.p[end]))
            end++;
        struct str word = str_sub(text, i, end);
        while (word.n && !claim_is_alnum(word.p[word.n - 1]))
            word.n--;
        if (may_be_name(word)) {
            offer_all(f, device, word, best, &share);
            tried++;
        }
        size_t gap = last.p ? (size_t)(word.p - last.p) - last.n : 9;
        if (word.n && last.n && gap == 1 && last.n + word.n < WORD_MAX &&
            may_be_name(last)) {
            offer_all(f, device, str_sub(text, (size_t)(last.p - text.p), i + word.n),
                      best, &share);
            tried++;
        }
        if (word.n)
            last = word;
        i = end > i ? end : i + 1;
    }
}

void claim_explain(const struct facts *f, const struct claim *c, char *out, size_t size)
{
    struct nearest near;
    char names[160] = "";
    if (c->missing == CLAIM_NO_SPEED) {
        snprintf(out, size,
                 "speed: no \"N tok/s\" above 0 found; write for example \"44 tok/s\"");
        return;
    }
    bool device = c->missing == CLAIM_NO_DEVICE;
    find_near(f, device, str_sub(c->text, 0, 400), &near);
    nearest_print(&near, "; the nearest known are ", "", names, sizeof names);
    if (device)
        snprintf(out, size,
                 "device: no known device found%s; weir facts devices lists all", names);
    else
        snprintf(
            out, size,
            "model: no known model or size such as \"14B\" found%s; weir facts models "
            "lists all",
            names);
}
