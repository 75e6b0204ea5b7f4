package detect_test

import (
	"fmt"
	"strings"
	"testing"

	"copydesk/repair"
	"copydesk/repair/edit"
)

// foreignNews are clean paragraphs in other languages, with the marks and
// accents of each, written for this test.
var foreignNews = map[string]string{
	"fr": "Le maire a déclaré mardi que la ville reconstruirait le « vieux port », fermé depuis août, après des années d’attente. L’œuvre coûtera près de dix millions d’euros ; où trouver l’argent ? Ça reste à voir.",
	"de": "Der Bürgermeister erklärte am Dienstag, dass die Stadt den „alten Hafen“ wieder aufbauen werde. Größere Straßen führen über die Brücke, süß ist anders, sagte er – und lächelte.",
	"pl": "Burmistrz powiedział we wtorek, że miasto odbuduje „stary port”, zamknięty od marca. Źródła w urzędzie mówią, że żółte łodzie wrócą już w październiku, choć koszt jest duży.",
	"tr": "Belediye başkanı salı günü şehrin eski limanı yeniden inşa edeceğini söyledi. Işıklar açıldı, gemiler öğleden sonra döndü ve çocuklar kıyıda güldü.",
	"vi": "Thị trưởng cho biết hôm thứ Ba rằng thành phố sẽ xây dựng lại bến cảng cũ, đóng cửa từ tháng Ba. Người dân đã chờ đợi nhiều năm và không muốn chờ thêm nữa.",
	"el": "Ο δήμαρχος δήλωσε την Τρίτη ότι η πόλη θα ξαναχτίσει το «παλιό λιμάνι», που έκλεισε τον Μάρτιο. Οι κάτοικοι περίμεναν χρόνια και δεν θέλουν να περιμένουν άλλο.",
	"ru": russianNews,
	"ja": japaneseNews,
	"ar": "قال رئيس البلدية يوم الثلاثاء إن المدينة ستعيد بناء الميناء القديم الذي أغلق في مارس. وقد انتظر السكان سنوات طويلة ولا يريدون الانتظار أكثر من ذلك.",
	"es": "El alcalde declaró el martes que la ciudad reconstruirá el «puerto viejo», cerrado desde marzo. ¿Cuánto costará? Nadie lo sabe aún; el señor Núñez, ingeniero, prefirió no opinar.",
	"cs": "Starosta v úterý řekl, že město znovu postaví „starý přístav“, zavřený od března. Příliš žluťoučký kůň úpěl ďábelské ódy, dodal s úsměvem.",
}

// charsetsTried are the charsets that UTF-8 is misread with, and the languages
// that were misread so in the wild.
var charsetsTried = []struct{ charset, languages string }{
	{"windows-1252", "fr de es"},
	{"windows-1250", "pl cs de"},
	{"windows-1251", "ru"},
	{"windows-1253", "el"},
	{"windows-1254", "tr de"},
	{"windows-1257", "de fr"},
	{"iso-8859-1", "fr de es"},
	{"iso-8859-2", "pl cs"},
	{"iso-8859-5", "ru"},
	{"iso-8859-7", "el"},
	{"iso-8859-9", "tr"},
	{"macintosh", "fr de es"},
	{"ibm437", "fr de"},
	{"ibm850", "fr de es"},
}

func charactersOnly(t testing.TB) *repair.Repairer {
	t.Helper()
	r, err := repair.New(repair.Options{Families: []string{"characters"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Clean text of any language comes out byte for byte, with nothing to review.
func TestCharactersKeepOtherLanguages(t *testing.T) {
	r := charactersOnly(t)
	for lang, s := range foreignNews {
		for _, c := range r.Fix(s).Changes {
			if c.Tier >= edit.Review {
				t.Errorf("%s: %s %q -> %q", lang, c.Rule, c.Before, c.After)
			}
		}
	}
}

// Words of two damaged characters or more, misread with each charset, come back
// exactly; the clean sentence beside them stays. At least 99.5 in 100 of them.
func TestMisreadComesBack(t *testing.T) {
	r := charactersOnly(t)
	all, right := 0, 0
	var lost []string
	for _, c := range charsetsTried {
		for lang := range strings.FieldsSeq(c.languages) {
			s := foreignNews[lang]
			bad := misread(s, c.charset)
			if strings.ContainsRune(bad, '�') {
				continue // the charset has no character there: what was lost stays lost
			}
			all++
			beside := "The council said on Monday that it would rebuild the harbour.\n\n"
			if got := r.Fix(beside + bad).Text; got == beside+s {
				right++
			} else {
				lost = append(lost, fmt.Sprintf("%s %s: %.80q", c.charset, lang, strings.TrimPrefix(got, beside)))
			}
		}
	}
	if all < 20 || right*1000 < all*995 {
		t.Errorf("%d of %d come back:\n%s", right, all, strings.Join(lost, "\n"))
	}
}
