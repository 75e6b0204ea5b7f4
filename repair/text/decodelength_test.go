package text

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Texts of several languages in the charsets they were kept in, cut to a length
// at places all over, are read as what they are. go test -v prints the table of
// docs/characters.md.
func TestDecodeByLength(t *testing.T) {
	texts := map[string]string{
		"French":  "Le maire a déclaré mardi que la ville reconstruirait le « vieux port », fermé depuis août, après des années d’attente. L’œuvre coûtera près de dix millions d’euros ; où trouver l’argent ? Ça reste à voir, dit-elle, et répète que rien n’est décidé. ",
		"German":  "Der Bürgermeister erklärte am Dienstag, dass die Stadt den „alten Hafen“ wieder aufbauen werde. Größere Straßen führen über die Brücke, süß ist anders, sagte er – und lächelte müde. Für die Gäste wäre das schön, hieß es später. ",
		"Polish":  "Burmistrz powiedział we wtorek, że miasto odbuduje „stary port”, zamknięty od marca. Źródła w urzędzie mówią, że żółte łodzie wrócą już w październiku, choć koszt jest duży i nikt nie wie, skąd wziąć pieniądze. ",
		"Czech":   "Starosta v úterý řekl, že město znovu postaví „starý přístav“, zavřený od března. Příliš žluťoučký kůň úpěl ďábelské ódy, dodal s úsměvem a odešel k řece, kde čekali dělníci. ",
		"Russian": "Министр заявил во вторник, что закон будет принят до конца года: «Мы не можем ждать ещё десять лет», — сказал он журналистам. Её поддержали все, кто был в зале, и вечером совет проголосовал. ",
		"English": "The council said on Monday that it would rebuild the “old harbour”, which closed in March — after years of argument. “We don’t have another ten years,” the mayor, Renée Müller, told reporters near the water. ",
	}
	cases := []struct {
		language, name string
		enc            encoding.Encoding
	}{
		{"English", "windows-1252", charmap.Windows1252},
		{"French", "windows-1252", charmap.Windows1252},
		{"German", "windows-1252", charmap.Windows1252},
		{"French", "macintosh", charmap.Macintosh},
		{"German", "macintosh", charmap.Macintosh},
		{"Polish", "windows-1250", charmap.Windows1250},
		{"Czech", "windows-1250", charmap.Windows1250},
		{"Russian", "windows-1251", charmap.Windows1251},
		{"English", "utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"Russian", "utf-16be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	}
	lengths := []int{200, 1000, 10_000, 1_000_000}
	right, all := 0, 0
	for _, c := range cases {
		row := "| " + c.name + " | " + c.language + " |"
		for _, n := range lengths {
			ok, tried := 0, 0
			clean := []rune(strings.Repeat(texts[c.language], n/len([]rune(texts[c.language]))+3))
			step := 7
			if n > 10_000 {
				step = 67
			}
			for from := 0; from < len([]rune(texts[c.language])); from += step {
				s := string(clean[from : from+n])
				raw, err := c.enc.NewEncoder().String(s)
				if err != nil {
					t.Fatal(c.name, err)
				}
				got, _, err := Decode([]byte(raw))
				tried++
				if err == nil && got == s {
					ok++
				}
			}
			right, all = right+ok, all+tried
			row += fmt.Sprintf(" %.1f |", 100*float64(ok)/float64(tried))
		}
		t.Log(row)
	}
	if right*100 < all*97 {
		t.Errorf("%d of %d are read as what they are", right, all)
	}
}
