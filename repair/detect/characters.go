package detect

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"

	"golang.org/x/text/encoding/charmap"
)

// toByte holds, for each charset that UTF-8 is misread as, the byte that each
// character stood for. The C1 controls stand for themselves: browsers and
// scrapers keep the bytes that a charset leaves undefined.
var toByte = func() map[rune]byte {
	m := map[rune]byte{}
	for b := 0x80; b < 0x100; b++ {
		m[rune(b)] = byte(b) // Latin-1
	}
	for b := 0x80; b < 0x100; b++ {
		if r := charmap.Windows1252.DecodeByte(byte(b)); r != utf8.RuneError {
			m[r] = byte(b)
		}
	}
	return m
}()

var mojibake = Detector{
	ID:    "characters/mojibake",
	Doc:   "UTF-8 was read as Windows-1252 or Latin-1: each run of such characters is read again as what it was.",
	Round: Characters,
	Cues:  Always,
	Fix: []Example{
		{In: "Britainâ€™s minister drank cafÃ© au lait.", Out: "Britain’s minister drank café au lait."},
		{In: "Britainâ\u0080\u0099s SofÃ\u00ada", Out: "Britain’s Sofía"},
	},
	Keep: []Example{{In: "Ã la carte, São Paulo, “naïve” — Škoda, Âge, œuvre"}},
	Run: func(p *Pass) {
		s := p.Doc.Text
		for i := 0; i < len(s); {
			// The lead byte of a two, three or four-byte character, misread, is
			// one of à to ô; nothing else can begin a run.
			if s[i] != 0xC3 || i+1 >= len(s) || s[i+1] < 0x82 || s[i+1] > 0xB4 {
				i++
				continue
			}
			j, raw := i, make([]byte, 0, 16)
			for j < len(s) && len(raw) < 256 {
				r, n := utf8.DecodeRuneInString(s[j:])
				b, ok := toByte[r]
				if !ok || r < 0x80 {
					break
				}
				raw = append(raw, b)
				j += n
			}
			end, fixed := i, ""
			// The longest prefix that is whole UTF-8.
			for k, at := 0, i; k < len(raw); {
				r, n := utf8.DecodeRune(raw[k:])
				if r == utf8.RuneError || n < 2 || unicode.IsControl(r) && r != 0x85 {
					break
				}
				for range n {
					_, w := utf8.DecodeRuneInString(s[at:])
					at += w
				}
				k += n
				end, fixed = at, fixed+string(r)
			}
			if end > i {
				p.Propose(edit.Proposal{
					Span:  edit.Span{Start: i, End: end},
					Edits: []edit.Edit{{Span: edit.Span{Start: i, End: end}, New: fixed}}, Origin: edit.Extraction, Ceiling: edit.Safe,
					Why:      fmt.Sprintf("UTF-8 read as Windows-1252: %q", fixed),
					Evidence: []edit.Evidence{{Name: "utf-8", Nats: 6, Note: "the bytes behind these characters are whole UTF-8"}},
				})
				i = end
				continue
			}
			i += 2
		}
	},
}
