// glossary.js -- what the words of the page mean; docs/page.md says the same.
import {h, pair} from "./dom.js";

const TERMS = [
  ["engine, local, cloud", "An engine is a server that runs models. Local: inside what you control. Cloud: anybody else's."],
  ["label", "What a request counts as: public, unlabelled, internal or confidential. Its app says so, or weir finds it out. What is internal or confidential stays here."],
  ["held", "A request had to stay here because of its label: it was answered here, failed here, or was refused."],
  ["masked, tag", "A value that should not leave, such as a name, leaves as a tag (PersonQ7K2M), and weir puts it back into the answer."],
  ["message", "One sending of a request to the cloud. A request that is tried twice there is two messages."],
  ["try, leg", "One sending of a request to one engine. When a try fails, another engine may get the request. The ledger calls it a leg."],
  ["audit chain", "A file with a record of each decision about leaving, written before a byte leaves. Each record has the hash of the one before, so a change shows; weir prove checks it."],
  ["computed saving", "What all requests would have cost at the list price of the strongest cloud model, less what the cloud did cost. Nobody has billed it."],
  ["breaker", "It leaves an engine alone after five failures in a row, and tries it again after a while."],
  ["first token, TTFT", "The time from the end of a request to the first piece of its answer."],
  ["unknown, none", "Unknown: nobody told weir the figure; it may be anything. None: there is nothing."],
];

export const words = () => h("dl.facts", {}, TERMS.map(([word, text]) => pair(word, text)));
