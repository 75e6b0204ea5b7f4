package review

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Binding is one line of the key table, the same for the page and the terminal.
// A key is written as the browser names it ("a", "ArrowDown", "Backspace"), and
// " " for the space bar.
type Binding struct {
	Do   string   `json:"do"`
	Keys []string `json:"keys"`
	Help string   `json:"help"`
	Many bool     `json:"many"` // it may speak of more than one edit, so it is never a small letter
	Web  bool     `json:"web"`  // only the page has it
}

// Bindings is the key table.
var Bindings = []Binding{
	{Do: "accept", Keys: []string{"a", "y"}, Help: "accept this edit"},
	{Do: "reject", Keys: []string{"x", "n"}, Help: "reject this edit"},
	{Do: "skip", Keys: []string{" "}, Help: "skip: it comes back last"},
	{Do: "change", Keys: []string{"c"}, Help: "change: type what the place is to read"},
	{Do: "alternative", Keys: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, Help: "take this alternative"},
	{Do: "undo", Keys: []string{"u", "Backspace"}, Help: "undo my last decision"},
	{Do: "history", Keys: []string{"U"}, Help: "history: undo anything, by person, time or rule", Many: true},
	{Do: "accept-group", Keys: []string{"A"}, Help: "accept the group under this filter, by sample", Many: true},
	{Do: "reject-group", Keys: []string{"X"}, Help: "reject the group under this filter", Many: true},
	{Do: "never", Keys: []string{"N"}, Help: "never again: choose how widely; add to the dictionary", Many: true},
	{Do: "flag", Keys: []string{"f"}, Help: "flag for a colleague"},
	{Do: "note", Keys: []string{"m"}, Help: "flag with a note"},
	{Do: "next", Keys: []string{"j", "ArrowDown"}, Help: "next"},
	{Do: "previous", Keys: []string{"k", "ArrowUp"}, Help: "previous"},
	{Do: "next-open", Keys: []string{"J"}, Help: "next undecided edit"},
	{Do: "previous-open", Keys: []string{"K"}, Help: "previous undecided edit"},
	{Do: "enter", Keys: []string{"Enter", "ArrowRight"}, Help: "go into the group, edit by edit"},
	{Do: "leave", Keys: []string{"Escape", "ArrowLeft"}, Help: "back to the groups; close what is open"},
	{Do: "groups", Keys: []string{"g"}, Help: "queue of groups"},
	{Do: "edits", Keys: []string{"e"}, Help: "queue of single edits"},
	{Do: "families", Keys: []string{"F"}, Help: "queue of families: the same rule and shape"},
	{Do: "document", Keys: []string{"D"}, Help: "the whole article, every edit in place"},
	{Do: "diff", Keys: []string{"d"}, Help: "difference inline or side by side"},
	{Do: "original", Keys: []string{"o"}, Help: "original text, and back"},
	{Do: "search", Keys: []string{"/"}, Help: "search rules, groups, words and sources as you type"},
	{Do: "floor-up", Keys: []string{"]"}, Help: "raise the lowest confidence shown"},
	{Do: "floor-down", Keys: []string{"["}, Help: "lower it"},
	{Do: "refresh", Keys: []string{"r"}, Help: "refresh: only now decided items leave the list"},
	{Do: "rules", Keys: []string{"R"}, Help: "how good each rule is", Web: true},
	{Do: "help", Keys: []string{"?"}, Help: "all keys"},
	{Do: "quit", Keys: []string{"q"}, Help: "quit the terminal review; decisions are written already"},
}

// Remap reads a key file into a copy of the table: one line an act, its name and
// then its keys; # begins a comment. "off" takes an act's keys away; the word
// "space" is the space bar.
func Remap(r io.Reader) ([]Binding, error) {
	table := slices.Clone(Bindings)
	sc := bufio.NewScanner(r)
	for n := 1; sc.Scan(); n++ {
		line, _, _ := strings.Cut(sc.Text()+" ", " #")
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		i := slices.IndexFunc(table, func(b Binding) bool { return b.Do == f[0] })
		if i < 0 {
			return nil, fmt.Errorf("line %d: no act %q: press ? for the list", n, f[0])
		}
		if len(f) == 1 {
			return nil, fmt.Errorf("line %d: %s has no keys: give some, or off", n, f[0])
		}
		keys := []string{}
		for _, k := range f[1:] {
			switch k {
			case "off":
				continue
			case "space":
				k = " "
			}
			if table[i].Many && len(k) == 1 && k[0] >= 'a' && k[0] <= 'z' {
				return nil, fmt.Errorf("line %d: %s may speak of many edits, so it takes no small letter", n, f[0])
			}
			keys = append(keys, k)
		}
		table[i].Keys = keys
	}
	if err := sc.Err(); err != nil {
		return nil, err
	}
	return table, checkKeys(table)
}

func checkKeys(table []Binding) error {
	by := map[string]string{}
	for _, b := range table {
		for _, k := range b.Keys {
			if by[k] != "" {
				return fmt.Errorf("key %q is bound to both %s and %s", k, by[k], b.Do)
			}
			by[k] = b.Do
		}
	}
	return nil
}
