// decide_forms.js -- what Decide's forms ask: the options of weir's own commands as fields. A field is {name of
// the option, title, unit, note, kind}; `from` names the list of view_decide.js that it suggests from, `needed`
// must be filled, `isWide` has the whole width. Those after `more` are folded. A "$" of a unit is the currency of the form's sums.
const yesNo = ["", "yes", "no"];

const machine = {name: "device", title: "Machine", from: "devices", note: "empty: this one"}, memory = {name: "memory", title: "Its memory", kind: "number", unit: "GiB"};
const ram = {name: "ram", title: "Main memory beside it", kind: "number", unit: "GiB", note: "for what does not fit on its cards"};
const localModel = {name: "local-model", title: "Local model", from: "models", note: "such as llama-3.1-8b"};
const cloudModel = {name: "model", title: "Cloud model", from: "prices", note: "such as gpt-4o-mini"};
const quant = {name: "quant", title: "Quantisation", from: "quants", note: "such as Q8_0; empty: the usual one"};
const number = {kind: "number"}, tokens = {kind: "number", unit: "tokens"};
const acceptance = {name: "acceptance", title: "Local answers that are good enough", ...number, unit: "%", note: "from weir pilot; empty: 30 to 95"};
export const POWER_NOTE = "empty: its rating and the PC around it";
const capex = {name: "capex", title: "What the machine costs", ...number, unit: "$", note: "0 if you have it; empty: its launch price, of this machine 0"};

export const FORMS = {
  plan: {
    title: "What a month costs", lead: "Your requests at a cloud model\u2019s list price, against a machine of your own: money, time it takes, and what turns the answer.",
    go: "Reckon", fields: [
      {...cloudModel, needed: true}, {name: "requests-per-month", title: "Requests", ...number, unit: "a month", needed: true},
      {name: "input-tokens", title: "A prompt, on average", ...tokens, needed: true}, {name: "output-tokens", title: "An answer, on average", ...tokens, needed: true},
      {...localModel, needed: true}, machine, memory, acceptance,
    ],
    more: [
      capex, {name: "rent", title: "Or its rent", unit: "$ an hour", note: "a sum, or list: the cheapest that is known"},
      {name: "load-watts", title: "Its power under load", ...number, unit: "W", note: POWER_NOTE}, {name: "idle-watts", title: "Its power at idle", ...number, unit: "W"},
      {name: "ops-hours", title: "People who look after it", ...number, unit: "hours a month", note: "empty: nobody is paid"}, {name: "wage", title: "What such an hour costs", ...number, unit: "$"},
      {name: "country", title: "Country, for electricity", from: "countries", note: "such as DE; empty: US"}, {name: "tariff", title: "Electricity", ...number, unit: "$ a kWh", note: "empty: that of the country"},
      {name: "currency", title: "Your sums are in", from: "currencies", note: "such as EUR; empty: USD"}, {name: "cached-tokens", title: "Of a prompt, read from a cache", ...tokens},
      {name: "peak", title: "The busiest hour has", ...number, unit: "times the mean", note: "empty: 3"}, {name: "machines", title: "Machines", ...number, note: "empty: as many as the busiest hour needs"},
      {name: "speed", title: "Measured speed", ...number, unit: "tok/s", note: "one answer at a time; empty: weir bench\u2019s, or an estimate"}, quant, ram,
      {name: "amortise", title: "Spread over", ...number, unit: "months", note: "empty: 36"}, {name: "provider", title: "Provider", from: "providers", note: "where several sell the model"},
    ],
  },
  advise: {
    title: "Which side to choose", lead: "Published rules of thumb on your answers, each with its threshold, and where they disagree. Leave open what you do not know.",
    go: "Advise", fields: [
      {name: "may-leave", title: "May the data leave this machine?", choices: ["", "yes", "no", "some"], needed: true},
      {name: "requests-month", title: "Requests", ...number, unit: "a month"}, {name: "tokens-month", title: "Tokens, in and out", ...number, unit: "a month", note: "with them the money is computed"},
      {name: "frontier", title: "Is the strongest reasoning needed?", choices: yesNo}, {name: "realtime", title: "Do people wait for each answer?", choices: yesNo},
      {name: "offline", title: "Must it work without a network?", choices: yesNo}, {name: "engineers", title: "Are there people to run models?", choices: yesNo},
      {name: "compliance", title: "Rules for the data", choices: ["", "none", "hipaa", "pci-dss", "legal", "gdpr", "soc2", "eu-ai-act"]},
      {name: "priority", title: "What matters most", choices: ["", "privacy", "cost", "reasoning", "speed-to-market", "compliance", "realtime"]}, machine,
    ],
    more: [
      {name: "task", title: "Task", choices: ["", "classification", "rag", "code-review", "architecture", "long-documents", "proof"]},
      {name: "api-spend", title: "Bill of the API", ...number, unit: "USD a month"}, {name: "parallel", title: "Requests at once", ...number, note: "at the peak"},
      {name: "ttft-ms", title: "First token within", ...number, unit: "ms"}, {name: "context-tokens", title: "Longest context", ...tokens},
      {name: "team", title: "Does a team operate it?", choices: yesNo}, {name: "deadline", title: "A batch with a deadline?", choices: yesNo},
      {name: "multimodal", title: "Pictures and sound too?", choices: yesNo}, {...cloudModel, note: "empty: a cheap and a dear one"},
      {...localModel, note: "empty: what weir fit tries first"}, acceptance, capex,
    ],
  },
  fit: {
    title: "What fits this machine", lead: "Which model, in which quantisation and with which context, fits into memory, and about how fast it answers one request.",
    go: "Look", fields: [
      {name: "name", title: "Model", from: "models", note: "such as qwen2.5-14b; empty: all that fit"}, machine, memory, ram, quant,
      {name: "context", title: "Context", ...tokens, note: "of each request; empty: 8,192, or what fits"}, {name: "parallel", title: "Requests at once", ...number, note: "empty: 1"},
    ],
    more: [
      {name: "kv", title: "Keys and values as", choices: ["", "f16", "q8_0", "q5_1", "q4_0"]}, {name: "split", title: "Over several devices", choices: ["", "layers", "tensors"]},
      {name: "experts-in-ram", title: "Experts in main memory", choices: [["", "no"], ["1", "yes"]]},
      {name: "measured", title: "Measured speed", ...number, unit: "tok/s", note: "of the model above; corrects the estimate"}, {name: "also", title: "Then expect of this model", from: "models"},
    ],
  },
  claim: {
    title: "Can a published speed be true?", lead: "Paste a sentence, a table or an article. weir finds each speed in it and holds it against what the machine\u2019s memory can do.",
    go: "Judge", fields: [{name: "text", title: "Text with speeds in it", kind: "lines", isWide: true, note: "such as: 14B Q4_K_M on M4: 44 tok/s", needed: true}],
  },
  method: {
    verb: "plan", title: "Published formulas", lead: "How articles get their figures: their formulas with weir\u2019s prices, and beside each figure what is wrong with it. How weir gets its own stands beside each figure of a plan.",
    go: "Recompute", fields: [
      {name: "method", title: "Formula", needed: true, isWide: true, choices: [["", "choose one"], ["gut-feeling", "Gut Feeling: API and electricity of a month"],
        ["constraint", "Constraint: when a 24 GB card is paid back"], ["run-locally", "When to Run Locally: months until it pays"],
        ["eight-factors", "Eight Factors: what output tokens cost"], ["definitive", "Definitive Comparison: requests that pay a rent"],
        ["errata", "All known errors of these articles"]]},
    ],
    more: [
      {...cloudModel, note: "empty: the article\u2019s"}, {name: "requests-per-day", title: "Requests", ...number, unit: "a day", note: "of When to Run Locally"},
      {name: "input-tokens", title: "Tokens of prompts", ...tokens, note: "Gut Feeling: of a day; When to Run Locally: of one"},
      {name: "output-tokens", title: "Tokens of answers", ...tokens, note: "likewise"}, {name: "capex", title: "What the machine costs", ...number, unit: "USD", note: "of When to Run Locally"},
    ],
  },
  security: {
    command: "advise security", title: "Security of this machine", lead: "A checklist of what can be read here: who may reach the engines, their versions, who may change the files of models, and settings that send reports. It changes nothing.",
    go: "Check", fields: [],
  },
};
