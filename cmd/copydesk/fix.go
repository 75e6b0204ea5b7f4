package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"copydesk/cmd/internal/archive"
	"copydesk/repair"
	"copydesk/repair/corpus"
	"copydesk/repair/edit"
	"copydesk/repair/page"
	"copydesk/repair/text"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// fixFlags are the flags that fix, check and explain share.
type fixFlags struct {
	format, id, tier, profile, log, offsets   string
	fields, outFields, rules, ruleDirs, words []string
	minConf                                   float64
	appliedOnly                               bool // nobody sees what is not applied: no log, no report
	logAll, quiet, verbose, asJSON, exitCode  bool
	jobs                                      int
	maxDoc                                    byteSize
	maxTime                                   time.Duration
	source, corpus, pageField, page           string
	has                                       bool          // the input has outFields already
	from                                      *page.Page    // what page names, once it is read
	evidence                                  *corpus.Index // what corpus names, once it is read
	batch                                     bool          // within run: what befalls a record goes into the report
}

// registerInput registers what is asked wherever records are read.
func (f *fixFlags) registerInput(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.format, "format", "auto", strings.Join(formats, ", "))
	fs.StringArrayVar(&f.fields, "field", []string{"text"}, "a field to repair: a name or a JSON pointer such as /article/body, or a column of a table (#3 by number); may be given several times")
	fs.StringVar(&f.id, "id", "id", "the field or column that names the record in the log")
	fs.StringArrayVar(&f.words, "words", nil, "a file of words to know and leave alone, one a line, or a hunspell .dic with its .aff beside it; may be given several times")
	fs.StringArrayVar(&f.ruleDirs, "rules-dir", nil, "a folder of rule files that run as well: FAMILY/PHENOMENON.yaml; may be given several times")
	fs.StringVar(&f.source, "source", "", "the field or column with the address that a record comes from: the rules of that site run too; without, the id serves")
	f.maxDoc = maxDoc
	fs.Var(&f.maxDoc, "max-doc", "a larger text passes through unchanged: a number of bytes, or with K or M")
	fs.IntVarP(&f.jobs, "jobs", "j", 0, "how many documents are repaired at once; 0 is one for each processor")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing but errors")
}

func (f *fixFlags) register(cmd *cobra.Command) {
	f.registerInput(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.tier, "tier", "safe", "the least trusted tier that is applied: safe or review")
	fs.StringVar(&f.profile, "profile", "archive", "archive repairs damage only; nlp also applies nothing below 0.98; publish repairs what the publisher printed wrong as well, by rules of origin source")
	fs.StringArrayVar(&f.rules, "rules", nil, "families that run: merged,split runs only these; -order,+dash take away or add")
	fs.StringVar(&f.log, "log", "", "write the edit log there; .gz and .zst compress it")
	fs.BoolVar(&f.logAll, "log-all", false, "log unchanged documents too")
	fs.StringVar(&f.pageField, "page-field", "", "the field or column with the HTML page that the text was taken from: its tags, spaces and marks are evidence")
	fs.StringVar(&f.corpus, "corpus", "", "evidence from the archive that the documents come from, a file that copydesk corpus wrote; auto collects it from the files themselves first")
	fs.StringVar(&f.offsets, "offsets", "", "+utf16 adds UTF-16 positions to the log")
	fs.Float64Var(&f.minConf, "min-conf", 0, "apply nothing below this confidence, 0 to 1")
	fs.DurationVar(&f.maxTime, "max-time", 0, "a record that takes longer passes through unchanged; 0 is no limit")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "name every record that changes")
	fs.BoolVar(&f.asJSON, "json", false, "report as JSON")
	fs.BoolVar(&f.exitCode, "exit-code", false, "exit 1 when something changed")
}

func (f *fixFlags) options() (repair.Options, error) {
	tier, err := edit.ParseTier(f.tier)
	if err != nil || tier == edit.Hint {
		return repair.Options{}, usageError(fmt.Errorf("--tier %q: use safe or review", f.tier))
	}
	if !(f.minConf >= 0 && f.minConf <= 1) { // nor NaN
		return repair.Options{}, usageError(fmt.Errorf("--min-conf %v: use a number from 0 to 1", f.minConf))
	}
	if f.jobs < 0 {
		return repair.Options{}, usageError(fmt.Errorf("-j %d: use a number from 1 up, or 0 for one job for each processor", f.jobs))
	}
	o := repair.Options{Profile: f.profile, Tier: tier, MinConf: f.minConf, AppliedOnly: f.appliedOnly}
	if o.Families, err = families(strings.Join(f.rules, ",")); err != nil {
		return o, usageError(err)
	}
	if o.Words, err = readWords(f.words); err != nil {
		return o, usageError(err)
	}
	if o.Rules, err = readRules(f.ruleDirs); err != nil {
		return o, usageError(err)
	}
	switch {
	case f.evidence != nil:
	case f.corpus == autoCorpus:
		return o, usageError(errors.New("--corpus auto needs named files, which are read before any is repaired: name them, or give a file that copydesk corpus wrote"))
	case f.corpus != "":
		if f.evidence, err = readCorpus(f.corpus); err != nil {
			return o, usageError(err)
		}
	}
	o.Corpus = f.evidence
	if f.page != "" && f.from == nil {
		if f.from, err = readPage(f.page); err != nil {
			return o, usageError(err)
		}
	}
	if err := f.checkOut(); err != nil {
		return o, usageError(err)
	}
	if f.offsets != "" && f.offsets != "+utf16" {
		return o, usageError(fmt.Errorf("--offsets %q: only +utf16 is known", f.offsets))
	}
	return o, nil
}

// checkOut checks --out-field.
func (f *fixFlags) checkOut() error {
	if len(f.outFields) > 0 && len(f.outFields) != len(f.fields) {
		return fmt.Errorf("--out-field: give one for each --field: %d for %d", len(f.outFields), len(f.fields))
	}
	for i, out := range f.outFields {
		if out == f.fields[i] {
			return fmt.Errorf("--out-field %s is the --field itself: without --out-field it is repaired in place", out)
		}
		if out == "" || slices.Contains(f.outFields[:i], out) && !strings.HasPrefix(f.fields[i], "/") {
			return fmt.Errorf("--out-field %q: each needs a name of its own", out)
		}
	}
	return nil
}

// families reads --rules.
func families(list string) ([]string, error) {
	var names []string
	for n := range strings.SplitSeq(list, ",") {
		if n = strings.TrimSpace(n); n != "" {
			names = append(names, n)
		}
	}
	if names == nil {
		return nil, nil
	}
	var out []string
	if c := names[0]; c != "" && (c[0] == '+' || c[0] == '-') {
		out = slices.Clone(edit.Families)
	}
	for _, n := range names {
		name := strings.TrimLeft(n, "+-")
		if family, _, ok := strings.Cut(name, "/"); ok && slices.Contains(edit.Families, family) {
			return nil, fmt.Errorf("--rules: %s is one rule, and families run: use %s", name, family)
		}
		if !slices.Contains(edit.Families, name) {
			return nil, fmt.Errorf("--rules: no family %q: %s", name, orOne(name, edit.Families))
		}
		if n[0] == '-' {
			out = slices.DeleteFunc(out, func(f string) bool { return f == name })
		} else if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if out == nil {
		out = []string{}
	}
	return out, nil
}

// run repairs the named inputs, standard input when there is none. Where each
// goes is for put to say; nil sends all to rn.out.
func (rn *runner) run(files []string, put func(in *input) (*replacement, error)) (err error) {
	if len(files) == 0 {
		files = []string{"-"}
		if in, ok := rn.a.stdin.(*os.File); ok && term.IsTerminal(int(in.Fd())) && !rn.f.quiet {
			fmt.Fprintln(rn.a.stderr, "copydesk: reads what is typed here, up to Ctrl-D; --help says more")
		}
	}
	if rn.f.log != "" {
		err2 := ownFile("--log", rn.f.log, append(slices.Clone(files), rn.f.page, rn.f.corpus), rn.a.stdout)
		if err2 != nil {
			return usageError(err2)
		}
		w, err2 := createAside(rn.f.log, codecOf(rn.f.log))
		if err2 != nil {
			return usageError(fmt.Errorf("--log: %w", err2))
		}
		rn.log = edit.NewWriter(w)
		rn.log.UTF16 = rn.f.offsets == "+utf16"
		head := rn.r.Header()
		head.Added = rn.f.added()
		if err := rn.log.Run(head); err != nil {
			return usageError(err)
		}
		defer func() {
			if err == nil {
				err = cmp.Or(rn.log.End(rn.end), rn.log.Flush())
			}
			if err != nil {
				w.drop()
				return
			}
			err = w.keep()
		}()
	}
	rn.several = len(files) > 1 && put == nil
	for _, name := range files {
		if err := rn.runOne(name, put); err != nil {
			if errors.Is(err, errInterrupted) {
				return err
			}
			return usageError(err)
		}
	}
	return nil
}

func (rn *runner) runOne(name string, put func(in *input) (*replacement, error)) (err error) {
	in, err := rn.a.open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	defer rn.progress.follow(in)()
	if put != nil {
		w, err2 := put(in)
		if err2 != nil {
			return err2
		}
		rn.out = w
		before := rn.end.Changed
		defer func() {
			w.same = rn.end.Changed == before && len(rn.f.outFields) == 0
			err = cmp.Or(err, w.finish(in.stat.Mode().Perm()))
		}()
	}
	if rn.format != nil && put == nil && inLines(rn.format) {
		if _, err := in.Peek(1); err == io.EOF {
			return nil // an empty file holds no lines, whatever it is called
		}
	}
	format, err := in.format(rn.f)
	if err != nil {
		return err
	}
	if err := rn.follows(name, format, put != nil); err != nil {
		return err
	}
	out := rn.out
	to, end, err := sink(format, out, rn.pool.jobs)
	if err != nil {
		return err
	}
	rn.out = to
	defer func() { rn.out = out }()
	id := ""
	if wholeFile(format) {
		id = filepath.Base(name)
	}
	if err := rn.pump(id, format); err != nil && !errors.Is(err, errInterrupted) {
		return fmt.Errorf("%s: %w", name, err)
	} else if err != nil {
		return err
	}
	return end()
}

// follows makes a file's records follow those of the one before in the same
// output: a line that was not ended there ends here.
func (rn *runner) follows(name string, format archive.Format, inPlace bool) error {
	first := rn.format == nil
	was := rn.format
	rn.format = format
	if first || inPlace || rn.out == nil {
		return nil
	}
	if fmt.Sprintf("%T", was) != fmt.Sprintf("%T", format) {
		return fmt.Errorf("%s is written otherwise than the files before it, and one output cannot hold both: repair them apart, or with -w or run -o DIR", name)
	}
	switch format.(type) {
	case *archive.CSV, *archive.Parquet:
		return fmt.Errorf("%s is another table, and one output cannot hold two: repair them apart, or with -w or run -o DIR", name)
	}
	if inLines(format) && !rn.ended {
		if _, err := rn.out.Write([]byte("\n")); err != nil {
			return err
		}
	}
	return nil
}

func newRunner(a *app, f *fixFlags) (*runner, error) {
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	r, err := repair.New(o)
	if err != nil {
		return nil, usageError(err)
	}
	return &runner{a: a, f: f, r: r, pool: newPool(f.jobs), interrupted: interrupts()}, nil
}

// registerPage registers the flag of commands that repair a text or two.
func (f *fixFlags) registerPage(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.page, "page", "", "a file with the HTML page that the text was taken from: its tags, spaces and marks are evidence")
}

// readPage reads a page in any charset.
func readPage(path string) (*page.Page, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--page: %w", err)
	}
	s, _, err := text.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("--page: %s: %w", path, err)
	}
	return page.Parse([]byte(s)), nil
}

// collectFrom collects the evidence of --corpus auto from named files.
func (f *fixFlags) collectFrom(a *app, names []string) error {
	if f.corpus != autoCorpus || len(names) == 0 || slices.Contains(names, "-") {
		return nil // options says what is missing
	}
	var files []shard
	for _, name := range names {
		st, err := os.Stat(name)
		if err != nil {
			return usageError(err)
		}
		files = append(files, shard{path: name, name: filepath.Base(name), size: st.Size()})
	}
	k, err := newCollecting(a, f, files)
	if err != nil {
		return err
	}
	if err := k.collect(); err != nil {
		return asUsage(err)
	}
	f.evidence, err = k.index()
	return err
}

func newFixCommand(a *app) *cobra.Command {
	var f fixFlags
	var write, diff bool
	cmd := &cobra.Command{
		Use:   "fix [FILE...]",
		Short: "Repair text: to standard output, everything else to standard error",
		Long: `Repair text: to standard output, everything else to standard error.

Reads standard input when there is no FILE or it is "-". Input compressed with
gzip, zstd, bzip2 or xz is told by its content. A record that cannot be handled
passes through unchanged, is reported, and makes the exit code 3.`,
		Example: `  copydesk fix article.txt > clean.txt
  copydesk fix --field text --id url --log log.jsonl.zst < articles.jsonl > clean.jsonl
  copydesk fix -w --log log.jsonl *.txt
  copydesk fix --diff article.txt`,
		RunE: func(cmd *cobra.Command, files []string) error {
			switch {
			case write && f.log == "":
				return usageError(errors.New("-w repairs files in place and needs --log FILE, so that they can be undone"))
			case write && (len(files) == 0 || slices.Contains(files, "-")):
				return usageError(errors.New("-w needs named files: standard input has no place to write to"))
			case write && diff:
				return usageError(errors.New("--diff shows what -w would write: give one of them"))
			}
			f.appliedOnly = f.log == "" && !f.asJSON
			if err := f.collectFrom(a, files); err != nil {
				return err
			}
			rn, err := newRunner(a, &f)
			if err != nil {
				return err
			}
			bars := newProgress(a, f.quiet, files)
			rn.progress = bars
			out := bufio.NewWriterSize(a.stdout, 1<<16)
			var inPlace replacements
			switch {
			case diff:
				d := &differ{w: out, ink: a.ink(), draw: isTerminal(a.stdout) || a.ink().on}
				rn.report, rn.dry = d.document, true
				err = rn.run(files, nil)
			case write:
				err = rn.run(files, inPlace.begin)
			default:
				rn.out = out
				err = rn.run(files, nil)
			}
			bars.stop()
			if err != nil {
				inPlace.abort()
				return err
			}
			if err := cmp.Or(out.Flush(), inPlace.commit()); err != nil {
				return usageError(err)
			}
			rn.summary()
			return rn.status()
		},
	}
	f.register(cmd)
	f.registerPage(cmd)
	cmd.Flags().StringArrayVar(&f.outFields, "out-field", nil, "add the repaired text as this field, beside it in JSON Lines, as a column behind all others in tables and Parquet, and leave --field as it is; one for each --field")
	cmd.Flags().BoolVarP(&write, "write", "w", false, "repair the files in place; needs --log")
	cmd.Flags().BoolVar(&diff, "diff", false, "show what would change as a unified diff; write nothing")
	return cmd
}

// summary says on standard error what was done.
func (rn *runner) summary() {
	switch {
	case rn.f.quiet:
	case rn.f.asJSON:
		fmt.Fprintf(rn.a.stderr, "{\"docs\":%d,\"changed\":%d,\"edits\":%d,\"held\":%d,\"skipped\":%d,\"fused\":%d}\n",
			rn.end.Docs, rn.end.Changed, rn.end.Edits, rn.held, rn.end.Skipped, rn.end.Fused)
	default:
		did := "changes applied"
		if rn.dry {
			did = "changes would be applied"
		}
		fmt.Fprintf(rn.a.stderr, "%d %s in %d of %d documents", rn.end.Edits, did, rn.end.Changed, rn.end.Docs)
		if rn.f.appliedOnly {
			fmt.Fprint(rn.a.stderr, " (copydesk explain shows why, and what was proposed but not applied)\n")
		} else {
			fmt.Fprintf(rn.a.stderr, ", %d proposals not applied (copydesk explain shows them)\n", rn.held)
		}
		if rn.end.Skipped > 0 {
			fmt.Fprintf(rn.a.stderr, "%d records passed through unchanged: they could not be read or repaired\n", rn.end.Skipped)
		}
		if rn.end.Fused > 0 {
			fmt.Fprintf(rn.a.stderr, "%d documents left as they were: so much would change that something else is wrong with them\n", rn.end.Fused)
		}
	}
}
