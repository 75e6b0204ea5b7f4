package archive

import (
	"encoding/json"
	"testing"
)

// The fast check says what the slow one says.
func FuzzValidJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":"b"}`, `"`, `"\\"`, `"\"`, `"a\"`, `"a\\\"b"`, `{"a":"\u00e9\u00G0"}`, "\"a\nb\"", "\"0123456789\x1f\"", `"\u12"`, `{"a" "b"}`, `{"a":1,}`, `["\/\b\q"]`, "\"\xff\"", `{"k":"long enough to take the word-wise way","n":[1,2,{"x":null}]}`, `nul`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, want := validJSON(b), json.Valid(b); got != want {
			t.Errorf("%q: got %v, encoding/json says %v", b, got, want)
		}
	})
}
