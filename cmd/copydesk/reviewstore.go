package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"

	"copydesk/cmd/internal/archive"
	"copydesk/cmd/internal/review"

	"github.com/spf13/cobra"
)

// reviewFlags are what review, serve and audit share.
type reviewFlags struct {
	store, format, id, url, by, keys string
	docs                             []string
	quiet                            bool
}

func (f *reviewFlags) register(c *cobra.Command) {
	fs := c.Flags()
	fs.StringVar(&f.store, "store", "", "the file that holds edits and decisions (default: the first log with .review.db behind it)")
	fs.StringArrayVar(&f.docs, "docs", nil, "the documents that fix or run read, or a pattern in quotation marks, to show edits in their surroundings; may be given several times")
	fs.StringVar(&f.format, "format", "auto", "how the documents are written: auto, text or jsonl")
	fs.StringVar(&f.url, "url", "url", "JSON Lines: the field that holds the document's web address, for the list of sources")
	fs.StringVar(&f.by, "by", "", "who signs the decisions (default: the name of the user of this machine)")
	fs.StringVar(&f.keys, "keys", "", "a file of keys of one's own: lines of an act and its keys")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing but errors")
}

// person is who signs.
func (f *reviewFlags) person() string {
	if f.by != "" {
		return f.by
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "someone"
}

func (f *reviewFlags) bindings(a *app) ([]review.Binding, error) {
	if f.keys == "" {
		return review.Bindings, nil
	}
	in, err := a.open(f.keys)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	table, err := review.Remap(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.keys, err)
	}
	return table, nil
}

// openStore opens the store of some logs, and takes in what it does not hold. An
// argument that ends in .db is the store itself.
func (a *app) openStore(ctx context.Context, f *reviewFlags, args []string) (*review.Store, error) {
	var logs []string
	for _, arg := range args {
		if strings.HasSuffix(arg, ".db") && f.store == "" {
			f.store = arg
			continue
		}
		logs = append(logs, arg)
	}
	if f.store == "" {
		if len(logs) == 0 {
			return nil, errors.New("name a log that fix --log wrote, or a store (--store FILE)")
		}
		f.store = storeName(logs[0])
	}
	if len(logs) == 0 {
		if _, err := os.Stat(f.store); err != nil {
			return nil, fmt.Errorf("%w; name the log to make it from", err)
		}
	}
	_, before := os.Stat(f.store)
	s, err := review.Open(f.store)
	if err != nil {
		return nil, err
	}
	if err := a.fillStore(ctx, s, f, logs); err != nil {
		empty := s.Len() == 0
		err = errors.Join(err, s.Close())
		if empty && before != nil { // nothing was there before and nothing is now
			os.Remove(f.store)
		}
		return nil, err
	}
	return s, nil
}

func (a *app) fillStore(ctx context.Context, s *review.Store, f *reviewFlags, logs []string) error {
	for _, log := range logs {
		if err := a.importLog(ctx, s, f, log); err != nil {
			return err
		}
	}
	return a.attachDocs(s, f)
}

// storeName is where the store of a log lies.
func storeName(log string) string {
	for _, end := range []string{".gz", ".zst", ".xz", ".bz2", ".jsonl"} {
		log = strings.TrimSuffix(log, end)
	}
	return log + ".review.db"
}

func (f *reviewFlags) say(a *app, format string, args ...any) {
	if !f.quiet {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

func (a *app) importLog(ctx context.Context, s *review.Store, f *reviewFlags, log string) error {
	in, err := a.open(log)
	if err != nil {
		return err
	}
	defer in.Close()
	name := log
	if abs, err := filepath.Abs(log); err == nil {
		name = abs
	}
	file := review.LogFile{Name: name}
	if in.stat != nil {
		file.Size, file.Mtime = in.stat.Size(), in.stat.ModTime().UnixNano()
	}
	if s.Has(file) {
		return nil
	}
	bar := newProgress(a, f.quiet, []string{log})
	stop := bar.follow(in)
	im, err := s.ImportLog(ctx, file, in, nil)
	stop()
	if err != nil {
		return err
	}
	if !im.Known {
		f.say(a, "%s: %d edits in %d documents taken in%s", log, im.Edits, im.Docs, map[bool]string{true: ", going on where the last import stopped"}[im.Resumed])
	}
	if im.Superseded > 0 {
		f.say(a, "%s: replaces %d edits of earlier logs; %d decisions wait for the documents' text to be carried on", log, im.Superseded, im.Stale)
	}
	return nil
}

// attachDocs takes in the texts that are still missing.
func (a *app) attachDocs(s *review.Store, f *reviewFlags) error {
	have, all, err := s.Texts()
	if err != nil {
		return err
	}
	if have == all {
		return nil
	}
	if len(f.docs) == 0 {
		f.say(a, "%d of %d documents without their text: give --docs FILE to see edits in their surroundings", all-have, all)
		return nil
	}
	fields, err := s.Fields()
	if err != nil {
		return err
	}
	at := s.Attach()
	err = f.addDocs(a, at, fields)
	found, carried, stale, err2 := at.Close()
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	f.say(a, "%d of %d documents have their text now", have+found, all)
	if carried+stale > 0 {
		f.say(a, "%d decisions carried on to changed documents; %d found no exact and unique place and are stale", carried, stale)
	}
	return nil
}

func (f *reviewFlags) addDocs(a *app, at *review.Attacher, fields []string) error {
	for _, pattern := range f.docs {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			names = []string{pattern} // no pattern, or one that fits nothing: opening it says so
		}
		for _, name := range names {
			if err := f.addFile(a, at, fields, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *reviewFlags) addFile(a *app, at *review.Attacher, fields []string, name string) error {
	return a.eachText(name, f.format, fields, f.id, func(rec *archive.Record, raw []byte) error {
		for i := range rec.Texts {
			t := review.Text{Text: rec.Texts[i].Text, URL: rec.ID}
			if u, err := archive.Find(bytes.TrimSpace(raw), f.url); err == nil && f.url != "" {
				t.URL = u.Text
			}
			if _, err := url.Parse(t.URL); err != nil {
				t.URL = ""
			}
			if err := at.Add(t); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	})
}

// eachText gives the records of a file whose texts can be read; others are passed
// over, as fix passed over them.
func (a *app) eachText(name, format string, fields []string, id string, do func(*archive.Record, []byte) error) error {
	in, err := a.open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	format0 := &fixFlags{format: format, fields: fields, id: id, maxDoc: maxDoc}
	r, err := in.format(format0)
	if err != nil {
		return err
	}
	for {
		raw, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if raw.Blank || raw.Err != nil {
			continue
		}
		rec, err := r.Parse(raw.Bytes)
		if err != nil && len(rec.Texts) == 0 {
			continue
		}
		if err := do(&rec, raw.Bytes); err != nil {
			return err
		}
	}
}

// interruptible ends a context on Ctrl-C.
func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// writeDecisions writes the store's decisions aside and puts them into place.
func (a *app) writeDecisions(s *review.Store, path string) error {
	w, err := a.create(path)
	if err != nil {
		return err
	}
	if err := s.Export(w); err != nil {
		w.drop()
		return err
	}
	return w.keep()
}

// decisionsName is where the decisions of a store are written for apply.
func decisionsName(store string) string {
	return strings.TrimSuffix(strings.TrimSuffix(store, ".db"), ".review") + ".decisions.jsonl"
}

// leaveDecisions writes the decisions at the end of a review and says how they
// come into the text.
func (a *app) leaveDecisions(s *review.Store, f *reviewFlags) error {
	path := decisionsName(f.store)
	if err := a.writeDecisions(s, path); err != nil {
		return err
	}
	if s.Seq() == 0 {
		return nil // an empty file, so that the next command finds what it is given
	}
	f.say(a, "%d decisions are in %s; the text changes by\n  copydesk apply DOCUMENTS --log LOG --decisions %s -o OUT", s.Seq(), path, path)
	return nil
}
