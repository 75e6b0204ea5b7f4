package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"copydesk/rules"
)

// readWords reads the word lists and dictionaries of --words.
func readWords(files []string) ([]string, error) {
	var out []string
	for _, name := range files {
		dir, base := filepath.Split(name)
		if dir == "" {
			dir = "."
		}
		ws, err := rules.ReadWords(os.DirFS(dir), base)
		if err != nil {
			return nil, fmt.Errorf("--words %s: %w", name, err)
		}
		out = append(out, ws...)
	}
	return out, nil
}

// readRules reads the folders of --rules-dir.
func readRules(dirs []string) ([]*rules.Set, error) {
	var out []*rules.Set
	for _, dir := range dirs {
		if i, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("--rules-dir: %w", err)
		} else if !i.IsDir() {
			return nil, fmt.Errorf("--rules-dir %s: name the folder, not a file in it", dir)
		}
		set, err := rules.Load(os.DirFS(dir))
		if err != nil {
			return nil, fmt.Errorf("--rules-dir %s:\n%w", dir, err)
		}
		if len(set.Rules) == 0 {
			return nil, fmt.Errorf("--rules-dir %s: no rule file in it: put them at FAMILY/PHENOMENON.yaml", dir)
		}
		out = append(out, set)
	}
	return out, nil
}

// orOne is the mend for a name that is none of names.
func orOne(name string, names []string) string {
	if n := rules.Nearest(name, names); n != "" {
		return fmt.Sprintf("did you mean %q? There are %s", n, strings.Join(names, ", "))
	}
	return "use one of " + strings.Join(names, ", ")
}
