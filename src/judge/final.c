/* final.c -- the final answer in a text, and whether two of them are the same. */
#include "judge/final.h"

#include "judge/find.h"
#include "judge/normal.h"
#include "judge/schema.h"
#include "json/scan.h"

#include <math.h>

/* Where it is said in words: at the end, or at the beginning of a long text. */
enum { END_BYTES = 2048, HEAD_BYTES = 512, SPAN_BYTES = 300 };

/* -- marks --------------------------------------------------------------------------- */

/* The inside of the last \boxed{...}, braces counted. */
static struct str find_boxed(struct str s)
{
    static const char *const words[] = {"\\boxed", "\\fbox"};
    size_t which;
    ptrdiff_t at = find_last_any(s, words, ARRAY_LEN(words), &which);
    if (at < 0)
        return (struct str){NULL, 0};
    ptrdiff_t open = str_index(str_sub(s, (size_t)at, (size_t)at + 10), '{');
    if (open < 0)
        return (struct str){NULL, 0};
    size_t from = (size_t)(at + open) + 1;
    unsigned depth = 1;
    for (size_t i = from; i < s.n; i++) {
        depth += s.p[i] == '{';
        depth -= s.p[i] == '}';
        if (!depth)
            return str_sub(s, from, i);
    }
    return (struct str){NULL, 0};
}

/* "#### 18" */
static struct str find_hashes(struct str s)
{
    static const char *const words[] = {"####"};
    size_t which;
    ptrdiff_t at = find_last_any(s, words, ARRAY_LEN(words), &which);
    struct str rest = str_sub(s, at < 0 ? s.n : (size_t)at + 4, s.n), line;
    if (at < 0 || !find_line(&rest, &line))
        return (struct str){NULL, 0};
    line = find_trim(line);
    /* Not a heading of Markdown. */
    return line.n && line.n < 60 ? line : (struct str){NULL, 0};
}

/* The value of the last member with such a name, also where the JSON around it is
 * broken: models write LaTeX into strings without escaping it. */
static struct str find_member_value(struct str s)
{
    static const char *const names[] = {"\"answer\"", "\"final_answer\"",
                                        "\"final answer\"", "\"finalanswer\""};
    size_t which;
    ptrdiff_t at = find_last_any(s, names, ARRAY_LEN(names), &which);
    if (at < 0)
        return (struct str){NULL, 0};
    struct str v = find_trim(str_sub(s, (size_t)at + strlen(names[which]), s.n));
    if (!v.n || v.p[0] != ':')
        return (struct str){NULL, 0};
    v = find_trim(str_sub(v, 1, v.n));
    if (!v.n)
        return (struct str){NULL, 0};
    struct json_cur c;
    struct str whole;
    json_begin(&c, v);
    if (json_skip(&c, &whole))
        return whole;
    if (v.p[0] != '"' && v.p[0] != '\'') {
        struct str line;
        return find_line(&v, &line) ? find_trim(line) : v;
    }
    for (size_t i = 1; i < v.n; i++)
        if (v.p[i] == v.p[0] && v.p[i - 1] != '\\')
            return str_sub(v, 0, i + 1);
    return v;
}

/* "\frac" in a JSON string means a form feed and "rac", and never does. */
static bool is_latex_unescaped(struct str raw)
{
    static const char *const words[] = {"\\frac",  "\\text",  "\\times", "\\boxed",
                                        "\\right", "\\tfrac", "\\neq",   "\\theta"};
    size_t which;
    ptrdiff_t at = find_last_any(raw, words, ARRAY_LEN(words), &which);
    return at == 0 || (at > 0 && raw.p[at - 1] != '\\');
}

/* A string's characters, when the value is one. */
static struct str open_string(struct str v, struct arena *arena)
{
    struct json_cur c;
    struct json_string s;
    json_begin(&c, v);
    if (json_peek(&c) == JSON_STRING && json_read_string(&c, &s) &&
        json_finish(&c, NULL) == 0)
        return is_latex_unescaped(s.raw) ? s.raw : json_unescape(arena, s);
    if (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'') && v.p[v.n - 1] == v.p[0])
        return str_sub(v, 1, v.n - 1);
    return v;
}

/* What follows the last "the answer is", up to the end of its sentence. */
static struct str find_said(struct str s)
{
    static const char *const words[] = {
        "answer is",
        "answer:",
        "answer would be",
        "answer should be",
        "the result is",
        "result:",
        "answer =",
        "option is",
        "choice is",
        "la respuesta es",
        "la réponse est",
        "die antwort ist",
        "die antwort lautet",
        "antwort:",
        "respuesta:",
        "réponse:",
        "la risposta è",
        "resposta:",
        "a resposta é",
        "ответ:",
        "答案是",
        "答案为",
        "答案：",
        "答えは",
        "정답은",
        "output is",
        "output will be",
        "output:",
        "answer**:",
        "answer:**",
    };
    size_t which;
    struct str part = str_sub(s, s.n > END_BYTES ? s.n - END_BYTES : 0, s.n);
    ptrdiff_t at = find_last_any(part, words, ARRAY_LEN(words), &which);
    if (at < 0 && s.n > END_BYTES) {
        part = str_sub(s, 0, HEAD_BYTES);
        at = find_last_any(part, words, ARRAY_LEN(words), &which);
    }
    if (at < 0)
        return (struct str){NULL, 0};
    size_t from = (size_t)(part.p - s.p) + (size_t)at + strlen(words[which]);
    struct str rest = find_trim(str_sub(s, from, s.n));
    while (rest.n && is_one_of(rest.p[0], ":*_ "))
        rest = str_sub(rest, 1, rest.n);
    return str_sub(find_trim(rest), 0, SPAN_BYTES);
}

/* -- by kind ------------------------------------------------------------------------- */

static bool take_number(struct str s, struct final *f, enum final_mark mark)
{
    struct str at;
    if (normal_number(s, &f->number)) {
        *f = (struct final){
            .mark = mark, .text = find_trim(s), .is_number = true, .number = f->number};
        return true;
    }
    /* "3 * 6 = 18 dollars": what stands behind the last sign of equality. */
    struct str line = s;
    const char *stop = memchr(s.p, '\n', s.n);
    if (stop)
        line = str_sub(s, 0, (size_t)(stop - s.p));
    for (size_t i = line.n; i-- > 0;)
        if (line.p[i] == '=' && i + 1 < line.n) {
            line = str_sub(line, i + 1, line.n);
            break;
        }
    if (!normal_first_number(line, &at))
        return false;
    /* A fraction, LaTeX or not, is read as a whole. */
    size_t from = (size_t)(at.p - line.p), to = from + at.n;
    ptrdiff_t frac = find_nocase(line, "frac", 0);
    if (frac > 0 && (size_t)frac < from) {
        size_t begin = (size_t)frac;
        while (begin > 0 && line.p[begin - 1] != '\\')
            begin--;
        begin -= begin > 0;
        begin -= begin > 0 && line.p[begin - 1] == '-';
        for (int closed = 0; to < line.n && closed < 2; to++)
            closed += line.p[to] == '}';
        from = begin;
    } else if (to + 1 < line.n && line.p[to] == '/' && is_digit(line.p[to + 1])) {
        for (to++; to < line.n && is_digit(line.p[to]);)
            to++;
    }
    struct str whole = str_sub(line, from, to);
    double v;
    if (!normal_number(whole, &v) && !normal_number(whole = at, &v))
        return false;
    *f = (struct final){.mark = mark, .text = whole, .is_number = true, .number = v};
    return true;
}

/* One letter of the choices, alone or in marks: "(B)", "B.", "**B**", "B) Paris". */
static bool take_letter(struct str s, unsigned nchoices, struct final *f,
                        enum final_mark mark)
{
    size_t i = 0;
    for (bool more = true; more;) {
        more = false;
        while (i < s.n && is_one_of(s.p[i], " \t\n(*\"'`[{$\\:_"))
            i++;
        static const char *const words[] = {"option", "choice", "answer", "text",  "the",
                                            "letter", "boxed",  "mathrm", "textbf"};
        for (size_t w = 0; w < ARRAY_LEN(words); w++)
            if (find_starts_word(str_sub(s, i, s.n), words[w])) {
                i += strlen(words[w]);
                more = true;
                break;
            }
    }
    if (i >= s.n)
        return false;
    unsigned c = (unsigned char)s.p[i];
    unsigned upper = c >= 'a' && c <= 'z' ? c - 32 : c;
    unsigned most = nchoices ? nchoices : 26;
    bool ends = i + 1 == s.n || !is_word(s.p[i + 1]);
    if (upper < 'A' || upper >= 'A' + most || !ends)
        return false;
    /* "a" and "I" are words too: only alone, or with a mark behind. */
    if ((c == 'a' || c == 'A' || c == 'I' || c == 'i') && i + 1 < s.n &&
        s.p[i + 1] == ' ' && i == 0)
        return false;
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    *f = (struct final){
        .mark = mark, .text = str_sub(s, i, i + 1), .norm = {letters + (upper - 'A'), 1}};
    return true;
}

static struct str strip_code(struct str s)
{
    struct str inside, lang;
    s = find_trim(s);
    if (find_fence(s, 0, &inside, &lang, NULL))
        s = find_trim(inside);
    while (s.n >= 2 && s.p[0] == '`' && s.p[s.n - 1] == '`')
        s = find_trim(str_sub(s, 1, s.n - 1));
    return s;
}

static bool take_literal(struct str s, struct final *f, enum final_mark mark,
                         struct arena *arena)
{
    s = strip_code(s);
    /* assert f(x) == VALUE */
    ptrdiff_t eq = -1;
    if (find_starts_word(s, "assert"))
        for (size_t i = 0; i + 1 < s.n; i++)
            if (s.p[i] == '=' && s.p[i + 1] == '=')
                eq = (ptrdiff_t)i;
    if (eq >= 0)
        s = find_trim(str_sub(s, (size_t)eq + 2, s.n));
    if (!s.n)
        return false;
    struct str norm = normal_literal(s, arena);
    *f = (struct final){.mark = mark, .text = s, .norm = norm};
    double v;
    if (normal_number(norm, &v) && norm.n && norm.p[0] != '"') {
        f->is_number = true;
        f->number = v;
    }
    return norm.p != NULL;
}

static bool take_formula(struct str s, struct final *f, enum final_mark mark,
                         struct arena *arena)
{
    *f = (struct final){
        .mark = mark, .text = find_trim(s), .norm = normal_formula(s, arena)};
    return f->norm.p && f->norm.n;
}

static bool take_json(struct str s, struct final *f, struct arena *arena)
{
    struct str inside, lang;
    struct json_cur c;
    enum final_mark mark = FINAL_MARKED;
    (void)arena;
    s = find_trim(s);
    if (find_fence(s, 0, &inside, &lang, NULL)) {
        s = find_trim(inside);
        mark = FINAL_SAID;
    }
    json_begin(&c, s);
    if (!json_skip(&c, &inside))
        return false;
    *f = (struct final){.mark = json_finish(&c, NULL) == 0 ? mark : FINAL_SAID,
                        .text = inside,
                        .norm = inside};
    return true;
}

/* "He has 18 left" and "x = 18" say a number; "2\\sqrt{3}", "x^2 + 1" and "2 and 3" are
 * what they are. */
static bool is_prose(struct str s)
{
    struct str number;
    unsigned nwords = 0;
    if (!normal_first_number(s, &number))
        return true; /* nor a formula, then: it may still be one when nothing is found */
    for (size_t i = 0, n = 0; i <= s.n; i++) {
        if (i < s.n && is_letter(s.p[i])) {
            n++;
            continue;
        }
        nwords += n >= 2 && (i == n || s.p[i - n - 1] != '\\');
        n = 0;
    }
    return nwords >= 2 || str_index(s, '=') >= 0;
}

/* A value found behind a mark, as the task wants it. */
static bool take(struct task_facts task, struct str s, enum final_mark mark,
                 struct arena *arena, struct final *f)
{
    if (!s.p || !find_trim(s).n)
        return false;
    switch (task.task) {
    case TASK_LETTER:
        return take_letter(s, task.nchoices, f, mark);
    case TASK_LITERAL:
        return take_literal(s, f, mark, arena);
    case TASK_JSON:
        return take_json(s, f, arena);
    default:
        break;
    }
    if (mark == FINAL_MARKED && !normal_number(s, &f->number) && !is_prose(s))
        return take_formula(s, f, mark, arena);
    return take_number(s, f, mark) ||
           (mark == FINAL_MARKED && take_formula(s, f, mark, arena));
}

/* -- without a mark -------------------------------------------------------------------
 */

/* A capital letter that stands alone near the end, or opens the text. */
static bool guess_letter(struct task_facts task, struct str s, struct final *f)
{
    struct str head = find_trim(s);
    if (take_letter(head, task.nchoices, f, FINAL_SAID) && f->text.p < head.p + 4)
        return true;
    for (size_t i = s.n; i-- > 0;) {
        char c = s.p[i];
        if (c < 'A' || c >= (char)('A' + (task.nchoices ? task.nchoices : 26)))
            continue;
        bool left = i == 0 || !is_word(s.p[i - 1]);
        bool right = i + 1 == s.n || !is_word(s.p[i + 1]);
        bool marked = (i > 0 && is_one_of(s.p[i - 1], "(*")) ||
                      (i + 1 < s.n && is_one_of(s.p[i + 1], ")*.:"));
        if (left && right && (marked || (c != 'A' && c != 'I')))
            return take_letter(str_sub(s, i, i + 1), task.nchoices, f, FINAL_GUESS);
    }
    return false;
}

static bool guess_number(struct str s, struct final *f)
{
    struct str found;
    double v;
    if (normal_last_number(s, &found))
        return take_number(found, f, FINAL_GUESS);
    if (!normal_last_word(s, &found, &v))
        return false;
    *f = (struct final){
        .mark = FINAL_GUESS, .text = found, .is_number = true, .number = v};
    return true;
}

static bool guess(struct task_facts task, struct str s, struct arena *arena,
                  struct final *f)
{
    struct str found, lang, last = {NULL, 0};
    size_t at = 0;
    switch (task.task) {
    case TASK_LETTER:
        return guess_letter(task, s, f);
    case TASK_NUMBER:
        return guess_number(s, f);
    case TASK_LITERAL:
        while (find_fence(s, at, &found, &lang, &at))
            last = found;
        if (last.p)
            return take_literal(last, f, FINAL_SAID, arena);
        found = STR("");
        for (struct str rest = s, line; find_line(&rest, &line);)
            if (find_trim(line).n)
                found = find_trim(line);
        return found.n && take_literal(found, f, FINAL_GUESS, arena);
    default:
        return false;
    }
}

/* -- all together ---------------------------------------------------------------------
 */

/* Nothing but the answer: a line of a few bytes, and of a formula no words. */
static bool is_bare(struct task_facts task, struct str s)
{
    double v;
    if (s.n > 24 || str_index(s, '\n') >= 0)
        return false;
    return task.task != TASK_NUMBER || normal_number(s, &v) || str_index(s, ' ') < 0;
}

static bool find_marked(struct task_facts task, struct str s, struct arena *arena,
                        struct final *f)
{
    struct str member = find_member_value(s);
    struct str inside = member.p ? open_string(member, arena) : member;
    if (take(task, inside, FINAL_MARKED, arena, f))
        return true;
    /* "answer": "" is the literal of an empty text; so is one of blanks. */
    if (task.task == TASK_LITERAL && member.n >= 2 && !find_trim(inside).n) {
        *f = (struct final){.mark = FINAL_MARKED, .text = member, .norm = member};
        return true;
    }
    if (take(task, find_boxed(s), FINAL_MARKED, arena, f))
        return true;
    return take(task, find_hashes(s), FINAL_MARKED, arena, f);
}

static struct str first_sentence(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\n' || (s.p[i] == '.' && (i + 1 == s.n || is_blank(s.p[i + 1]))))
            return str_sub(s, 0, i);
    return s;
}

static bool find_spoken(struct task_facts task, struct str s, struct arena *arena,
                        struct final *f)
{
    struct str said = find_said(s);
    if (!said.p)
        return false;
    return take(task, task.task == TASK_LITERAL ? said : first_sentence(said), FINAL_SAID,
                arena, f);
}

static bool find_json_final(struct str s, struct arena *arena, struct final *f)
{
    struct task_facts json = {TASK_JSON, 0};
    struct str member = find_member_value(s);
    if (!take(json, s, FINAL_MARKED, arena, f))
        return false;
    /* {"reasoning":..., "answer":...}: two of these differ in their reasons. */
    if (member.p && f->text.n && f->text.p[0] == '{') {
        struct str inside = open_string(member, arena);
        f->text = inside;
        f->norm = member;
        f->is_number = normal_number(inside, &f->number);
    }
    return true;
}

int final_find(struct task_facts task, struct str text, struct arena *arena,
               struct final *ret)
{
    struct final other = {0};
    struct str s = find_trim(text);
    *ret = (struct final){0};
    if (!s.n || task.task == TASK_CODE)
        return 0;
    if (task.task == TASK_JSON) {
        find_json_final(s, arena, ret);
        return arena->is_full ? -1 : 0;
    }
    if (task.task == TASK_OPEN) {
        find_marked((struct task_facts){TASK_NUMBER, 0}, s, arena, ret);
        return arena->is_full ? -1 : 0;
    }
    if (find_marked(task, s, arena, ret)) {
        ret->is_contradicted =
            find_spoken(task, s, arena, &other) && !final_agree(ret, &other);
    } else if (!find_spoken(task, s, arena, ret) &&
               !(is_bare(task, s) && take(task, s, FINAL_MARKED, arena, ret))) {
        guess(task, s, arena, ret);
    }
    return arena->is_full ? -1 : 0;
}

static struct str unquote(struct str s)
{
    return s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"' ? str_sub(s, 1, s.n - 1) : s;
}

bool final_agree(const struct final *a, const struct final *b)
{
    if (a->mark == FINAL_NONE || b->mark == FINAL_NONE)
        return false;
    if (a->is_number && b->is_number)
        return fabs(a->number - b->number) <=
               1e-6 * (fabs(a->number) > 1 ? fabs(a->number) : 1);
    if (a->is_number != b->is_number)
        return false;
    if (str_eq(a->norm, b->norm))
        return a->norm.n > 0;
    /* A text with its quotes, and without them. */
    if ((a->norm.n && a->norm.p[0] == '"') != (b->norm.n && b->norm.p[0] == '"'))
        return str_eq(unquote(a->norm), unquote(b->norm)) && unquote(a->norm).n > 0;
    return a->norm.n && b->norm.n && is_one_of(a->norm.p[0], "{[") &&
           json_same_value(a->norm, b->norm);
}

int final_groups(struct task_facts task, const struct str *texts, size_t n,
                 struct arena *arena, int *ret)
{
    struct final finals[FINAL_GROUPS_MOST];
    int groups = 0;
    for (size_t i = 0; i < n; i++) {
        ret[i] = 0;
        if (!texts[i].p || !task_is_comparable(task.task))
            continue;
        if (final_find(task, texts[i], arena, &finals[i]) < 0)
            return -1;
        if (finals[i].mark <= FINAL_GUESS)
            continue;
        for (size_t k = 0; k < i && !ret[i]; k++)
            if (ret[k] && final_agree(&finals[k], &finals[i]))
                ret[i] = ret[k];
        if (!ret[i])
            ret[i] = ++groups;
    }
    return 0;
}
