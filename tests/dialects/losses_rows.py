"""losses_rows.py -- what clients of each dialect may say, a row a member: (name, what is put where).

A place is a path into the body that base() writes ("tools.0.strict"; "+": one more element).  From
the public documents and types of the dialects, not from weir's code.  `NOTHING` are values that ask
for what is done anyway: of these nothing need arrive or be named."""
from normal import PDF, PNG

PNG_URL = f"data:image/png;base64,{PNG}"
SCHEMA = {"type": "object", "properties": {"aq": {"type": "string"}}, "required": ["aq"],
          "additionalProperties": False}
# Where the history of base() has its first answer of the model.
C, R, A, G, O = "openai", "responses", "anthropic", "gemini", "ollama"

OPENAI = [
    ("max_tokens", {"max_completion_tokens": None, "max_tokens": 777}),
    ("max_completion_tokens", {"max_completion_tokens": 777}),
    ("temperature", {"temperature": 0.37}), ("top_p", {"top_p": 0.83}),
    ("frequency_penalty", {"frequency_penalty": 0.31}),
    ("presence_penalty", {"presence_penalty": 0.29}), ("seed", {"seed": 4711}),
    ("stop", {"stop": ["END9"]}), ("n", {"n": 2}),
    ("logprobs, top_logprobs", {"logprobs": True, "top_logprobs": 3}),
    ("logit_bias", {"logit_bias": {"17": 3}}), ("user", {"user": "u-77"}),
    ("safety_identifier", {"safety_identifier": "s-77"}), ("metadata", {"metadata": {"mk": "mv"}}),
    ("store", {"store": True}), ("service_tier: default", {"service_tier": "default"}, {"is nothing": True}),
    ("service_tier: flex", {"service_tier": "flex"}),
    ("service_tier: priority", {"service_tier": "priority"}),
    ("reasoning_effort: none", {"reasoning_effort": "none"}),
    ("reasoning_effort: low", {"reasoning_effort": "low"}),
    ("reasoning_effort: high", {"reasoning_effort": "high"}),
    ("reasoning_effort: xhigh", {"reasoning_effort": "xhigh"}),
    ("verbosity", {"verbosity": "low"}), ("prompt_cache_key", {"prompt_cache_key": "ck-7"}),
    ("prompt_cache_retention", {"prompt_cache_retention": "24h"}),
    ("parallel_tool_calls: false", {"parallel_tool_calls": False}),
    ("tool_choice: none", {"tool_choice": "none"}),
    ("tool_choice: required", {"tool_choice": "required"}),
    ("tool_choice: one function",
     {"tool_choice": {"type": "function", "function": {"name": "look"}}}),
    ("tool_choice: allowed_tools", {"tool_choice": {"type": "allowed_tools", "allowed_tools": {
        "mode": "auto", "tools": [{"type": "function", "function": {"name": "look"}}]}}}),
    ("tools[].function.strict", {"tools.0.function.strict": True}),
    ("tools[].custom", {"tools.+": {"type": "custom", "custom": {"name": "patch9"}}}),
    ("functions", {"functions": [{"name": "old9", "parameters": {"type": "object"}}]}),
    ("response_format: json_object", {"response_format": {"type": "json_object"}}),
    ("response_format: json_schema", {"response_format": {"type": "json_schema", "json_schema": {
        "name": "n9", "schema": SCHEMA, "strict": True}}}),
    ("modalities: audio", {"modalities": ["text", "audio"],
                           "audio": {"voice": "alloy", "format": "wav"}}),
    ("prediction", {"prediction": {"type": "content", "content": "foo9"}}),
    ("web_search_options", {"web_search_options": {"search_context_size": "low"}}),
    ("messages: developer", {"messages.0.role": "developer"}, {"without": {
        "messages.0": {"role": "user", "content": "be brief"}}}),
    ("messages: system, later", {"messages.+": {"role": "system", "content": "now in French9"}}),
    ("messages[].name", {"messages.1.name": "anna9"}),
    ("messages[].refusal", {"messages.+": {"role": "assistant", "content": None,
                                           "refusal": "I will not9"}}),
    ("messages[].reasoning_content", {"messages.2.reasoning_content": "hm hm9"}),
    ("messages[].audio", {"messages.2.audio": {"id": "audio_9"}}),
    ("image_url", {"messages.1.content.+": {"type": "image_url", "image_url": {"url": PNG_URL}}}),
    ("image_url at an address", {"messages.1.content.+": {
        "type": "image_url", "image_url": {"url": "https://pics.example/c9.png"}}}),
    ("image_url.detail", {"messages.1.content.+": {
        "type": "image_url", "image_url": {"url": PNG_URL, "detail": "low"}}}, {"without": {
            "messages.1.content.+": {"type": "image_url", "image_url": {"url": PNG_URL}}}}),
    ("input_audio", {"messages.1.content.+": {"type": "input_audio", "input_audio": {
        "data": "UklGRiQAAABXQVZF", "format": "wav"}}}),
    ("file.file_data", {"messages.1.content.+": {"type": "file", "file": {
        "filename": "notes9.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}}}),
    ("file.filename", {"messages.1.content.+": {"type": "file", "file": {
        "filename": "notes9.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}}},
     {"without": {"messages.1.content.+": {"type": "file", "file": {
         "file_data": f"data:application/pdf;base64,{PDF}"}}}}),
    ("file.file_id", {"messages.1.content.+": {"type": "file", "file": {"file_id": "file-9"}}}),
    ("cache_control of a part", {"messages.1.content.0.cache_control": {"type": "ephemeral"}}),
    ("cache_control of a tool", {"tools.0.cache_control": {"type": "ephemeral"}}),
    ("prompt_cache_breakpoint", {"messages.1.content.0.prompt_cache_breakpoint": {"mode": "x"}}),
    ("top_k", {"top_k": 41}), ("min_p", {"min_p": 0.07}),
    ("repetition_penalty", {"repetition_penalty": 1.13}),
    ("enable_thinking: false", {"enable_thinking": False}),
    ("chat_template_kwargs", {"chat_template_kwargs": {"ek9": True}}),
    ("stream_options.include_obfuscation", {"stream": True, "stream_options": {
        "include_usage": True, "include_obfuscation": False}},
     {"without": {"stream": True, "stream_options": {"include_usage": True}}, "is nothing": True}),
]

RESPONSES = [
    ("max_output_tokens", {"max_output_tokens": 777}), ("temperature", {"temperature": 0.37}),
    ("top_p", {"top_p": 0.83}), ("top_logprobs", {
        "top_logprobs": 3, "include": ["message.output_text.logprobs"]}),
    ("user", {"user": "u-77"}), ("safety_identifier", {"safety_identifier": "s-77"}),
    ("metadata", {"metadata": {"mk": "mv"}}), ("store: true", {"store": True}),
    ("service_tier: flex", {"service_tier": "flex"}),
    ("reasoning.effort: low", {"reasoning": {"effort": "low"}}),
    ("reasoning.effort: xhigh", {"reasoning": {"effort": "xhigh"}}),
    ("reasoning.summary", {"reasoning": {"summary": "detailed"}}),
    ("reasoning.context", {"reasoning": {"context": "all_turns"}}),
    ("reasoning.mode", {"reasoning": {"mode": "pro"}}),
    ("text.verbosity", {"text": {"verbosity": "low"}}),
    ("text.format: json_object", {"text": {"format": {"type": "json_object"}}}),
    ("text.format: json_schema", {"text": {"format": {
        "type": "json_schema", "name": "n9", "schema": SCHEMA, "strict": True}}}),
    ("prompt_cache_key", {"prompt_cache_key": "ck-7"}),
    ("prompt_cache_retention", {"prompt_cache_retention": "24h"}),
    ("prompt_cache_options", {"prompt_cache_options": {"mode": "explicit", "ttl": "30m"}}),
    ("parallel_tool_calls: false", {"parallel_tool_calls": False}),
    ("max_tool_calls", {"max_tool_calls": 3}),
    ("tool_choice: none", {"tool_choice": "none"}),
    ("tool_choice: required", {"tool_choice": "required"}),
    ("tool_choice: one function", {"tool_choice": {"type": "function", "name": "look"}}),
    ("tool_choice: allowed_tools", {
        "tools.+": {"type": "function", "name": "find9", "parameters": {"type": "object"}},
        "tool_choice": {"type": "allowed_tools", "mode": "auto",
                        "tools": [{"type": "function", "name": "look"}]}},
     {"without": {"tools.+": {"type": "function", "name": "find9",
                              "parameters": {"type": "object"}}}}),
    ("tools[].strict", {"tools.0.strict": True}),
    ("tools[].defer_loading", {"tools.0.defer_loading": True}),
    ("tools[].output_schema", {"tools.0.output_schema": SCHEMA}),
    ("tools[]: custom", {"tools.+": {"type": "custom", "name": "patch9"}}),
    ("tools[].format (grammar)", {"tools.+": {"type": "custom", "name": "patch9", "format": {
        "type": "grammar", "syntax": "lark", "definition": "start: /x9/"}}},
     {"without": {"tools.+": {"type": "custom", "name": "patch9"}}}),
    ("tools[]: namespace", {"tools.+": {"type": "namespace", "name": "ns9", "tools": [
        {"type": "function", "name": "in9", "parameters": {"type": "object"}}]}}),
    ("tools[].description of a namespace", {"tools.+": {
        "type": "namespace", "name": "ns9", "description": "all of ns", "tools": [
            {"type": "function", "name": "in9", "parameters": {"type": "object"}}]}},
     {"without": {"tools.+": {"type": "namespace", "name": "ns9", "tools": [
         {"type": "function", "name": "in9", "parameters": {"type": "object"}}]}}}),
    ("tools[]: web_search", {"tools.+": {"type": "web_search"}}),
    ("tools[]: mcp", {"tools.+": {"type": "mcp", "server_label": "x", "connector_id": "c9"}}),
    ("tools[]: local_shell", {"tools.+": {"type": "local_shell"}}),
    ("truncation: auto", {"truncation": "auto"}),
    ("include, of the provider's own tools", {"include": ["web_search_call.action.sources"]},
     {"without": {"include": []}}),
    ("previous_response_id", {"previous_response_id": "resp_9"}),
    ("conversation", {"conversation": "conv_9"}), ("prompt", {"prompt": {"id": "pmpt_9"}}),
    ("background", {"background": True}),
    ("moderation", {"moderation": {"model": "omni9"}}),
    ("context_management", {"context_management": [{"type": "compaction",
                                                    "compact_threshold": 1000}]}),
    ("client_metadata", {"client_metadata": {"ck": "cv9"}}),
    ("input: developer", {"input.+": {"role": "developer", "content": "now in French9"}}),
    ("input: reasoning of others", {"input.+": {
        "type": "reasoning", "id": "rs_9", "summary": [{"type": "summary_text", "text": "hm9"}]}}),
    ("input: encrypted_content of others", {"input.+": {
        "type": "reasoning", "id": "rs_9", "summary": [{"type": "summary_text", "text": "hm9"}],
        "encrypted_content": "Zm9vYmFy9"}}),
    ("input: item_reference", {"input.+": {"type": "item_reference", "id": "msg_9"}}),
    ("input: compaction", {"input.+": {"type": "compaction", "encrypted_content": "Zm9v9"}}),
    ("input: web_search_call", {"input.+": {"type": "web_search_call", "id": "ws_9",
                                            "status": "completed",
                                            "action": {"type": "search", "query": "q9"}}}),
    ("input_image", {"input.0.content.+": {"type": "input_image", "image_url": PNG_URL}}),
    ("input_image.detail", {"input.0.content.+": {
        "type": "input_image", "image_url": PNG_URL, "detail": "low"}},
     {"without": {"input.0.content.+": {"type": "input_image", "image_url": PNG_URL}}}),
    ("input_image.file_id", {"input.0.content.+": {"type": "input_image", "file_id": "file-9"}}),
    ("input_file", {"input.0.content.+": {"type": "input_file", "filename": "n9.pdf",
                                          "file_data": f"data:application/pdf;base64,{PDF}"}}),
    ("input_file.file_id", {"input.0.content.+": {"type": "input_file", "file_id": "file-9"}}),
    ("input_file.file_url", {"input.0.content.+": {
        "type": "input_file", "file_url": "https://docs.example/d9.pdf"}}),
    ("input_audio", {"input.0.content.+": {"type": "input_audio", "input_audio": {
        "data": "UklGRiQAAABXQVZF", "format": "wav"}}}),
    ("prompt_cache_breakpoint of a part", {"input.0.content.0.prompt_cache_breakpoint": {
        "mode": "explicit"}}),
    ("phase of a message", {"input.+": {"type": "message", "role": "assistant", "phase": "commentary",
                                        "content": [{"type": "output_text", "text": "t9"}]}},
     {"without": {"input.+": {"type": "message", "role": "assistant",
                              "content": [{"type": "output_text", "text": "t9"}]}}}),
    ("annotations of a text", {"input.+": {"type": "message", "role": "assistant", "content": [
        {"type": "output_text", "text": "t9", "annotations": [{
            "type": "url_citation", "url": "https://p9.example", "title": "p", "start_index": 0,
            "end_index": 2}]}]}},
     {"without": {"input.+": {"type": "message", "role": "assistant",
                              "content": [{"type": "output_text", "text": "t9"}]}}}),
]

ANTHROPIC = [
    ("max_tokens", {"max_tokens": 777}), ("temperature", {"temperature": 0.37}),
    ("top_p", {"top_p": 0.83}), ("top_k", {"top_k": 41}),
    ("stop_sequences", {"stop_sequences": ["END9"]}),
    ("metadata.user_id", {"metadata": {"user_id": "u-77"}}),
    ("metadata.user_id of more than 64 bytes", {"metadata": {"user_id": "u" * 90}}),
    ("service_tier: standard_only", {"service_tier": "standard_only"},
     {"is nothing": True}),
    ("speed: fast", {"speed": "fast"}), ("inference_geo", {"inference_geo": "us"}),
    ("thinking: enabled", {"thinking": {"type": "enabled", "budget_tokens": 4096},
                           "max_tokens": 9000}, {"without": {"max_tokens": 9000}}),
    ("thinking: disabled", {"thinking": {"type": "disabled"}}),
    ("thinking.display: updates", {"thinking": {"type": "adaptive", "display": "updates"}}),
    ("output_config.effort", {"output_config": {"effort": "high"}}),
    ("output_config.format", {"output_config": {"format": {
        "type": "json_schema", "schema": SCHEMA}}}),
    ("output_config.task_budget", {"output_config": {"task_budget": {
        "type": "tokens", "total": 20000}}}),
    ("tool_choice: none", {"tool_choice": {"type": "none"}}),
    ("tool_choice: any", {"tool_choice": {"type": "any"}}),
    ("tool_choice: tool", {"tool_choice": {"type": "tool", "name": "look"}}),
    ("tool_choice.disable_parallel_tool_use", {"tool_choice": {
        "type": "auto", "disable_parallel_tool_use": True}}),
    ("tools[].strict", {"tools.0.strict": True}),
    ("tools[].cache_control", {"tools.0.cache_control": {"type": "ephemeral"}}),
    ("tools[].defer_loading", {"tools.0.defer_loading": True}),
    ("tools[].input_examples", {"tools.0.input_examples": [{"q": "e9"}]}),
    ("tools[].eager_input_streaming", {"tools.0.eager_input_streaming": True}),
    ("tools[].allowed_callers", {"tools.0.allowed_callers": ["code_execution_20260120"]}),
    ("tools[]: bash", {"tools.+": {"type": "bash_20250124", "name": "bash"}}),
    ("tools[]: web_search", {"tools.+": {"type": "web_search_20250305", "name": "web_search"}}),
    ("mcp_servers", {"mcp_servers": [{"type": "url", "url": "https://m9.example", "name": "m"}]}),
    ("container", {"container": "c_9"}), ("fallbacks", {"fallbacks": [{"model": "x9"}]}),
    ("context_management", {"context_management": {"edits": [
        {"type": "clear_tool_uses_20250919"}]}}),
    ("diagnostics", {"diagnostics": {"previous_message_id": "msg_9"}}),
    ("cache_control", {"cache_control": {"type": "ephemeral"}}),
    ("system: blocks", {"system": [{"type": "text", "text": "be brief"},
                                   {"type": "text", "text": "be kind9"}]}),
    ("cache_control of a block", {"system": [{"type": "text", "text": "be brief",
                                              "cache_control": {"type": "ephemeral"}}]},
     {"without": {"system": [{"type": "text", "text": "be brief"}]}}),
    ("messages: system", {"messages.+": {"role": "system", "content": "now in French9"}}),
    ("image", {"messages.0.content.+": {"type": "image", "source": {
        "type": "base64", "media_type": "image/png", "data": PNG}}}),
    ("image at an address", {"messages.0.content.+": {"type": "image", "source": {
        "type": "url", "url": "https://pics.example/c9.png"}}}),
    ("image: file", {"messages.0.content.+": {"type": "image", "source": {
        "type": "file", "file_id": "file_9"}}}),
    ("image.transformations", {"messages.0.content.+": {"type": "image", "source": {
        "type": "base64", "media_type": "image/png", "data": PNG},
        "transformations": {"oversized_image": "error"}}},
     {"without": {"messages.0.content.+": {"type": "image", "source": {
         "type": "base64", "media_type": "image/png", "data": PNG}}}}),
    ("document", {"messages.0.content.+": {"type": "document", "source": {
        "type": "base64", "media_type": "application/pdf", "data": PDF}}}),
    ("document at an address", {"messages.0.content.+": {"type": "document", "source": {
        "type": "url", "url": "https://docs.example/d9.pdf"}}}),
    ("document: file", {"messages.0.content.+": {"type": "document", "source": {
        "type": "file", "file_id": "file_9"}}}),
    ("document: text", {"messages.0.content.+": {"type": "document", "source": {
        "type": "text", "media_type": "text/plain", "data": "d9"}}}),
    ("document.context", {"messages.0.content.+": {
        "type": "document", "context": "ctx9",
        "source": {"type": "text", "media_type": "text/plain", "data": "d9"}}},
     {"without": {"messages.0.content.+": {
         "type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "d9"}}}}),
    ("tool_result: document", {"messages.2.content.0.content": [
        {"type": "text", "text": "cold"}, {"type": "document", "source": {
            "type": "base64", "media_type": "application/pdf", "data": PDF}}]}),
    ("tool_result: tool_reference", {"messages.2.content.0.content": [
        {"type": "tool_reference", "tool_name": "find9"}]}),
    ("document.title", {"messages.0.content.+": {"type": "document", "title": "t9.pdf", "source": {
        "type": "base64", "media_type": "application/pdf", "data": PDF}}},
     {"without": {"messages.0.content.+": {"type": "document", "source": {
         "type": "base64", "media_type": "application/pdf", "data": PDF}}}}),
    ("document.citations", {"messages.0.content.+": {
        "type": "document", "citations": {"enabled": True},
        "source": {"type": "text", "media_type": "text/plain", "data": "d9"}}},
     {"without": {"messages.0.content.+": {
         "type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "d9"}}}}),
    ("search_result", {"messages.0.content.+": {
        "type": "search_result", "source": "https://s9.example", "title": "st9",
        "content": [{"type": "text", "text": "found9"}]}}),
    ("citations of a text", {"messages.1.content.0.citations": [{
        "type": "char_location", "cited_text": "x", "document_index": 0, "document_title": "d",
        "start_char_index": 0, "end_char_index": 1}]}),
    ("thinking of others", {"messages.1.content.^": {"type": "thinking", "thinking": "hm9",
                                                     "signature": "Zm9v9"}}),
    ("redacted_thinking of others", {"messages.1.content.^": {"type": "redacted_thinking",
                                                              "data": "Zm9v9"}}),
    ("tool_use.caller", {"messages.1.content.1.caller": {"type": "direct"}}, {"is nothing": True}),
    ("tool_result.is_error", {"messages.2.content.0.is_error": True}),
    ("tool_result: image", {"messages.2.content.0.content": [
        {"type": "text", "text": "cold"}, {"type": "image", "source": {
            "type": "base64", "media_type": "image/png", "data": PNG}}]}),
    ("server_tool_use", {"messages.1.content.^": {"type": "server_tool_use", "id": "srv_9",
                                                  "name": "web_search", "input": {"query": "q"}}}),
    ("container_upload", {"messages.0.content.+": {"type": "container_upload", "file_id": "f_9"}}),
]

GEMINI = [
    ("generationConfig.maxOutputTokens", {"generationConfig.maxOutputTokens": 777}),
    ("generationConfig.temperature", {"generationConfig.temperature": 0.37}),
    ("generationConfig.topP", {"generationConfig.topP": 0.83}),
    ("generationConfig.topK", {"generationConfig.topK": 41}),
    ("generationConfig.seed", {"generationConfig.seed": 4711}),
    ("generationConfig.presencePenalty", {"generationConfig.presencePenalty": 0.29}),
    ("generationConfig.frequencyPenalty", {"generationConfig.frequencyPenalty": 0.31}),
    ("generationConfig.stopSequences", {"generationConfig.stopSequences": ["END9"]}),
    ("generationConfig.candidateCount", {"generationConfig.candidateCount": 2}),
    ("generationConfig.responseLogprobs, logprobs", {
        "generationConfig.responseLogprobs": True, "generationConfig.logprobs": 3}),
    ("generationConfig.responseMimeType", {
        "generationConfig.responseMimeType": "application/json"}),
    ("generationConfig.responseJsonSchema", {
        "generationConfig.responseMimeType": "application/json",
        "generationConfig.responseJsonSchema": SCHEMA}),
    ("generationConfig.responseSchema", {
        "generationConfig.responseMimeType": "application/json",
        "generationConfig.responseSchema": {"type": "OBJECT", "properties": {
            "aq": {"type": "STRING"}}, "required": ["aq"]}}),
    ("responseSchema.propertyOrdering", {
        "generationConfig.responseMimeType": "application/json",
        "generationConfig.responseSchema": {"type": "OBJECT", "properties": {
            "aq": {"type": "STRING"}}, "propertyOrdering": ["aq"]}},
     {"without": {"generationConfig.responseMimeType": "application/json",
                  "generationConfig.responseSchema": {"type": "OBJECT", "properties": {
                      "aq": {"type": "STRING"}}}}}),
    ("generationConfig.responseModalities: IMAGE", {
        "generationConfig.responseModalities": ["TEXT", "IMAGE"]}),
    ("generationConfig.mediaResolution", {
        "generationConfig.mediaResolution": "MEDIA_RESOLUTION_LOW"}),
    ("generationConfig.speechConfig", {"generationConfig.speechConfig": {"languageCode": "de-DE"}}),
    ("thinkingConfig.thinkingBudget", {"generationConfig.thinkingConfig": {
        "thinkingBudget": 4096}, "generationConfig.maxOutputTokens": 9000},
     {"without": {"generationConfig.maxOutputTokens": 9000}}),
    ("thinkingConfig.thinkingBudget: 0", {"generationConfig.thinkingConfig": {
        "thinkingBudget": 0}}),
    ("thinkingConfig.thinkingLevel", {"generationConfig.thinkingConfig": {
        "thinkingLevel": "LOW"}}),
    ("safetySettings", {"safetySettings": [{
        "category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]}),
    ("labels", {"labels": {"lk": "lv9"}}), ("serviceTier: flex", {"serviceTier": "flex"}),
    ("serviceTier: standard", {"serviceTier": "standard"}, {"is nothing": True}), ("store", {"store": True}),
    ("cachedContent", {"cachedContent": "cachedContents/9"}),
    ("toolConfig: NONE", {"toolConfig": {"functionCallingConfig": {"mode": "NONE"}}}),
    ("toolConfig: ANY", {"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}}),
    ("toolConfig: VALIDATED", {"toolConfig": {"functionCallingConfig": {"mode": "VALIDATED"}}}),
    ("toolConfig: ANY of one", {"toolConfig": {"functionCallingConfig": {
        "mode": "ANY", "allowedFunctionNames": ["look"]}}}),
    ("toolConfig.retrievalConfig", {"toolConfig": {"retrievalConfig": {"languageCode": "de"}}}),
    ("functionDeclarations[].behavior", {
        "tools.0.functionDeclarations.0.behavior": "NON_BLOCKING"}),
    ("functionDeclarations[].response", {"tools.0.functionDeclarations.0.response": {
        "type": "STRING"}}),
    ("functionDeclarations[].parameters", {"tools.0.functionDeclarations.+": {
        "name": "find9", "parameters": {"type": "OBJECT", "properties": {
            "q9": {"type": "STRING"}}}}}),
    ("parameters: example", {"tools.0.functionDeclarations.+": {
        "name": "find9", "parameters": {"type": "OBJECT", "properties": {
            "q9": {"type": "STRING", "example": "e9"}}}}},
     {"without": {"tools.0.functionDeclarations.+": {
         "name": "find9", "parameters": {"type": "OBJECT", "properties": {
             "q9": {"type": "STRING"}}}}}}),
    ("tools[].googleSearch", {"tools.+": {"googleSearch": {}}}),
    ("tools[].codeExecution", {"tools.+": {"codeExecution": {}}}),
    ("inlineData: picture", {"contents.0.parts.+": {"inlineData": {
        "mimeType": "image/png", "data": PNG}}}),
    ("inlineData: sound", {"contents.0.parts.+": {"inlineData": {
        "mimeType": "audio/wav", "data": "UklGRiQAAABXQVZF"}}}),
    ("inlineData: PDF", {"contents.0.parts.+": {"inlineData": {
        "mimeType": "application/pdf", "data": PDF}}}),
    ("inlineData.displayName", {"contents.0.parts.+": {"inlineData": {
        "mimeType": "application/pdf", "data": PDF, "displayName": "n9.pdf"}}},
     {"without": {"contents.0.parts.+": {"inlineData": {
         "mimeType": "application/pdf", "data": PDF}}}}),
    ("fileData at an address", {"contents.0.parts.+": {"fileData": {
        "mimeType": "image/png", "fileUri": "https://pics.example/c9.png"}}}),
    ("fileData: PDF at an address", {"contents.0.parts.+": {"fileData": {
        "mimeType": "application/pdf", "fileUri": "https://docs.example/d9.pdf"}}}),
    ("fileData of Google's store", {"contents.0.parts.+": {"fileData": {
        "mimeType": "image/png",
        "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/f9"}}}),
    ("videoMetadata of a part", {"contents.0.parts.+": {
        "inlineData": {"mimeType": "image/png", "data": PNG}, "videoMetadata": {"fps": 3}}},
     {"without": {"contents.0.parts.+": {"inlineData": {"mimeType": "image/png", "data": PNG}}}}),
    ("thought of others", {"contents.1.parts.^": {"text": "hm9", "thought": True}}),
    ("thoughtSignature of others", {"contents.1.parts.1.thoughtSignature": "Zm9v9"}),
    ("functionResponse: error", {"contents.2.parts.0.functionResponse.response": {
        "error": "cold"}}),
    ("functionResponse.parts: picture", {"contents.2.parts.0.functionResponse.parts": [
        {"inlineData": {"mimeType": "image/png", "data": PNG}}]}),
    ("functionResponse.scheduling", {"contents.2.parts.0.functionResponse.scheduling": "SILENT"}),
    ("executableCode", {"contents.1.parts.^": {"executableCode": {
        "language": "PYTHON", "code": "print(9)"}}}),
]

OLLAMA = [
    *[(f"options.{name}", {f"options.{name}": value}) for name, value in (
        ("temperature", 0.37), ("top_p", 0.83), ("top_k", 41), ("min_p", 0.07), ("seed", 4711),
        ("frequency_penalty", 0.31), ("presence_penalty", 0.29), ("repeat_penalty", 1.13),
        ("repeat_last_n", 33), ("typical_p", 0.71), ("num_predict", 777), ("stop", ["END9"]),
        ("num_ctx", 5120), ("num_gpu", 7), ("mirostat", 1), ("num_keep", 9))],
    ("format: json", {"format": "json"}), ("format: a schema", {"format": SCHEMA}),
    ("think: true", {"think": True}), ("think: false", {"think": False}),
    ("think: high", {"think": "high"}), ("keep_alive", {"keep_alive": "7m"}),
    ("truncate", {"truncate": True}), ("shift", {"shift": True}),
    ("logprobs, top_logprobs", {"logprobs": True, "top_logprobs": 3}),
    ("images", {"messages.1.images": [PNG]}),
    ("thinking of a message", {"messages.2.thinking": "hm9"}),
    ("tool_call_id", {"messages.2.tool_calls.0.id": "call_9", "messages.3.tool_call_id": "call_9"},
     {"is nothing": True}),
    ("messages: system, later", {"messages.+": {"role": "system", "content": "now in French9"}}),
]

ROWS = {C: OPENAI, R: RESPONSES, A: ANTHROPIC, G: GEMINI, O: OLLAMA}
