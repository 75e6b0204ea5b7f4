package main

import (
	"os"
	"path/filepath"
	"testing"

	"copydesk/repair/detect"
)

// docs/rules.md says what the rules say.
func TestRulesPage(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "rules.md")
	want := rulesPage(detect.ByID(detect.Shipped()))
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/rules.md is stale: run go test ./cmd/copydesk -run 'RulesPage|Reference' -update")
	}
}

// What people type finds what they mean.
func TestSearch(t *testing.T) {
	all := detect.ByID(detect.Shipped())
	for query, want := range map[string]string{
		"share buttons":   "boilerplate/share-bar",
		"hovercard":       "boilerplate/hovercard",
		"FOX NEWS APP":    "boilerplate/click-here",
		"dateline agency": "spacing/dateline-agency",
		"getty":           "boilerplate/photo-credit",
		"cookies":         "boilerplate/cookie-notice",
		"mojibak":         "characters/mojibake",
		"glued sentence":  "break/credit-glued",
	} {
		found := search(all, query)
		rank := -1
		for i, d := range found {
			if d.ID == want {
				rank = i
				break
			}
		}
		if rank < 0 || rank >= maxFound {
			t.Errorf("find %q: %s stands at %d of %d", query, want, rank, len(found))
		}
	}
	if found := search(all, "zzqq xxkk"); len(found) > 0 {
		t.Errorf("nonsense finds %s", found[0].ID)
	}
}
