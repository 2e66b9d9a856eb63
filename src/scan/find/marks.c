/* marks.c -- classification markings: of states, of alliances, of companies.
 *
 * A marking stands alone on its line, or behind a word that introduces it, or opens a
 * paragraph in brackets; the same words inside a sentence are talk ("top secret
 * recipe").  Capitals count: "(S)" marks a portion, "(s)" a plural.  (U) is no secret. */
#include "scan/detect.h"
#include "scan/scanner.h"
#include "scan/text/kind.h"

enum { MAX_MARK_LINE = 96, MAX_TAIL = 40 };

struct mark {
    const char *text;
    bool any_place; /* strong enough in a sentence, in capitals */
};

static const struct mark marks[] = {
    {"TOP SECRET", true},
    {"SECRET", false},
    {"NATO RESTRICTED", true},
    {"NATO CONFIDENTIAL", true},
    {"NATO SECRET", true},
    {"COSMIC TOP SECRET", true},
    {"NATO UNCLASSIFIED", false},
    {"EU SECRET", true},
    {"EU RESTRICTED", true},
    {"CONFIDENTIAL", false},
    {"OFFICIAL-SENSITIVE", true},
    {"OFFICIAL SENSITIVE", true},
    {"OFFICIAL: Sensitive", true},
    {"UK SECRET", true},
    {"PROTECTED", false},
    {"RESTRICTED", false},
    {"CUI", false},
    {"FOUO", false},
    {"FOR OFFICIAL USE ONLY", true},
    {"CONTROLLED UNCLASSIFIED INFORMATION", true},
    {"LAW ENFORCEMENT SENSITIVE", true},
    {"SENSITIVE BUT UNCLASSIFIED", true},
    {"VS-NUR FÜR DEN DIENSTGEBRAUCH", true},
    {"VS-NfD", true},
    {"VS - NUR FÜR DEN DIENSTGEBRAUCH", true},
    {"VS-VERTRAULICH", true},
    {"GEHEIM", false},
    {"STRENG GEHEIM", true},
    {"STRENG VERTRAULICH", false},
    {"VERTRAULICH", false},
    {"NUR FÜR DEN INTERNEN GEBRAUCH", true},
    {"NUR FÜR INTERNEN GEBRAUCH", true},
    {"TRÈS SECRET", true},
    {"SECRET DÉFENSE", true},
    {"CONFIDENTIEL DÉFENSE", true},
    {"DIFFUSION RESTREINTE", true},
    {"CONFIDENTIEL", false},
    {"STRICTEMENT CONFIDENTIEL", false},
    {"CONFIDENCIAL", false},
    {"RISERVATO", false},
    {"STRETTAMENTE RISERVATO", false},
    {"VERTROUWELIJK", false},
    {"STRENG VERTROUWELIJK", false},
    {"POUFNE", false},
    {"ZASTRZEŻONE", false},
    {"SECRETO", false},
    {"RESERVADO", false},
    {"COMPANY CONFIDENTIAL", false},
    {"STRICTLY CONFIDENTIAL", false},
    {"STRICTLY PRIVATE AND CONFIDENTIAL", false},
    {"PRIVATE AND CONFIDENTIAL", false},
    {"HIGHLY CONFIDENTIAL", false},
    {"INTERNAL USE ONLY", false},
    {"FOR INTERNAL USE ONLY", false},
    {"INTERNAL ONLY", false},
    {"PROPRIETARY AND CONFIDENTIAL", false},
    {"CONFIDENTIAL AND PROPRIETARY", false},
    {"TRADE SECRET", false},
    {"ATTORNEY-CLIENT PRIVILEGED", false},
    {"ATTORNEY CLIENT PRIVILEGED", false},
    {"PRIVILEGED AND CONFIDENTIAL", false},
    {"PRIVILEGED & CONFIDENTIAL", false},
    {"COMMERCIAL IN CONFIDENCE", false},
    {"COMMERCIAL-IN-CONFIDENCE", false},
    {"TLP:RED", true},
    {"TLP:AMBER", true},
    {"TLP:AMBER+STRICT", true},
    {"DO NOT DISTRIBUTE", false},
    {"NOT FOR DISTRIBUTION", false},
    {"NOT FOR PUBLIC RELEASE", false},
    {"COMPANY PROPRIETARY", false},
    {"EYES ONLY", false},
    {"SALAINEN", false},
    {"LUOTTAMUKSELLINEN", false},
    {"HEMLIG", false},
    {"KONFIDENTIELL", false},
    {"HEMMELIGT", false},
    {"HEMMELIG", false},
    {"FORTROLIGT", false},
    {"FORTROLIG", false},
    {"KONFIDENSIELT", false},
    {"BEGRENSET", false},
    {"SEGRETO", false},
    {"TAJNE", false},
    {"TAJNO", false},
    {"POVJERLJIVO", false},
    {"ZAUPNO", false},
    {"TITKOS", false},
    {"BIZALMAS", false},
    {"SALAJANE", false},
    {"SLEPENI", false},
    {"SLAPTAI", false},
    {"LIMITE", false},
    {"MNPI", false},
    {"ERITTÄIN SALAINEN", true},
    {"KVALIFICERAT HEMLIG", true},
    {"YDERST HEMMELIGT", true},
    {"STRENGT HEMMELIG", true},
    {"STRENGT FORTROLIG", true},
    {"STRENGT FORTROLIGT", true},
    {"TIL TJENESTEBRUG", true},
    {"STG. GEHEIM", true},
    {"STG. CONFIDENTIEEL", true},
    {"STG. ZEER GEHEIM", true},
    {"DEPARTEMENTAAL VERTROUWELIJK", true},
    {"SEGRETISSIMO", true},
    {"RISERVATISSIMO", true},
    {"MUITO SECRETO", true},
    {"ULTRASECRETO", true},
    {"DIFUSIÓN LIMITADA", true},
    {"DIFUSÃO RESTRITA", true},
    {"VRLO TAJNO", true},
    {"STROGO TAJNO", true},
    {"STROGO POVJERLJIVO", true},
    {"STRICT SECRET", true},
    {"SECRET DE SERVICIU", true},
    {"SZIGORÚAN TITKOS", true},
    {"RESTREINT UE", true},
    {"CONFIDENTIEL UE", true},
    {"SECRET UE", true},
    {"TRÈS SECRET UE", true},
    {"EU CONFIDENTIAL", true},
    {"MATERIAL NON-PUBLIC INFORMATION", true},
    {"UNCLASSIFIED//FOUO", true},
    {"UNCLASSIFIED//CUI", true},
    {"RESTRICTED CIRCULATION", false},
    {"RESTRICTED DISTRIBUTION", false},
    {"LIMITED DISTRIBUTION", false},
    {"BOARD CONFIDENTIAL", false},
    {"CLIENT CONFIDENTIAL", false},
    {"CLIENT-CONFIDENTIAL", false},
    {"STAFF IN CONFIDENCE", false},
    {"IN STRICT CONFIDENCE", false},
    {"IN CONFIDENCE", false},
    {"STRICTLY PRIVATE", false},
    {"STRICTLY PRIVATE & CONFIDENTIAL", false},
    {"PRIVATE & CONFIDENTIAL", false},
    {"PERSONAL AND CONFIDENTIAL", false},
    {"CONFIDENTIAL INFORMATION", false},
    {"LEGALLY PRIVILEGED", false},
    {"ATTORNEY WORK PRODUCT", false},
    {"ATTORNEY-CLIENT COMMUNICATION", false},
    {"COMMERCIALLY SENSITIVE", false},
    {"MARKET SENSITIVE", false},
    {"PRICE SENSITIVE", false},
    {"INSIDE INFORMATION", false},
    {"NICHT ZUR WEITERGABE", false},
    {"NUR ZUM INTERNEN GEBRAUCH", false},
    {"NUR ZUR INTERNEN VERWENDUNG", false},
    {"PERSÖNLICH UND VERTRAULICH", false},
    {"USAGE INTERNE", false},
    {"NE PAS DIFFUSER", false},
    {"SECRET PROFESSIONNEL", false},
    {"USO INTERNO", false},
    {"DOCUMENTO RISERVATO", false},
    {"ESTRICTAMENTE CONFIDENCIAL", false},
    {"ESTRITAMENTE CONFIDENCIAL", false},
    {"STRICT VERTROUWELIJK", false},
    {"ŚCIŚLE TAJNE", false},
    {"TYLKO DO UŻYTKU WEWNĘTRZNEGO", false},
    {"DO UŻYTKU WEWNĘTRZNEGO", false},
    {"PŘÍSNĚ TAJNÉ", false},
    {"PŘÍSNĚ DŮVĚRNÉ", false},
    {"DŮVĚRNÉ", false},
    {"STRICT CONFIDENȚIAL", false},
    {"SZIGORÚAN BIZALMAS", false},
    {"HİZMETE ÖZEL", true},
    {"GİZLİ", false},
    {"PROTECTED A", false},
    {"PROTECTED B", false},
    {"PROTECTED C", false},
    {"PROTÉGÉ A", false},
    {"PROTÉGÉ B", false},
    {"PROTÉGÉ C", false},
    {"IN-CONFIDENCE", false},
    {"SENSITIVE", false},
    {"INSIDER INFORMATION", false},
    {"TLP RED", true},
    {"TLP AMBER", true},
    {"TLP: RED", true},
    {"TLP: AMBER", true},
    {"TAJNÉ", false},
    {"VYHRAZENÉ", false},
    {"VYHRADENÉ", false},
    {"PRÍSNE TAJNÉ", true},
    {"DÔVERNÉ", false},
    {"KÄYTTÖ RAJOITETTU", true},
    {"ATTORNEYS' EYES ONLY", true},
    {"ATTORNEY EYES ONLY", true},
    {"FOR COUNSEL ONLY", false},
    {"SANGAT RAHASIA", false},
    {"RAHASIA", false},
    {"SULIT", false},
    {"TERHAD", false},
    {"TIL INTERN BRUG", false},
    {"KUN TIL INTERN BRUK", false},
    {"ENDAST FÖR INTERNT BRUK", false},
    {"VAIN SISÄISEEN KÄYTTÖÖN", false},
    {"PENTRU UZ INTERN", false},
    {"PARA USO INTERNO", false},
    {"SOLO USO INTERNO", false},
    {"APENAS USO INTERNO", false},
    {"SAMO ZA INTERNU UPOTREBU", false},
    {"POUZE PRO VNITŘNÍ POTŘEBU", false},
    {"CHỈ LƯU HÀNH NỘI BỘ", false},
};

/* What may follow a marking on its line and belongs to it. */
static size_t take_tail(const struct window *w, size_t end)
{
    static const char *const tails[] = {"NOFORN",
                                        "ORCON",
                                        "REL TO",
                                        "SI",
                                        "TK",
                                        "HCS",
                                        "NF",
                                        "IMCON",
                                        "PROPIN",
                                        "FGI",
                                        "USA",
                                        "GBR",
                                        "AUS",
                                        "CAN",
                                        "NZL",
                                        "FVEY",
                                        "SP-",
                                        "BASIC",
                                        "Privacy",
                                        "PRVCY",
                                        "Do Not Distribute",
                                        "Internal Use Only",
                                        "Internal",
                                        "Do Not Forward",
                                        "SPECIFIED",
                                        "DO NOT DISTRIBUTE",
                                        "INTERNAL USE ONLY",
                                        "INTERNAL",
                                        "CTI",
                                        "EXPT",
                                        "ITAR",
                                        "UK EYES ONLY",
                                        "EYES ONLY",
                                        "Need to Know",
                                        "COMMERCIAL",
                                        "PERSONAL",
                                        "LOCSEN",
                                        "amtlich geheim gehalten",
                                        "amtlich geheimgehalten",
                                        "Amtlich geheimgehalten",
                                        "do not forward",
                                        "do not distribute",
                                        "CABINET",
                                        "NATIONAL CABINET",
                                        "Insider List",
                                        "EU RESTRICTED",
                                        "EU SECRET"};
    for (int round = 0; round < 8; round++) {
        size_t i = end;
        while (i < w->n && strchr("/ ,-:&\xE2\x80\x93\x94", w->p[i]) && w->p[i] &&
               i - end < 6)
            i++;
        size_t best = 0;
        for (size_t k = 0; k < ARRAY_LEN(tails) && i > end; k++) {
            size_t n = strlen(tails[k]);
            if (n > best && i + n <= w->n && memcmp(w->p + i, tails[k], n) == 0 &&
                (tails[k][n - 1] == '-' || i + n == w->n || !is_alnum(w->p[i + n])))
                best = n;
        }
        if (!best)
            return end;
        end = i + best;
        while (w->p[end - 1] == '-' && end < w->n && is_alnum(w->p[end]))
            end++;
    }
    return end;
}

/* Case is free but for the first letter of each word, which must be a capital. */
static bool matches(const struct window *w, size_t at, const char *text, size_t *ret_end,
                    bool *ret_upper)
{
    size_t i = at;
    *ret_upper = true;
    for (const char *t = text; *t; t++, i++) {
        if (i >= w->n)
            return false;
        char a = w->p[i], b = *t;
        if (to_lower(a) != to_lower(b) && !(a < 0 && b < 0 && (a | 0x20) == (b | 0x20)))
            return false;
        if (is_lower(a) && (t == text))
            return false;
        *ret_upper &= !is_lower(a) || is_lower(b);
    }
    *ret_end = i;
    return i >= w->n || (!is_alnum(w->p[i]) && w->p[i] != '_' && w->p[i] != '\'');
}

static bool introduced(const struct window *w, size_t at)
{
    static const char *const words[] = {"banner",
                                        "classification",
                                        "classified",
                                        "marking",
                                        "forwarded",
                                        "handling",
                                        "einstufung",
                                        "sensitivity",
                                        "marked",
                                        "portion",
                                        "geheimhaltungsgrad",
                                        "header",
                                        "footer",
                                        "subject",
                                        "re",
                                        "fwd",
                                        "document"};
    size_t i = at, end;
    while (i > 0 && strchr(" :*_#>[(\"'-", w->p[i - 1]) && at - i < 5)
        i--;
    if (i == at || !memchr(w->p + i, ':', at - i))
        return false;
    end = i;
    while (i > 0 && is_alpha(w->p[i - 1]))
        i--;
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (str_eq_nocase((struct str){w->p + i, end - i}, str_of(words[k])))
            return true;
    return false;
}

/* Nothing but decoration between the line's edges and the marking. */
static bool has_line(const struct window *w, size_t start, size_t end)
{
    size_t a = start, b = end;
    while (a > 0 && strchr(" \t*#_=-/>[(\"'|", w->p[a - 1]) && w->p[a - 1])
        a--;
    while (b < w->n && strchr(" \t*#_=-/<])\"'.|!:", w->p[b]) && w->p[b])
        b++;
    bool begins = a == 0 || w->p[a - 1] == '\n';
    bool ends = b == w->n || w->p[b] == '\n' || w->p[b] == '\r';
    return begins && ends;
}

/* It heads a line and a dash or a colon parts it from what is said: "INTERNAL USE ONLY -
 * salary bands", "Company Confidential: the plan".  A single word heads only capitals:
 * "CONFIDENTIAL - NOT FOR DISTRIBUTION". */
static bool heads_line(const struct window *w, size_t start, size_t end)
{
    size_t a = start, i = end;
    bool is_alone = memchr(w->p + start, ' ', end - start) == NULL, has_small = false;
    while (a > 0 && strchr(" \t*#_=>[(\"'|", w->p[a - 1]) && w->p[a - 1])
        a--;
    if (a > 0 && w->p[a - 1] != '\n')
        return false;
    while (i < w->n && w->p[i] == ' ')
        i++;
    struct str rest = {w->p + i, w->n - i};
    bool is_dash = str_starts(rest, STR("- ")) || str_starts(rest, STR("\xE2\x80\x93")) ||
                   str_starts(rest, STR("\xE2\x80\x94")) || str_starts(rest, STR("| "));
    bool is_colon =
        i == end && (str_starts(rest, STR(": ")) || str_starts(rest, STR(". ")));
    if (!is_dash && !is_colon)
        return false;
    for (size_t k = i; k < w->n && w->p[k] != '\n' && k - i < MAX_MARK_LINE; k++) {
        has_small |= is_lower(w->p[k]);
        if (w->p[k] == '?')
            return false;
    }
    return !is_alone || (is_dash && !has_small);
}

/* The first word of each marking, as token.c folds it. */
void mark_words(struct word_table *t)
{
    for (size_t k = 0; k < ARRAY_LEN(marks); k++) {
        char word[32];
        size_t n = 0;
        const char *p = marks[k].text, *end = p + strlen(p);
        while (p < end && n < sizeof word) {
            uint32_t cp;
            size_t step = utf8_read(p, end, &cp);
            char c = cp < 0x80 ? to_lower((char)cp) : latin_base(cp);
            if (!is_alpha(c))
                break;
            word[n++] = c;
            p += step;
        }
        word_table_know(t, (struct str){word, n}, AT_MARK);
    }
}

/* "/// For internal use only.": what a program's source says of one of its functions. */
static bool is_remark(const struct window *w, size_t at, size_t end)
{
    struct str s = {w->p + at, end - at};
    struct str lead = line_around((struct str){w->p, w->n}, at, end).lead;
    bool is_small = false;
    for (size_t i = 0; i < s.n; i++)
        is_small |= is_lower(s.p[i]) && (i == 0 || s.p[i - 1] == ' ');
    return is_small && str_contains_nocase(s, STR("internal use")) &&
           (str_find(lead, STR("//")) >= 0 || str_find(lead, STR("* ")) >= 0) &&
           text_is_program((struct str){w->p, w->n});
}

/* "What does TLP:RED mean?", and nothing else is in the text: with anything more it may
 * be the marked text itself that is asked about. */
static bool is_asked_about(const struct window *w, size_t at, size_t end)
{
    if (w->is_cut[0] || w->is_cut[1])
        return false;
    for (size_t i = 0; i < at; i++)
        if (strchr(".!?\n", w->p[i]))
            return false;
    while (end < w->n && !strchr(".!?\n", w->p[end]))
        end++;
    if (end == w->n || w->p[end] != '?')
        return false;
    for (end++; end < w->n; end++)
        if (!strchr(" \n\t\"", w->p[end]))
            return false;
    return true;
}

static void try_mark(struct window *w, size_t at)
{
    size_t best = 0, best_any = 0;
    bool is_tailed = false;
    for (size_t k = 0; k < ARRAY_LEN(marks); k++) {
        size_t end;
        bool upper;
        if (to_lower(marks[k].text[0]) != to_lower(w->p[at]) ||
            !matches(w, at, marks[k].text, &end, &upper))
            continue;
        end = take_tail(w, end);
        bool tailed = end - at > strlen(marks[k].text) + 2;
        if ((marks[k].any_place || tailed) && upper && end > best_any) {
            best_any = end;
            is_tailed = tailed;
        }
        if (end > best)
            best = end;
    }
    if (!best || is_remark(w, at, best))
        return;
    if (has_line(w, at, best) || introduced(w, at) || heads_line(w, at, best))
        propose(w, at, best, TYPE_CLASSIFICATION, 95, SAW_SHAPE);
    else if (best_any && (is_tailed || !is_asked_about(w, at, best_any)))
        propose(w, at, best_any, TYPE_CLASSIFICATION, 85, SAW_SHAPE);
}

/* "(C) 2021 Ann Bell", "(C) Copyright ...", "Copyright\n(C) ...": no mark. */
static bool is_copyright(const struct window *w, size_t before, size_t end)
{
    size_t from = before > 60 ? before - 60 : 0, to = end + 80 < w->n ? end + 80 : w->n;
    struct str behind = str_sub((struct str){w->p, w->n}, end, to);
    for (size_t i = 0; i + 4 < behind.n; i++)
        if (is_digit(behind.p[i]) && is_digit(behind.p[i + 1]) &&
            is_digit(behind.p[i + 2]) && is_digit(behind.p[i + 3]))
            return true;
    return str_find(str_sub((struct str){w->p, w->n}, from, to), STR("opyright")) >= 0;
}

/* (S), (TS//SI), (C//NF), (CUI): a portion mark opens a paragraph. */
static void try_portion(struct window *w, size_t at)
{
    static const char *const heads[] = {"TS", "S",  "C",    "CUI",   "R",
                                        "NS", "NC", "FOUO", "VS-NfD"};
    size_t i = at + 1, end = i;
    while (end < w->n && w->p[end] != ')' && w->p[end] != '\n' && end - i < 40)
        end++;
    if (end >= w->n || w->p[end] != ')')
        return;
    struct str s = {w->p + i, end - i}, head;
    struct str rest = s;
    if (!str_split(&rest, '/', &head))
        return;
    bool known = false;
    for (size_t k = 0; k < ARRAY_LEN(heads); k++)
        known |= str_eqz(head, heads[k]);
    for (size_t k = 0; k < s.n; k++)
        known &= !is_lower(s.p[k]) || s.n == 6;
    if (!known)
        return;
    /* Before it: the line's start or a paragraph number; after it: a sentence. */
    size_t b = at;
    while (b > 0 && (w->p[b - 1] == ' ' || w->p[b - 1] == '.' || is_digit(w->p[b - 1]) ||
                     w->p[b - 1] == '\t' || w->p[b - 1] == '-'))
        b--;
    if (b > 0 && is_alpha(w->p[b - 1]) && at - b >= 2 && w->p[at - 2] == '.')
        b = 0; /* a., b. as paragraph letters */
    bool begins = b == 0 || w->p[b - 1] == '\n';
    bool follows = end + 2 < w->n && w->p[end + 1] == ' ' && is_upper(w->p[end + 2]);
    bool compound = memchr(s.p, '/', s.n) != NULL;
    if (str_eqz(s, "C") && is_copyright(w, b, end))
        return;
    if ((begins && follows) || compound)
        propose(w, at, end + 1, TYPE_CLASSIFICATION, compound ? 92 : 84, SAW_SHAPE);
}

/* -- other scripts ----------------------------------------------------------------- */

/* Each in the cases that it is written in. */
static const char *const foreign_marks[] = {"絕密",
                                            "绝密",
                                            "机密",
                                            "機密",
                                            "秘密",
                                            "极机密",
                                            "極機密",
                                            "極秘",
                                            "社外秘",
                                            "部外秘",
                                            "取扱注意",
                                            "厳秘",
                                            "親展・秘",
                                            "대외비",
                                            "극비",
                                            "비밀",
                                            "1급 비밀",
                                            "2급 비밀",
                                            "3급 비밀",
                                            "ΑΚΡΩΣ ΑΠΟΡΡΗΤΟ",
                                            "ΑΠΟΡΡΗΤΟ",
                                            "ΑΠΌΡΡΗΤΟ",
                                            "Απόρρητο",
                                            "ΕΜΠΙΣΤΕΥΤΙΚΟ",
                                            "ΕΜΠΙΣΤΕΥΤΙΚΌ",
                                            "Εμπιστευτικό",
                                            "ΠΕΡΙΟΡΙΣΜΕΝΗΣ ΧΡΗΣΗΣ",
                                            "СОВЕРШЕННО СЕКРЕТНО",
                                            "Совершенно секретно",
                                            "СЕКРЕТНО",
                                            "Секретно",
                                            "ДЛЯ СЛУЖЕБНОГО ПОЛЬЗОВАНИЯ",
                                            "Для служебного пользования",
                                            "СТРОГО КОНФИДЕНЦИАЛЬНО",
                                            "Строго конфиденциально",
                                            "КОНФИДЕНЦИАЛЬНО",
                                            "Конфиденциально",
                                            "ОСОБОЙ ВАЖНОСТИ",
                                            "КОММЕРЧЕСКАЯ ТАЙНА",
                                            "Коммерческая тайна",
                                            "ЦІЛКОМ ТАЄМНО",
                                            "Цілком таємно",
                                            "ТАЄМНО",
                                            "Таємно",
                                            "ДЛЯ СЛУЖБОВОГО КОРИСТУВАННЯ",
                                            "Для службового користування",
                                            "КОНФІДЕНЦІЙНО",
                                            "Конфіденційно",
                                            "СТРОГО СЕКРЕТНО",
                                            "ПОВЕРИТЕЛНО",
                                            "СТРОГО ПОВЕРЉИВО",
                                            "ПОВЕРЉИВО",
                                            "ДСП",
                                            "سري للغاية",
                                            "سري",
                                            "سرّي",
                                            "محظور",
                                            "محرمانه",
                                            "خیلی محرمانه",
                                            "به کلی سری",
                                            "סודי ביותר",
                                            "סודי",
                                            "שמור",
                                            "गोपनीय",
                                            "अति गोपनीय",
                                            "परम गोपनीय",
                                            "गुप्त",
                                            "ลับที่สุด",
                                            "ลับมาก",
                                            "ลับ",
                                            "TỐI MẬT",
                                            "TUYỆT MẬT",
                                            "MẬT",
                                            "ÇOK GİZLİ",
                                            "Çok Gizli"};

/* A line that is a marking, and maybe for how long or which copy it is. */
static void try_foreign(struct window *w, size_t from, size_t end)
{
    while (from < end && w->p[from] > 0 && !is_alnum(w->p[from]))
        from++;
    while (end > from && w->p[end - 1] > 0 && !is_alnum(w->p[end - 1]))
        end--;
    struct str line = {w->p + from, end - from};
    for (size_t k = 0; k < ARRAY_LEN(foreign_marks); k++) {
        struct str mark = str_of(foreign_marks[k]);
        if (!str_starts(line, mark))
            continue;
        struct str tail = str_sub(line, mark.n, line.n);
        bool is_tail = tail.n == 0;
        if (tail.n && tail.n <= MAX_TAIL)
            is_tail = str_starts(tail, STR("\xE2\x98\x85")) || /* a star: how long */
                      strchr(" (/*-,:", tail.p[0]) != NULL;
        if (is_tail) {
            propose(w, from, end, TYPE_CLASSIFICATION, 92, SAW_SHAPE);
            return;
        }
    }
}

static void find_foreign_marks(struct window *w)
{
    for (size_t at = 0; at < w->n;) {
        const char *nl = memchr(w->p + at, '\n', w->n - at);
        size_t end = nl ? (size_t)(nl - w->p) : w->n, i = at;
        while (i < end && i - at < 8 && w->p[i] > 0 && !is_alpha(w->p[i]))
            i++;
        if (i < end && end - at <= MAX_MARK_LINE &&
            (w->p[i] < 0 || w->p[i] == 'T' || w->p[i] == 'M'))
            try_foreign(w, at, end);
        at = end + 1;
    }
}

void find_marks(struct window *w)
{
    find_foreign_marks(w);
    for (size_t i = next_anchor(w, 0, AT_MARK); i < w->ntok;
         i = next_anchor(w, i + 1, AT_MARK)) {
        const struct token *t = &w->tok[i];
        if (t->kind == TOK_PUNCT)
            try_portion(w, t->start);
        else
            try_mark(w, t->start);
    }
}
