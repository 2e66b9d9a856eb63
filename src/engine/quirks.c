/* quirks.c -- where each kind of engine differs from the plain OpenAI surface, each
 * fact with its source.  A kind of which nothing is known has a plain row: it is
 * treated as OpenAI itself, and says so. */
#include "engine/engine.h"

static const struct engine_quirks table[ENGINE_KINDS] = {
    [ENGINE_OPENAI] =
        {
            .kind = ENGINE_OPENAI,
            .note = "the reference: usage in a last chunk with empty choices, when "
                    "stream_options.include_usage is set (openai-openapi #248)",
        },
    [ENGINE_LLAMA_SERVER] =
        {
            .kind = ENGINE_LLAMA_SERVER,
            .cancel_needs_stream = true,
            .ignores_unknown_model = true,
            .note = "recorded from llama-server 0.5.0: with n = 2 two usage chunks, "
                    "each counting one choice; /v1/completions puts usage on the "
                    "finish chunk; a plain request whose client left runs on for 1 s "
                    "or to its end, a stream stops in 20-55 ms",
        },
    [ENGINE_OLLAMA] =
        {
            .kind = ENGINE_OLLAMA,
            .note = "its OpenAI route takes stream_options.include_usage; when its "
                    "client leaves it stops within a second, plain or streamed; a model "
                    "that repeats itself 30 times is stopped without a finish and with "
                    "a usage of 0 (measured with 0.9.0)",
        },
    [ENGINE_LM_STUDIO] =
        {
            .kind = ENGINE_LM_STUDIO,
            .note = "0.3.8 ignored stream_options and streamed no usage "
                    "(lmstudio-bug-tracker #713): then tokens are estimated; not "
                    "refused, so sent",
        },
    [ENGINE_VLLM] =
        {
            .kind = ENGINE_VLLM,
            .note = "include_usage as OpenAI; usage in every chunk only when "
                    "continuous_usage_stats is asked for (vllm #5742, #7262)",
        },
    [ENGINE_MISTRAL] =
        {
            .kind = ENGINE_MISTRAL,
            .refuses_stream_options = true,
            .note = "422 extra_forbidden on stream_options; usage comes unasked in "
                    "the finish chunk (openai-agents-python #442, anon-kode #53, "
                    "avante.nvim #2347)",
        },
    [ENGINE_GEMINI] =
        {
            .kind = ENGINE_GEMINI,
            .note = "OpenAI-compatible endpoint; usage may come in every chunk: the "
                    "last counts; treated as plain, not measured",
        },
    [ENGINE_ANTHROPIC] =
        {
            .kind = ENGINE_ANTHROPIC,
            .note = "OpenAI-compatible endpoint; stream_options supported, n must be "
                    "1 (Anthropic docs, OpenAI SDK compatibility)",
        },
    [ENGINE_OPENROUTER] =
        {
            .kind = ENGINE_OPENROUTER,
            .note = "include_usage is without effect, usage always comes; comments "
                    "as heartbeat; errors as data events in a 200 (OpenRouter docs, "
                    "streaming and ChatStreamOptions)",
        },
    [ENGINE_GROQ] =
        {
            .kind = ENGINE_GROQ,
            .note = "include_usage gives a usage chunk (Portkey gateway #1338); "
                    "x_groq.usage on the last chunk is read as well",
        },
    [ENGINE_SIM] = {.kind = ENGINE_SIM,
                    .note = "built in; behaves as OpenAI unless told to misbehave"},
};

const struct engine_quirks *engine_quirks(enum engine_kind kind)
{
    return &table[(unsigned)kind < ENGINE_KINDS ? kind : ENGINE_OPENAI];
}
