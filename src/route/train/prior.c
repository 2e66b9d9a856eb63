/* prior.c -- what is known of figures before any row is seen.
 *
 * Sources of prompts with scores are exams, word problems and code; hardly any has open
 * chat.  So what they say little about is held near these figures, which come from what
 * is published:
 *   - length: longer prompts gain more from a strong model on MMLU and GSM8K (APGR of
 *     length alone .58 and .60 with Mixtral-8x7B beside GPT-4), and less in open chat
 * (.43 to .48 on AlpacaEval): a slope for every kind but writing.  Formulas fill a prompt
 * of the level of competitions, where beyond some length both sides fail: falling;
 *   - coding, mathematics and reasoning are where small models fall behind on MT-Bench,
 *     writing, role play and the humanities where they hardly do (Zheng et al., "Judging
 *     LLM-as-a-Judge", 2023, section 4.3 and figure 4);
 *   - word problems with more numbers take more steps, and small models lose at each step
 *     (Cobbe et al., "Training Verifiers to Solve Math Word Problems", 2021).
 * The sizes are round guesses: a few hundredths of a score, 0.05 for each e-fold of
 * length.  By themselves, with nothing learnt, they order the sources of docs/routing.md
 * about as well as what is learnt. */
#include "route/train/train.h"

static const struct {
    unsigned feature;
    float gap;
} known[] = {
    {F_KIND_LENGTH + KIND_OTHER, 0.05f},
    {F_KIND_LENGTH + KIND_CHOICE, 0.04f},
    {F_KIND_LENGTH + KIND_CODE, 0.05f},
    {F_KIND_LENGTH + KIND_WORD_PROBLEM, 0.05f},
    {F_KIND_LENGTH + KIND_FACT, 0.05f},
    {F_KIND + KIND_FORMAL, 0.4f},
    {F_KIND_LENGTH + KIND_FORMAL, -0.03f},
    {F_KIND + KIND_OPEN, 0.02f},
    {F_KIND + KIND_CODE, 0.04f},
    {F_STEPS, 0.03f},
    {F_NUMBERS, 0.02f},
    {F_CLASS + CUE_REASON, 0.02f},
    {F_CLASS + CUE_CALCULATE, 0.02f},
    {F_CLASS + CUE_MATHS, 0.02f},
    {F_CLASS + CUE_CODE, 0.02f},
    {F_CLASS + CUE_QUANTITY, 0.015f},
    {F_CLASS + CUE_CONSTRAINT, 0.01f},
    {F_CLASS + CUE_FICTION, -0.03f},
    {F_OPTION_SAME, 0.05f},
};

void train_prior(enum router_head head, float figure[F_NFEATURES])
{
    memset(figure, 0, F_NFEATURES * sizeof *figure);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        figure[known[i].feature] =
            head == HEAD_GAP ? known[i].gap : -known[i].gap; /* the other way about */
}
