/* nobody.c -- see nobody.h. */
#include "scan/names/nobody.h"

#include "scan/text/lexicon.h"

/* The names that forms, laws and manuals of many countries give to nobody. */
static const char *const examples[] = {"john doe",
                                       "jane doe",
                                       "john roe",
                                       "jane roe",
                                       "richard roe",
                                       "john q public",
                                       "john q. public",
                                       "joe public",
                                       "joe bloggs",
                                       "fred bloggs",
                                       "jane bloggs",
                                       "foo bar",
                                       "max mustermann",
                                       "erika mustermann",
                                       "maxi mustermann",
                                       "lieschen m\xC3\xBCller",
                                       "otto normalverbraucher",
                                       "mario rossi",
                                       "jan kowalski",
                                       "jan nov\xC3\xA1k",
                                       "josef nov\xC3\xA1k",
                                       "ola nordmann",
                                       "kari nordmann",
                                       "medel svensson",
                                       "matti meik\xC3\xA4l\xC3\xA4inen",
                                       "maija meik\xC3\xA4l\xC3\xA4inen",
                                       "fulano de tal",
                                       "jean dupont",
                                       "jean dupond",
                                       "jan jansen",
                                       "jan modaal",
                                       "hong gildong",
                                       "홍길동",
                                       "山田太郎",
                                       "山田 太郎",
                                       "山田花子",
                                       "张三",
                                       "李四",
                                       "王五",
                                       "王小明",
                                       "иван иванов",
                                       "иванов иван",
                                       "иванов иван иванович"};

static bool is_example(struct str s)
{
    for (size_t i = 0; i < ARRAY_LEN(examples); i++)
        if (s.n && examples[i][0] == to_lower(s.p[0]) &&
            str_eq_nocase(s, str_of(examples[i])))
            return true;
    return false;
}

/* A day of the week, a month; one word in small Latin letters that dictionaries have, or
 * behind "a" or "an". */
static bool is_common_word(const struct window *w, const struct span *s)
{
    size_t i = token_at(w, s->start);
    const struct token *t = &w->tok[i];
    if (i >= w->ntok || t->start != s->start || t->end != s->end)
        return false;
    if ((t->lex & (LEX_WEEKDAY | LEX_MONTH)) && !(t->names & (NAME_FIRST | NAME_LAST)))
        return true;
    if (t->c < 0 || t->letter != CASE_LOWER)
        return false;
    if ((t->names & NAME_COMMON) && !(t->names & (NAME_FIRST | NAME_LAST)))
        return true;
    const struct token *before = i ? &w->tok[i - 1] : NULL;
    struct str article =
        before ? (struct str){w->p + before->start, before->end - before->start}
               : STR("");
    return str_eqz(article, "a") || str_eqz(article, "an");
}

/* What a log calls the weight of its line. */
static bool is_level(struct str s)
{
    static const char *const levels[] = {"WARN",  "WARNING", "INFO",  "ERROR",
                                         "DEBUG", "TRACE",   "FATAL", "NOTICE"};
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (str_eqz(s, levels[i]))
            return true;
    return false;
}

/* Two letters of Thai out of a run of them. */
static bool is_scrap(const struct window *w, const struct span *s)
{
    enum { BYTES_LEAST = 9 };
    return (unsigned char)w->p[s->start] == 0xE0 &&
           (unsigned char)w->p[s->start + 1] >= 0xB8 && s->end - s->start < BYTES_LEAST;
}

bool is_nobody(const struct window *w, const struct span *s)
{
    struct str name = {w->p + s->start, s->end - s->start};
    return is_example(name) || is_level(name) || is_common_word(w, s) || is_scrap(w, s);
}
