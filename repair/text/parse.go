package text

// ParseInto parses s into d, reusing d's memory.
func ParseInto(d *Document, s string) { d.Text = s }

// Parse parses a valid UTF-8 string.
func Parse(s string) *Document {
	d := new(Document)
	ParseInto(d, s)
	return d
}
