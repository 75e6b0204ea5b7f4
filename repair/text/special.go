package text

import "strings"

// special reads a token that must not be changed inside and that begins with an
// ASCII letter or digit: a web address, an e-mail address, a file name, code.
// The cheap look comes first: such a token holds one of . @ : _ ( / within its
// run of non-space characters, right after letters or digits.
func special(s string, i int) (Token, bool) {
	j := i
	var seen uint8
	for j < len(s) && j-i < maxToken && class[s[j]]&(cLower|cUpper|cDigit) != 0 {
		seen |= class[s[j]]
		j++
	}
	if seen&cDigit != 0 && seen&(cLower|cUpper) != 0 {
		if k := serial(s, i); k > i {
			return token(i, k, Protected), true
		}
	}
	if j >= len(s) {
		return Token{}, false
	}
	switch s[j] {
	case ':':
		if strings.HasPrefix(s[j:], "://") {
			if k := urlStart(s, i, j); k == i {
				return token(i, urlEnd(s, j), Protected), true
			}
		}
	case '@':
		if k := mailEnd(s, j); k > 0 {
			return token(i, k, Protected), true
		}
	case '_':
		k := handle(s, j)
		if k > j+1 {
			if k < len(s) && s[k] == '@' {
				if m := mailEnd(s, k); m > 0 {
					return token(i, m, Protected), true
				}
			}
			return token(i, k, Protected), true
		}
	case '(':
		if j+1 < len(s) && s[j+1] == ')' {
			return token(i, j+2, Protected), true // main()
		}
	case '.':
		return hostOrFile(s, i, j)
	}
	return Token{}, false
}

func urlStart(s string, i, j int) int {
	switch lower(s[i:j]) {
	case "http", "https", "ftp", "file", "mailto", "feed", "ws", "wss":
		return i
	}
	return -1
}

// urlEnd is the end of a web address that has begun before j: up to white space,
// less closing punctuation.
func urlEnd(s string, j int) int {
	k := j
	for k < len(s) && k-j < maxToken && class[s[k]]&cSpace == 0 && s[k] != '<' && s[k] != '>' && s[k] != '"' && class[s[k]]&cNonASCII == 0 {
		k++
	}
	if m := strings.Index(s[j:k], "pic.twitter.com/"); m > len("://t.co/") {
		return j + m // a second address is glued on: t.co/jBiMoOzt8Gpic.twitter.com/LDeYL3dL26
	}
	for k > j && strings.IndexByte(".,;:!?)']}", s[k-1]) >= 0 {
		k--
	}
	return k
}

func mailEnd(s string, at int) int {
	j := at + 1
	dot := 0
	for j < len(s) && j-at < 256 && (class[s[j]]&(cLower|cUpper|cDigit) != 0 || s[j] == '.' || s[j] == '-') {
		if s[j] == '.' {
			dot = j
		}
		j++
	}
	for j > at && s[j-1] == '.' {
		j--
	}
	if dot == 0 || dot >= j-1 || dot == at+1 {
		return 0
	}
	return j
}

// hostOrFile reads www.x.org, example.co.uk/path, Fool.com, report.pdf, and
// a.b@c.org; not "process.It" or "U.S.".
func hostOrFile(s string, i, j int) (Token, bool) {
	first := s[i:j]
	k := j
	last := j // start of the last label's dot
	for k < len(s) && k-i < 256 && (s[k] == '.' || s[k] == '-' && k+1 < len(s) && class[s[k+1]]&(cLower|cUpper|cDigit) != 0 || class[s[k]]&(cLower|cUpper|cDigit) != 0) {
		if s[k] == '.' {
			if k+1 >= len(s) || class[s[k+1]]&(cLower|cUpper|cDigit) == 0 {
				break
			}
			last = k
		}
		k++
	}
	if k < len(s) && s[k] == '@' {
		if m := mailEnd(s, k); m > 0 {
			return token(i, m, Protected), true
		}
	}
	if k == j || last+1 >= k {
		return Token{}, false
	}
	label := s[last+1 : k]
	www := lower(first) == "www"
	known := tlds[label] || len(label) >= 2 && tlds[lower(label)] && first[0] >= 'A' && first[0] <= 'Z' && strings.ToUpper(label) == label
	switch {
	case www:
	case known && class[first[0]]&cDigit == 0:
		// "process.in" is a stop before a lower-case word as likely as a host:
		// those endings that are words count only before a path.
		if wordTLD[label] && !(k < len(s) && s[k] == '/') && strings.Count(s[i:k], ".") < 2 {
			return Token{}, false
		}
	case exchanges[label] && last == j && ticker(first):
		return token(i, k, Protected), true
	case extensions[lower(label)] && class[first[len(first)-1]]&(cLower|cUpper|cDigit) != 0 && label == lower(label):
		return token(i, k, Protected), true
	case identifier(s[i:k]):
	default:
		return Token{}, false
	}
	if k < len(s) && s[k] == '/' {
		k = urlEnd(s, k)
	}
	return token(i, k, Protected), true
}

// identifier reports whether labels joined by dots are a name of a program's:
// model.rendering.pageElements.TextBlock. Three and more, the first two in small
// letters: sentences that lost their spaces begin with capitals.
func identifier(s string) bool {
	labels := 0
	for label := range strings.SplitSeq(s, ".") {
		if labels++; labels <= 2 && (len(label) < 3 || strings.IndexFunc(label, func(r rune) bool { return r < 'a' || r > 'z' }) >= 0) {
			return false
		}
	}
	return labels >= 3
}

// ticker reports whether w may be a share's symbol before an exchange's code, as
// news agencies write it (TPG.UL, HMb.ST): capitals, digits, at most one
// lower-case letter at the end.
func ticker(w string) bool {
	if len(w) < 2 || len(w) > 6 { // U.S is no ticker
		return false
	}
	for i := range len(w) {
		if class[w[i]]&(cUpper|cDigit) == 0 && (i == 0 || i+1 < len(w) || class[w[i]]&cLower == 0) {
			return false
		}
	}
	return true
}

// exchanges are the codes of stock exchanges in Reuters' symbols.
var exchanges = set("N O OQ A K P PK OB L PA DE F MI MC AS BR LS VX SW S ST HE CO OL IC I IR VI AT IS WA PR BU MM ME JO J TA SA BH KW QA DU AD CA SS SZ HK T TO V KS KQ TW TWO SI KL BK JK PS AX NZ NS BO NSE BA SN MX LM CR UL IL SAO")

var tlds = set("com org net edu gov mil int io co uk us ca au de fr eu tv info biz ly me in it is no nl ru cn jp kr br mx es se ch at be pl ie nz za il ai app dev news fm am gl ms to ws cc id my sg hk tw")

var wordTLD = set("in it is no me be at us my to am so do as or an de id")

var extensions = set("pdf doc docx xls xlsx ppt pptx txt csv json xml html htm php jpg jpeg png gif svg mp3 mp4 mov avi zip gz tar exe js css go py java rb rs ts sh sql md yaml yml")
