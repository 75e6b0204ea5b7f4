package text

// likeness says how much a text is like one that somebody wrote, in nats. ASCII
// after ASCII does not count: all readings of the same bytes agree there.
func likeness(s string) float64 {
	m := Characters()
	var sum float64
	prev, last := Break, rune('\n')
	for _, r := range s {
		sym := m.Sym(r)
		if r >= 0x80 || last >= 0x80 {
			sum += float64(m.LnProb(prev, sym))
		}
		prev, last = sym, r
	}
	return sum
}
