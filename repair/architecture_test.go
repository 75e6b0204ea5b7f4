package repair_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every file that the architecture page names is there.
func TestArchitectureNamesRealFiles(t *testing.T) {
	b, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile("`([a-z/]+\\.go)`").FindAllStringSubmatch(string(b), -1)
	if len(names) < 10 {
		t.Fatalf("the page names only %d files", len(names))
	}
	for _, m := range names {
		if _, err := os.Stat("../" + m[1]); err != nil {
			t.Errorf("docs/architecture.md names %s: %v", m[1], err)
		}
	}
}

// Imports only point down.
func TestLayers(t *testing.T) {
	allowed := map[string]string{
		"copydesk/rules":          "",
		"copydesk/repair/edit":    "",
		"copydesk/repair/lm":      "",
		"copydesk/repair/text":    "edit",
		"copydesk/repair/damage":  "edit lm text",
		"copydesk/repair/corpus":  "edit text",
		"copydesk/repair/page":    "",
		"copydesk/repair/detect":  "edit lm text damage corpus page rules",
		"copydesk/repair/resolve": "edit lm text damage",
		"copydesk/repair":         "edit lm text damage corpus page detect resolve rules",
	}
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}}:{{join .Imports \" \"}}", "copydesk/repair/...", "copydesk/rules").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		pkg, imports, _ := strings.Cut(line, ":")
		may, ok := allowed[pkg]
		if !ok {
			t.Errorf("package %s is in no layer", pkg)
			continue
		}
		for _, i := range strings.Fields(imports) {
			if !strings.HasPrefix(i, "copydesk/") {
				continue
			}
			if name := i[strings.LastIndexByte(i, '/')+1:]; !slices.Contains(strings.Fields(may), name) {
				t.Errorf("%s may not import %s", pkg, i)
			}
		}
	}
}
