/* names.c -- a memo per column, then a hash table, then SQLite. */
#include "ledger/index/names.h"

enum { NAMES_TEXT_BYTES = 1 << 20, NAMES_FULL = NAMES_SLOTS / 4 * 3 };

void names_init(struct names *n, sqlite3_stmt *find, sqlite3_stmt *add)
{
    memset(n, 0, sizeof *n);
    n->find = find;
    n->add = add;
    arena_init(&n->texts, NAMES_TEXT_BYTES);
    /* Clients choose some of the words; a fixed key would only make them slow. */
    if (!random_bytes(&n->key, sizeof n->key))
        n->key = (struct siphash_key){1, 2};
}

void names_reset(struct names *n)
{
    arena_reset(&n->texts);
    memset(n->slots, 0, sizeof n->slots);
    memset(n->memos, 0, sizeof n->memos);
    n->nslots = 0;
}

static struct names_entry *slot_of(struct names *n, uint64_t hash, struct str text)
{
    size_t i = hash % NAMES_SLOTS;
    while (n->slots[i].id &&
           !(n->slots[i].hash == hash && str_eq(n->slots[i].text, text)))
        i = (i + 1) % NAMES_SLOTS;
    return &n->slots[i];
}

static int64_t find(struct names *n, struct str text)
{
    sqlite3_bind_text(n->find, 1, text.p, (int)text.n, SQLITE_STATIC);
    int rc = sqlite3_step(n->find);
    int64_t id = rc == SQLITE_ROW ? sqlite3_column_int64(n->find, 0) : 0;
    sqlite3_reset(n->find);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? id : -1;
}

static int64_t find_or_add(struct names *n, struct str text)
{
    int64_t id = find(n, text);
    if (id != 0)
        return id;
    sqlite3_bind_text(n->add, 1, text.p, (int)text.n, SQLITE_STATIC);
    int rc = sqlite3_step(n->add);
    sqlite3_reset(n->add);
    if (rc != SQLITE_DONE)
        return -1;
    return sqlite3_last_insert_rowid(sqlite3_db_handle(n->add));
}

static void remember(struct names *n, uint64_t hash, struct str text, int64_t id)
{
    if (n->nslots >= NAMES_FULL)
        names_reset(n);
    struct str copy = arena_strdup(&n->texts, text);
    if (!copy.p) {
        names_reset(n);
        return;
    }
    *slot_of(n, hash, text) = (struct names_entry){hash, id, copy};
    n->nslots++;
}

static int64_t look_up(struct names *n, struct str text, bool is_always)
{
    uint64_t hash = siphash_once(n->key, text);
    struct names_entry *e = slot_of(n, hash, text);
    if (e->id)
        return e->id;
    uint64_t *seen = &n->seen[hash % NAMES_SEEN];
    if (!is_always && *seen != hash) {
        *seen = hash;
        return 0;
    }
    int64_t id = find_or_add(n, text);
    if (id > 0)
        remember(n, hash, text, id);
    return id;
}

int64_t names_id(struct names *n, unsigned column, struct str text, bool is_always)
{
    struct names_memo *m = &n->memos[column];
    if (m->id && m->n == text.n && memcmp(m->text, text.p, text.n) == 0)
        return m->id;
    int64_t id = look_up(n, text, is_always);
    if (id > 0 && text.n <= NAMES_MEMO_BYTES) {
        m->id = id;
        m->n = text.n;
        memcpy(m->text, text.p, text.n);
    }
    return id;
}
