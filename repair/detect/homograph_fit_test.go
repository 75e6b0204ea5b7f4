package detect

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var (
	homographText = flag.String("fit-homograph", "", "fit the weights of homographs on this training text")
	homographOut  = flag.String("fit-homograph-out", "", "write the weights there")
)

// homographs lists the places of a document where either form of a pair stands:
// the pair, the tokens, and whether the form has its apostrophe.
func (p *Pass) homographs(f func(pair uint32, i, j int, marked bool)) {
	toks := p.Doc.Tokens
	for i := range toks {
		t := &toks[i]
		if t.Kind != text.Word || t.Shape&(text.AllUpper|text.HasDigit|text.InnerUpper|text.HasDot) != 0 {
			continue
		}
		w := strings.ToLower(strings.ReplaceAll(p.Doc.Str(i), "’", "'"))
		clitic := i+1 < len(toks) && toks[i+1].Kind == text.Clitic && toks[i+1].Gap == text.GapNone && len(strings.TrimLeft(p.Doc.Str(i+1), "'’")) == 1
		if clitic {
			if w == "it" || w == "let" {
				f(pairOf(w+"s"), i, i+2, true)
			}
			continue
		}
		if plain := strings.ReplaceAll(w, "'", ""); doubled[plain] > 0 {
			f(pairOf(plain), i, i+1, plain != w)
		}
	}
}

// TestFitHomograph fits the weights that tell its from it's and the like:
//
//	go test ./repair/detect -run FitHomograph -timeout 1h -fit-homograph TRAIN.txt -fit-homograph-out rules/en/model/homograph.model
func TestFitHomograph(t *testing.T) {
	if *homographText == "" {
		t.Skip("no -fit-homograph file")
	}
	e := testEngine(t)
	w, sq := make([]float64, homographSlots), make([]float64, homographSlots)
	type count struct {
		n    [2]int
		loss float64
		hist [2][41]int
	}
	names := map[uint32]string{}
	for k := range doubled {
		names[pairOf(k)] = k
	}
	const epochs = 3
	for epoch := range epochs {
		seen, check := map[uint32]*count{}, map[uint32]*count{}
		rate := 0.1 / float64(1+epoch)
		eachHeld(t, *homographText, func(n int, doc string) {
			held := lm.HeldOut(doc)
			if !strings.ContainsAny(doc, "'’") {
				return // its source may have stripped them
			}
			p := e.Reparse(doc)
			defer p.Close()
			if len(p.At(BareContraction)) > 0 {
				return
			}
			p.homographs(func(pair uint32, i, j int, marked bool) {
				var buf [homographFeatures]uint32
				fs := p.homograph(pair, i, j, buf[:0])
				z := 0.0
				for _, f := range fs {
					z += w[f]
				}
				m := seen
				if held {
					m = check
				}
				if m[pair] == nil {
					m[pair] = new(count)
				}
				y := 0
				if marked {
					y = 1
				}
				q := 1 / (1 + math.Exp(-z))
				m[pair].n[y]++
				m[pair].hist[y][int(max(-20, min(20, math.Round(z))))+20]++
				m[pair].loss -= math.Log(max(1e-9, float64(y)*q+float64(1-y)*(1-q)))
				if held {
					return
				}
				g := q - float64(y)
				for _, f := range fs {
					d := g + 1e-5*w[f]
					sq[f] += d * d
					w[f] -= rate * d / math.Sqrt(sq[f]+0.3)
				}
			})
		})
		for pair, c := range check {
			t.Logf("epoch %d %-6s: fitted on %v, kept out %v, loss %.4f (train %.4f)", epoch, names[pair], seen[pair].n, c.n, c.loss/float64(c.n[0]+c.n[1]), seen[pair].loss/float64(max(1, seen[pair].n[0]+seen[pair].n[1])))
			if epoch+1 == epochs {
				var b strings.Builder
				for z := -12; z <= 12; z += 2 {
					above := [2]int{}
					for k := z + 20; k <= 40; k++ {
						above[0] += c.hist[0][k]
						above[1] += c.hist[1][k]
					}
					fmt.Fprintf(&b, " %d:%.4f/%.3f", z, float64(above[0])/float64(max(1, c.n[0])), float64(above[1])/float64(max(1, c.n[1])))
				}
				t.Logf("   above nats: of plain/of marked%s", b.String())
			}
		}
	}
	if *homographOut != "" {
		top := 0.0
		for _, x := range w {
			top = max(top, math.Abs(x))
		}
		var b strings.Builder
		fmt.Fprintf(&b, "copydesk hashed 1\n%.6f\n", top/127)
		for _, x := range w {
			b.WriteByte(byte(int8(math.Round(x / top * 127))))
		}
		if err := os.WriteFile(*homographOut, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
