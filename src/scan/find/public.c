/* public.c -- values that documentation publishes: they hold nothing.
 *
 * data/guard/public.bin, made by tools/guard_public.py: sorted little-endian hashes of
 * the letters and digits of each value, in lower case. */
#include "scan/detect.h"

enum { HASH_BYTES = 8, MAX_VALUE = 256, MASKED_AT_MOST = 50 };

extern const unsigned char guard_public_begin[], guard_public_end[];

static uint64_t hash_at(size_t i)
{
    const unsigned char *p = guard_public_begin + HASH_BYTES * i;
    uint64_t h = 0;
    for (size_t k = HASH_BYTES; k-- > 0;)
        h = h << 8 | p[k];
    return h;
}

static bool is_public(struct str value)
{
    uint64_t hash = WORD_HASH_SEED;
    size_t lo = 0, hi = (size_t)(guard_public_end - guard_public_begin) / HASH_BYTES;
    for (size_t i = 0; i < value.n; i++)
        if (is_alnum(value.p[i]))
            hash = word_hash_step(hash, to_lower(value.p[i]));
    hash = word_hash_end(hash);
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (hash_at(mid) < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < (size_t)(guard_public_end - guard_public_begin) / HASH_BYTES &&
           hash_at(lo) == hash;
}

static bool may_hold(enum guard_group g)
{
    return g == GROUP_SECRET || g == GROUP_CREDIT_CARD || g == GROUP_IBAN ||
           g == GROUP_BANK || g == GROUP_NATIONAL_ID || g == GROUP_HEALTH_ID ||
           g == GROUP_GOV_DOC;
}

void spare_public(struct window *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->nfound; i++) {
        struct span s = w->found[i];
        enum guard_group g = guard_type_group((enum guard_type)s.type);
        bool known = may_hold(g) && s.end - s.start <= MAX_VALUE &&
                     is_public((struct str){w->p + s.start, s.end - s.start});
        if (known && g == GROUP_SECRET)
            continue; /* a secret that all know is none */
        if (known && s.score > MASKED_AT_MOST)
            s.score = MASKED_AT_MOST;
        w->found[n++] = s;
    }
    w->nfound = n;
}

/* -- where nobody is spoken of ------------------------------------------------------- */

/* Addresses that every machine knows: of groups, of the cloud's own data, resolvers. */
static bool is_known_address(struct str a)
{
    static const char *const whole[] = {
        "169.254.169.254", "255.255.255.255", "0.0.0.0",       "8.8.8.8",
        "8.8.4.4",         "1.1.1.1",         "1.0.0.1",       "9.9.9.9",
        "169.254.170.2",   "100.100.100.200", "168.63.129.16", "fd00:ec2::254",
        "208.67.222.222",  "208.67.220.220",  "169.254.0.0",   "fe80::1",
        "fe80::",          "2001:db8::",      "192.88.99.1",   "64:ff9b::"};
    static const char *const begins[] = {"ff01::", "ff02::",    "ff05::",   "ff08::",
                                         "ff0e::", "2001:db8:", "224.0.0.", "239.255."};
    for (size_t i = 0; i < ARRAY_LEN(whole); i++)
        if (str_eq_nocase(a, str_of(whole[i])))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (str_starts_nocase(a, str_of(begins[i])))
            return true;
    return false;
}

/* Is how the check of a number is worked out what a short text asks?  Pasted lines may be
 * anybody's. */
static bool asks_for_check(struct str text)
{
    enum { SHORT = 200 };
    static const char *const phrases[] = {"check digit",
                                          "checksum",
                                          "luhn",
                                          "mod 97",
                                          "mod97",
                                          "mod 11",
                                          "pr\xC3\xBC"
                                          "fziffer",
                                          "pr\xC3\xBC"
                                          "fsumme",
                                          "cl\xC3\xA9 de contr\xC3\xB4le",
                                          "chiffre de contr\xC3\xB4le",
                                          "d\xC3\xADgito de control",
                                          "d\xC3\xADgito verificador",
                                          "digito verificador",
                                          "cifra di controllo",
                                          "carattere di controllo",
                                          "controlecijfer",
                                          "cyfr",
                                          "suma kontrolna",
                                          "sum\xC4\x99 kontroln",
                                          "kontroln\xC3\xAD \xC4\x8D\xC3\xADslic",
                                          "kontrollsiffra",
                                          "kontrollsiffer",
                                          "kontrolciffer",
                                          "tarkistus",
                                          "tarkiste",
                                          "ellen\xC5\x91rz\xC5\x91",
                                          "cifra de control",
                                          "kontrol basama",
                                          "algorit",
                                          "algorytm",
                                          "контрольн",
                                          "контролно число",
                                          "алгоритм",
                                          "خوارزمية",
                                          "رقم التحقق",
                                          "ספרת ביקורת",
                                          "校验",
                                          "校驗",
                                          "檢查碼",
                                          "チェックデジット",
                                          "検査数字",
                                          "검증번호",
                                          "체크섬",
                                          "số kiểm tra",
                                          "digit pemeriksa",
                                          "जाँच अंक",
                                          "ψηφίο ελέγχου"};
    if (text.n > SHORT || memchr(text.p, '\n', text.n - (text.n > 0)))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
        if (str_contains_nocase(text, str_of(phrases[i])))
            return true;
    return false;
}

/* Telephones that are kept for films and manuals: 555-0100 to 555-0199 and the area 555
 * of North America, and what Britain keeps free. */
static bool is_fictional_phone(struct str v)
{
    static const char *const british[] = {"7700900", "2079460", "1632960", "1134960"};
    enum { MOST = 15, LOCAL = 7, NATIONAL = 10 };
    char digits[MOST + 1];
    size_t n = 0;
    for (size_t i = 0; i < v.n && n < MOST; i++)
        if (is_digit(v.p[i]))
            digits[n++] = v.p[i];
    struct str s = {digits, n};
    if (n < LOCAL)
        return false;
    struct str local = str_sub(s, n - LOCAL, n);
    bool is_area = n == NATIONAL || (n == NATIONAL + 1 && digits[0] == '1');
    if ((n == LOCAL || is_area) && str_starts(local, STR("55501")))
        return true;
    if (is_area && str_starts(str_sub(s, n - NATIONAL, n), STR("555")))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(british); i++)
        if (n >= NATIONAL && str_starts(str_sub(s, n - NATIONAL, n), str_of(british[i])))
            return true;
    return false;
}

/* A telephone of films and manuals is nobody's. */
static bool speaks_of_people(const struct window *w)
{
    enum { SURE = 55 };
    for (size_t i = 0; i < w->nfound; i++) {
        const struct span *s = &w->found[i];
        bool is_phone =
            s->type == TYPE_PHONE &&
            !is_fictional_phone((struct str){w->p + s->start, s->end - s->start});
        if (s->score >= SURE &&
            ((s->type == TYPE_PERSON && !s->is_alone) || s->type == TYPE_EMAIL ||
             is_phone || s->type == TYPE_ADDRESS || s->type == TYPE_DOB))
            return true;
    }
    return false;
}

void let_published_go(struct window *w)
{
    bool has_people = speaks_of_people(w), is_read = false, asks = false;
    for (size_t i = 0; i < w->nfound; i++) {
        struct span *s = &w->found[i];
        struct str value = {w->p + s->start, s->end - s->start};
        enum guard_group g = guard_type_group((enum guard_type)s->type);
        bool holds = may_hold(g) && g != GROUP_SECRET;
        bool is_checked =
            g == GROUP_CREDIT_CARD || g == GROUP_IBAN || g == GROUP_NATIONAL_ID;
        s->is_allowed |=
            (s->type == TYPE_IP && is_known_address(value)) ||
            (s->type == TYPE_PHONE && !has_people && is_fictional_phone(value)) ||
            (holds && !has_people && value.n <= MAX_VALUE && is_public(value));
        if (is_checked && !has_people && s->score > MASKED_AT_MOST) {
            asks = is_read ? asks : asks_for_check((struct str){w->p, w->n});
            is_read = true;
            s->score = asks ? MASKED_AT_MOST : s->score;
        }
    }
}
