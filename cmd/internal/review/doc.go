// Package review keeps what people decide of logged edits, and shows the edits
// to them.
//
// A Store is one SQLite file. Importing a log fills it; the edits' columns are
// then held in memory (some 40 bytes an edit), so that a filter over a million
// edits is one pass over arrays. Decisions are events that are only ever
// appended, chained by SHA-256, and on the disk before they are acknowledged;
// the state of an edit is what its events that nobody took back say. Nothing
// here changes a text: `copydesk apply` does, from the log and the exported
// decisions.
//
//	log ─ ImportLog ─► Store ─ Query ─► groups, edits, facets
//	docs ─ AttachText ─┘  ▲
//	                      └─ Decide, Undo, Never, Plan.Accept ◄─ Server (web), Terminal
//
// For example:
//
//	s, err := review.Open("log.review.db")
//	report, err := s.ImportLog(ctx, "log.jsonl", r, nil)
//	page := s.Query(review.Query{Filter: review.Filter{Status: review.Open}})
//	_, err = s.Decide(review.Act{By: "ana", Act: "accept", IDs: []string{"eca71833b83b73151c71"}, Basis: "seen"})
//
// The package may change; the decisions file (docs/review.md) does not.
package review
