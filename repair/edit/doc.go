// Package edit is the arithmetic of changing text: spans, edits, applying and
// undoing them, composing one batch after another, maps that carry positions
// between the text before and the text after, and the log that records it all.
//
// Positions are byte offsets into UTF-8 text, half open, everywhere. Code
// points, UTF-16 units, lines and columns exist only at the edges (see Units).
//
// A detector says what might be wrong as a [Proposal]; the resolver weighs
// proposals and turns each into an [Entry] with a verdict; applied entries are
// replayed by [Apply] and undone from the output and the log alone.
//
//	out, _ := edit.Apply("They have includedUS controls", []edit.Edit{
//		{Span: edit.Span{Start: 18, End: 18}, New: " "},
//	})
//	// out == "They have included US controls"
package edit
