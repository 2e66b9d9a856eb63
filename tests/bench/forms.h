/* forms.h -- the dialects, as load asks in them and as mock answers in them.
 *
 * An answer's events carry the same text in every dialect (wire.h).  Where a real engine
 * changes more of an event than its text (a number that goes up, a time, counts), there
 * are seven '#' here, and mock writes seven digits in their place. */
#ifndef WEIR_BENCH_FORMS_H
#define WEIR_BENCH_FORMS_H

#include <stdbool.h>
#include <stddef.h>

enum { FORM_DIGITS = 7 };

struct form {
    const char *name;
    /* -- a request: `%s` stands for the model -- */
    const char *path, *stream_path;
    const char *start, *stream_start; /* up to the messages */
    const char *wish;                 /* of an agent */
    const char *call, *call_end;      /* ... a call, and around its result */
    const char *last, *end;           /* around the text of the last message */
    const char *key;   /* in an answer to a client: what stands before an event's text */
    const char *close; /* ... and what ends an event */
    /* -- an answer -- */
    const char *mark; /* in the first line of a request */
    const char *type; /* of a stream */
    const char *whole_before, *whole_after;
    const char *begin;          /* of a stream */
    const char *before, *after; /* around an event's text */
    const char *finish;
};

#define WISH                                                                             \
    "The test in parse_test.py fails on empty lines. Find out why, and mend it.\\nDo "   \
    "not change the test."
#define ARGUMENTS "{\"path\":\"src/parse.py\",\"from\":1,\"to\":120}"
#define ARGUMENTS_TEXT                                                                   \
    "\"{\\\"path\\\":\\\"src/parse.py\\\",\\\"from\\\":1,\\\"to\\\":120}\""
#define OPENAI_NAMES                                                                     \
    "\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1,"      \
    "\"model\":\"m\","
#define SAID_EVENT(type, members)                                                        \
    "event: " type "\ndata: {\"type\":\"" type "\"" members "}\n\n"
#define NUMBERED ",\"sequence_number\":#######"
#define RESPONSE_ITEM(status, content)                                                   \
    "{\"id\":\"msg_bench\",\"type\":\"message\",\"status\":\"" status                    \
    "\",\"role\":\"assistant\",\"content\":[" content "]}"
#define RESPONSE_PART(text)                                                              \
    "{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[],\"logprobs\":[]" \
    "}"
#define RESPONSE_HEAD(status)                                                            \
    "\"id\":\"resp_bench\",\"object\":\"response\",\"created_at\":1,\"status\":"         \
    "\"" status "\",\"model\":\"m\",\"error\":null,\"incomplete_details\":null"
#define IN_ITEM ",\"item_id\":\"msg_bench\",\"output_index\":0,\"content_index\":0"
#define GEMINI_REST                                                                      \
    "\"usageMetadata\":{\"promptTokenCount\":210,\"candidatesTokenCount\":#######,"      \
    "\"totalTokenCount\":#######},\"modelVersion\":\"m\",\"responseId\":\"bench\"}"
#define OLLAMA_HEAD                                                                      \
    "{\"model\":\"m\",\"created_at\":\"2026-11-29T20:00:00.#######Z\",\"message\":{"     \
    "\"role\":\"assistant\",\"content\":\""
#define OLLAMA_COUNTS                                                                    \
    "\"done\":true,\"done_reason\":\"stop\",\"total_duration\":1000000,"                 \
    "\"prompt_eval_count\":210,\"eval_count\":80}"

static const struct form forms[] = {
    {.name = "openai",
     .path = "/v1/chat/completions",
     .stream_path = "/v1/chat/completions",
     .start = "{\"model\":\"%s\",\"user\":\"bench\",\"messages\":[",
     .stream_start =
         "{\"model\":\"%s\",\"user\":\"bench\",\"stream\":true,\"messages\":[",
     .wish = "{\"role\":\"user\",\"content\":\"" WISH "\"},",
     .call = "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":"
             "\"call_9Fq2\",\"type\":\"function\",\"function\":{\"name\":\"read_file\","
             "\"arguments\":" ARGUMENTS_TEXT "}}]},"
             "{\"role\":\"tool\",\"tool_call_id\":\"call_9Fq2\",\"content\":\"",
     .call_end = "\"},",
     .last = "{\"role\":\"user\",\"content\":\"",
     .end = "\"}]}",
     .key = "\"content\":\"",
     .close = "\n\n",
     .mark = "/chat/completions",
     .type = "text/event-stream",
     .whole_before = "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\","
                     "\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                     "\"message\":{\"role\":\"assistant\",\"content\":\"",
     .whole_after = "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":210,"
                    "\"completion_tokens\":80,\"total_tokens\":290}}",
     .begin = "",
     .before = "data: {" OPENAI_NAMES "\"choices\":[{\"index\":0,\"delta\":{"
               "\"content\":\"",
     .after = "\"}}]}\n\n",
     .finish = "data: {\"id\":\"chatcmpl-bench\",\"choices\":[{\"index\":0,\"delta\":{},"
               "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"},
    {.name = "openai-responses",
     .path = "/v1/responses",
     .stream_path = "/v1/responses",
     .start = "{\"model\":\"%s\",\"input\":[",
     .stream_start = "{\"model\":\"%s\",\"stream\":true,\"input\":[",
     .wish = "{\"role\":\"user\",\"content\":\"" WISH "\"},",
     .call = "{\"type\":\"function_call\",\"call_id\":\"call_9Fq2\",\"name\":"
             "\"read_file\",\"arguments\":" ARGUMENTS_TEXT "},{\"type\":"
             "\"function_call_output\",\"call_id\":\"call_9Fq2\",\"output\":\"",
     .call_end = "\"},",
     .last = "{\"role\":\"user\",\"content\":\"",
     .end = "\"}]}",
     .key = "\"delta\":\"",
     .close = "\n\n",
     .mark = "/responses",
     .type = "text/event-stream",
     .whole_before = "{" RESPONSE_HEAD(
         "completed") ",\"output\":[{\"id\":\"msg_bench\","
                      "\"type\":\"message\",\"status\":\"completed\",\"role\":"
                      "\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"",
     .whole_after = "\",\"annotations\":[],\"logprobs\":[]}]}],\"usage\":{"
                    "\"input_tokens\":210,\"output_tokens\":80,\"total_tokens\":290}}",
     .begin = SAID_EVENT("response.created",
                         ",\"sequence_number\":0,\"response\":{" RESPONSE_HEAD(
                             "in_progress") ",\"output\":[]}")
         SAID_EVENT("response.output_item.added",
                    ",\"sequence_number\":1,\"output_index\":0,\"item\":" RESPONSE_ITEM(
                        "in_progress", ""))
             SAID_EVENT("response.content_part.added",
                        ",\"sequence_number\":2" IN_ITEM ",\"part\":" RESPONSE_PART("")),
     .before = "event: response.output_text.delta\ndata: {\"type\":"
               "\"response.output_text.delta\"" NUMBERED IN_ITEM ",\"delta\":\"",
     .after = "\",\"logprobs\":[],\"obfuscation\":\"#######\"}\n\n",
     .finish = SAID_EVENT("response.output_text.done",
                          ",\"sequence_number\":9000000" IN_ITEM
                          ",\"text\":\"...\",\"logprobs\":[]")
         SAID_EVENT("response.content_part.done",
                    ",\"sequence_number\":9000001" IN_ITEM ",\"part\":" RESPONSE_PART(
                        "...")) SAID_EVENT("response.output_item.done",
                                           ",\"sequence_number\":9000002,\"output_"
                                           "index\":0,\"item\":" RESPONSE_ITEM(
                                               "completed", RESPONSE_PART("...")))
             SAID_EVENT(
                 "response.completed",
                 ",\"sequence_number\":9000003,\"response\":{" RESPONSE_HEAD(
                     "completed") ",\"output\":[" RESPONSE_ITEM("completed",
                                                                RESPONSE_PART(
                                                                    "...")) "],"
                                                                            "\"usage\":{"
                                                                            "\"input_"
                                                                            "tokens\":"
                                                                            "210,"
                                                                            "\"output_"
                                                                            "tokens\":80,"
                                                                            "\"total_"
                                                                            "tokens\":"
                                                                            "290}}")},
    {.name = "anthropic",
     .path = "/v1/messages",
     .stream_path = "/v1/messages",
     .start = "{\"model\":\"%s\",\"max_tokens\":4096,\"messages\":[",
     .stream_start =
         "{\"model\":\"%s\",\"max_tokens\":4096,\"stream\":true,\"messages\":[",
     .wish = "{\"role\":\"user\",\"content\":\"" WISH "\"},",
     .call = "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
             "\"call_9Fq2\",\"name\":\"read_file\",\"input\":" ARGUMENTS "}]},"
             "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
             "\"tool_use_id\":\"call_9Fq2\",\"content\":\"",
     .call_end = "\"}]},",
     .last = "{\"role\":\"user\",\"content\":\"",
     .end = "\"}]}",
     .key = "\"text\":\"",
     .close = "\n\n",
     .mark = "/messages",
     .type = "text/event-stream",
     .whole_before = "{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\","
                     "\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":\"",
     .whole_after = "\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,"
                    "\"usage\":{\"input_tokens\":210,\"output_tokens\":80}}",
     .begin = SAID_EVENT("message_start",
                         ",\"message\":{\"id\":\"msg_bench\",\"type\":\"message\","
                         "\"role\":\"assistant\",\"model\":\"m\",\"content\":[],"
                         "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{"
                         "\"input_tokens\":210,\"output_tokens\":1}}")
         SAID_EVENT("content_block_start",
                    ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"),
     .before = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
               "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"",
     .after = "\"}}\n\n",
     .finish = SAID_EVENT("content_block_stop", ",\"index\":0")
         SAID_EVENT("message_delta",
                    ",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
                    "\"usage\":{\"output_tokens\":80}") SAID_EVENT("message_stop", "")},
    {.name = "gemini",
     .path = "/v1beta/models/%s:generateContent",
     .stream_path = "/v1beta/models/%s:streamGenerateContent?alt=sse",
     .start = "{\"contents\":[",
     .stream_start = "{\"contents\":[",
     .wish = "{\"role\":\"user\",\"parts\":[{\"text\":\"" WISH "\"}]},",
     .call = "{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":\"read_file\","
             "\"args\":" ARGUMENTS "}}]},{\"role\":\"user\",\"parts\":[{"
             "\"functionResponse\":{\"name\":\"read_file\",\"response\":{\"output\":\"",
     .call_end = "\"}}}]},",
     .last = "{\"role\":\"user\",\"parts\":[{\"text\":\"",
     .end = "\"}]}]}",
     .key = "\"text\":\"",
     .close = "\n\n",
     .mark = "enerateContent",
     .type = "text/event-stream",
     .whole_before = "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"",
     .whole_after = "\"}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],"
                    "\"usageMetadata\":{\"promptTokenCount\":210,"
                    "\"candidatesTokenCount\":80,\"totalTokenCount\":290},"
                    "\"modelVersion\":\"m\",\"responseId\":\"bench\"}",
     .begin = "",
     .before = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"",
     .after = "\"}],\"role\":\"model\"},\"index\":0}]," GEMINI_REST "\r\n\r\n",
     .finish = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}],"
               "\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],"
               "\"usageMetadata\":{\"promptTokenCount\":210,\"candidatesTokenCount\":80,"
               "\"totalTokenCount\":290},\"modelVersion\":\"m\",\"responseId\":"
               "\"bench\"}\r\n\r\n"},
    {.name = "ollama",
     .path = "/api/chat",
     .stream_path = "/api/chat",
     .start = "{\"model\":\"%s\",\"stream\":false,\"messages\":[",
     .stream_start = "{\"model\":\"%s\",\"messages\":[",
     .wish = "{\"role\":\"user\",\"content\":\"" WISH "\"},",
     .call = "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"function\":{"
             "\"name\":\"read_file\",\"arguments\":" ARGUMENTS "}}]},"
             "{\"role\":\"tool\",\"tool_name\":\"read_file\",\"content\":\"",
     .call_end = "\"},",
     .last = "{\"role\":\"user\",\"content\":\"",
     .end = "\"}]}",
     .key = "\"content\":\"",
     .close = "\n",
     .mark = "/api/chat",
     .type = "application/x-ndjson",
     .whole_before = OLLAMA_HEAD,
     .whole_after = "\"}," OLLAMA_COUNTS,
     .begin = "",
     .before = OLLAMA_HEAD,
     .after = "\"},\"done\":false}\n",
     .finish = OLLAMA_HEAD "\"}," OLLAMA_COUNTS "\n"},
};
enum { FORMS = sizeof forms / sizeof *forms };

#endif
