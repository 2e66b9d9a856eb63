/* claim_lex.c -- one pass over a sentence; at each word the first reading that fits. */
#include "fit/claim_lex.h"

struct lexer {
    const struct facts *f;
    struct str s;
    size_t at;
    bool is_cell;
    struct claim_tokens *t;
};

static struct claim_token *push(struct lexer *l, enum claim_kind kind, size_t n)
{
    struct claim_token *to = &l->t->v[l->t->n++];
    *to = (struct claim_token){.kind = kind, .from = l->at, .to = l->at + n};
    l->at += n;
    return to;
}

static size_t blanks_at(const struct lexer *l, size_t at)
{
    size_t n = 0;
    while (at + n < l->s.n && l->s.p[at + n] == ' ')
        n++;
    return n;
}

static size_t word_at(const struct lexer *l, size_t at, const char *const *words,
                      size_t n)
{
    size_t which;
    return claim_one_of(l->s, at, words, n, &which);
}

static char char_at(const struct lexer *l, size_t at)
{
    return at < l->s.n ? l->s.p[at] : ' ';
}

/* --- devices --- */

/* "x2", " * 2", "(x2)", "(2x)", ", 2 GPUs" behind a device: its length. */
static size_t count_behind(const struct lexer *l, size_t at, unsigned *ret)
{
    static const char *const cards[] = {"gpus", "cards", "gpu's", "units"};
    size_t i = at + blanks_at(l, at);
    double v;
    bool opened = char_at(l, i) == '(';
    if (opened || char_at(l, i) == ',')
        i += 1 + blanks_at(l, i + 1);
    char c = char_at(l, i);
    bool signed_before = c == 'x' || c == 'X' || c == '*';
    if (signed_before)
        i += 1 + blanks_at(l, i + 1);
    size_t n = claim_number(l->s, i, &v);
    if (n == 0 || n > 2 || v < 1 || v > 64)
        return 0;
    i += n;
    size_t gap = blanks_at(l, i);
    size_t word = word_at(l, i + gap, cards, ARRAY_LEN(cards));
    if (word)
        i += gap + word;
    else if (opened && !signed_before && (char_at(l, i) == 'x' || char_at(l, i) == 'X'))
        i++;
    else if (!signed_before || claim_is_alnum(char_at(l, i)) ||
             (char_at(l, i) == '.' && claim_is_digit(char_at(l, i + 1))))
        return 0;
    if (opened && char_at(l, i) == ')')
        i++;
    *ret = (unsigned)v;
    return i - at;
}

/* "24 GB": a memory size. */
static size_t memory_at(const struct lexer *l, size_t at, double *ret)
{
    static const char *const units[] = {"gb", "gib", "g", "go", "GB"};
    size_t n = claim_number(l->s, at, ret);
    if (n == 0 || *ret < 1 || *ret > 4096)
        return 0;
    size_t gap = blanks_at(l, at + n);
    if (gap == 0 && char_at(l, at + n) == '-')
        gap = 1;
    size_t unit = word_at(l, at + n + gap, units, ARRAY_LEN(units));
    bool is_one = unit == 1; /* "16G" is glued */
    if (unit == 0 || (is_one && gap) || char_at(l, at + n + gap + unit) == '/')
        return 0;
    return n + gap + unit;
}

static bool read_device(struct lexer *l)
{
    struct device_named named;
    size_t end = devices_named_at(l->f->devices, l->s, l->at, &named);
    double memory;
    if (end == 0)
        return false;
    struct claim_token *to = push(l, CK_DEVICE, end - l->at);
    to->named = named;
    to->is_plural = char_at(l, l->at) == 's';
    if (to->is_plural)
        l->at++;
    size_t i = l->at + blanks_at(l, l->at);
    if (char_at(l, i) == '(')
        i += 1 + blanks_at(l, i + 1);
    size_t size = memory_at(l, i, &memory);
    if (size) {
        to->value = memory;
        static const char *const words[] = {"vram", "unified memory", "unified", "ram",
                                            "memory"};
        l->at = i + size;
        i = l->at + blanks_at(l, l->at);
        size_t word = word_at(l, i, words, ARRAY_LEN(words));
        if (word)
            l->at = i + word;
        if (char_at(l, l->at) == ')')
            l->at++;
    }
    l->at += count_behind(l, l->at, &to->count);
    to->to = l->at;
    return true;
}

/* "2x ", "8x" glued to a name, "dual ", "2 " before "3090s": of what stands behind. */
static bool read_count(struct lexer *l)
{
    static const char *const words[] = {
        "dual", "two",   "twin", "double", "pair of", "triple", "three",  "quad",
        "four", "eight", "zwei", "deux",   "dos",     "vier",   "cuatro", "quatre"};
    static const unsigned counts[] = {2, 2, 2, 2, 2, 3, 3, 4, 4, 8, 2, 2, 2, 4, 4, 4};
    size_t which, n = claim_one_of(l->s, l->at, words, ARRAY_LEN(words), &which);
    double v = n ? counts[which] : 0;
    size_t after = n;
    if (n == 0) {
        n = claim_number(l->s, l->at, &v);
        if (n == 0 || n > 2 || v < 1 || v > 64)
            return false;
        size_t gap = blanks_at(l, l->at + n);
        char sign = char_at(l, l->at + n + gap);
        bool times = sign == 'x' || sign == 'X' || sign == '*';
        if (!times && gap == 0)
            return false;
        after = n + (times ? gap + 1 : 0);
        if (!times)
            v = -v; /* only before a plural */
    }
    size_t at = l->at + after + blanks_at(l, l->at + after);
    double memory;
    struct device_named named;
    size_t size = memory_at(l, at, &memory);
    if (size)
        at += size + blanks_at(l, at + size);
    static const char *const empty[] = {"nvidia", "geforce", "amd", "radeon", "apple",
                                        "used",   "intel",   "x",   "socket", "tesla"};
    for (size_t word; (word = word_at(l, at, empty, ARRAY_LEN(empty))) != 0 &&
                      !devices_named_at(l->f->devices, l->s, at, &named);)
        at += word + blanks_at(l, at + word);
    size_t end = devices_named_at(l->f->devices, l->s, at, &named);
    if (end == 0 || (v < 0 && char_at(l, end) != 's'))
        return false;
    push(l, CK_COUNT, after)->value = v < 0 ? -v : v;
    l->at = at;
    if (size)
        l->t->v[l->t->n - 1].rate.low = memory; /* "4x 80GB A100" */
    return l->t->n == CLAIM_TOKENS || read_device(l);
}

/* "12-channel", "dual channel", "12 channels". */
static bool read_channels(struct lexer *l)
{
    static const char *const words[] = {"single", "dual",  "quad", "hexa",
                                        "octa",   "eight", "six",  "twelve"};
    static const unsigned counts[] = {1, 2, 4, 6, 8, 8, 6, 12};
    static const char *const behind[] = {
        "channel", "channels", "ch",      "kanal",   "kanäle", "kanälen", "kanaler",
        "canal",   "canaux",   "canales", "canali",  "canais", "kanały",  "kanałów",
        "kanálů",  "kanaal",   "kanalen", "каналов", "канала", "каналами"};
    size_t which, n = claim_one_of(l->s, l->at, words, ARRAY_LEN(words), &which);
    double v = n ? counts[which] : 0;
    if (n == 0)
        n = claim_number(l->s, l->at, &v);
    if (n == 0 || v < 1 || v > 48)
        return false;
    if (char_at(l, l->at + n) == ' ' || char_at(l, l->at + n) == '-')
        n++;
    size_t word = word_at(l, l->at + n, behind, ARRAY_LEN(behind));
    if (word == 0)
        return false;
    push(l, CK_CHANNELS, n + word)->value = v;
    return true;
}

/* "DDR5-4800", "LPDDR5X 8533". */
static bool read_ddr(struct lexer *l)
{
    static const char *const words[] = {"ddr3",    "ddr4",   "ddr5",   "lpddr4",
                                        "lpddr4x", "lpddr5", "lpddr5x"};
    size_t n = word_at(l, l->at, words, ARRAY_LEN(words));
    double v;
    if (n == 0)
        return false;
    if (strchr("- @/", char_at(l, l->at + n)))
        n++;
    size_t number = claim_number(l->s, l->at + n, &v);
    if (number == 0 || v < 800 || v > 20000)
        return false;
    push(l, CK_DDR, n + number)->value = v;
    return true;
}

/* --- models --- */

/* "A3B" behind "30B-": billions that answer; 0 when absent. */
static size_t active_at(const struct lexer *l, size_t at, double *ret)
{
    size_t i = at;
    if (char_at(l, i) == '-' || char_at(l, i) == ' ')
        i++;
    if (char_at(l, i) != 'A' && char_at(l, i) != 'a')
        return 0;
    size_t n = claim_number(l->s, i + 1, ret);
    if (n == 0 || (char_at(l, i + 1 + n) | 0x20) != 'b' ||
        claim_is_alnum(char_at(l, i + 2 + n)))
        return 0;
    return i + 2 + n - at;
}

/* The word before, where it belongs to the label ("Llama 8B", "Foo-34B"). */
static struct str name_before(const struct lexer *l, bool *ret_glued)
{
    size_t end = l->at;
    *ret_glued = end && strchr("-_:", l->s.p[end - 1]);
    if (end && (*ret_glued || l->s.p[end - 1] == ' '))
        end--;
    size_t from = end;
    while (from && (claim_is_alnum(l->s.p[from - 1]) || strchr("._-", l->s.p[from - 1])))
        from--;
    return str_sub(l->s, from, end);
}

static struct claim_token *last_model(const struct lexer *l)
{
    for (size_t i = l->t->n; i > 0; i--)
        if (l->t->v[i - 1].kind == CK_MODEL)
            return &l->t->v[i - 1];
    return NULL;
}

static bool agrees(const struct model *m, double billions)
{
    double ratio = (double)m->params / 1e9 / billions;
    return ratio > 0.9 && ratio < 1.1;
}

/* Nothing but one blank, or a word glued to both, stands between. */
static bool is_one_name(struct str s, size_t from, size_t to)
{
    if (to == from + 1)
        return strchr(" -_", s.p[from]) != NULL;
    for (size_t i = from; i < to; i++)
        if (!claim_is_alnum(s.p[i]) && !strchr("-_.", s.p[i]))
            return false;
    return true;
}

/* "14B", "14 B", "30B-A3B": a size class, of a family where one stands before it. */
static bool read_class(struct lexer *l)
{
    double billions, active = 0;
    size_t n = claim_number(l->s, l->at, &billions);
    if (n == 0 || !(billions > 0.05) || billions > 3000)
        return false;
    size_t gap = char_at(l, l->at + n) == ' ' ? 1 : 0;
    char unit = char_at(l, l->at + n + gap);
    if ((unit != 'b' && unit != 'B') || (gap && unit == 'b') ||
        claim_is_alnum(char_at(l, l->at + n + gap + 1)))
        return false;
    n += gap + 1;
    n += active_at(l, l->at + n, &active);
    bool glued;
    struct str family = name_before(l, &glued);
    const struct model *m = NULL;
    struct claim_token *last = last_model(l);
    if (last && last->model && agrees(last->model, billions)) {
        l->at += n; /* "Qwen3-8B (8.2B)" */
        return true;
    }
    if (family.n && family.n < 60) {
        struct str name = str_sub(l->s, (size_t)(family.p - l->s.p), l->at + n);
        m = models_of_family(l->f->models, name, billions, active);
    }
    if (!m && active > 0)
        m = models_find_experts(l->f->models, billions, active);
    else if (!m && !glued)
        m = models_find_class(l->f->models, billions);
    struct claim_token *to = push(l, CK_MODEL, n);
    to->model = m;
    to->is_class = true;
    if (last && is_one_name(l->s, last->to, to->from)) { /* "Llama-3.3-Foo-49B" */
        last->model = m;
        last->to = to->to;
        last->is_class = true;
        l->t->n--;
    }
    return true;
}

static bool read_model(struct lexer *l)
{
    const struct model *m;
    size_t end = models_named_at(l->f->models, l->s, l->at, &m);
    if (end == 0)
        return false;
    push(l, CK_MODEL, end - l->at)->model = m;
    return true;
}

static bool read_quant(struct lexer *l)
{
    struct claim_quant q;
    size_t n = claim_quant_at(l->s, l->at, &q);
    if (n == 0)
        return false;
    push(l, CK_QUANT, n)->quant = q;
    return true;
}

/* --- circumstances --- */

/* "batch 64", "concurrency: 32", "bs=8", "Running: 32 reqs". */
static bool read_streams_word(struct lexer *l)
{
    static const char *const words[] = {"batch size of",  "batch size",
                                        "batch_size",     "batch-size",
                                        "batchsize",      "batch of",
                                        "batch",          "bs",
                                        "concurrency of", "concurrency",
                                        "concurrent",     "n_parallel",
                                        "--parallel",     "-np",
                                        "parallel",       "running",
                                        "max_num_seqs",   "--max-num-seqs",
                                        "num_parallel",   "ollama_num_parallel",
                                        "n_seqs",         "npl"};
    static const char *const sums[] = {
        "aggregate",  "aggregated",       "in aggregate",      "combined",
        "batched",    "total throughput", "system throughput", "summed",
        "across all", "concurrent",       "concurrency"};
    struct claim_scale unit;
    double v;
    size_t n = word_at(l, l->at, words, ARRAY_LEN(words));
    if (n) {
        size_t i = l->at + n;
        while (strchr(" :=", char_at(l, i)) && i < l->s.n)
            i++;
        size_t number = claim_number(l->s, i, &v);
        bool is_count =
            number && v >= 1 && v <= 1e6 && !claim_is_alnum(char_at(l, i + number)) &&
            claim_unit(l->s, i + number + blanks_at(l, i + number), &unit) == 0;
        if (is_count) {
            push(l, CK_STREAMS, i + number - l->at)->value = v;
            return true;
        }
    }
    n = word_at(l, l->at, sums, ARRAY_LEN(sums));
    if (n == 0)
        return false;
    push(l, CK_STREAMS, n);
    return true;
}

/* "64 parallel requests", "32 users". */
static bool read_streams_number(struct lexer *l)
{
    static const char *const words[] = {
        "parallel",  "concurrent", "simultaneous",  "streams",  "users",    "clients",
        "sequences", "reqs",       "requests",      "slots",    "sessions", "agents",
        "seqs",      "batch",      "gleichzeitige", "parallele"};
    double v;
    size_t n = claim_number(l->s, l->at, &v);
    if (n == 0 || v < 1 || v > 1e6)
        return false;
    n += blanks_at(l, l->at + n);
    if (char_at(l, l->at + n) == '-')
        n++;
    size_t word = word_at(l, l->at + n, words, ARRAY_LEN(words));
    if (word == 0)
        return false;
    push(l, CK_STREAMS, n + word)->value = v;
    return true;
}

static bool read_draft(struct lexer *l)
{
    static const char *const words[] = {"speculative",
                                        "speculation",
                                        "spec decoding",
                                        "spec-decoding",
                                        "spec dec",
                                        "specdec",
                                        "spec-dec",
                                        "draft model",
                                        "draft-model",
                                        "drafting",
                                        "drafter",
                                        "draft",
                                        "--draft",
                                        "mtp",
                                        "multi-token prediction",
                                        "multi token prediction",
                                        "eagle",
                                        "eagle2",
                                        "eagle3",
                                        "medusa",
                                        "lookahead decoding",
                                        "prompt lookup",
                                        "n-gram",
                                        "ngram",
                                        "dflash",
                                        "spekulativ",
                                        "spekulatives",
                                        "self-speculative"};
    size_t n = word_at(l, l->at, words, ARRAY_LEN(words));
    if (n == 0)
        return false;
    struct str before = str_sub(l->s, l->at > 14 ? l->at - 14 : 0, l->at);
    bool denied = str_contains_nocase(before, STR("without")) ||
                  str_contains_nocase(before, STR("no ")) ||
                  str_contains_nocase(before, STR("ohne "));
    if (denied)
        l->at += n;
    else
        push(l, CK_DRAFT, n);
    return true;
}

/* "at 32k context", "@ d4096", "depth 16384", "32k tokens deep"; a context that only says
 * how much there is room for ("32k context window") is read and dropped. */
static bool read_depth(struct lexer *l)
{
    static const char *const heads[] = {
        "depth of",          "depth",    "context of", "context", "ctx", "n_depth",
        "context length of", "ctx-size", "num_ctx",    "n_ctx",   "-c",  "context size"};
    static const char *const tails[] = {"token context",
                                        "tokens context",
                                        "tokens of context",
                                        "tokens in context",
                                        "context",
                                        "ctx",
                                        "tokens deep",
                                        "token prompt",
                                        "tokens depth",
                                        "depth",
                                        "deep",
                                        "tokens",
                                        "context length",
                                        "context window",
                                        "context size"};
    static const char *const at_words[] = {"at ", "@ ", "@", "bei ", "with a "};
    enum { FILLED_TAILS = 11 };
    double v = 0;
    size_t which, n = claim_one_of(l->s, l->at, heads, ARRAY_LEN(heads), &which);
    bool filled = false;
    if (n) {
        filled = which < 2 || which == 5;
        while (strchr(" :=", char_at(l, l->at + n)) && l->at + n < l->s.n)
            n++;
        size_t number = claim_number(l->s, l->at + n, &v);
        if (number == 0 || v < 64)
            return false;
        n += number;
    } else if (char_at(l, l->at) == 'd' && claim_is_digit(char_at(l, l->at + 1))) {
        n = claim_number(l->s, l->at + 1, &v);
        if (n == 0 || v < 64 || claim_is_alnum(char_at(l, l->at + 1 + n)))
            return false;
        n++;
        filled = true;
    } else {
        n = claim_number(l->s, l->at, &v);
        n += n ? blanks_at(l, l->at + n) : 0;
        if (n && char_at(l, l->at + n) == '-')
            n++;
        size_t word =
            n ? claim_one_of(l->s, l->at + n, tails, ARRAY_LEN(tails), &which) : 0;
        if (word == 0)
            return false;
        n += word;
        for (size_t i = 0; i < ARRAY_LEN(at_words) && which < FILLED_TAILS; i++)
            filled = filled || str_ends(str_sub(l->s, 0, l->at), str_of(at_words[i]));
    }
    if (filled && v <= 1e8)
        push(l, CK_DEPTH, n)->value = v;
    else
        l->at += n;
    return true;
}

/* "pp512", "tg128 @ d4096", "pp512+tg128": the tests of llama-bench. */
static bool read_test(struct lexer *l)
{
    static const char *const heads[] = {"pp", "tg", "pg"};
    size_t i = l->at, n = 0;
    double ignore;
    enum claim_kind kind = CK_COMMA;
    for (size_t k = 0; k < ARRAY_LEN(heads); k++) {
        if (!str_starts_nocase(str_sub(l->s, i, l->s.n), str_of(heads[k])))
            continue;
        n = claim_number(l->s, i + 2, &ignore);
        kind = k == 0 ? CK_PROMPT : k == 1 ? CK_DECODE : CK_MIXED;
        break;
    }
    if (n == 0 || claim_is_alnum(char_at(l, i + 2 + n)))
        return false;
    n += 2;
    if (kind == CK_PROMPT &&
        str_starts_nocase(str_sub(l->s, i + n, l->s.n), STR("+tg"))) {
        kind = CK_MIXED;
        n += 3;
        n += claim_number(l->s, i + n, &ignore);
    }
    struct claim_token *to = push(l, kind, n);
    to->implies_unit = true;
    return true;
}

static bool read_role(struct lexer *l)
{
    static const char *const prompt[] = {
        "prompt eval", "prompt processing", "prompt",
        "prefill",     "pre-fill",          "prefilling",
        "pp",          "prompt throughput", "input processing",
        "ingest",      "prompt eval rate"};
    static const char *const decode[] = {"generation",
                                         "generating",
                                         "decode",
                                         "decoding",
                                         "eval",
                                         "token generation",
                                         "tg",
                                         "text generation",
                                         "output",
                                         "gen",
                                         "generation throughput",
                                         "eval rate",
                                         "decodes",
                                         "inference speed"};
    size_t n = word_at(l, l->at, prompt, ARRAY_LEN(prompt));
    if (n) {
        push(l, CK_PROMPT, n);
        return true;
    }
    n = word_at(l, l->at, decode, ARRAY_LEN(decode));
    if (n == 0)
        return false;
    push(l, CK_DECODE, n);
    return true;
}

static bool read_join(struct lexer *l)
{
    static const char *const plus[] = {"plus", "+", "&"};
    static const char *const and[] = {"and",     "und", "et", "y",   "e",      "while",
                                      "whereas", "but", "vs", "vs.", "versus", "then"};
    size_t n = word_at(l, l->at, plus, ARRAY_LEN(plus));
    if (n) {
        push(l, CK_PLUS, n);
        return true;
    }
    n = word_at(l, l->at, and, ARRAY_LEN(and));
    if (n == 0)
        return false;
    push(l, CK_AND, n);
    return true;
}

/* --- numbers --- */

static bool push_rate(struct lexer *l, enum claim_kind kind, const struct claim_rate *r,
                      size_t n)
{
    for (size_t i = 0; i < r->slashed && l->t->n + 1 < CLAIM_TOKENS; i++) {
        size_t at = l->at;
        struct claim_token *to = push(l, kind, 0);
        to->rate = (struct claim_rate){.low = r->other[i],
                                       .high = r->other[i],
                                       .from = r->other_from[i],
                                       .to = r->other_to[i]};
        to->from = r->other_from[i];
        to->to = r->other_to[i];
        l->at = at;
    }
    struct claim_token *to = push(l, kind, n);
    to->rate = *r;
    return true;
}

static bool read_speed(struct lexer *l)
{
    struct claim_rate r;
    size_t n = claim_rate(l->s, l->at, &r);
    if (n == 0)
        return false;
    char before = l->at ? l->s.p[l->at - 1] : ' ';
    bool negative = before == '-' && (l->at == 1 || !claim_is_alnum(l->s.p[l->at - 2]));
    l->t->has_unit = true;
    if (negative)
        l->at += n;
    else
        push_rate(l, CK_SPEED, &r, n);
    return true;
}

/* "tok/s: 45", "tokens/s = 45". */
static bool read_unit_first(struct lexer *l)
{
    struct claim_scale scale;
    size_t n = claim_unit(l->s, l->at, &scale);
    struct claim_rate r;
    if (n == 0)
        return false;
    l->t->has_unit = true;
    size_t i = l->at + n + blanks_at(l, l->at + n);
    if (char_at(l, i) == ':' || char_at(l, i) == '=') {
        i += 1 + blanks_at(l, i + 1);
        size_t number = claim_bare(l->s, i, &r);
        if (number && claim_scaled(&r, scale)) {
            l->at = i;
            return push_rate(l, CK_SPEED, &r, number);
        }
    }
    l->at += n;
    return true;
}

/* "毎秒45トークン": languages that say the second first. */
static bool read_second_first(struct lexer *l)
{
    static const char *const words[] = {"毎秒約", "毎秒",    "每秒约",
                                        "每秒",   "초당 약", "초당"};
    static const char *const behind[] = {"トークン", "个token", "token",
                                         "tokens",   "토큰",    "个"};
    size_t n = word_at(l, l->at, words, ARRAY_LEN(words));
    struct claim_rate r;
    if (n == 0)
        return false;
    size_t i = l->at + n + blanks_at(l, l->at + n);
    size_t number = claim_bare(l->s, i, &r);
    size_t gap = number ? blanks_at(l, i + number) : 0;
    size_t word = number ? word_at(l, i + number + gap, behind, ARRAY_LEN(behind)) : 0;
    if (word == 0 || !(r.low > 0))
        return false;
    l->at = i;
    l->t->has_unit = true;
    return push_rate(l, CK_SPEED, &r, number + gap + word);
}

static bool read_memory(struct lexer *l)
{
    double v;
    size_t n = memory_at(l, l->at, &v);
    if (n == 0)
        return false;
    push(l, CK_MEMORY, n)->value = v;
    return true;
}

static bool read_number(struct lexer *l)
{
    struct claim_rate r;
    size_t n = claim_bare(l->s, l->at, &r);
    if (n == 0) { /* more digits than a number has */
        while (claim_is_digit(char_at(l, l->at)))
            l->at++;
        return true;
    }
    if (claim_is_alnum(char_at(l, l->at + n)) || char_at(l, l->at + n) == '%') {
        l->at += n;
        return true;
    }
    return push_rate(l, CK_NUMBER, &r, n);
}

/* --- the pass --- */

typedef bool reader(struct lexer *l);

static bool any_of(struct lexer *l, reader *const *readers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (readers[i](l))
            return true;
    return false;
}

static bool read_at_digit(struct lexer *l)
{
    static reader *const readers[] = {read_speed, read_count,          read_channels,
                                      read_quant, read_streams_number, read_memory,
                                      read_depth, read_device,         read_model,
                                      read_class, read_number};
    return any_of(l, readers, ARRAY_LEN(readers));
}

static bool read_at_word(struct lexer *l)
{
    static reader *const readers[] = {
        read_ddr,   read_device,     read_model,        read_quant, read_channels,
        read_count, read_test,       read_streams_word, read_draft, read_depth,
        read_role,  read_unit_first, read_second_first, read_join};
    return any_of(l, readers, ARRAY_LEN(readers));
}

/* The end of a sentence: ". " but for what abbreviates, ";", "!", "?". */
static bool ends_sentence(const struct lexer *l)
{
    char c = char_at(l, l->at);
    char next = char_at(l, l->at + 1);
    if (c == ';' || c == '\n')
        return true;
    if (c != '.' && c != '!' && c != '?')
        return false;
    bool is_short = l->at >= 2 && !claim_is_alnum(l->s.p[l->at - 2]) && c == '.';
    return (next == ' ' || next == '\n') && !is_short;
}

size_t claim_lex(const struct facts *f, struct str text, size_t at, bool is_cell,
                 struct claim_tokens *ret)
{
    struct lexer l = {.f = f, .s = text, .at = at, .is_cell = is_cell, .t = ret};
    ret->text = text;
    ret->n = 0;
    ret->has_unit = false;
    while (l.at < text.n && ret->n < CLAIM_TOKENS) {
        char c = text.p[l.at];
        if (c == '\n' || (!is_cell && ends_sentence(&l)))
            return l.at + 1;
        bool is_sign = c == ',' || c == '(' || c == ')';
        bool is_word = claim_is_alnum(c) || strchr("+&-", c) || (c & 0xC0) == 0xC0;
        if (is_sign) {
            push(&l, CK_COMMA, 1);
            continue;
        }
        bool inside =
            l.at && claim_is_digit(c) &&
            (l.s.p[l.at - 1] == '.' && l.at > 1 && claim_is_alnum(l.s.p[l.at - 2]));
        if (c == ' ' || !is_word || inside || !claim_starts_word(text, l.at)) {
            l.at++;
            continue;
        }
        bool taken = claim_is_digit(c) ? read_at_digit(&l)
                     : c & 0x80        ? read_second_first(&l)
                                       : read_at_word(&l);
        if (taken)
            continue;
        l.at++;
        while (l.at < text.n && (claim_is_alnum(text.p[l.at]) || text.p[l.at] == '_'))
            l.at++;
    }
    return l.at;
}
