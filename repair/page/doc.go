// Package page holds a text that was taken from a web page against that page: an
// extractor that forgets the white space between elements, or a filter that
// strips apostrophes, leaves letters behind that still stand in the page's order.
//
// [Parse] reads a page into its visible characters, each with what stood before
// it: white space, the end of a link or of a block, another tag. [Page.Compare]
// finds the stretches in which page and text have the same letters and lists,
// between two letters that adjoin in both, what the text has otherwise: a lost
// space, an added one, a lost apostrophe, quotation mark or dash, a sign in the
// place of a character. It never tells of words: what an extractor left out is
// not missed.
//
//	p := page.Parse([]byte(`<p>They have <a href="/x">included</a> US controls`))
//	d := p.Compare("They have includedUS controls")
//	// d.Faults[0]: Gap at byte 18, New " "
package page
