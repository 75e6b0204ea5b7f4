package exchange

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// critic is CriticMarkup: {~~old~>new~~}{>>copydesk:ID rule conf<<}. What looks
// like its marks in the article itself gets a backslash after its first
// character; one that has some already gets one more.
func critic() *Format {
	return &Format{
		Name: "critic", Ext: ".md", Doc: "CriticMarkup in plain text; comes back",
		Write: func(w io.Writer, a *Article) error {
			var b strings.Builder
			fmt.Fprintf(&b, "{>>copydesk document %s sha256:%s<<}\n", criticEscape(oneLine(a.Doc)), a.SrcHash)
			for i, m := range a.Marks {
				b.WriteString(criticEscape(a.Texts[i]))
				before, after := criticEscape(m.Before), criticEscape(m.After)
				switch {
				case m.Before == "":
					fmt.Fprintf(&b, "{++%s++}", after)
				case m.After == "":
					fmt.Fprintf(&b, "{--%s--}", before)
				default:
					fmt.Fprintf(&b, "{~~%s~>%s~~}", before, after)
				}
				fmt.Fprintf(&b, "{>>copydesk:%s %s %.3f<<}", m.ID, m.Rule, m.Conf)
			}
			b.WriteString(criticEscape(a.Texts[len(a.Marks)]))
			_, err := io.WriteString(w, b.String())
			return err
		},
		Read: readCritic,
	}
}

// oneLine keeps a name from breaking out of a comment or a line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return ' '
		}
		return r
	}, s)
}

var (
	criticMarks  = regexp.MustCompile(`\{\\*(?:\+\+|--|~~|>>|==)|~\\*>|(?:\+\\*\+|-\\*-|~\\*~|<\\*<|=\\*=)\}`)
	criticEscs   = regexp.MustCompile(`\{\\+(?:\+\+|--|~~|>>|==)|~\\+>|(?:\+\\+\+|-\\+-|~\\+~|<\\+<|=\\+=)\}`)
	criticChange = regexp.MustCompile(`(?s)\{(?:~~(.*?)~>(.*?)~~|\+\+(.*?)\+\+|--(.*?)--)\}(?:\{>>copydesk:([0-9a-f]{20})[^<]*<<\})?`)
	criticHead   = regexp.MustCompile(`\{>>copydesk document (.*) sha256:([0-9a-f]{64})<<\}\r?\n`)
	criticNote   = regexp.MustCompile(`\{>>copydesk:([0-9a-f]{20})[^<]*<<\}`)
)

func criticEscape(s string) string {
	return criticMarks.ReplaceAllStringFunc(s, func(m string) string { return m[:1] + `\` + m[1:] })
}

func criticPlain(s string) string {
	return criticEscs.ReplaceAllStringFunc(s, func(m string) string { return strings.Replace(m, `\`, "", 1) })
}

func readCritic(b []byte) (*Returned, error) {
	s := string(b)
	head := criticHead.FindStringSubmatchIndex(s)
	if head == nil {
		return nil, errors.New("its first line {>>copydesk document …<<} is gone, so it is not known which document this is")
	}
	r := &Returned{Doc: criticPlain(s[head[2]:head[3]]), SrcHash: s[head[4]:head[5]]}
	s = s[:head[0]] + s[head[1]:]
	at := 0
	text := func(t string) {
		// A comment left behind by an editor who took the change away.
		if t = criticPlain(criticNote.ReplaceAllString(t, "")); t != "" {
			r.Parts = append(r.Parts, Part{Text: t})
		}
	}
	for _, m := range criticChange.FindAllStringSubmatchIndex(s, -1) {
		group := func(n int) (string, bool) {
			if m[2*n] < 0 {
				return "", false
			}
			return criticPlain(s[m[2*n]:m[2*n+1]]), true
		}
		text(s[at:m[0]])
		p := Part{Mark: true}
		if v, ok := group(1); ok {
			p.Before = v
			p.After, _ = group(2)
		} else if v, ok := group(3); ok {
			p.After = v
		} else {
			p.Before, _ = group(4)
		}
		p.ID, _ = group(5)
		r.Parts = append(r.Parts, p)
		at = m[1]
	}
	text(s[at:])
	return r, nil
}
