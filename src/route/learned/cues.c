/* cues.c -- the lists. */
#include "route/learned/cues.h"

static const char *const lists[CUE_COUNT] = {
    [CUE_NONE] = "",
    [CUE_PLAIN] =
        "the a an of and to in is are was were be been for on that this these those "
        "with as at by from or it its he she they them his her their has have had "
        "do does did will would can could should may might about into than there "
        "so but up out over under also any some other such",
    [CUE_FACT] = "who whom whose when where",
    [CUE_WHICH] = "what which",
    [CUE_WHY] = "why how",
    [CUE_MANY] = "many much",
    [CUE_WRITE] =
        "write compose draft create craft generate rewrite edit paraphrase summarize "
        "summarise translate brainstorm suggest recommend give list name outline "
        "plan design propose invent",
    [CUE_FICTION] =
        "story poem essay blog email letter speech song joke dialogue script novel "
        "character characters fiction haiku pretend imagine persona role roleplay "
        "tweet headline slogan lyrics fairy tale post article review "
        "advertisement introduction cover travel recipe",
    [CUE_EXPLAIN] =
        "explain discuss compare contrast describe analyze analyse interpret "
        "summary overview difference differences advantages disadvantages pros "
        "cons impact implications significance relationship",
    [CUE_REASON] =
        "prove proof derive deduce infer therefore hence thus implies imply suppose "
        "assume assuming whether conclude conclusion argument premise premises "
        "consistent contradiction logic logically if then unless because "
        "puzzle riddle deduction clue clues",
    [CUE_CALCULATE] = "calculate compute solve find evaluate simplify determine estimate "
                      "approximate express factor expand convert minimize maximize",
    [CUE_QUANTITY] =
        "each every half twice double triple per percent percentage remaining "
        "left altogether total more less fewer sum average mean rate ratio "
        "times third quarter dozen combined rest another extra both amount "
        "number equal equally increase decrease difference fraction",
    [CUE_CONSTRAINT] = "must exactly least most only without ensure cannot limit maximum "
                       "minimum within strictly required require requirements avoid "
                       "include exclude between constraint constraints",
    [CUE_NEGATION] =
        "not except never neither nor no none isn doesn don didn won unlikely",
    [CUE_CODE] =
        "function def class return python java javascript code program algorithm "
        "array string sql html css api bug compile import print loop integer int "
        "float str list dict tuple recursion recursive regex c javascript react "
        "linux bash script query database implement method variable output input",
    [CUE_MATHS] =
        "equation equations integral matrix polynomial triangle probability theorem "
        "vector vectors derivative angle angles radius circle square root roots "
        "prime divisible perpendicular parallel graph coordinates degree degrees "
        "real complex positive negative integers set sets group ring field "
        "permutation sequence series limit convergence logarithm sin cos tan",
    [CUE_SCIENCE] =
        "velocity energy voltage temperature pressure molecule mass equilibrium "
        "enzyme gene genes protein proteins cell cells electron electrons atom "
        "atoms acid base reaction solution current resistance force speed "
        "acceleration frequency wavelength gas liquid heat entropy charge "
        "magnetic electric circuit density concentration species dna rna "
        "quantum orbit planet star light kinetic",
    [CUE_LAW] =
        "court plaintiff defendant statute contract liable liability jurisdiction "
        "law legal constitution amendment evidence trial jury judge sued sue "
        "negligence property owner lawsuit crime criminal guilty",
    [CUE_MEDICINE] =
        "patient patients symptoms diagnosis treatment disease blood physician "
        "hospital pain examination clinical syndrome infection therapy drug "
        "drugs medication cancer muscle artery nerve",
    [CUE_SELF] = "i my me we our us im mine",
    [CUE_YOU] = "you your yours yourself",
    [CUE_FORM] = "json table bullet bullets markdown format csv xml yaml words sentences "
                 "paragraph paragraphs heading headings points lines style tone",
    [CUE_STEP] = "first second next after before finally step steps later initially "
                 "originally again until once",
    [CUE_JUDGE] = "true false statement statements correct incorrect wrong valid invalid "
                  "following best likely moral morally according",
    [CUE_TIME] = "hour hours day days week weeks year years minute minutes seconds month "
                 "months morning night today yesterday tomorrow old age",
    [CUE_MONEY] =
        "cost costs price dollar dollars paid pay pays earns earn buy buys bought "
        "sell sells sold spend spent money profit cents worth interest",
};

uint32_t cue_hash(struct str lower)
{
    uint32_t h = (uint32_t)CUE_HASH_BASIS;
    for (size_t i = 0; i < lower.n; i++)
        h = (h ^ (unsigned char)lower.p[i]) * (uint32_t)CUE_HASH_PRIME;
    return h;
}

void cue_table_fill(struct cue_table *t)
{
    memset(t, 0, sizeof *t);
    for (unsigned c = 0x80; c < 256; c++)
        t->fold[c] = (uint8_t)c;
    for (unsigned c = 'a'; c <= 'z'; c++)
        t->fold[c] = t->fold[c - 0x20] = (uint8_t)c;
    for (unsigned c = 1; c < CUE_COUNT; c++) {
        struct str rest = str_of(lists[c]), word;
        while (str_split(&rest, ' ', &word)) {
            uint32_t h = cue_hash(word), i = h & (CUE_SLOTS - 1);
            while (t->hash[i] != 0 && t->hash[i] != h)
                i = (i + 1) & (CUE_SLOTS - 1);
            if (t->hash[i] == 0) { /* the first list that has a word keeps it */
                t->hash[i] = h;
                t->cls[i] = (uint8_t)c;
            }
        }
    }
}

const char *cue_list(enum cue c)
{
    return lists[c];
}
