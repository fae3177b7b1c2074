// The order of what the search finds: what people work with stands before what tells how it was made.

const _ASIDE = ["docs/architecture", "docs/conformance", "docs/decisions", "docs/performance", "docs/reliability", "CHANGELOG"];

var Scorer = {
  score: ([page, , , , score]) => (_ASIDE.includes(page) ? score - 100 : score),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
