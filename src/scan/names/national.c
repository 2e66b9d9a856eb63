/* national.c -- see national.h.
 *
 * The forms and checks are those that the offices of the countries publish; nearly all
 * hold a date of birth.  A capital stands for one, d for a digit, other signs for
 * themselves. */
#include "scan/names/national.h"

#include "core/compiler.h"

#include <stdbool.h>

enum { DIGITS_MOST = 20 };

struct number {
    int d[DIGITS_MOST]; /* its digits */
    char letter[2];     /* its first and last letter; 0: none */
};

typedef bool (*check_fn)(const struct number *x);

static int weighed(const struct number *x, const int *weights, size_t n)
{
    int sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += weights[i] * x->d[i];
    return sum;
}

static int two(const struct number *x, size_t i)
{
    return x->d[i] * 10 + x->d[i + 1];
}

static bool is_day(int month, int day)
{
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool luhn(const struct number *x, size_t from, size_t n)
{
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        int d = x->d[from + n - 1 - i] * (i % 2 ? 2 : 1);
        sum += d > 9 ? d - 9 : d;
    }
    return sum % 10 == 0;
}

/* Taiwan: a letter that counts for two digits, and nine digits. */
static bool check_tw(const struct number *x)
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
    int at = 0, sum;
    while (letters[at] && letters[at] != x->letter[0])
        at++;
    if (!letters[at] || x->d[0] < 1 || x->d[0] > 2)
        return false;
    sum = (at + 10) / 10 + (at + 10) % 10 * 9;
    for (int i = 0; i < 8; i++)
        sum += x->d[i] * (8 - i);
    return (sum + x->d[8]) % 10 == 0;
}

/* Austria's number of social insurance: serial, check, date. */
static bool check_at(const struct number *x)
{
    static const int weights[] = {3, 7, 9, 0, 5, 8, 4, 2, 1, 6};
    return x->d[0] > 0 &&
           is_day(two(x, 6) > 12 ? two(x, 6) - 12 : two(x, 6), two(x, 4)) &&
           weighed(x, weights, 10) % 11 == x->d[3];
}

/* Denmark has its date and no check; Iceland, Sweden. */
static bool check_6_4(const struct number *x)
{
    return is_day(two(x, 2), two(x, 0)) ||
           (is_day(two(x, 2), two(x, 4)) && luhn(x, 0, 10));
}

/* Poland. */
static bool check_pl(const struct number *x)
{
    static const int weights[] = {1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1};
    return is_day(two(x, 2) % 20, two(x, 4)) && weighed(x, weights, 11) % 10 == 0;
}

/* Norway: date, serial, two checks. */
static bool check_no(const struct number *x)
{
    static const int first[] = {3, 7, 6, 1, 8, 9, 4, 5, 2, 1};
    static const int then[] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};
    return is_day(two(x, 2), two(x, 0)) && weighed(x, first, 10) % 11 == 0 &&
           weighed(x, then, 11) % 11 == 0;
}

/* Turkey: the tenth digit by the nine before, the eleventh by the ten. */
static bool check_tr(const struct number *x)
{
    int odd = x->d[0] + x->d[2] + x->d[4] + x->d[6] + x->d[8];
    int even = x->d[1] + x->d[3] + x->d[5] + x->d[7];
    return x->d[0] > 0 && (7 * odd + 9 * even) % 10 == x->d[9] &&
           (odd + even + x->d[9]) % 10 == x->d[10];
}

/* Belgium: date, serial, the rest of a division by 97. */
static bool check_be(const struct number *x)
{
    long n = 0;
    for (int i = 0; i < 9; i++)
        n = n * 10 + x->d[i];
    int check = two(x, 9);
    return is_day(two(x, 2), two(x, 4)) &&
           (97 - n % 97 == check || 97 - (n + 2000000000L) % 97 == check);
}

/* South Africa: date, serial, citizen or not, check. */
static bool check_za(const struct number *x)
{
    return is_day(two(x, 2), two(x, 4)) && x->d[10] <= 1 && luhn(x, 0, 13);
}

/* Thailand. */
static bool check_th(const struct number *x)
{
    static const int weights[] = {13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2};
    return x->d[0] > 0 && (11 - weighed(x, weights, 12) % 11) % 10 == x->d[12];
}

/* Russia's tax number of a person: two checks. */
static bool check_inn(const struct number *x)
{
    static const int first[] = {7, 2, 4, 10, 3, 5, 9, 4, 6, 8};
    static const int then[] = {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8};
    return weighed(x, first, 10) % 11 % 10 == x->d[10] &&
           weighed(x, then, 11) % 11 % 10 == x->d[11];
}

/* Romania: sex and century, date, county, serial, check. */
static bool check_ro(const struct number *x)
{
    static const int weights[] = {2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9};
    int c = weighed(x, weights, ARRAY_LEN(weights)) % 11;
    return x->d[0] > 0 && is_day(two(x, 3), two(x, 5)) && (c == 10 ? 1 : c) == x->d[12];
}

/* The countries that were Yugoslavia: day, month, three digits of the year. */
static bool check_jmbg(const struct number *x)
{
    static const int weights[] = {7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
    int c = 11 - weighed(x, weights, ARRAY_LEN(weights)) % 11;
    return is_day(two(x, 2), two(x, 0)) && (x->d[4] == 9 || x->d[4] == 0) &&
           (c > 9 ? 0 : c) == x->d[12];
}

static bool check_13(const struct number *x)
{
    return check_ro(x) || check_jmbg(x) || check_za(x);
}

/* Bulgaria: months of other centuries are shifted by 20 and 40. */
static bool check_bg(const struct number *x)
{
    static const int weights[] = {2, 4, 8, 5, 10, 9, 7, 3, 6};
    return is_day(two(x, 2) % 20, two(x, 4)) &&
           weighed(x, weights, ARRAY_LEN(weights)) % 11 % 10 == x->d[9];
}

/* Czechia, Slovakia: months of women are shifted by 50; the whole divides by 11. */
static bool check_cz(const struct number *x)
{
    int month = two(x, 2) % 50, rest = 0;
    for (int i = 0; i < 10; i++)
        rest = (rest * 10 + x->d[i]) % 11;
    return is_day(month > 20 ? month - 20 : month, two(x, 4)) && rest == 0;
}

/* Estonia, Lithuania. */
static bool check_ee(const struct number *x)
{
    static const int first[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1};
    static const int then[] = {3, 4, 5, 6, 7, 8, 9, 1, 2, 3};
    int c = weighed(x, first, 10) % 11;
    if (c == 10)
        c = weighed(x, then, 10) % 11 % 10;
    return x->d[0] > 0 && x->d[0] < 7 && is_day(two(x, 3), two(x, 5)) && c == x->d[10];
}

/* Greece's number of social insurance. */
static bool check_gr(const struct number *x)
{
    return is_day(two(x, 2), two(x, 0)) && luhn(x, 0, 11);
}

static bool check_11(const struct number *x)
{
    return check_ee(x) || check_gr(x) || check_pl(x) || check_no(x) || check_tr(x);
}

/* Latvia: day, month, year. */
static bool check_lv(const struct number *x)
{
    return is_day(two(x, 2), two(x, 0)) && x->d[6] <= 2;
}

/* Kazakhstan. */
static bool check_kz(const struct number *x)
{
    static const int first[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const int then[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2};
    int c = weighed(x, first, 11) % 11;
    if (c == 10)
        c = weighed(x, then, 11) % 11;
    return is_day(two(x, 2), two(x, 4)) && x->d[6] > 0 && x->d[6] < 7 && c == x->d[11];
}

/* Sweden with its century. */
static bool check_se(const struct number *x)
{
    return (two(x, 0) == 19 || two(x, 0) == 20) && is_day(two(x, 4), two(x, 6)) &&
           luhn(x, 2, 10);
}

static bool check_12(const struct number *x)
{
    return check_kz(x) || check_se(x) || check_inn(x);
}

/* Egypt: century, date, governorate. */
static bool check_eg(const struct number *x)
{
    return (x->d[0] == 2 || x->d[0] == 3) && is_day(two(x, 3), two(x, 5)) &&
           two(x, 7) >= 1 && (two(x, 7) <= 35 || two(x, 7) == 88);
}

/* Indonesia: district, date with days of women shifted by 40. */
static bool check_id(const struct number *x)
{
    return two(x, 0) >= 11 && two(x, 0) <= 96 && is_day(two(x, 8), two(x, 6) % 40);
}

/* Malaysia: date, place, serial. */
static bool check_my(const struct number *x)
{
    return is_day(two(x, 2), two(x, 4));
}

static bool check_ae(const struct number *x)
{
    return luhn(x, 0, 15);
}

/* Russia's number of social insurance. */
static bool check_ru(const struct number *x)
{
    static const int weights[] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    return weighed(x, weights, 9) % 101 % 100 == two(x, 9);
}

/* Argentina. */
static bool check_ar(const struct number *x)
{
    static const int weights[] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
    int c = (11 - weighed(x, weights, 10) % 11) % 11;
    return two(x, 0) >= 20 && two(x, 0) <= 34 && c == x->d[10];
}

/* Ireland: the letter is the sum. */
static bool check_ie(const struct number *x)
{
    static const int weights[] = {8, 7, 6, 5, 4, 3, 2};
    return "WABCDEFGHIJKLMNOPQRSTUV"[weighed(x, weights, 7) % 23] == x->letter[0];
}

/* Hong Kong with one letter and the check in brackets. */
static bool check_hk(const struct number *x)
{
    int sum = 36 * 9 + (x->letter[0] - 'A' + 10) * 8;
    for (int i = 0; i < 7; i++)
        sum += x->d[i] * (7 - i);
    return sum % 11 == 0;
}

static bool check_10(const struct number *x)
{
    return check_bg(x) || check_at(x);
}

static bool check_none(const struct number *x)
{
    return x->d[0] > 0;
}

static const struct {
    const char *form;
    check_fn check;
} forms[] = {
    {"784-dddd-ddddddd-d", check_ae}, {"784dddddddddddd", check_ae},
    {"dddddddddddddddd", check_id},   {"dddddddddddddd", check_eg},
    {"ddd-ddd-ddd dd", check_ru},     {"dddddd-dd-dddd", check_my},
    {"ddddd-ddddddd-d", check_none},  {"dd-dddddddd-d", check_ar},
    {"ddddddddddddd", check_13},      {"dddddddddddd", check_12},
    {"dddddd-ddddd", check_lv},       {"ddddddddddd", check_11},
    {"dddddd/dddd", check_cz},        {"dddddd-dddd", check_6_4},
    {"Addddddddd", check_tw},         {"dddddddddd", check_10},
    {"dddd dddddd", check_at},        {"dddddd ddddd", check_no},
    {"dd.dd.dd-ddd.dd", check_be},    {"d-dddd-ddddd-dd-d", check_th},
    {"Adddddd(d)", check_hk},         {"dddddddA", check_ie},
};

static bool fits(struct str s, const char *form, struct number *ret, size_t *ret_n)
{
    size_t digits = 0, i = 0;
    *ret = (struct number){0};
    for (; form[i]; i++) {
        if (i >= s.n)
            return false;
        bool is_digit = s.p[i] >= '0' && s.p[i] <= '9';
        bool is_fixed = form[i] >= '0' && form[i] <= '9';
        if (form[i] == 'A') {
            if (s.p[i] < 'A' || s.p[i] > 'Z')
                return false;
            ret->letter[0] = s.p[i];
        } else if (form[i] == 'd' ? !is_digit : s.p[i] != form[i]) {
            return false;
        }
        if (form[i] == 'd' || is_fixed)
            ret->d[digits++] = s.p[i] - '0';
    }
    *ret_n = i;
    return true;
}

/* Each form has a digit or a dash as its second sign. */
static bool may_fit(struct str s)
{
    return s.n > 1 && ((s.p[1] >= '0' && s.p[1] <= '9') || s.p[1] == '-');
}

size_t national_number(struct str s)
{
    struct number x;
    size_t n;
    if (LIKELY(!may_fit(s)))
        return 0;
    for (size_t k = 0; k < ARRAY_LEN(forms); k++)
        if (fits(s, forms[k].form, &x, &n) &&
            (n == s.n || s.p[n] < '0' || s.p[n] > '9') && forms[k].check(&x))
            return n;
    return 0;
}
