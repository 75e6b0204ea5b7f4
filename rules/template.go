package rules

import (
	_ "embed"
	"strings"
)

// Schema is the JSON Schema of rule files, for completion in editors. A test
// holds it against the loader and every shipped file.
//
//go:embed rule.schema.json
var Schema string

//go:embed template.yaml
var template string

// spaceTemplate turns the template into one for families that change nothing but
// white space.
var spaceTemplate = strings.NewReplacer(
	"why: The page put these words beside the article.", "why: Two words lost the space between them.",
	"where: line\n", "where: text\n",
	"  - Write your words here\n", "  - yourwords\n",
	"regex: '(Write your words here)[.!]?'", "regex: '(your)(words)'",
	"replace: ''", "replace: '$1 $2'",
	"      Write your words here!\n\n      Drivers", "      Put your words there.\n\n      Drivers",
	"in: |-\n      The council voted on Monday to close the bridge for two years.\n\n      Write your words here!", "in: |-\n      The council voted on Monday to close the bridge for two years.\n\n      Put yourwords there.",
	"out: |-\n      The council voted on Monday to close the bridge for two years.\n", "out: |-\n      The council voted on Monday to close the bridge for two years.\n\n      Put your words there.\n",
	"  - Write your words here, said the clerk, and sign below.", "  - Write your wordings here.",
)

// Template is a rule file to fill in, every key explained. It is valid as it
// stands, and its examples pass.
func Template(id string) string {
	t := strings.Replace(template, "FAMILY/PHENOMENON", id, 1)
	if family, _, _ := strings.Cut(id, "/"); spacesOnly(family) {
		return spaceTemplate.Replace(t)
	}
	return t
}
