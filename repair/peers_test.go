package repair_test

import (
	"bufio"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"copydesk/repair"
	"copydesk/repair/damage"
	"copydesk/repair/lm"
	"copydesk/rules"
)

// peer is a published way to take glued words apart, written from its
// description: no Go module of either was to be had. Both are given this
// project's word frequencies, and both look only at words that no list knows.
type peer struct {
	name  string
	split func(p *peer, word string) []string
	lex   *lm.Lexicon
}

// maxPiece is the longest word that the peers consider, in bytes.
const maxPiece = 24

var peers = []peer{
	// The most probable series of unigrams by dynamic programming, as wordninja
	// does (Norvig, "Natural Language Corpus Data", in: Beautiful Data, 2009).
	{name: "unigrams (wordninja)", split: func(p *peer, w string) []string {
		return p.best(w, func(string) float64 { return math.Inf(-1) })
	}},
	// The same with 10/(N*10^length) for what is no word, as WordSegmentation of
	// SymSpell 6.4 without edits does (Garbe 2018, "Fast Word Segmentation of Noisy Text").
	{name: "unigrams (SymSpell)", split: func(p *peer, w string) []string {
		const words = 1_024_908_267_229 // N, of the corpus that SymSpell counts
		return p.best(w, func(s string) float64 {
			return math.Log(10.0/words) - float64(len(s))*math.Ln10
		})
	}},
}

// best is the series of words with the highest sum of ln probabilities.
func (p *peer) best(w string, unknown func(string) float64) []string {
	score := make([]float64, len(w)+1)
	from := make([]int, len(w)+1)
	for b := 1; b <= len(w); b++ {
		score[b] = math.Inf(-1)
		for a := max(0, b-maxPiece); a < b; a++ {
			if b < len(w) && !utf8.RuneStart(w[b]) || !utf8.RuneStart(w[a]) {
				continue
			}
			ln := unknown(w[a:b])
			if i := p.lex.Lookup(w[a:b]); i.Flags&lm.Known != 0 && i.LnProb != 0 && (b-a > 1 || strings.ContainsAny(w[a:b], "aAI")) {
				ln = float64(i.LnProb)
			}
			if s := score[a] + ln; s > score[b] {
				score[b], from[b] = s, a
			}
		}
	}
	if math.IsInf(score[len(w)], -1) {
		return []string{w}
	}
	var out []string
	for b := len(w); b > 0; b = from[b] {
		out = append(out, w[from[b]:b])
	}
	slices.Reverse(out)
	return out
}

// fix takes apart the words of a text that no list knows.
func (p *peer) fix(s string) string {
	var b strings.Builder
	letter := func(c rune) bool { return unicode.IsLetter(c) }
	for s != "" {
		n := strings.IndexFunc(s, letter)
		if n < 0 {
			break
		}
		b.WriteString(s[:n])
		s = s[n:]
		end := strings.IndexFunc(s, func(c rune) bool { return !letter(c) })
		if end < 0 {
			end = len(s)
		}
		if w := s[:end]; p.lex.Known(w) {
			b.WriteString(w)
		} else {
			b.WriteString(strings.Join(p.split(p, w), " "))
		}
		s = s[end:]
	}
	return b.String() + s
}

// contest is what is measured: a damaged text and the clean one.
type contest struct{ corrupt, correct string }

// spaces are the places of the spaces of a text, in characters other than white
// space before them.
func spaces(s string) map[int]bool {
	at, n := map[int]bool{}, 0
	for _, c := range s {
		if unicode.IsSpace(c) {
			at[n] = true
		} else {
			n++
		}
	}
	return at
}

// measure is precision, recall and F1 in percent over changed spaces.
func measure(texts []contest, fix func(string) string) (precision, recall, f1 float64) {
	var tp, fp, fn float64
	for _, t := range texts {
		was, want, got := spaces(t.corrupt), spaces(t.correct), spaces(fix(t.corrupt))
		for i := range utf8.RuneCountInString(t.correct) {
			right, made := want[i] != was[i], got[i] != was[i]
			switch {
			case right && made:
				tp++
			case made:
				fp++
			case right:
				fn++
			}
		}
	}
	return 100 * tp / max(1, tp+fp), 100 * tp / max(1, tp+fn), 200 * tp / max(1, 2*tp+fp+fn)
}

// contests are glued words in clean news, one in twenty, or the rows of the file
// that COPYDESK_GAPS names: tab-separated, the document, damaged and clean text
// in columns 2, 4 and 5; rows of a document are read together.
func contests(t testing.TB) []contest {
	var out []contest
	name := os.Getenv("COPYDESK_GAPS")
	if name == "" {
		for _, file := range []string{"market", "sport"} {
			b, err := os.ReadFile("../testdata/clean/" + file + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(20) {
				hurt, _ := damage.Make(string(b), damage.OfKind(damage.GluedWords, 50), seed)
				out = append(out, contest{hurt, string(b)})
			}
		}
		return out
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	doc := ""
	for sc.Scan() {
		c := strings.Split(sc.Text(), "\t")
		if len(c) < 5 || c[0] == "id" {
			continue
		}
		if c[1] != doc || len(out) == 0 {
			doc = c[1]
			out = append(out, contest{c[3], c[4]})
			continue
		}
		last := &out[len(out)-1]
		last.corrupt, last.correct = last.corrupt+"\n"+c[3], last.correct+"\n"+c[4]
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// entrants are the peers and this project's families of words.
func entrants(t testing.TB) (names []string, fix []func(string) string) {
	models, err := lm.Open(rules.Model())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range peers {
		p.lex = models.Lexicon
		names, fix = append(names, p.name), append(fix, p.fix)
	}
	r, err := repair.New(repair.Options{Families: []string{"merged", "split", "spacing"}})
	if err != nil {
		t.Fatal(err)
	}
	return append(names, "copydesk"), append(fix, func(s string) string { return r.Fix(s).Text })
}

// This project finds more glued words than its peers, and more of what it
// changes was damaged.
func TestPeers(t *testing.T) {
	texts := contests(t)
	names, fix := entrants(t)
	var own, rivals float64
	for i, name := range names {
		p, r, f := measure(texts, fix[i])
		t.Logf("%-22s P %.2f R %.2f F1 %.2f", name, p, r, f)
		if own = f; i < len(peers) {
			rivals = max(rivals, f)
		}
	}
	if own <= rivals || rivals == 0 {
		t.Errorf("F1 %.2f, the better peer %.2f", own, rivals)
	}
}

// BenchmarkPeers takes apart the glued words of one text after another.
func BenchmarkPeers(b *testing.B) {
	texts := contests(b)
	names, fix := entrants(b)
	n := 0
	for _, t := range texts {
		n += len(t.corrupt)
	}
	for i, name := range names {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(n))
			for b.Loop() {
				for _, t := range texts {
					fix[i](t.corrupt)
				}
			}
		})
	}
}
