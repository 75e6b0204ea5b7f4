package repair_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"copydesk/repair"
	"copydesk/repair/edit"
	"copydesk/rules"
)

// Text in other languages passes through untouched: nothing is applied, nothing
// waits for review.
func TestOtherLanguages(t *testing.T) {
	files, err := filepath.Glob("../testdata/languages/*.txt")
	if err != nil || len(files) < 7 {
		t.Fatal("no texts in other languages", err)
	}
	r, err := repair.New(repair.Options{Tier: edit.Review})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		res := r.Fix(string(b))
		if res.Text != string(b) {
			t.Errorf("%s changed", f)
		}
		for _, c := range res.Changes {
			if c.Tier >= edit.Review {
				t.Errorf("%s: %s %s %q -> %q", f, c.Tier, c.Rule, c.Before, c.After)
			}
		}
	}
}

// Text whose function words are not known, or too few in a short paragraph, is told
// by its letters: Polish, Czech, Hungarian and Latvian words are not glued.
func TestOtherLetters(t *testing.T) {
	files, err := filepath.Glob("../testdata/characters/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatal("no texts in other languages", err)
	}
	r := fixer(t)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(b)) {
			if got := r.Fix(l).Text; got != l {
				t.Errorf("%s: %q became %q", f, l, got)
			}
		}
	}
}

// English between paragraphs of another language is still repaired, and encoding
// damage is repaired in any language.
func TestEnglishBesideOtherLanguages(t *testing.T) {
	fr, err := os.ReadFile("../testdata/languages/fr.txt")
	if err != nil {
		t.Fatal(err)
	}
	english := "The ministers have includedUS controls on the export of goods, and the talks will go on next week."
	got := fixer(t).Fix(english + "\n\n" + string(fr)).Text
	if !strings.Contains(got, "included US controls") || !strings.HasSuffix(got, string(fr)) {
		t.Error(got)
	}
	got = fixer(t).Fix("Le ministre a dÃ©clarÃ© que les syndicats ont refusÃ© la rÃ©forme pour cette annÃ©e, mais que le gouvernement ne changera pas.").Text
	if !strings.Contains(got, "a déclaré que les syndicats ont refusé la réforme pour cette année") {
		t.Error(got)
	}
}

// A user's rules may know another language.
func TestRulesForOtherLanguages(t *testing.T) {
	set, err := rules.Load(fstest.MapFS{"boilerplate/lire.yaml": {Data: []byte(`id: boilerplate/lire
why: Un lien vers un autre article.
where: line
literals: ['Lire aussi']
regex: 'Lire aussi : .{5,100}'
tier: safe
confidence: 0.99
fix:
  - in: "Bonjour.\n\nLire aussi : La grève"
    out: "Bonjour."
keep: [Lire aussi est un plaisir.]
`)}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := repair.New(repair.Options{Rules: []*rules.Set{set}})
	if err != nil {
		t.Fatal(err)
	}
	fr, err := os.ReadFile("../testdata/languages/fr.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Fix(string(fr) + "\nLire aussi : La grève de jeudi\n").Text; strings.Contains(got, "Lire aussi") || !strings.HasPrefix(got, strings.TrimSpace(string(fr))) {
		t.Errorf("%q", got)
	}
}

// Lines too short to tell their language by themselves are told together: captions and
// messages in Vietnamese are not glued.
func TestOtherLines(t *testing.T) {
	r := fixer(t)
	for _, s := range []string{
		"Tạo nhóm thẻ mới\nDự án mới\nMàu nền\nLãnh thổ & ngôn ngữ\nyêu cầu bạn đồng ý\n",
		"Thêm ảnh mới\n\nĐổi tên tập tin\n\nKhông thể mở được\n\nTrình điều khiển\n\nChọn màu nền\n",
	} {
		if got := r.Fix(s).Text; got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// A line of few words, mostly without accents, is told by its small words and letters,
// alone or within English: no family touches it.
func TestForeignLines(t *testing.T) {
	r := fixer(t)
	for language, lines := range map[string][]string{
		"cs": {"Rano jsme se sešli u brány a šli do lesa.", "Kdo nechce, ten nemusí."},
		"da": {"Vi kan ikke finde vej til stranden.", "Hun har en bog om fugle og en om fisk."},
		"de": {"Wir haben gestern den Hund im Garten gesehen.", "Der Wagen ist alt, aber er hat noch nie versagt."},
		"es": {"Los vecinos no quieren ver la tele por la noche.", "Comprar, cocinar y fregar los platos"},
		"fr": {"Elle a mis les clefs sur la table du salon.", "Le chat qui n’existera jamais dort dans la cave."},
		"hu": {"Az ablak nyitva van, de a kapu nem.", "Kati kenyeret vett a boltban, majd hazament."},
		"it": {"Il treno per il mare parte tra poco.", "Non so dove ho messo le chiavi della casa."},
		"nl": {"De buren hebben een hond en twee katten.", "Wie het niet weet, moet het maar vragen."},
		"pl": {"Nie ma ich w domu od rana.", "Pies i kot jedli z jednej miski, ale nie razem."},
		"pt": {"Os meninos foram para a escola sem a mochila.", "Ela não sabe quando o barco vai sair."},
		"ro": {"Copiii au fost la mare cu bunica lor.", "Nu se poate intra fără bilet."},
		"tr": {"Bu evin bahçesi çok büyük ama suyu yok.", "Her sabah bir bardak su ve bir elma"},
		"vi": {"Con trỏ phải ở trong vùng chọn.", "Tôi không biết vì sao họ đi rồi."},
	} {
		for _, l := range lines {
			for _, s := range []string{l, "The sign over the door said:\n" + l, "The old sign said “" + l + "” and nobody in the town had read it."} {
				if got := r.Fix(s).Text; got != s {
					t.Errorf("%s: %q became %q", language, s, got)
				}
			}
		}
	}
}

// English that damage has made to look foreign is English.
func TestForeignLookAlikes(t *testing.T) {
	r := fixer(t)
	for in, want := range map[string]string{
		"The ministers have includedUS controls on the export of goods.":                                   "The ministers have included US controls on the export of goods.",
		"General de la Rosa and Colonel van der Meer saidthe talks in Côte d'Ivoire had failed.":           "General de la Rosa and Colonel van der Meer said the talks in Côte d'Ivoire had failed.",
		"Mayor Markéta Vaňková of Brno told reportersthat José Muñoz would leave.":                         "Mayor Markéta Vaňková of Brno told reporters that José Muñoz would leave.",
		"Szentgotthárd is a village in Vas county , Hungary, and has a church.":                            "Szentgotthárd is a village in Vas county, Hungary, and has a church.",
		"The commit tee met in the morn ing and the gov ernment spokes man had noth ing to say.":           "The committee met in the morning and the government spokesman had nothing to say.",
		"Amnesty International and Médecins Sans Frontières asked the governmentfor more time last month.": "Amnesty International and Médecins Sans Frontières asked the government for more time last month.",
	} {
		if got := r.Fix(in).Text; got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}
