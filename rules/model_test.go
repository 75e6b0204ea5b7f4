package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// The log names the model that was written down beside it.
func TestModelSum(t *testing.T) {
	h := sha256.Sum256([]byte(Model()))
	if got, want := ModelSum(), hex.EncodeToString(h[:]); got != want {
		t.Errorf("rules/en/model/en.model.sha256 says %s, the model has %s: run sha256sum en.model > en.model.sha256 in its folder", got, want)
	}
}
