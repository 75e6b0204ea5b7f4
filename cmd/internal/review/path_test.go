package review

import (
	"os"
	"testing"
)

// A store lies where it is told to, whatever its name looks like, and is for its
// owner alone.
func TestOddPaths(t *testing.T) {
	for _, name := range []string{"a b.db", "a#b?c=d&e.db", "a%20b.db", "ä'\"é.db"} {
		path := t.TempDir() + "/" + name
		s, err := Open(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		st, err := os.Stat(path)
		if err != nil || st.Size() == 0 || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, st, err)
		}
	}
	if _, err := Open(t.TempDir() + "/no/such/folder/a.db"); err == nil {
		t.Error("a store in no folder")
	}
}
