// Package exchange writes logged edits in the formats of other programs, and
// reads people's answers back from them.
//
// An article becomes pieces: text that nobody touches, and marks, the edits. A
// format writes the pieces; when the file comes back, a mark that still stands is
// undecided, and where one is gone the text in its place tells: what the edit
// wrote means accepted, the old text rejected, anything else changed. The text
// between the marks must come back exactly, or the answer is left out: whole
// documents are never compared anew.
//
//	doc ─ Cut ─► pieces ─ format ─► file ─ (a person) ─► file ─ format ─► returned ─ Answers ─► decisions
//
// For example:
//
//	a, err := exchange.Cut(text, record, verdicts, exchange.Options{Tier: edit.Review})
//	err = exchange.Critic.Write(w, a)
//	back, err := exchange.Critic.Read(r)
//	answers := exchange.Answers(a, back)
package exchange
