package damage

import (
	"strings"
	"testing"

	"copydesk/repair/text"
)

type wordList map[string]bool

func (l wordList) Known(w string) bool { return l[strings.ToLower(w)] }

// look is the slow, obvious scan, for texts of the tests' own words.
func look(clean, s string) Profile {
	lex := wordList{}
	for i, d := 0, text.Parse(clean); i < len(d.Tokens); i++ {
		lex[strings.ToLower(d.Str(i))] = true
	}
	d := text.Parse(s)
	var c Counts
	var unknown []int32
	for i, t := range d.Tokens {
		switch {
		case t.Kind == text.Word:
			c.Words++
			if !lex.Known(d.Str(i)) {
				unknown = append(unknown, int32(i))
			}
			if i > 0 && d.Str(i-1) == "." {
				if t.Gap == text.GapNone {
					c.Glued++
				} else if t.Shape&text.InitialUpper == 0 {
					c.StopLower++
				}
			}
		case t.Kind == text.Punct && t.Gap == text.GapSpace && strings.Contains(",.", d.Str(i)):
			c.LooseMark++
		case t.Kind == text.Punct && strings.Contains(`"“”`, d.Str(i)):
			c.Quotes++
		}
	}
	return Diagnose(d, lex, &c, unknown)
}

func TestDiagnose(t *testing.T) {
	clean := look(curled, curled)
	for p, v := range clean.P {
		if v > 0.3 {
			t.Errorf("a clean text: %s %.2f", Process(p), v)
		}
		if s := clean.LnShift(Process(p)); s < -maxShift || s > 1.5 {
			t.Errorf("a clean text shifts %s by %.2f", Process(p), s)
		}
	}
	for _, p := range []Process{LinkTrim, SpaceForced, WrongCharset, RandomSpace, OCR} {
		damaged, _ := Make(curled, Of(p, 60), 2)
		got := look(curled, damaged)
		if got.LnShift(p) < 1 {
			t.Errorf("%s: P %.2f, shift %.2f in %v", p, got.P[p], got.LnShift(p), got.P)
		}
	}
}
