package archive

import (
	"bytes"
	"crypto/sha1"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"testing"

	"copydesk/repair/edit"
)

func wet(kind, uri, block string) string {
	sum := sha1.Sum([]byte(block))
	return fmt.Sprintf("WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nWARC-Refers-To: <urn:uuid:1>\r\nWARC-Block-Digest: sha1:%s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
		kind, uri, base32.StdEncoding.EncodeToString(sum[:]), len(block), block)
}

func TestWET(t *testing.T) {
	info, a, b := wet("warcinfo", "", "X"), wet("conversion", "http://a/", "one X\nWARC/1.0 and X"), wet("conversion", "http://b/", "two X")
	lying := strings.Replace(b, "Content-Length: 5", "Content-Length: 500", 1)
	short := strings.Replace(b, "Content-Length: 5", "Content-Length: 2", 1)
	wrongSum := strings.Replace(b, "sha1:", "sha1:A", 1)
	for _, c := range []struct {
		name, in, want string
		errs           int
	}{
		{"sound", info + a + b, info + wet("conversion", "http://a/", "one YZ\nWARC/1.0 and YZ") + wet("conversion", "http://b/", "two YZ"), 0},
		{"last without end", info + strings.TrimSuffix(b, "\r\n\r\n"), info + strings.TrimSuffix(wet("conversion", "http://b/", "two YZ"), "\r\n\r\n"), 0},
		{"too long", lying + b, lying + wet("conversion", "http://b/", "two YZ"), 1},
		{"too short", short + b, short + wet("conversion", "http://b/", "two YZ"), 1},
		{"cut off", a + b[:len(b)-7], wet("conversion", "http://a/", "one YZ\nWARC/1.0 and YZ") + b[:len(b)-7], 1},
		{"wrong digest stays", wrongSum, strings.Replace(strings.Replace(wrongSum, "two X", "two YZ", 1), "Length: 5", "Length: 6", 1), 0},
		{"rubbish", "rubbish\n\n" + b, "rubbish\n\n" + wet("conversion", "http://b/", "two YZ"), 1},
		{"empty lines", "\r\n\r\n" + b + "\r\n", "\r\n\r\n" + wet("conversion", "http://b/", "two YZ") + "\r\n", 0},
	} {
		got, errs := all(t, NewWET(strings.NewReader(c.in), 0), replaceAll("X", "YZ"))
		if got != c.want || len(errs) != c.errs {
			t.Errorf("%s: %v\n got %q\nwant %q", c.name, errs, got, c.want)
		}
	}
}

func TestWETTooLarge(t *testing.T) {
	big := wet("conversion", "http://a/", strings.Repeat("X ", 3<<20))
	in := big + wet("conversion", "http://b/", "X")
	got, errs := all(t, NewWET(strings.NewReader(in), 1<<20), replaceAll("X", "Y"))
	if want := big + wet("conversion", "http://b/", "Y"); got != want || len(errs) != 1 {
		t.Errorf("%v: %d bytes, want %d", errs, len(got), len(want))
	}
}

func FuzzWARC(f *testing.F) {
	f.Add([]byte(wet("conversion", "http://a/", "a")+"\r\nWARC/1.0\r\nContent-Length: 9\r\n\r\nx\r\n\r\nWARC/1.0"), uint16(0))
	f.Add([]byte("WARC/1.0\r\nContent-Length: 99999\r\n\r\nabc"), uint16(50))
	f.Fuzz(func(t *testing.T, in []byte, limit uint16) {
		if got, _ := all(t, NewWET(bytes.NewReader(in), int(limit)), func(string) []Patch { return nil }); got != string(in) {
			t.Fatalf("%q became %q", in, got)
		}
		w := NewWARC(bytes.NewReader(in), int(limit))
		for {
			raw, err := w.Next()
			if err == io.EOF {
				return
			}
			if !raw.Blank && raw.Err == nil {
				if rec, err := w.Parse(raw.Bytes); err == nil {
					if _, err := w.Splice(raw.Bytes, &rec, [][]Patch{nil}); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	})
}

const newsPage = `<!doctype html><html><head><title>Bridge closes | News</title>
<meta property="og:title" content="Old bridge closes"><meta name="author" content="Ana Bell">
<meta property="article:published_time" content="2024-04-26T10:00:00Z"></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li></ul></nav>
<div class="share-bar"><a href="#">Share</a> <a href="#">Tweet</a></div>
<article><h1>Old bridge closes</h1>
<p>The council voted on <a href="/d">Monday</a>to close the old bridge for two years, while engineers repair it.</p>
<p>Drivers will have to go round<br>by the northern road, which is already
   crowded <b>every</b> morning, as a spokeswoman said.</p><div class="related-stories"><h3>Read more</h3><a href="/x">Another story about a bridge</a></div>
<ul><li><a href="/1">One story</a></li><li><a href="/2">Two story</a></li></ul>
<div>Nobody was hurt&nbsp;&amp; the <i>harbour</i> stays open, the council said in its letter to the people.</div>
<script>alert("x")</script></article>
<footer>© News 2024</footer></body></html>`

func TestPage(t *testing.T) {
	a := Page([]byte(newsPage))
	want := Article{Title: "Old bridge closes", Byline: "Ana Bell", Date: "2024-04-26T10:00:00Z", Text: "The council voted on Mondayto close the old bridge for two years, while engineers repair it.\n\n" +
		"Drivers will have to go round\nby the northern road, which is already crowded every morning, as a spokeswoman said.\n\n" +
		"Nobody was hurt\u00a0& the harbour stays open, the council said in its letter to the people."}
	if a != want {
		t.Errorf("got %+v\nwant %+v", a, want)
	}
}

func TestWARCPages(t *testing.T) {
	response := func(head, body string) string {
		return wet("response", "https://news.example/1", "HTTP/1.1 200 OK\r\n"+head+"\r\n\r\n"+body)
	}
	chunk := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(newsPage), newsPage)
	latin := strings.Replace(strings.Replace(newsPage, "council voted", "caf\xe9 council voted", 1), "©", "", 1)
	for name, in := range map[string]string{
		"plain":   response("Content-Type: text/html", newsPage),
		"chunked": response("Content-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked", chunk),
		"charset": response("Content-Type: text/html; charset=ISO-8859-1", latin),
	} {
		in += response("Content-Type: image/png", "X") + wet("request", "https://news.example/1", "GET /")
		var out strings.Builder
		w := NewWARC(strings.NewReader(in), 0)
		for {
			raw, err := w.Next()
			if err == io.EOF {
				break
			}
			if raw.Blank || !raw.Aside {
				continue
			}
			rec, err := w.Parse(raw.Bytes)
			if err != nil {
				t.Fatal(name, err)
			}
			at := strings.Index(rec.Texts[0].Text, "Mondayto") + 6
			line, err := w.Splice(raw.Bytes, &rec, [][]Patch{{{Edit: edit.Edit{Span: edit.Span{Start: at, End: at}, New: " "}}}})
			if err != nil {
				t.Fatal(err)
			}
			out.Write(line)
		}
		got := out.String()
		if !strings.HasPrefix(got, `{"url":"https://news.example/1","title":"Old bridge closes","byline":"Ana Bell","date":"2024-04-26T10:00:00Z","text":"The `) ||
			!strings.Contains(got, "on Monday to close") || strings.Count(got, "\n") != 1 || (name == "charset") != strings.Contains(got, "café") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(newsPage))
	f.Add([]byte(strings.Repeat("<div>", 600) + "x"))
	f.Fuzz(func(t *testing.T, in []byte) { Page(in) })
}
