/* names.c -- a hash table from what rows are called to the rows. */
#include "facts/names.h"

#include "facts/name_tokens.h"
#include "facts/table.h"

struct entry {
    struct str key;
    size_t row, next; /* next entry of the bucket, SIZE_MAX: none */
};

struct called {
    struct name_tokens name;
    size_t row;
    struct called *next;
};

struct names {
    struct arena *arena;
    struct name_words words;
    struct called *first, *last;
    size_t ncalled;
    struct entry *entries;
    size_t nentries, nbuckets, *buckets;
    uint64_t *tokens; /* hashes of all tokens of all names, open addressing; 0: free */
    uint64_t *sums;   /* of the hashes of the tokens of each name, likewise */
    uint64_t *pairs;  /* of the hashes of two tokens of one name, likewise */
    size_t ntokens, npairs; /* places of these tables, powers of two */
    size_t longest;         /* tokens of the longest name */
};

static int read_list(struct arena *a, const json_t *words, const char *name,
                     struct word_list *ret, struct err *err)
{
    const json_t *list = json_object_get(words, name);
    size_t n = json_array_size(list);
    ret->words = arena_array(a, struct str, n + 1);
    if (!ret->words)
        return err_nomem(err);
    for (size_t i = 0; i < n; i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (!s)
            return err_set(err, ERR_CONFIG, "bad_facts",
                           "words.%s: must be texts in quotes", name);
        ret->words[i] = arena_strdup(a, str_of(s));
        if (!ret->words[i].p)
            return err_nomem(err);
    }
    ret->n = n;
    return 0;
}

static int read_same(struct arena *a, json_t *same, struct name_words *w, struct err *err)
{
    const char *written;
    json_t *read;
    w->same = arena_array(a, struct name_same, json_object_size(same) + 1);
    if (!w->same)
        return err_nomem(err);
    json_object_foreach(same, written, read)
    {
        const char *s = json_string_value(read);
        if (!s)
            return err_set(err, ERR_CONFIG, "bad_facts",
                           "words.same: \"%s\" must be text in quotes", written);
        struct name_same *to = &w->same[w->nsame++];
        to->written = arena_strdup(a, str_of(written));
        to->read = arena_strdup(a, str_of(s));
        if (!to->written.p || !to->read.p)
            return err_nomem(err);
    }
    return 0;
}

int names_create(struct arena *a, const struct table *t, struct names **ret,
                 struct err *err)
{
    struct names *n = arena_new(a, struct names);
    const json_t *words = json_object_get(t->root, "words");
    if (!n)
        return err_nomem(err);
    n->arena = a;
    if (read_list(a, words, "ignored", &n->words.ignored, err) < 0 ||
        read_list(a, words, "formats", &n->words.formats, err) < 0 ||
        read_same(a, json_object_get(words, "same"), &n->words, err) < 0)
        return -1;
    *ret = n;
    return 0;
}

static int add_called(struct names *n, size_t row, struct str text, struct err *err)
{
    struct called *c = arena_new(n->arena, struct called);
    if (!c)
        return err_nomem(err);
    c->row = row;
    c->next = NULL;
    if (!name_tokens_read(&n->words, text, 0, NAME_TOKENS, &c->name) || c->name.n == 0)
        return err_set(err, ERR_CONFIG, "bad_facts", "the name \"%.*s\" cannot be read",
                       (int)(text.n > 60 ? 60 : text.n), text.p);
    if (n->last)
        n->last->next = c;
    else
        n->first = c;
    n->last = c;
    n->ncalled++;
    return 0;
}

int names_add_row(struct names *n, const struct table *t, size_t row, struct str name,
                  struct err *err)
{
    const json_t *list = json_object_get(json_array_get(t->rows, row), "aliases");
    struct err why;
    if (add_called(n, row, name, &why) < 0)
        return table_fault(t, row, "name", why.msg, err);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (!s)
            return table_fault(t, row, "aliases", "must be names in quotes", err);
        if (add_called(n, row, str_of(s), &why) < 0)
            return table_fault(t, row, "aliases", why.msg, err);
    }
    return 0;
}

/* FNV-1a (Fowler, Noll, Vo), 64 bits. */
static uint64_t hash(struct str key)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (unsigned char)key.p[i]) * UINT64_C(1099511628211);
    return h;
}

static int add_entry(struct names *n, struct str key, size_t row, struct err *err)
{
    size_t *bucket = &n->buckets[hash(key) & (n->nbuckets - 1)];
    for (size_t i = *bucket; i != SIZE_MAX; i = n->entries[i].next)
        if (n->entries[i].row == row && str_eq(n->entries[i].key, key))
            return 0;
    struct str copy = arena_strdup(n->arena, key);
    if (!copy.p)
        return err_nomem(err);
    n->entries[n->nentries] = (struct entry){copy, row, *bucket};
    *bucket = n->nentries++;
    return 0;
}

/* The place of a hash in a table of them: it is there, or free. */
static uint64_t *place_of(uint64_t *table, size_t places, uint64_t h)
{
    size_t at = (size_t)(h >> 7) & (places - 1);
    while (table[at] && table[at] != h)
        at = (at + 1) & (places - 1);
    return &table[at];
}

static uint64_t *token_place(const struct names *n, struct str token)
{
    return place_of(n->tokens, n->ntokens, hash(token) | 1);
}

/* Whichever of the two comes first. */
static uint64_t pair_of(struct str a, struct str b)
{
    return (hash(a) + hash(b)) * UINT64_C(0x9E3779B97F4A7C15) | 1;
}

static void index_name(struct names *n, const struct name_tokens *name)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < name->n; i++) {
        struct str token = name_token(name, i);
        *token_place(n, token) = hash(token) | 1;
        sum += hash(token);
        for (size_t k = 0; k < i; k++) {
            uint64_t pair = pair_of(token, name_token(name, k));
            *place_of(n->pairs, n->npairs, pair) = pair;
        }
    }
    *place_of(n->sums, n->ntokens, sum | 1) = sum | 1;
}

static int index_tokens(struct names *n, struct err *err)
{
    size_t all = 0, pairs = 0;
    for (const struct called *c = n->first; c; c = c->next) {
        all += c->name.n;
        pairs += c->name.n * (c->name.n - 1) / 2;
        if (c->name.n > n->longest)
            n->longest = c->name.n;
    }
    n->ntokens = n->npairs = 64;
    while (n->ntokens < 2 * all)
        n->ntokens *= 2;
    while (n->npairs < 2 * pairs)
        n->npairs *= 2;
    n->tokens = arena_array(n->arena, uint64_t, n->ntokens);
    n->sums = arena_array(n->arena, uint64_t, n->ntokens);
    n->pairs = arena_array(n->arena, uint64_t, n->npairs);
    if (!n->tokens || !n->sums || !n->pairs)
        return err_nomem(err);
    for (const struct called *c = n->first; c; c = c->next)
        index_name(n, &c->name);
    return 0;
}

int names_finish(struct names *n, struct err *err)
{
    n->nbuckets = 64;
    while (n->nbuckets < 4 * n->ncalled)
        n->nbuckets *= 2;
    n->entries = arena_array(n->arena, struct entry, 2 * n->ncalled + 1);
    n->buckets = arena_array(n->arena, size_t, n->nbuckets);
    if (!n->entries || !n->buckets)
        return err_nomem(err);
    for (size_t i = 0; i < n->nbuckets; i++)
        n->buckets[i] = SIZE_MAX;
    for (const struct called *c = n->first; c; c = c->next) {
        char key[NAME_KEY];
        size_t len = name_key(&c->name, 0, c->name.n, key);
        if (add_entry(n, (struct str){key, len}, c->row, err) < 0)
            return -1;
        len = name_folded(&c->name, key);
        if (add_entry(n, (struct str){key, len}, c->row, err) < 0)
            return -1;
    }
    return index_tokens(n, err);
}

bool names_read(const struct names *n, struct str text, struct name_tokens *ret)
{
    return name_tokens_read(&n->words, text, 0, NAME_TOKENS, ret) && ret->n > 0;
}

/* Into its place by how much longer its name is, each row once. */
static void add_row(struct name_match *m, size_t row, size_t longer)
{
    size_t at = 0;
    for (size_t i = 0; i < m->n; i++) {
        if (m->rows[i] != row)
            continue;
        if (m->longer[i] <= longer)
            return;
        m->n--;
        memmove(m->rows + i, m->rows + i + 1, (m->n - i) * sizeof *m->rows);
        memmove(m->longer + i, m->longer + i + 1, (m->n - i) * sizeof *m->longer);
        break;
    }
    while (at < m->n &&
           (m->longer[at] < longer || (m->longer[at] == longer && m->rows[at] < row)))
        at++;
    if (at == NAME_ROWS)
        return;
    if (m->n < NAME_ROWS)
        m->n++;
    memmove(m->rows + at + 1, m->rows + at, (m->n - at - 1) * sizeof *m->rows);
    memmove(m->longer + at + 1, m->longer + at, (m->n - at - 1) * sizeof *m->longer);
    m->rows[at] = row;
    m->longer[at] = longer;
}

static void look_up(const struct names *n, struct str key, struct name_match *m)
{
    for (size_t i = n->buckets[hash(key) & (n->nbuckets - 1)]; i != SIZE_MAX;
         i = n->entries[i].next)
        if (str_eq(n->entries[i].key, key))
            add_row(m, n->entries[i].row, 0);
}

/* Whether tokens `i` of the part and `k` of the whole, and those glued to it, agree. */
static bool agrees(const struct name_tokens *part, size_t i,
                   const struct name_tokens *all, size_t k)
{
    for (;; i++, k++) {
        if (k == all->n || !str_eq(name_token(part, i), name_token(all, k)))
            return false;
        if (i + 1 == part->n || !part->token[i + 1].is_glued)
            return true;
    }
}

static bool is_part(const struct name_tokens *part, const struct name_tokens *all)
{
    for (size_t i = 0; i < part->n; i++) {
        bool found = part->token[i].is_glued && i > 0; /* was seen with the one before */
        for (size_t k = 0; k < all->n && !found; k++)
            found = agrees(part, i, all, k);
        if (!found)
            return false;
    }
    return true;
}

void names_match(const struct names *n, const struct name_tokens *name,
                 struct name_match *ret)
{
    char key[NAME_KEY];
    ret->n = 0;
    ret->is_whole = true;
    look_up(n, (struct str){key, name_key(name, 0, name->n, key)}, ret);
    if (ret->n == 0)
        look_up(n, (struct str){key, name_folded(name, key)}, ret);
    if (ret->n)
        return;
    ret->is_whole = false;
    for (size_t i = 0; i < name->n; i++)
        if (!*token_place(n, name_token(name, i)))
            return;
    for (const struct called *c = n->first; c; c = c->next)
        if (c->name.n >= name->n && is_part(name, &c->name))
            add_row(ret, c->row, c->name.n - name->n);
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "M 5" is no M5, and the 4090 of "4090 tok/s" no card. */
static bool is_name(const struct name_tokens *t, size_t from, size_t to, size_t letters,
                    struct str sentence)
{
    static const char *const units[] = {"tok", "t/s", "tps", "%",  "-",
                                        "to ", "mib", "mb",  "w ", "mhz"};
    for (size_t i = from + 1; i < to && letters <= 3; i++)
        if (!t->token[i].is_glued)
            return false;
    if (to - from > 1 || t->text[t->token[from].at] > '9')
        return true;
    struct str rest = str_trim(str_sub(sentence, t->token[from].end, sentence.n));
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_starts_nocase(rest, str_of(units[i])))
            return false;
    return true;
}

/* The longest name that begins with token `from`, when it is longer than `best`, into
 * ret; the new best. */
static size_t longest_from(const struct names *n, const struct name_tokens *t,
                           size_t from, struct str sentence, size_t best,
                           struct name_match *ret)
{
    size_t letters = 0;
    for (size_t to = from + 1; to <= t->n; to++) {
        struct name_match m = {.n = 0};
        char key[NAME_KEY];
        letters += t->token[to - 1].n;
        if (!t->token[to - 1].ends_word || letters <= best)
            continue;
        look_up(n, (struct str){key, name_key(t, from, to, key)}, &m);
        if (m.n == 0 || !is_name(t, from, to, letters, sentence))
            continue;
        best = letters;
        ret->n = m.n;
        memcpy(ret->rows, m.rows, sizeof m.rows);
        memcpy(ret->longer, m.longer, sizeof m.longer);
    }
    return best;
}

/* A sentence is read in windows of as many tokens as fit; the second half of each is the
 * beginning of the next. */
void names_in_sentence(const struct names *n, struct str s, struct name_match *ret)
{
    size_t best = 0, at = 0;
    ret->n = 0;
    ret->is_whole = true;
    while (at < s.n) {
        struct name_tokens t;
        bool is_last = name_tokens_read(&n->words, s, at, NAME_TOKENS, &t);
        size_t starts = is_last || t.n < 2 ? t.n : t.n / 2;
        for (size_t i = 0; i < starts; i++)
            if (!t.token[i].is_glued)
                best = longest_from(n, &t, i, s, best, ret);
        if (is_last)
            return;
        at = t.n == 0       ? at + NAME_TEXT
             : starts < t.n ? t.token[starts].from
                            : t.token[starts - 1].end;
        while (at < s.n && at && is_alnum(s.p[at - 1])) /* on to the next word */
            at++;
    }
}

/* What parts two names: nothing of it stands inside one. */
static bool parts_names(struct str between)
{
    for (size_t i = 0; i < between.n; i++) {
        char c = between.p[i];
        if (c == ',' || c == ';' || c == '|' || c == '\n' || c == '\t' || c == '=')
            return true;
        /* "AI Max+ 395" is one name, "3090 + 3060" are two. */
        bool glued = i == 0 && between.n > 1 && between.p[1] == ' ';
        if (c == '+' && !glued)
            return true;
        bool ends = i + 1 == between.n || between.p[i + 1] == ' ';
        if ((c == '.' || c == ':' || c == '!' || c == '?') && ends)
            return true;
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "3090s", "3090x2". */
static bool ends_before_mark(struct str s, size_t end)
{
    char mark = end < s.n ? s.p[end] : ' ';
    char next = end + 1 < s.n ? s.p[end + 1] : ' ';
    return ((mark == 'x' || mark == 'X') && is_digit(next)) ||
           (mark == 's' && !is_alnum(next) && next != '_');
}

/* "M 5" is no M5, and the 4090 of "4090 MiB" no card. */
static bool stands_alone(const struct name_tokens *t, size_t to, size_t letters,
                         struct str s)
{
    static const char *const units[] = {"tok", "t/s", "tps", "%", "mib",
                                        "mb",  "w ",  "mhz", "gb"};
    for (size_t i = 1; i < to && letters <= 3; i++)
        if (!t->token[i].is_glued)
            return false;
    if (to > 1 || t->text[t->token[0].at] > '9')
        return true;
    struct str rest = str_trim(str_sub(s, t->token[0].end, s.n));
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_starts_nocase(rest, str_of(units[i])))
            return false;
    return true;
}

/* Whether some name has both tokens. */
static bool is_pair(const struct names *n, struct str a, struct str b)
{
    return *place_of(n->pairs, n->npairs, pair_of(a, b)) != 0;
}

/* How many tokens behind `at` may be a name: those of one name with the first with
 * nothing between that parts names.  Most words are none, so few are read at first. */
static size_t read_known(const struct names *n, struct str s, size_t at,
                         struct name_tokens *t)
{
    static const size_t steps[] = {1, 2, 4, 8, NAME_TOKENS};
    size_t known = 0;
    for (size_t step = 0; step < ARRAY_LEN(steps); step++) {
        size_t most = steps[step] < n->longest + 2 ? steps[step] : n->longest + 2;
        name_tokens_read(&n->words, s, at, most, t);
        if (t->n == 0 || t->token[0].from != at)
            return 0;
        for (; known < t->n; known++) {
            const struct name_token *k = &t->token[known];
            struct str token = name_token(t, known);
            if (!(known ? is_pair(n, name_token(t, 0), token) : *token_place(n, token)) ||
                (t->format[0] && t->format_from < k->from) ||
                (known && parts_names(str_sub(s, k[-1].end, k->from))))
                return known;
        }
        if (t->n < most)
            return known;
    }
    return known;
}

size_t names_at(const struct names *n, struct str s, size_t at, struct name_match *ret)
{
    struct name_tokens t;
    size_t found = 0, letters = 0, known = read_known(n, s, at, &t);
    uint64_t sum = 0;
    ret->n = 0;
    ret->is_whole = true;
    for (size_t to = 1; to <= known; to++) {
        struct name_match m = {.n = 0};
        char key[NAME_KEY];
        const struct name_token *last = &t.token[to - 1];
        letters += last->n;
        sum += hash(name_token(&t, to - 1));
        if (!*place_of(n->sums, n->ntokens, sum | 1) ||
            (!last->ends_word && !ends_before_mark(s, last->end)))
            continue;
        look_up(n, (struct str){key, name_key(&t, 0, to, key)}, &m);
        if (m.n == 0 || !stands_alone(&t, to, letters, s))
            continue;
        found = last->end;
        ret->n = m.n;
        memcpy(ret->rows, m.rows, sizeof m.rows);
        memcpy(ret->longer, m.longer, sizeof m.longer);
    }
    return found;
}
