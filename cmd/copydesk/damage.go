package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"copydesk/repair"
	"copydesk/repair/damage"
	"copydesk/repair/edit"
	"copydesk/rules"

	"github.com/spf13/cobra"
)

// damageFlags are the flags of damage.
type damageFlags struct {
	processes, kinds           []string
	rate, format, field, idKey string
	log                        string
	seed                       uint64
	list                       bool
}

func newDamageCommand(a *app) *cobra.Command {
	var f damageFlags
	cmd := &cobra.Command{
		Use:   "damage [FILE...]",
		Short: "Damage clean text as scraping does, and write the gold that undoes it",
		Long: `Damage clean text as scraping, conversion and machine translation do. The same
text, flags and seed give the same bytes on every machine. The gold log is an
ordinary log whose input is the damaged text: "copydesk apply" with it restores
the clean one. Without --process and --kind each document gets a realistic
mixture of its own.`,
		Example: `  copydesk damage --process link-trim --rate 40 --seed 7 --log gold.jsonl clean.txt
  copydesk damage --kind dup-word --rate 5 corpus.jsonl.zst
  copydesk damage --list`,
		RunE: func(cmd *cobra.Command, files []string) error { return runDamage(a, &f, files) },
	}
	fl := cmd.Flags()
	fl.StringSliceVar(&f.processes, "process", nil, "processes that damage the text (see --list)")
	fl.StringSliceVar(&f.kinds, "kind", nil, "single phenomena (see --list)")
	fl.StringVar(&f.rate, "rate", "usual", `damaged places per 1,000 words for each process and kind, "usual" or "everywhere"`)
	fl.Uint64Var(&f.seed, "seed", 1, "another seed, other damage")
	fl.StringVar(&f.format, "format", "auto", "text (a file is a document), jsonl (a line is a document; writes text, gold and edits in code points), or auto")
	fl.StringVar(&f.field, "field", "text", "JSON Lines: the field that holds the text")
	fl.StringVar(&f.idKey, "id", "id", "JSON Lines: the field that names a document")
	fl.StringVar(&f.log, "log", "", "write the gold log to this file; .gz and .zst compress it")
	fl.BoolVar(&f.list, "list", false, "list processes and phenomena")
	return cmd
}

// recipe is what the flags ask for: without a process or kind, a mixture drawn
// from r.
func (f *damageFlags) recipe(r *damage.Rand) (recipe damage.Recipe, err error) {
	var rate func(damage.Process) float64
	switch f.rate {
	case "usual":
		rate = func(p damage.Process) float64 { return p.Usual(r) }
	case "everywhere":
		rate = func(damage.Process) float64 { return damage.Everywhere }
	default:
		n, err := strconv.ParseFloat(f.rate, 64)
		if err != nil || !(n > 0 && n <= 1000) {
			return recipe, fmt.Errorf(`--rate %q: give a number above 0 and up to 1000, "usual" or "everywhere"`, f.rate)
		}
		rate = func(damage.Process) float64 { return n }
	}
	if len(f.processes)+len(f.kinds) == 0 {
		if f.rate != "usual" {
			return recipe, errors.New("--rate needs a --process or a --kind")
		}
		return damage.Mixed(r), nil
	}
	for _, name := range f.processes {
		p, ok := damage.ParseProcess(name)
		if !ok {
			return recipe, fmt.Errorf("--process %q is unknown: %s", name, meant(name, damage.NumProcesses))
		}
		recipe.Process[p] = rate(p)
	}
	for _, name := range f.kinds {
		k, ok := damage.ParseKind(name)
		if !ok {
			return recipe, fmt.Errorf("--kind %q is unknown: %s", name, meant(name, damage.NumKinds))
		}
		recipe.Kind[k] = rate(k.Process())
	}
	return recipe, nil
}

// meant names the process or kind, of those below n, that a name was to be.
func meant[T interface {
	~uint8
	String() string
}](name string, n T,
) string {
	var names []string
	for k := T(0); k < n; k++ {
		names = append(names, k.String())
	}
	if near := rules.Nearest(name, names); near != "" {
		return "did you mean " + near + "? copydesk damage --list shows all"
	}
	return "copydesk damage --list shows all"
}

func listDamage(w io.Writer) {
	for p := range damage.NumProcesses {
		fmt.Fprintf(w, "%s: %s\n", p, p.Doc())
		for _, k := range p.Kinds() {
			fmt.Fprintf(w, "    %-22s %s\n", k, k.Doc())
		}
	}
	fmt.Fprintf(w, "on demand only\n")
	demand := []damage.Kind{damage.QuoteHalf, damage.DashPair, damage.Typo}
	for k := damage.FirstMisreading; k < damage.NumKinds; k++ {
		demand = append(demand, k)
	}
	for _, k := range demand {
		fmt.Fprintf(w, "    %-26s %s\n", k, k.Doc())
	}
}

// damager writes damaged documents and their gold.
type damager struct {
	f         *damageFlags
	out       *bufio.Writer
	log       *edit.Writer
	n         int
	end       edit.EndRecord
	logBuffer bytes.Buffer
}

func runDamage(a *app, f *damageFlags, files []string) error {
	if f.list {
		listDamage(a.stdout)
		return nil
	}
	if !slices.Contains([]string{"auto", "text", "jsonl"}, f.format) {
		return usageError(fmt.Errorf("--format %q: use auto, text or jsonl", f.format))
	}
	if _, err := f.recipe(damage.NewRand(0)); err != nil {
		return usageError(err)
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	d := &damager{f: f, out: bufio.NewWriter(a.stdout)}
	if f.log != "" {
		if err := ownFile("--log", f.log, files, a.stdout); err != nil {
			return usageError(err)
		}
		d.log = edit.NewWriter(&d.logBuffer)
		if err := d.log.Run(edit.RunRecord{Schema: edit.Schema, Tool: "copydesk " + repair.Version, Profile: "damage", Tier: edit.Safe}); err != nil {
			return err
		}
	}
	for _, name := range files {
		if err := d.file(a, name); err != nil {
			return usageError(err)
		}
	}
	if err := d.out.Flush(); err != nil {
		return err
	}
	if d.log == nil {
		return nil
	}
	if err := d.log.End(d.end); err != nil {
		return err
	}
	if err := d.log.Flush(); err != nil {
		return err
	}
	return writeAsideAs(f.log, codecOf(f.log), d.logBuffer.Bytes())
}

func (d *damager) file(a *app, name string) error {
	in, err := a.open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	kind := d.f.format
	if kind == "auto" {
		kind = guess(name, in.Reader, nil)
	}
	switch kind {
	case "jsonl":
		return d.lines(name, in)
	case "text":
		b, err := io.ReadAll(in)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		damaged, _, err := d.document(name, string(b))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		_, err = d.out.WriteString(damaged)
		return err
	}
	return fmt.Errorf("%s is neither plain text nor JSON Lines: --format says which, if it is", name)
}

// lines damages JSON Lines, a document each.
func (d *damager) lines(name string, in io.Reader) error {
	lines := bufio.NewReaderSize(in, 1<<16)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if err := d.line(line, n); err != nil {
				return fmt.Errorf("%s:%d: %w", name, n, err)
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

// madeRecord is a record of labelled text; its offsets count code points.
type madeRecord struct {
	ID    string     `json:"id"`
	Text  string     `json:"text"`
	Gold  string     `json:"gold"`
	Edits []madeEdit `json:"edits"`
}

type madeEdit struct {
	Start       int    `json:"start"`
	End         int    `json:"end"`
	Original    string `json:"original"`
	Replacement string `json:"replacement"`
	Category    string `json:"category"`
	Process     string `json:"process"`
	Place       int    `json:"place"`
}

func (d *damager) line(line []byte, n int) error {
	var record map[string]json.RawMessage
	if err := json.Unmarshal(line, &record); err != nil {
		return fmt.Errorf("not a JSON object: %w", err)
	}
	var clean, id string
	if err := json.Unmarshal(record[d.f.field], &clean); err != nil {
		return fmt.Errorf("no string in the field %q; --field names another", d.f.field)
	}
	if json.Unmarshal(record[d.f.idKey], &id) != nil {
		id = strconv.Itoa(n)
	}
	damaged, gold, err := d.document(id, clean)
	if err != nil {
		return err
	}
	out := madeRecord{ID: id, Text: damaged, Gold: clean, Edits: []madeEdit{}}
	units := edit.NewUnits(damaged)
	for _, g := range gold {
		points := units.Points(g.Span)
		out.Edits = append(out.Edits, madeEdit{points.Start, points.End, damaged[g.Start:g.End], g.New, g.Kind.String(), g.Process.String(), g.Place})
	}
	enc := json.NewEncoder(d.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// document damages one text and logs its gold.
func (d *damager) document(id, clean string) (string, []damage.Gold, error) {
	if !utf8.ValidString(clean) {
		return "", nil, errors.New("not valid UTF-8: convert it first")
	}
	// Each document has a seed of its own, so that its damage does not depend on its neighbours.
	r := damage.NewRand(d.f.seed ^ uint64(d.n)*0x9e3779b97f4a7c15)
	recipe, err := d.f.recipe(r)
	if err != nil {
		return "", nil, err
	}
	damaged, gold := damage.Make(clean, recipe, r.Uint64())
	if d.log != nil {
		rec := edit.DocRecord{N: d.n, Doc: id, Field: d.f.field, Edits: goldRecords(damaged, gold)}
		rec.Complete(damaged, clean)
		if err := d.log.Doc(&rec); err != nil {
			return "", nil, err
		}
		if len(gold) > 0 {
			d.end.Changed++
		}
		d.end.Docs++
		d.end.Edits += len(rec.Edits)
	}
	d.n++
	return damaged, gold, nil
}

// goldRecords widens repairs to whole words, as people read them; repairs that
// share a word become one entry.
func goldRecords(damaged string, gold []damage.Gold) []edit.EditRecord {
	var records []edit.EditRecord
	shift := 0 // how much longer the clean text is up to here
	for i := 0; i < len(gold); {
		span := widen(damaged, gold[i].Span)
		j := i + 1
		for j < len(gold) && widen(damaged, gold[j].Span).Start <= span.End {
			span.End = max(span.End, widen(damaged, gold[j].Span).End)
			j++
		}
		e := edit.EditRecord{
			Src: span, Before: damaged[span.Start:span.End], HasAfter: true, Rule: gold[i].Kind.Rule(),
			Origin: edit.Extraction, Conf: 1, Tier: edit.Safe, Applied: true,
		}
		var after strings.Builder
		at := span.Start
		for _, g := range gold[i:j] {
			after.WriteString(damaged[at:g.Start] + g.New)
			at = g.End
			e.Ops = append(e.Ops, edit.Edit{Span: edit.Span{Start: g.Start - span.Start, End: g.End - span.Start}, New: g.New})
			why := "made by " + g.Process.String() + ": " + g.Kind.String()
			if len(e.Why) == 0 || e.Why[len(e.Why)-1] != why {
				e.Why = append(e.Why, why)
			}
		}
		after.WriteString(damaged[at:span.End])
		e.After = after.String()
		e.Out = edit.Span{Start: span.Start + shift, End: span.Start + shift + len(e.After)}
		shift += len(e.After) - len(e.Before)
		records = append(records, e)
		i = j
	}
	return records
}

// widen grows a span to white space on either side.
func widen(s string, span edit.Span) edit.Span {
	const space = " \t\r\n"
	if i := strings.LastIndexAny(s[:span.Start], space); i >= 0 {
		span.Start = i + 1
	} else {
		span.Start = 0
	}
	if i := strings.IndexAny(s[span.End:], space); i >= 0 {
		span.End += i
	} else {
		span.End = len(s)
	}
	return span
}
