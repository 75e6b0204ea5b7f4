package lsp

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"copydesk/repair"
	"copydesk/repair/edit"

	"github.com/sourcegraph/jsonrpc2"
)

// find is a fixer that knows one repair, and one that needs a person.
func find(text string) repair.Result {
	var r repair.Result
	for _, w := range []struct {
		before, after string
		tier          edit.Tier
	}{{"includedUS", "included US", edit.Safe}, {"controlson", "controls on", edit.Review}} {
		if i := strings.Index(text, w.before); i >= 0 {
			r.Changes = append(r.Changes, repair.Change{
				Src: edit.Span{Start: i, End: i + len(w.before)}, Before: w.before, After: w.after, HasAfter: true, Rule: "merged/known-parts",
				Tier: w.tier, Applied: w.tier == edit.Safe, Conf: .99, Alts: []edit.Alt{{After: w.before + "?", Conf: .01}}, Why: []string{"two words"},
			})
		}
	}
	return r
}

type editor struct {
	t    *testing.T
	conn *jsonrpc2.Conn
	seen chan publish
}

func connect(t *testing.T, encodings ...string) *editor {
	t.Helper()
	a, b := net.Pipe()
	e := &editor{t: t, seen: make(chan publish, 10)}
	s := &Server{Fix: find}
	go s.Run(t.Context(), a)
	e.conn = jsonrpc2.NewConn(t.Context(), jsonrpc2.NewBufferedStream(b, jsonrpc2.VSCodeObjectCodec{}), jsonrpc2.HandlerWithError(func(_ context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
		var p publish
		if err := json.Unmarshal(*r.Params, &p); err != nil {
			return nil, err
		}
		e.seen <- p
		return nil, nil
	}))
	t.Cleanup(func() { _ = e.conn.Close() })
	var in initializeParams
	in.Capabilities.General.PositionEncodings = encodings
	e.call("initialize", in, nil)
	return e
}

func (e *editor) call(method string, in, out any) {
	e.t.Helper()
	if err := e.conn.Call(e.t.Context(), method, in, out); err != nil {
		e.t.Fatal(err)
	}
}

func (e *editor) notify(method string, in any) publish {
	e.t.Helper()
	if err := e.conn.Notify(e.t.Context(), method, in); err != nil {
		e.t.Fatal(err)
	}
	return e.next()
}

func (e *editor) next() publish {
	e.t.Helper()
	select {
	case p := <-e.seen:
		return p
	case <-time.After(5 * time.Second):
		e.t.Fatal("no diagnostics came")
		return publish{}
	}
}

// Characters beyond the first plane count twice in UTF-16: the usual off by one.
func TestPositions(t *testing.T) {
	const text = "One line.\r\n😀 They 😀 includedUS controlson\rlast"
	for _, c := range []struct {
		encoding   string
		start, end int
	}{{"utf-16", 11, 21}, {"utf-8", 15, 25}} {
		e := connect(t, c.encoding)
		p := e.notify("textDocument/didOpen", openParams{document{URI: "file:///a", Version: 1, Text: text}})
		if len(p.Diagnostics) != 2 {
			t.Fatalf("%+v", p)
		}
		if at := p.Diagnostics[0].Range; at != (span{position{1, c.start}, position{1, c.end}}) {
			t.Errorf("%s: %+v", c.encoding, at)
		}
	}
	for _, s := range []*Server{{}, {utf8: true}} {
		for at := range text + "$" {
			if at > 0 && text[at-1] == '\r' && at < len(text) && text[at] == '\n' {
				continue // within a line end there is no position
			}
			if got := s.offset(text, s.position(text, at)); got != at {
				t.Errorf("byte %d is %+v is byte %d", at, s.position(text, at), got)
			}
		}
	}
}

func TestActions(t *testing.T) {
	e := connect(t)
	doc := document{URI: "file:///a", Version: 1, Text: "They includedUS controlson it."}
	p := e.notify("textDocument/didOpen", openParams{doc})
	in := actionParams{TextDocument: doc, Range: p.Diagnostics[1].Range}
	var out []action
	e.call("textDocument/codeAction", in, &out)
	kinds := map[string]int{}
	for _, a := range out {
		kinds[a.Kind]++
	}
	if kinds["quickfix"] != 6 || kinds[fixAll] != 1 {
		t.Fatalf("%+v", out)
	}
	if ed := out[0].Edit.DocumentChanges[0].Edits[0]; ed.NewText != "controls on" || ed.Range.Start.Character != 16 {
		t.Errorf("%+v", ed)
	}
	in.Context.Only = []string{"source.fixAll"}
	e.call("textDocument/codeAction", in, &out)
	if len(out) != 1 || len(out[0].Edit.DocumentChanges[0].Edits) != 1 || out[0].Edit.DocumentChanges[0].Edits[0].NewText != "included US" {
		t.Errorf("fix all makes more than what is safe: %+v", out)
	}
	// Never again for this repair: it is gone at once, here and after a change.
	in.Context.Only = nil
	e.call("textDocument/codeAction", in, &out)
	var never *command
	for _, a := range out {
		if strings.Contains(a.Title, "this repair everywhere") {
			never = a.Command
		}
	}
	e.call("workspace/executeCommand", executeParams{never.Command, never.Arguments}, nil)
	if p := e.next(); len(p.Diagnostics) != 1 {
		t.Errorf("%+v", p)
	}
	var c changeParams
	c.TextDocument = document{URI: doc.URI, Version: 2}
	if err := json.Unmarshal([]byte(`[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":4}},"text":"😀 We"}]`), &c.ContentChanges); err != nil {
		t.Fatal(err)
	}
	if p := e.notify("textDocument/didChange", c); len(p.Diagnostics) != 1 || p.Version != 2 || p.Diagnostics[0].Range.Start.Character != 6 {
		t.Errorf("%+v", p)
	}
	if p := e.notify("textDocument/didClose", openParams{doc}); len(p.Diagnostics) != 0 {
		t.Errorf("%+v", p)
	}
	e.call("shutdown", nil, nil)
}
