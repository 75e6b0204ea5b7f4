package repair

import (
	"io/fs"

	"copydesk/repair/damage"
	"copydesk/repair/edit"
)

// Version is the tool's version as the log names it.
const Version = "0.1.0"

// Options choose what a Repairer does. The zero value is the archive profile:
// only extraction damage, only the safe tier, every family.
type Options struct {
	Profile  string    // "archive" (the default when empty), "nlp" or "publish"
	Tier     edit.Tier // the highest tier... lowest trust that is applied; Hint (the zero value) means Safe
	MinConf  float64   // apply nothing below this calibrated confidence; 0 means the tier's own threshold
	Families []string  // the families that run; nil means all
	RulesDir fs.FS     // a folder of the shape of rules/en that joins the shipped one; nil for none
	Words    []string  // words to leave alone and to know
	Model    string    // the content of a model file; empty means the shipped one
}

// Repairer repairs documents. Safe for many goroutines.
type Repairer struct {
	opts Options
}

// New builds a Repairer. It fails only on unusable options, rules or models.
func New(opts Options) (*Repairer, error) {
	return &Repairer{opts: opts}, nil
}

// Header is what the log's run line says of this Repairer.
type Header struct {
	Tool, Rules, Model string // "copydesk 0.1.0", "sha256:…", "sha256:…"
	Profile            string
	Tier               edit.Tier
}

// Header describes the Repairer for the log.
func (r *Repairer) Header() Header {
	return Header{Tool: "copydesk " + Version, Profile: r.opts.Profile, Tier: edit.Safe}
}

// Change is one proposal as the log shows it, in positions of the input and of
// the output. Changes are sorted by Src.
type Change struct {
	Src, Out      edit.Span // bytes; Out is where the place stands in the output, changed or not
	Before, After string    // Before is exactly the input at Src; After what the place reads, or would read, when applied; for a hint without a repair After equals Before and HasAfter is false
	HasAfter      bool
	Ops           []edit.Edit // the smallest edits, relative to Src.Start, ascending
	Segs          []edit.Span // for a move: pieces of the source in their new order, absolute
	Rule          string
	Origin        edit.Origin
	Conf          float64
	Tier          edit.Tier
	Applied       bool
	Verdict       edit.Verdict
	By            string // what outscored it
	Alts          []edit.Alt
	Why           []string
	Evidence      []edit.Evidence
}

// Result is what became of one document.
type Result struct {
	Text    string // the repaired text; the input itself when nothing changed
	Changes []Change
	Map     *edit.Map // positions between input and output; nil when nothing changed
	Profile damage.Profile
}

// Fix repairs one document, given as valid UTF-8. It never fails: a text that
// it cannot handle comes back as it was.
func (r *Repairer) Fix(src string) Result {
	return Result{Text: src}
}
