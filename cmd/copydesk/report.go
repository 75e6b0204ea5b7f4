package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"copydesk/cmd/internal/archive"
	"copydesk/cmd/internal/report"

	"github.com/spf13/cobra"
)

func newReportCommand(a *app) *cobra.Command {
	var files []string
	var title string
	var asJSON bool
	c := &cobra.Command{
		Use:   "report DIR...",
		Short: "Add up the reports of an archive's parts, wherever they were repaired",
		Long: `Add up what copydesk run did in one folder or in several, such as those of many
machines with disks of their own. Each file counts once, however many folders hold it.
Without -o the sums are shown only.

Folders made with different settings, rules or versions are refused, and so are two that
repaired different files of one name.`,
		Example: `  copydesk report clean/
  copydesk report node*/clean -o report.html -o report.json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, dirs []string) error {
			page, err := gather(dirs...)
			if err == nil && page.Files == 0 {
				err = fmt.Errorf("no finished file in %s: name folders that copydesk run wrote", strings.Join(dirs, ", "))
			}
			if err != nil {
				return asUsage(err)
			}
			page.Title = title
			if title == "" {
				page.Title = filepath.Base(filepath.Clean(dirs[0]))
			}
			if err := writeReport(page, files...); err != nil {
				return asUsage(err)
			}
			if asJSON {
				return page.JSON(a.stdout)
			}
			s := page.Stats
			_, err = fmt.Fprintf(a.stdout, "%s files, %s records, %s changed by %s edits; %s proposals held, %s records in quarantine, %s texts left by the harm fuse\n",
				thousands(int64(page.Files)), thousands(s.Records), thousands(s.Changed), thousands(s.Edits), thousands(s.Held), thousands(s.Skipped), thousands(s.Fused))
			return err
		},
	}
	c.Flags().StringArrayVarP(&files, "output", "o", nil, "write the report to this file, in .html or .json; may be given several times")
	c.Flags().StringVar(&title, "title", "", "what stands above it (default: the first folder's name)")
	c.Flags().BoolVar(&asJSON, "json", false, "show the whole report as JSON on standard output")
	return c
}

// gather adds up everything that is done below folders that run wrote.
func gather(dirs ...string) (*report.Page, error) {
	g := gathering{page: &report.Page{Stats: report.New()}, seen: map[string]counted{}}
	for _, dir := range dirs {
		if err := g.add(dir); err != nil {
			return nil, err
		}
	}
	slices.Sort(g.page.Broken)
	return g.page, nil
}

// gathering is the sum so far.
type gathering struct {
	page     *report.Page
	seen     map[string]counted // by the marker's name
	settings string             // their hash
	from     string             // the folder that they were read from
}

// counted is a file that is in the sum.
type counted struct{ dir, input string }

func (g *gathering) add(dir string) error {
	root := filepath.Join(dir, "done")
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".json") || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		m, err := readMarker(p)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		return g.count(dir, name, m)
	})
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(dir); err != nil {
			return err
		}
		return nil // nothing is done yet
	}
	return err
}

func (g *gathering) count(dir, name string, m *marker) error {
	if g.settings == "" {
		g.settings, g.from = m.Settings, dir
		list, err := settingsOf(dir)
		if err != nil {
			return err
		}
		g.page.Settings = list
	}
	if m.Settings != g.settings {
		return fmt.Errorf("%s and %s were made with different settings, rules or versions (see run.json): their sum would mean nothing", g.from, dir)
	}
	if was, ok := g.seen[name]; ok {
		if was.input != m.Input.SHA256 {
			return fmt.Errorf("%s and %s both hold %s, made of different files: each file must have a name of its own", was.dir, dir, strings.TrimSuffix(name, ".json"))
		}
		return nil
	}
	g.seen[name] = counted{dir, m.Input.SHA256}
	g.page.Files++
	g.page.InputBytes += m.Input.Size
	g.page.Stats.Merge(m.Stats)
	if m.Broken != "" {
		g.page.Broken = append(g.page.Broken, m.Input.Name+": "+m.Broken)
	}
	return nil
}

// settingsOf reads the settings of a run's folder; none where run.json is not
// there.
func settingsOf(dir string) ([][2]string, error) {
	file := filepath.Join(dir, "run.json")
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var s settings
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s.list(), nil
}

// writeReport puts a report where the names say, by their endings.
func writeReport(page *report.Page, files ...string) error {
	for _, f := range files {
		w, err := createAside(f, archive.Plain)
		if err != nil {
			return err
		}
		if strings.HasSuffix(f, ".html") {
			err = page.HTML(w)
		} else {
			err = page.JSON(w)
		}
		if err != nil {
			w.drop()
			return err
		}
		if err := w.keep(); err != nil {
			return err
		}
	}
	return nil
}
