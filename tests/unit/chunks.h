/* chunks.h -- what an OpenAI-like engine streams, as string literals to build from. */
#ifndef WEIR_TEST_CHUNKS_H
#define WEIR_TEST_CHUNKS_H

#define CHUNK(choices, more)                                                             \
    "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\"," \
    "\"choices\":[" choices "]" more "}"
#define EV(data) "data: " data "\n\n"
#define DELTA(text)                                                                      \
    CHUNK("{\"index\":0,\"delta\":{\"content\":\"" text "\"},\"finish_reason\":null}", "")
#define ROLE                                                                             \
    CHUNK("{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"            \
          "\"finish_reason\":null}",                                                     \
          "")
#define FINISH       CHUNK("{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}", "")
#define USAGE_OBJECT "{\"prompt_tokens\":5,\"completion_tokens\":2,\"total_tokens\":7}"
#define FINISH_USAGE                                                                     \
    CHUNK("{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}",                       \
          ",\"usage\":" USAGE_OBJECT)
#define USAGE CHUNK("", ",\"usage\":" USAGE_OBJECT)
#define DONE  EV("[DONE]")

#endif
