package exchange

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	wordSpace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	docxHash  = "copydesk-source-sha256"
	docxName  = "copydesk-document"
	// maxDocx bounds each part of a file that comes back, in bytes, unpacked.
	maxDocx = 64 << 20
)

// docxTime stands on every change: no clock, so that the same input gives the same
// bytes.
var docxTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// docx is WordprocessingML with tracked changes: each edit is a deletion and an
// insertion by "copydesk RULE", with its reason as a comment. A line end is a new
// paragraph, within an edit a line break. Characters that XML cannot hold are
// shown by their pictures (U+2400 to U+2421).
func docx() *Format {
	return &Format{Name: "docx", Ext: ".docx", Doc: "Word, LibreOffice: tracked changes and comments; comes back", Write: writeDocx, Read: readDocx, Plain: docxPlain}
}

// docxPlain is a text as it comes back from a word processor.
func docxPlain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ':
			return 0x2400 + r
		case r == 0x7F:
			return 0x2421
		case !inXML(r):
			return utf8.RuneError
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

var docxParts = []struct{ name, body string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/comments.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"/><Override PartName="/docProps/custom.xml" ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties" Target="docProps/custom.xml"/></Relationships>`},
	{"word/_rels/document.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments" Target="comments.xml"/></Relationships>`},
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

func writeDocx(w io.Writer, a *Article) error {
	z := zip.NewWriter(w)
	add := func(name, body string) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: docxTime})
		if err == nil {
			_, err = io.WriteString(f, xmlHead+body)
		}
		return err
	}
	for _, p := range docxParts {
		if err := add(p.name, p.body); err != nil {
			return err
		}
	}
	prop := func(n int, name, value string) string {
		return fmt.Sprintf(`<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="%d" name="%s"><vt:lpwstr>%s</vt:lpwstr></property>`, n, name, attr(oneLine(value)))
	}
	if err := add("docProps/custom.xml", `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">`+prop(2, docxHash, a.SrcHash)+prop(3, docxName, a.Doc)+`</Properties>`); err != nil {
		return err
	}
	var doc, notes strings.Builder
	date := docxTime.Format(time.RFC3339)
	doc.WriteString(`<w:document xmlns:w="` + wordSpace + `"><w:body><w:p>`)
	notes.WriteString(`<w:comments xmlns:w="` + wordSpace + `">`)
	for i, m := range a.Marks {
		docxText(&doc, a.Texts[i], "t", true)
		who := fmt.Sprintf(`w:author="%s" w:date="%s"`, attr("copydesk "+m.Rule), date)
		fmt.Fprintf(&doc, `<w:commentRangeStart w:id="%d"/>`, i)
		if m.Before != "" {
			fmt.Fprintf(&doc, `<w:del w:id="%d" %s>`, 2*i+100_000, who)
			docxText(&doc, m.Before, "delText", false)
			doc.WriteString(`</w:del>`)
		}
		if m.After != "" {
			fmt.Fprintf(&doc, `<w:ins w:id="%d" %s>`, 2*i+100_001, who)
			docxText(&doc, m.After, "t", false)
			doc.WriteString(`</w:ins>`)
		}
		fmt.Fprintf(&doc, `<w:commentRangeEnd w:id="%d"/><w:r><w:commentReference w:id="%d"/></w:r>`, i, i)
		fmt.Fprintf(&notes, `<w:comment w:id="%d" %s w:initials="cd"><w:p>`, i, who)
		docxText(&notes, fmt.Sprintf("copydesk:%s %s", m.ID, message(&m)), "t", false)
		notes.WriteString(`</w:p></w:comment>`)
	}
	docxText(&doc, a.Texts[len(a.Marks)], "t", true)
	doc.WriteString(`</w:p></w:body></w:document>`)
	notes.WriteString(`</w:comments>`)
	if err := add("word/document.xml", doc.String()); err != nil {
		return err
	}
	if err := add("word/comments.xml", notes.String()); err != nil {
		return err
	}
	return z.Close()
}

// docxText writes runs; a line end begins a paragraph, or is a break.
func docxText(b *strings.Builder, s, element string, paragraphs bool) {
	for i, line := range strings.Split(docxPlain(s), "\n") {
		if i > 0 {
			if paragraphs {
				b.WriteString(`</w:p><w:p>`)
			} else {
				b.WriteString(`<w:r><w:br/></w:r>`)
			}
		}
		for j, cell := range strings.Split(line, "\t") {
			if j > 0 {
				b.WriteString(`<w:r><w:tab/></w:r>`)
			}
			if cell != "" {
				fmt.Fprintf(b, `<w:r><w:%s xml:space="preserve">%s</w:%s></w:r>`, element, attr(cell), element)
			}
		}
	}
}

func readDocx(b []byte) (*Returned, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("no Word file: %w", err)
	}
	part := func(name string) ([]byte, error) {
		f, err := z.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		out, err := io.ReadAll(io.LimitReader(f, maxDocx+1))
		if err == nil && len(out) > maxDocx {
			err = fmt.Errorf("%s is larger than %d bytes", name, maxDocx)
		}
		return out, err
	}
	r := &Returned{}
	if props, err := part("docProps/custom.xml"); err == nil {
		if err := r.properties(props); err != nil {
			return nil, err
		}
	}
	if len(r.SrcHash) != 64 {
		return nil, errNotOurs
	}
	ids := map[string]string{} // comment number to edit
	if notes, err := part("word/comments.xml"); err == nil {
		if ids, err = commentIDs(notes); err != nil {
			return nil, err
		}
	}
	doc, err := part("word/document.xml")
	if err != nil {
		return nil, err
	}
	return r, r.document(doc, ids)
}

func (r *Returned) properties(b []byte) error {
	var props struct {
		Property []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"lpwstr"`
		} `xml:"property"`
	}
	if err := xml.Unmarshal(b, &props); err != nil {
		return err
	}
	for _, p := range props.Property {
		switch p.Name {
		case docxHash:
			r.SrcHash = p.Value
		case docxName:
			r.Doc = p.Value
		}
	}
	return nil
}

func commentIDs(b []byte) (map[string]string, error) {
	ids := map[string]string{}
	d := xml.NewDecoder(bytes.NewReader(b))
	id := ""
	var text strings.Builder
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return ids, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if t.Name.Local == "comment" {
				id = wordAttr(t, "id")
				text.Reset()
			}
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			if t.Name.Local == "comment" {
				if rest, ok := strings.CutPrefix(strings.TrimSpace(text.String()), "copydesk:"); ok && len(rest) >= 20 {
					ids[id] = rest[:20]
				}
			}
		}
	}
}

func wordAttr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// document reads the body. A deletion and the insertion behind it are one mark;
// only copydesk's own count as marks, a person's own tracked changes are taken as
// made.
func (r *Returned) document(b []byte, ids map[string]string) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	var text strings.Builder
	var mark *Part
	within := ""  // del or ins by copydesk, own for a person's deletion
	comment := "" // the edit whose comment is open
	inText := 0
	paragraphs, deep := 0, 0
	endMark := func() {
		if mark != nil {
			r.Parts = append(r.Parts, *mark)
			mark = nil
		}
	}
	write := func(s string) {
		switch within {
		case "del":
			mark.Before += s
		case "ins":
			mark.After += s
		case "own":
		default:
			endMark()
			text.WriteString(s)
		}
	}
	flush := func() {
		if text.Len() > 0 {
			r.Parts = append(r.Parts, Part{Text: text.String()})
			text.Reset()
		}
	}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if deep++; deep > 1000 {
				return errors.New("the file is nested too deeply")
			}
			switch t.Name.Local {
			case "p":
				if paragraphs++; paragraphs > 1 {
					write("\n")
				}
			case "del", "ins":
				if !strings.HasPrefix(wordAttr(t, "author"), "copydesk ") {
					if t.Name.Local == "del" {
						within = "own"
					}
					break
				}
				flush()
				if t.Name.Local == "del" && mark != nil && (mark.Before != "" || mark.After != "") && within == "" {
					endMark()
				}
				if mark == nil {
					mark = &Part{Mark: true, ID: comment}
				}
				within = t.Name.Local
			case "commentRangeStart":
				comment = ids[wordAttr(t, "id")]
				if within == "del" || within == "ins" {
					mark.ID = comment // LibreOffice opens the comment inside the change
				} else {
					endMark()
				}
			case "commentRangeEnd":
				if within != "del" && within != "ins" {
					endMark()
				}
				comment = ""
			case "t", "delText":
				inText++
			case "br", "cr":
				write("\n")
			case "tab":
				write("\t") // those of paragraph properties are skipped with them
			case "noBreakHyphen":
				write("\u2011")
			case "softHyphen":
				write("\u00AD")
			case "sym":
				if n, err := strconv.ParseUint(wordAttr(t, "char"), 16, 32); err == nil {
					write(string(rune(n)))
				}
			case "pPr", "sectPr":
				if err := d.Skip(); err != nil {
					return err
				}
				deep--
			}
		case xml.EndElement:
			deep--
			switch t.Name.Local {
			case "del", "ins":
				within = ""
			case "t", "delText":
				inText--
			}
		case xml.CharData:
			if inText > 0 {
				write(string(t))
			}
		}
	}
	endMark()
	flush()
	return nil
}
