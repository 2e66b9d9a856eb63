/* claim_table.c -- a row's words are read together, then each cell that is a speed. */
#include "fit/claim_table.h"

enum { ROW_TEXT = 1500 };

enum head {
    HEAD_OTHER,
    HEAD_SPEED,
    HEAD_SKIP, /* a size, a price, a setting: numbers that are no speed */
    HEAD_MODEL,
    HEAD_DEVICE,
    HEAD_PARAMS,
    HEAD_STREAMS,
    HEAD_DEPTH,
    HEAD_COUNT,
    HEAD_N_PROMPT,
    HEAD_N_GEN
};

static struct str plain(struct str s)
{
    s = str_trim(s);
    while (s.n && strchr("*`_\" ", s.p[0]))
        s = str_sub(s, 1, s.n);
    while (s.n && strchr("*`_\" ", s.p[s.n - 1]))
        s = str_sub(s, 0, s.n - 1);
    return s;
}

static bool begins_with(struct str head, const char *const *words, size_t n)
{
    size_t which;
    return head.n && claim_one_of(head, 0, words, n, &which) != 0;
}

bool claim_heads_speed(struct str head)
{
    static const char *const words[] = {"avg_ts", "speed", "eval rate", "throughput",
                                        "tps"};
    struct claim_scale ignore;
    return claim_find_unit(head, &ignore) ||
           begins_with(plain(head), words, ARRAY_LEN(words));
}

static enum head head_of(struct str head)
{
    static const char *const skip[] = {
        "size",         "file",         "model_size", "model_n_params",
        "memory",       "vram",         "ram",        "ngl",
        "n_gpu_layers", "threads",      "n_threads",  "n_batch",
        "n_ubatch",     "fa",           "flash_attn", "type_k",
        "type_v",       "date",         "build",      "build_commit",
        "build_number", "price",        "cost",       "latency",
        "ttft",         "power",        "watts",      "stddev",
        "stddev_ts",    "stddev_ns",    "avg_ns",     "test_time",
        "score",        "context",      "ctx",        "load",
        "time",         "tdp",          "bandwidth",  "gb",
        "layers",       "mmap",         "n_cpu_moe",  "split_mode",
        "main_gpu",     "tensor_split", "bpw",        "samples",
        "samples_ns",   "samples_ts",   "cpu_mask",   "year",
        "usd",          "eur"};
    static const char *const model[] = {"model",  "llm",        "modell",
                                        "modelo", "model_type", "model_filename"};
    static const char *const device[] = {
        "gpu",  "device",   "hardware",    "card",     "machine",    "system",
        "chip", "gpu_info", "grafikkarte", "platform", "accelerator"};
    static const char *const streams[] = {
        "batch", "batch size", "concurrency", "parallel", "streams",
        "users", "clients",    "requests",    "bs",       "concurrent"};
    static const char *const depth[] = {"depth", "n_depth"};
    static const char *const count[] = {"gpus",     "cards", "# gpus",        "#gpus",
                                        "num gpus", "count", "number of gpus"};
    head = plain(head);
    if (claim_heads_speed(head))
        return HEAD_SPEED;
    if (begins_with(head, (const char *const[]){"params", "parameters"}, 2))
        return HEAD_PARAMS;
    if (begins_with(head, (const char *const[]){"n_prompt"}, 1))
        return HEAD_N_PROMPT;
    if (begins_with(head, (const char *const[]){"n_gen"}, 1))
        return HEAD_N_GEN;
    return begins_with(head, skip, ARRAY_LEN(skip))         ? HEAD_SKIP
           : begins_with(head, streams, ARRAY_LEN(streams)) ? HEAD_STREAMS
           : begins_with(head, depth, ARRAY_LEN(depth))     ? HEAD_DEPTH
           : begins_with(head, count, ARRAY_LEN(count))     ? HEAD_COUNT
           : begins_with(head, model, ARRAY_LEN(model))     ? HEAD_MODEL
           : begins_with(head, device, ARRAY_LEN(device))   ? HEAD_DEVICE
                                                            : HEAD_OTHER;
}

struct row {
    const struct facts *f;
    const struct claim_table *t;
    const struct str *cells;
    size_t n;
    enum head heads[CLAIM_CELLS];
    bool is_speed[CLAIM_CELLS];
    struct claim_around own;
    struct claim_tokens tokens; /* of what was read last */
};

static const struct claim_tokens *lex_cell(struct row *r, struct str cell)
{
    claim_lex(r->f, cell, 0, true, &r->tokens);
    return &r->tokens;
}

static bool is_number(struct str cell)
{
    struct claim_rate rate;
    cell = plain(cell);
    size_t n = claim_bare(cell, 0, &rate);
    if (n == 0 && cell.n && cell.p[0] == '~')
        n = 1 + claim_bare(cell, 1, &rate);
    return n > 1 && n >= cell.n ? true : n == cell.n && n;
}

static bool names_something(const struct claim_tokens *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->v[i].kind == CK_MODEL || t->v[i].kind == CK_DEVICE ||
            t->v[i].kind == CK_QUANT || t->v[i].kind == CK_PROMPT ||
            t->v[i].kind == CK_DECODE || t->v[i].kind == CK_MIXED)
            return true;
    return false;
}

static bool has_speed(const struct claim_tokens *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->v[i].kind == CK_SPEED)
            return true;
    return false;
}

/* Whether bare numbers below this head are speeds. */
static bool takes_bare(struct row *r, size_t i)
{
    if (r->heads[i] == HEAD_SPEED)
        return true;
    if (r->heads[i] != HEAD_OTHER && r->heads[i] != HEAD_MODEL &&
        r->heads[i] != HEAD_DEVICE)
        return false;
    if (i >= r->t->nheads)
        return false;
    const struct claim_tokens *t = lex_cell(r, r->t->heads[i]);
    bool is_test = false;
    for (size_t k = 0; k < t->n; k++)
        is_test = is_test || t->v[k].implies_unit;
    return is_test || (r->t->has_scale && names_something(t));
}

static bool is_speed_cell(struct row *r, size_t i)
{
    if (r->cells[i].n == 0)
        return false;
    if (is_number(r->cells[i]) || r->heads[i] == HEAD_SPEED)
        return takes_bare(r, i) && r->cells[i].n < 60;
    if (r->heads[i] == HEAD_SKIP)
        return false;
    return has_speed(lex_cell(r, r->cells[i]));
}

static void join(char text[ROW_TEXT], struct str s)
{
    size_t used = strlen(text);
    size_t n = s.n < ROW_TEXT - used - 2 ? s.n : ROW_TEXT - used - 2;
    memcpy(text + used, s.p, n);
    text[used + n] = ' ';
    text[used + n + 1] = '\0';
}

static double number_in(struct str cell)
{
    struct claim_rate rate;
    return claim_bare(plain(cell), 0, &rate) ? rate.low : 0;
}

/* What columns of numbers say. */
static void read_numbers(struct row *r)
{
    double prompt = -1, generated = -1;
    for (size_t i = 0; i < r->n; i++) {
        double v = number_in(r->cells[i]);
        if (r->heads[i] == HEAD_STREAMS && v >= 1 && v <= 1e6) {
            r->own.has_streams = true;
            r->own.streams = (unsigned)v;
        } else if (r->heads[i] == HEAD_DEPTH && v >= 0 && v <= 1e8) {
            r->own.depth_tokens = (uint64_t)v;
        } else if (r->heads[i] == HEAD_COUNT && v >= 1 && v <= 64 && r->own.ncards == 1) {
            r->own.cards[0].count = (unsigned)v;
        } else if (r->heads[i] == HEAD_N_PROMPT) {
            prompt = v;
        } else if (r->heads[i] == HEAD_N_GEN) {
            generated = v;
        }
    }
    if (prompt >= 0 && generated >= 0) {
        r->own.has_about = true;
        r->own.about = prompt <= 0      ? CLAIM_DECODE
                       : generated <= 0 ? CLAIM_PROMPT
                                        : CLAIM_MIXED;
    }
}

/* A cell of a column of names that gave no name is a name that nobody knows. */
static void note_unknown(struct row *r)
{
    for (size_t i = 0; i < r->n; i++) {
        bool says = plain(r->cells[i]).n > 0 && !r->is_speed[i];
        if (r->heads[i] == HEAD_MODEL && says && !r->own.model)
            r->own.model_unknown = true;
        if (r->heads[i] == HEAD_DEVICE && says && !r->own.has_cards)
            r->own.device_unknown = true;
    }
}

static void read_words(struct row *r, size_t line)
{
    char text[ROW_TEXT] = "";
    bool wants_size = true;
    for (size_t i = 0; i < r->n; i++) {
        bool is_name = r->heads[i] == HEAD_OTHER || r->heads[i] == HEAD_MODEL ||
                       r->heads[i] == HEAD_DEVICE;
        if (is_name && !r->is_speed[i] && !is_number(r->cells[i]))
            join(text, r->cells[i]);
    }
    claim_around_of(r->f, lex_cell(r, str_of(text)), line, &r->own);
    for (size_t i = 0; i < r->n && !r->own.model && wants_size; i++) {
        if (r->heads[i] != HEAD_PARAMS)
            continue;
        struct claim_around size;
        claim_around_of(r->f, lex_cell(r, r->cells[i]), line, &size);
        r->own.model = size.model;
        r->own.is_class = size.is_class;
        r->own.model_line = line;
        wants_size = false;
    }
    read_numbers(r);
    note_unknown(r);
}

/* The speeds of a cell: with their units, or the bare number under its head. */
static void report_cell(struct row *r, size_t i, size_t line, struct str row,
                        claim_found_fn *found, void *arg)
{
    struct claim_around around = r->own, cell_says, head_says = {0};
    struct claim_scale scale = {false, 1};
    struct str cell = r->cells[i];
    claim_around_of(r->f, lex_cell(r, cell), line, &cell_says);
    if (i < r->t->nheads) {
        struct claim_tokens head;
        claim_lex(r->f, r->t->heads[i], 0, true, &head);
        claim_around_of(r->f, &head, line, &head_says);
        if (!claim_find_unit(r->t->heads[i], &scale) && r->t->has_scale)
            scale = r->t->scale;
    }
    claim_around_fill(&cell_says, &around);
    claim_around_fill(&cell_says, &head_says);
    bool any = has_speed(&r->tokens);
    for (size_t k = 0; k < r->tokens.n; k++) {
        struct claim_token *token = &r->tokens.v[k];
        struct claim c;
        if (token->kind != CK_SPEED && (any || token->kind != CK_NUMBER))
            continue;
        if (token->kind == CK_NUMBER && !claim_scaled(&token->rate, scale))
            return;
        claim_of_speed(&token->rate, &cell_says, &r->t->lent, &c);
        c.line = line;
        c.text = row;
        c.wrote = str_sub(cell, token->rate.from, token->rate.to);
        found(arg, &c);
        if (!any)
            return;
    }
}

bool claim_is_head(const struct facts *f, const struct str *cells, size_t n)
{
    struct claim_tokens t;
    for (size_t i = 0; i < n; i++) {
        claim_lex(f, cells[i], 0, true, &t);
        if (has_speed(&t))
            return false;
    }
    return true;
}

void claim_row(const struct facts *f, const struct claim_table *t,
               const struct str *cells, size_t n, size_t line, struct str row,
               claim_found_fn *found, void *arg)
{
    struct row r = {
        .f = f, .t = t, .cells = cells, .n = n < CLAIM_CELLS ? n : CLAIM_CELLS};
    bool any = false;
    for (size_t i = 0; i < r.n; i++)
        r.heads[i] = i < t->nheads ? head_of(t->heads[i]) : HEAD_OTHER;
    for (size_t i = 0; i < r.n; i++) {
        r.is_speed[i] = is_speed_cell(&r, i);
        any = any || r.is_speed[i];
    }
    if (!any)
        return;
    read_words(&r, line);
    for (size_t i = 0; i < r.n; i++)
        if (r.is_speed[i])
            report_cell(&r, i, line, row, found, arg);
}
