// Package corpus knows what the documents of one site have in common: lines that
// the page puts around every article, and how the site writes the words that no
// lexicon holds. One text alone cannot show either.
//
// A [Collector] reads an archive twice, in any order, from any number of
// goroutines, in memory of a fixed size, and gives the same [Evidence] whatever
// the order. The first look counts in a count-min sketch (Cormode and
// Muthukrishnan, "An improved data stream summary", 2005), which never counts too
// little; the second counts exactly what the first found often enough. So no
// count in the evidence is an estimate, but for those that speak against a line.
// Where there is more than fits, what recurs least is left out, never miscounted.
//
// The evidence is a file of JSON Lines that a person can read, cut and add to:
//
//	{"t":"site","site":"example.com","docs":120,"topic":9}
//	{"t":"line","docs":41,"edge":41,"elsewhere":0,"topic":6,"copies":5,"text":"Sign up for our newsletter"}
//	{"t":"word","one":1,"two":52,"text":"toldreporters"}
//
// 41 of 120 documents of example.com hold that line, at the head or foot in all
// 41; one holds "toldreporters", 52 hold "told reporters".
package corpus
