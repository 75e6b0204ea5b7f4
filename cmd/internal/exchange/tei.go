package exchange

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"copydesk/repair/edit"
)

const (
	teiSpace = "http://www.tei-c.org/ns/1.0"
	xmlSpace = "http://www.w3.org/XML/1998/namespace"
)

// tei is TEI P5. An edit is choice/sic/corr, boilerplate that goes is surplus;
// @resp names the rule or the person, @cert says how sure. What XML cannot hold
// (most control characters) is a g element with its number.
func tei() *Format {
	return &Format{
		Name: "tei", Ext: ".xml", Doc: "TEI P5, choice/sic/corr; comes back",
		Write: func(w io.Writer, a *Article) error {
			var b strings.Builder
			fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<TEI xmlns=%q>\n<teiHeader><fileDesc><titleStmt><title>%s</title></titleStmt>", teiSpace, attr(a.Doc))
			fmt.Fprintf(&b, "<publicationStmt><idno type=\"copydesk-source-sha256\">%s</idno></publicationStmt><sourceDesc><p>Text as received; corrections as proposed or decided.</p></sourceDesc></fileDesc></teiHeader>\n<text><body><ab xml:space=\"preserve\">", a.SrcHash)
			for i, m := range a.Marks {
				teiText(&b, a.Texts[i])
				resp := "#copydesk." + strings.ReplaceAll(m.Rule, "/", ".")
				if m.By != "" {
					resp += " #person." + m.By
				}
				cert := "low"
				switch {
				case m.Conf >= .98:
					cert = "high"
				case m.Conf >= .8:
					cert = "medium"
				}
				kind := ""
				if m.Origin != edit.Unknown {
					kind = fmt.Sprintf(" type=%q", m.Origin)
				}
				if m.After == "" && edit.Family(m.Rule) == "boilerplate" {
					fmt.Fprintf(&b, "<surplus xml:id=\"e-%s\" resp=\"%s\" cert=\"%s\">", m.ID, attr(resp), cert)
					teiText(&b, m.Before)
					b.WriteString("</surplus>")
					continue
				}
				fmt.Fprintf(&b, "<choice xml:id=\"e-%s\"><sic>", m.ID)
				teiText(&b, m.Before)
				fmt.Fprintf(&b, "</sic><corr resp=\"%s\" cert=\"%s\"%s>", attr(resp), cert, kind)
				teiText(&b, m.After)
				b.WriteString("</corr></choice>")
			}
			teiText(&b, a.Texts[len(a.Marks)])
			b.WriteString("</ab></body></text>\n</TEI>\n")
			_, err := io.WriteString(w, b.String())
			return err
		},
		Read: readTEI,
	}
}

func attr(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(strings.Map(func(r rune) rune {
		if !inXML(r) {
			return '\uFFFD'
		}
		return r
	}, s)))
	return b.String()
}

func inXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}

func teiText(b *strings.Builder, s string) {
	for _, r := range s {
		switch {
		case !inXML(r):
			fmt.Fprintf(b, `<g ref="#U+%04X"/>`, r)
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '\r':
			b.WriteString("&#13;") // a bare one would be read as a line end
		default:
			b.WriteRune(r)
		}
	}
}

func readTEI(b []byte) (*Returned, error) {
	d := xml.NewDecoder(strings.NewReader(string(b)))
	r := &Returned{}
	var path []string
	var cur *Part
	var text strings.Builder
	into := &text
	var before, after strings.Builder
	flush := func() {
		if text.Len() > 0 {
			r.Parts = append(r.Parts, Part{Text: text.String()})
			text.Reset()
		}
	}
	in := func(name string) bool {
		for _, p := range path {
			if p == name {
				return true
			}
		}
		return false
	}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			switch t.Name.Local {
			case "choice", "surplus", "supplied":
				flush()
				cur = &Part{Mark: true}
				before.Reset()
				after.Reset()
				for _, at := range t.Attr {
					if at.Name.Local == "id" && (at.Name.Space == xmlSpace || at.Name.Space == "xml") {
						cur.ID = strings.TrimPrefix(at.Value, "e-")
					}
				}
				into = &before
			case "sic":
				if cur != nil {
					into = &before
				}
			case "corr":
				if cur != nil {
					into = &after
				}
			case "g":
				for _, at := range t.Attr {
					if n, err := strconv.ParseUint(strings.TrimPrefix(at.Value, "#U+"), 16, 32); at.Name.Local == "ref" && err == nil {
						into.WriteRune(rune(n))
					}
				}
			}
		case xml.EndElement:
			path = path[:len(path)-1]
			switch t.Name.Local {
			case "choice", "surplus", "supplied":
				if cur != nil {
					cur.Before, cur.After = before.String(), after.String()
					if t.Name.Local == "supplied" {
						cur.Before, cur.After = "", before.String()
					}
					r.Parts = append(r.Parts, *cur)
				}
				cur, into = nil, &text
			}
		case xml.CharData:
			switch {
			case in("idno") && !in("body"):
				r.SrcHash = strings.TrimSpace(string(t))
			case in("title") && !in("body"):
				r.Doc = string(t)
			case in("ab"):
				into.Write(t)
			}
		}
	}
	flush()
	if len(r.SrcHash) != 64 {
		return nil, errNotOurs
	}
	return r, nil
}
