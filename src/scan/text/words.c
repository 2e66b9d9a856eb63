/* words.c -- reads data/guard/words.txt into a table looked up by hash.
 *
 * Two words with one 64-bit hash would share their meaning; with a few thousand words
 * that does not happen, and a test reads the file to see that it did not. */
#include "scan/text/words.h"

#include "core/mem.h"
#include "scan/text/lexicon.h"

static const char *const class_names[CLS_COUNT] = {[CLS_NONE] = "",
#define WORD_CLASS_NAME(name) [CLS_##name] = #name,
                                                   WORD_CLASSES(WORD_CLASS_NAME)
#undef WORD_CLASS_NAME
};

static const char *const role_names[] = {
    "STREET",   "PREFIX_STREET", "UNIT",    "MONTH",     "TITLE",    "CUE",    "PARTICLE",
    "CLINICAL", "COMPANY",       "COUNTRY", "STATE",     "WEEKDAY",  "STOP",   "BOX",
    "JOB",      "SUFFIX",        "VERB",    "DIRECTION", "EVERYDAY", "NATION", "ILLNESS",
};

enum { SLOTS = 8192 };

uint64_t word_hash(const char *folded, size_t n)
{
    uint64_t h = WORD_HASH_SEED;
    for (size_t i = 0; i < n; i++)
        h = word_hash_step(h, folded[i]);
    return word_hash_end(h);
}

static struct word_entry *slot_of(struct word_table *t, uint64_t hash)
{
    size_t i = hash & t->mask;
    while (t->slot[i].hash && t->slot[i].hash != hash)
        i = (i + 1) & t->mask;
    return &t->slot[i];
}

const struct word_entry *word_table_find(const struct word_table *t, uint64_t hash)
{
    size_t i = hash & t->mask;
    while (t->slot[i].hash) {
        if (t->slot[i].hash == hash)
            return &t->slot[i];
        i = (i + 1) & t->mask;
    }
    return NULL;
}

struct heading {
    uint8_t cls;
    uint32_t lex;
};

static bool read_heading(struct str s, struct heading *ret)
{
    struct str name = str_sub(s, 1, s.n);
    *ret = (struct heading){0};
    if (s.p[0] == '=')
        for (size_t i = 1; i < CLS_COUNT; i++)
            if (str_eqz(name, class_names[i]))
                ret->cls = (uint8_t)i;
    if (s.p[0] == '+')
        for (size_t i = 0; i < ARRAY_LEN(role_names); i++)
            if (str_eqz(name, role_names[i]))
                ret->lex = 1u << i;
    return ret->cls || ret->lex;
}

/* Its entry, a new one if it has none. */
static struct word_entry *entry_of(struct word_table *t, struct str folded)
{
    struct word_entry *e = slot_of(t, word_hash(folded.p, folded.n));
    e->hash = word_hash(folded.p, folded.n);
    e->names = lexicon_find(e->hash);
    return e;
}

void word_table_know(struct word_table *t, struct str folded, uint8_t family)
{
    entry_of(t, folded)->known |= family;
}

static bool add_line(struct word_table *t, struct heading *h, struct str line)
{
    struct str word;
    while (str_split(&line, ' ', &word)) {
        if (word.n == 0)
            continue;
        if (word.p[0] == '=' || word.p[0] == '+') {
            if (!read_heading(word, h))
                return false;
            continue;
        }
        struct word_entry *e = entry_of(t, word);
        e->lex |= h->lex;
        if (h->cls && !e->cls)
            e->cls = h->cls;
    }
    return true;
}

int word_table_init(struct word_table *t, struct err *err)
{
    struct str rest = guard_words_text(), line;
    struct heading h = {0};
    t->mask = SLOTS - 1;
    t->slot = mem_zalloc(sizeof *t->slot * SLOTS);
    if (!t->slot)
        return err_nomem(err);
    while (str_split(&rest, '\n', &line))
        if (line.n && line.p[0] != '#' && !add_line(t, &h, line))
            return err_set(err, ERR_INTERNAL, "guard_words",
                           "the built-in word list has an unknown heading: %.*s",
                           STR_ARG(line));
    return 0;
}

void word_table_release(struct word_table *t)
{
    mem_free(t->slot);
    t->slot = NULL;
}
