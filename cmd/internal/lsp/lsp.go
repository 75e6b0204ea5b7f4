// Package lsp is a language server: what copydesk would change in an open text
// shows as diagnostics, with quick fixes, and a fix of all that is safe. Nothing
// is changed unless the editor asks for it.
//
//	editor ─ didOpen, didChange ─► Server ─ Fix ─► diagnostics
//	editor ─ codeAction ─────────► quick fixes, alternatives, never again, source.fixAll.copydesk
package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"copydesk/repair"
	"copydesk/repair/edit"

	"github.com/sourcegraph/jsonrpc2"
)

// fixAll is the kind of the action that makes all safe repairs at once.
const fixAll = "source.fixAll.copydesk"

// maxText is the largest text, in bytes, that is looked at.
const maxText = 4 << 20

// Server holds the open texts. It works through one message at a time.
type Server struct {
	Fix  func(text string) repair.Result
	utf8 bool // what positions count, UTF-16 otherwise
	docs map[string]*text
	// Never again, until the server ends: edits by id, repairs in a document, repairs
	// everywhere, rules.
	never map[string]bool
	quit  bool
}

// text is an open document and what would change in it.
type text struct {
	document
	changes []repair.Change
}

// Run speaks with an editor over a stream until it closes.
func (s *Server) Run(ctx context.Context, rw io.ReadWriteCloser) {
	s.docs, s.never = map[string]*text{}, map[string]bool{}
	conn := jsonrpc2.NewConn(ctx, jsonrpc2.NewBufferedStream(rw, jsonrpc2.VSCodeObjectCodec{}), jsonrpc2.HandlerWithError(s.handle))
	select {
	case <-conn.DisconnectNotify():
	case <-ctx.Done():
		_ = conn.Close() // the editor is gone either way
	}
}

func (s *Server) handle(ctx context.Context, conn *jsonrpc2.Conn, r *jsonrpc2.Request) (out any, err error) {
	defer func() {
		if p := recover(); p != nil { // one bad text must not end the editor's session
			out, err = nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: fmt.Sprint("internal error: ", p)}
		}
	}()
	params := func(to any) error {
		if r.Params == nil {
			return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: r.Method + " needs parameters"}
		}
		return json.Unmarshal(*r.Params, to)
	}
	switch r.Method {
	case "initialize":
		var in initializeParams
		if err := params(&in); err != nil {
			return nil, err
		}
		return s.initialize(in), nil
	case "textDocument/didOpen":
		var in openParams
		if err := params(&in); err != nil {
			return nil, err
		}
		s.docs[in.TextDocument.URI] = &text{document: in.TextDocument}
		return nil, s.look(ctx, conn, in.TextDocument.URI)
	case "textDocument/didChange":
		var in changeParams
		if err := params(&in); err != nil {
			return nil, err
		}
		t := s.docs[in.TextDocument.URI]
		if t == nil {
			return nil, nil
		}
		for _, c := range in.ContentChanges {
			if c.Range == nil {
				t.Text = c.Text
				continue
			}
			from, to := s.offset(t.Text, c.Range.Start), s.offset(t.Text, c.Range.End)
			t.Text = t.Text[:from] + c.Text + t.Text[max(from, to):]
		}
		t.Version = in.TextDocument.Version
		return nil, s.look(ctx, conn, in.TextDocument.URI)
	case "textDocument/didClose":
		var in openParams
		if err := params(&in); err != nil {
			return nil, err
		}
		delete(s.docs, in.TextDocument.URI)
		return nil, conn.Notify(ctx, "textDocument/publishDiagnostics", publish{URI: in.TextDocument.URI, Diagnostics: []diagnostic{}})
	case "textDocument/codeAction":
		var in actionParams
		if err := params(&in); err != nil {
			return nil, err
		}
		return s.actions(in), nil
	case "workspace/executeCommand":
		var in executeParams
		if err := params(&in); err != nil {
			return nil, err
		}
		return nil, s.execute(ctx, conn, in)
	case "shutdown":
		s.quit = true
		return nil, nil
	case "exit":
		return nil, conn.Close()
	}
	if r.Notif || strings.HasPrefix(r.Method, "$/") {
		return nil, nil
	}
	return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "unknown method " + r.Method}
}

func (s *Server) initialize(in initializeParams) any {
	encoding := "utf-16"
	if slices.Contains(in.Capabilities.General.PositionEncodings, "utf-8") {
		encoding, s.utf8 = "utf-8", true
	}
	return map[string]any{
		"capabilities": map[string]any{
			"positionEncoding":       encoding,
			"textDocumentSync":       map[string]any{"openClose": true, "change": 2},
			"codeActionProvider":     map[string]any{"codeActionKinds": []string{"quickfix", fixAll}},
			"executeCommandProvider": map[string]any{"commands": []string{neverCommand}},
		},
		"serverInfo": map[string]string{"name": "copydesk", "version": repair.Version},
	}
}

// look finds what would change and tells the editor.
func (s *Server) look(ctx context.Context, conn *jsonrpc2.Conn, uri string) error {
	t := s.docs[uri]
	t.changes = nil
	if len(t.Text) <= maxText && utf8.ValidString(t.Text) {
		for _, c := range s.Fix(t.Text).Changes {
			if !s.silenced(t, &c) {
				t.changes = append(t.changes, c)
			}
		}
	}
	out := publish{URI: uri, Version: t.Version, Diagnostics: []diagnostic{}}
	for i := range t.changes {
		out.Diagnostics = append(out.Diagnostics, s.diagnostic(t, &t.changes[i]))
	}
	return conn.Notify(ctx, "textDocument/publishDiagnostics", out)
}

func (s *Server) diagnostic(t *text, c *repair.Change) diagnostic {
	// Warning for what is safe, information for what needs a person, hint for the rest.
	severity := map[edit.Tier]int{edit.Safe: 2, edit.Review: 3, edit.Hint: 4}[c.Tier]
	msg := fmt.Sprintf("%s → %s (%.1f %%)", quoted(c.Before), quoted(c.After), 100*c.Conf)
	if !c.HasAfter {
		msg = fmt.Sprintf("%s: no repair known", quoted(c.Before))
	}
	if len(c.Why) > 0 {
		msg += "\n" + strings.Join(c.Why, "\n")
	}
	return diagnostic{s.span(t.Text, c.Src), severity, c.Rule, "copydesk", msg, diagnosticData{t.id(c)}}
}

func quoted(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return fmt.Sprintf("%q", s)
}

// id is the edit's id in the log of this text.
func (t *text) id(c *repair.Change) string {
	return edit.ID(edit.Hash(t.Text), "text", c.Src, c.Rule, c.After)
}

// neverCommand silences; its arguments are a key of never and the URI.
const neverCommand = "copydesk.never"

// keys are what the scopes of never-again are remembered by.
func (t *text) keys(c *repair.Change) map[string]string {
	pair := c.Rule + "\x00" + c.Before + "\x00" + c.After
	return map[string]string{"edit": "edit\x00" + t.id(c), "document": "document\x00" + t.URI + "\x00" + pair, "group": "group\x00" + pair, "rule": "rule\x00" + c.Rule}
}

func (s *Server) silenced(t *text, c *repair.Change) bool {
	for _, k := range t.keys(c) {
		if s.never[k] {
			return true
		}
	}
	return false
}

func (s *Server) execute(ctx context.Context, conn *jsonrpc2.Conn, in executeParams) error {
	if in.Command != neverCommand || len(in.Arguments) != 1 {
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: "unknown command " + in.Command}
	}
	var key string
	if err := json.Unmarshal(in.Arguments[0], &key); err != nil {
		return err
	}
	s.never[key] = true
	uris := make([]string, 0, len(s.docs))
	for uri := range s.docs {
		uris = append(uris, uri)
	}
	slices.Sort(uris)
	for _, uri := range uris {
		if err := s.look(ctx, conn, uri); err != nil {
			return err
		}
	}
	return nil
}

func wants(only []string, kind string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(o string) bool { return kind == o || strings.HasPrefix(kind, o+".") })
}

func (s *Server) actions(in actionParams) []action {
	out := []action{}
	t := s.docs[in.TextDocument.URI]
	if t == nil {
		return out
	}
	from, to := s.offset(t.Text, in.Range.Start), s.offset(t.Text, in.Range.End)
	change := func(edits ...textEdit) *workspaceEdit {
		return &workspaceEdit{[]documentEdit{{document{URI: t.URI, Version: t.Version}, edits}}}
	}
	if wants(in.Context.Only, "quickfix") {
		for i := range t.changes {
			c := &t.changes[i]
			if c.Src.End < from || c.Src.Start > to {
				continue
			}
			at := s.span(t.Text, c.Src)
			if c.HasAfter {
				out = append(out, action{Title: "copydesk: " + quoted(c.Before) + " → " + quoted(c.After), Kind: "quickfix", IsPreferred: c.Tier == edit.Safe, Edit: change(textEdit{at, c.After})})
			}
			for _, a := range c.Alts {
				out = append(out, action{Title: "copydesk: or → " + quoted(a.After), Kind: "quickfix", Edit: change(textEdit{at, a.After})})
			}
			for _, scope := range []struct{ key, title string }{{"edit", "this edit"}, {"document", "this repair in this document"}, {"group", "this repair everywhere"}, {"rule", "the rule " + c.Rule}} {
				key, _ := json.Marshal(t.keys(c)[scope.key]) // a string never fails
				out = append(out, action{Title: "copydesk: never again " + scope.title, Kind: "quickfix", Command: &command{"never again", neverCommand, []json.RawMessage{key}}})
			}
		}
	}
	if wants(in.Context.Only, fixAll) {
		var edits []textEdit
		for i := range t.changes {
			if c := &t.changes[i]; c.Tier == edit.Safe && c.Applied && c.HasAfter {
				edits = append(edits, textEdit{s.span(t.Text, c.Src), c.After})
			}
		}
		if len(edits) > 0 {
			out = append(out, action{Title: fmt.Sprintf("copydesk: make %d safe repairs", len(edits)), Kind: fixAll, Edit: change(edits...)})
		}
	}
	return out
}

func (s *Server) span(text string, at edit.Span) span {
	return span{s.position(text, at.Start), s.position(text, at.End)}
}

// position counts lines by \n, \r\n and \r, as the protocol has it.
func (s *Server) position(text string, at int) position {
	p := position{}
	line := 0
	for i := 0; i < at; i++ {
		if text[i] == '\n' || text[i] == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
			p.Line++
			line = i + 1
		}
	}
	if p.Character = at - line; !s.utf8 {
		p.Character = edit.NewUnits(text[line:at]).Len()[2]
	}
	return p
}

// offset is the byte of a position; one beyond a line gives the line's end.
func (s *Server) offset(text string, p position) int {
	at := 0
	for range p.Line {
		i := strings.IndexAny(text[at:], "\r\n")
		if i < 0 {
			return len(text)
		}
		at += i + 1
		if text[at-1] == '\r' && at < len(text) && text[at] == '\n' {
			at++
		}
	}
	end := len(text)
	if i := strings.IndexAny(text[at:], "\r\n"); i >= 0 {
		end = at + i
	}
	if s.utf8 {
		return min(at+max(p.Character, 0), end)
	}
	return at + edit.NewUnits(text[at:end]).FromUTF16(max(p.Character, 0))
}
