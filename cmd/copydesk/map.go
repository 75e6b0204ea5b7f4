package main

import (
	"fmt"
	"io"
	"strings"

	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

func newMapCommand(a *app) *cobra.Command {
	var log, in, out, direction, units, straddle string
	c := &cobra.Command{
		Use:   "map --log LOG --direction clean2raw|raw2clean --in FILE",
		Short: "Carry offsets between the raw and the clean text",
		Long:  "Carry offsets between the raw and the clean text. Each line of the input is START, a tab, END; what follows another tab is kept.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			policy, ok := map[string]edit.Straddle{"expand": edit.Expand, "shrink": edit.Trim, "drop": edit.Drop, "error": edit.Drop}[straddle]
			if !ok {
				return usageError(fmt.Errorf("unknown --straddle %q: use expand, shrink, drop or error", straddle))
			}
			if direction != "raw2clean" && direction != "clean2raw" {
				return usageError(fmt.Errorf("unknown --direction %q: use raw2clean or clean2raw", direction))
			}
			doc, err := a.readOneDoc(log)
			if err != nil {
				return err
			}
			m, err := doc.Map(units)
			if err != nil {
				return usageError(err)
			}
			file, err := a.open(in)
			if err != nil {
				return usageError(err)
			}
			defer file.Close()
			text, err := io.ReadAll(file)
			if err != nil {
				return usageError(err)
			}
			var b strings.Builder
			same, changed, dropped, n := 0, 0, 0, 0
			for line := range strings.Lines(string(text)) {
				n++
				var s edit.Span
				f := strings.SplitN(strings.TrimRight(line, "\r\n"), "\t", 3)
				if len(f) < 2 {
					return usageError(fmt.Errorf("%s:%d: want START, a tab, END", in, n))
				}
				if _, err := fmt.Sscanf(f[0]+" "+f[1], "%d %d", &s.Start, &s.End); err != nil || s.Start < 0 || s.End < s.Start {
					return usageError(fmt.Errorf("%s:%d: %q, %q is no span: want two numbers, the first not above the second", in, n, f[0], f[1]))
				}
				carry := m.ToOutBy
				if direction == "clean2raw" {
					carry = m.ToSrcBy
				}
				to, untouched, ok := carry(s, policy)
				switch {
				case !ok && straddle == "error":
					return usageError(fmt.Errorf("%s:%d: %v begins or ends inside a changed place; choose another --straddle", in, n, s))
				case !ok:
					dropped++
					continue
				case untouched:
					same++
				default:
					changed++
				}
				fmt.Fprintf(&b, "%d\t%d", to.Start, to.End)
				if len(f) == 3 {
					b.WriteString("\t" + f[2])
				}
				b.WriteByte('\n')
			}
			fmt.Fprintf(a.stderr, "%d spans: %d untouched, %d over a change, %d dropped\n", n, same, changed, dropped)
			w, err := a.create(out)
			if err != nil {
				return usageError(err)
			}
			if _, err := io.WriteString(w, b.String()); err != nil {
				w.drop()
				return usageError(err)
			}
			return asUsage(w.keep())
		},
	}
	c.Flags().StringVar(&log, "log", "", "the log of the run")
	c.Flags().StringVar(&in, "in", "-", "the spans, one a line")
	c.Flags().StringVarP(&out, "output", "o", "-", "where they go; - is standard output")
	c.Flags().StringVar(&direction, "direction", "raw2clean", "raw2clean or clean2raw")
	c.Flags().StringVar(&units, "units", "cp", "what offsets count: cp, bytes or utf16")
	c.Flags().StringVar(&straddle, "straddle", "expand", "spans that cut a changed place: expand, shrink, drop or error")
	return c
}

// readOneDoc reads the log of one document; of one that was not changed the log
// may hold nothing.
func (a *app) readOneDoc(path string) (*edit.DocRecord, error) {
	l, err := a.openLog(path)
	if err != nil {
		return nil, err
	}
	defer l.in.Close()
	docs, _, err := l.record(0)
	if err != nil {
		return nil, err
	}
	if err := l.finish(1); err != nil {
		return nil, err
	}
	if len(docs) == 0 {
		return &edit.DocRecord{}, nil
	}
	return docs[0], nil
}
