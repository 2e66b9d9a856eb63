// decide_forms.js -- what Decide asks for: a line of each field is {name of the option, title, kind,
// note}. Fields after `more` are folded.
const yesNo = ["", "yes", "no"];

export const FORMS = {
  plan: {
    title: "What a month costs", lead: "Your requests at a cloud model\u2019s list price, against a machine of your own: money, time it takes, and what turns the answer.",
    go: "Reckon", fields: [
      {name: "model", title: "Cloud model", note: "such as gpt-4o-mini", needed: true},
      {name: "requests-per-month", title: "Requests a month", kind: "number", needed: true},
      {name: "input-tokens", title: "Tokens of a prompt, mean", kind: "number", needed: true},
      {name: "output-tokens", title: "Tokens of an answer, mean", kind: "number", needed: true},
      {name: "local-model", title: "Local model", note: "such as llama-3.1-8b", needed: true},
      {name: "device", title: "Machine", note: "such as 2x RTX 3090; empty: this one"},
      {name: "acceptance", title: "Local answers that are good enough, %", kind: "number", note: "from a pilot; empty: a range"},
    ],
    more: [
      {name: "load-watts", title: "Its power under load, W", kind: "number"}, {name: "idle-watts", title: "Its power at idle, W", kind: "number"},
      {name: "capex", title: "What it costs", kind: "number", note: "0 if you have it"}, {name: "rent", title: "Or its rent an hour", note: "a sum, or list"},
      {name: "ops-hours", title: "People\u2019s hours a month", kind: "number"}, {name: "wage", title: "What such an hour costs", kind: "number"},
      {name: "country", title: "Country, for electricity", note: "such as DE; empty: US"}, {name: "tariff", title: "Electricity, a kWh", kind: "number"},
      {name: "currency", title: "Your sums are in", note: "such as EUR; empty: USD"}, {name: "cached-tokens", title: "Of a prompt, read from a cache", kind: "number"},
      {name: "peak", title: "Busiest hour over the mean", kind: "number", note: "empty: 3"}, {name: "machines", title: "Machines", kind: "number"},
      {name: "speed", title: "Measured speed, tok/s", kind: "number"}, {name: "quant", title: "Quantisation"},
      {name: "amortise", title: "Spread over months", kind: "number", note: "empty: 36"}, {name: "provider", title: "Provider"},
    ],
  },
  advise: {
    title: "Which side to choose", lead: "Published rules of thumb on your answers, each with its threshold, and where they disagree. Leave open what you do not know.",
    go: "Advise", fields: [
      {name: "may-leave", title: "May the data leave this machine?", choices: ["", "yes", "no", "some"], needed: true},
      {name: "requests-month", title: "Requests a month", kind: "number"}, {name: "tokens-month", title: "Tokens a month, in and out", kind: "number"},
      {name: "frontier", title: "Is the strongest reasoning needed?", choices: yesNo}, {name: "realtime", title: "Do people wait for each answer?", choices: yesNo},
      {name: "offline", title: "Must it work without a network?", choices: yesNo}, {name: "engineers", title: "Are there people to run models?", choices: yesNo},
      {name: "compliance", title: "Rules for the data", choices: ["", "none", "hipaa", "pci-dss", "legal", "gdpr", "soc2", "eu-ai-act"]},
      {name: "priority", title: "What matters most", choices: ["", "privacy", "cost", "reasoning", "speed-to-market", "compliance", "realtime"]},
    ],
    more: [
      {name: "task", title: "Task", choices: ["", "classification", "rag", "code-review", "architecture", "long-documents", "proof"]},
      {name: "api-spend", title: "API bill a month, USD", kind: "number"}, {name: "parallel", title: "Requests at once, at the peak", kind: "number"},
      {name: "ttft-ms", title: "First token within, ms", kind: "number"}, {name: "context-tokens", title: "Longest context, tokens", kind: "number"},
      {name: "team", title: "Does a team operate it?", choices: yesNo}, {name: "deadline", title: "A batch with a deadline?", choices: yesNo},
      {name: "multimodal", title: "Pictures and sound too?", choices: yesNo}, {name: "model", title: "Cloud model"},
      {name: "local-model", title: "Local model"}, {name: "device", title: "Machine"}, {name: "acceptance", title: "Good local answers, %", kind: "number"},
      {name: "capex", title: "What the machine costs", kind: "number"},
    ],
  },
  fit: {
    title: "What fits this machine", lead: "Which model, in which quantisation and with which context, fits into memory, and about how fast it answers one request.",
    go: "Look", fields: [
      {name: "name", title: "Model", note: "empty: all that fit"}, {name: "device", title: "Machine", note: "such as RTX 4060; empty: this one"},
      {name: "quant", title: "Quantisation", note: "such as Q4_K_M"}, {name: "context", title: "Context, tokens", kind: "number"}, {name: "parallel", title: "Requests at once", kind: "number"},
    ],
    more: [
      {name: "memory", title: "Its memory, GB", kind: "number"}, {name: "ram", title: "Main memory, GB", kind: "number"},
      {name: "kv", title: "Keys and values as", choices: ["", "f16", "q8_0", "q5_1", "q4_0"]}, {name: "split", title: "Over several devices", choices: ["", "layers", "tensors"]},
      {name: "experts-in-ram", title: "Experts in main memory", choices: [["", "no"], ["1", "yes"]]},
      {name: "measured", title: "Measured speed, tok/s", kind: "number"}, {name: "also", title: "Then expect of this model"},
    ],
  },
  claim: {
    title: "Can a published speed be true?", lead: "Paste a sentence, a table or an article. weir finds each speed in it and holds it against what the machine\u2019s memory can do.",
    go: "Judge", fields: [{name: "text", title: "Text with speeds in it", kind: "lines", note: "such as: 14B Q4_K_M on M4: 44 tok/s", needed: true}],
  },
};
