package exchange

import (
	"encoding/json"
	"io"
	"net/url"
	"strings"

	"copydesk/repair/edit"
)

// What a language server publishes of one document (LSP 3.17), the repairs in
// data, where a client that asks for no code actions finds them. Positions count
// lines and UTF-16 units from 0.
type (
	lspPosition struct {
		Line      int `json:"line"`
		Character int `json:"character"`
	}
	lspRange struct {
		Start lspPosition `json:"start"`
		End   lspPosition `json:"end"`
	}
	lspEdit struct {
		Range   lspRange `json:"range"`
		NewText string   `json:"newText"`
	}
	lspData struct {
		ID    string    `json:"id"`
		Edits []lspEdit `json:"edits"`
	}
	lspDiagnostic struct {
		Range    lspRange `json:"range"`
		Severity int      `json:"severity"` // 2 warning, 3 information, 4 hint: by tier, as copydesk lsp has it
		Code     string   `json:"code"`
		Source   string   `json:"source"`
		Message  string   `json:"message"`
		Data     lspData  `json:"data"`
	}
	lspPublish struct {
		URI         string          `json:"uri"`
		Diagnostics []lspDiagnostic `json:"diagnostics"`
	}
)

func utf16(s string) int { return edit.NewUnits(s).Len()[2] }

// uriOf is a document's name as an address.
func uriOf(doc string) string {
	if strings.Contains(doc, "://") {
		return doc
	}
	return (&url.URL{Path: doc}).EscapedPath()
}

// lsp is a line a document, as textDocument/publishDiagnostics has it.
func lsp() *Format {
	return &Format{
		Name: "lsp", Doc: "what a language server publishes, a line a document",
		Write: func(w io.Writer, a *Article) error {
			out := lspPublish{URI: uriOf(a.Doc), Diagnostics: []lspDiagnostic{}}
			for _, m := range a.Marks {
				from, to := placeOf(a.Src, m.Start, utf16), placeOf(a.Src, m.End, utf16)
				at := lspRange{lspPosition{from.line - 1, from.col - 1}, lspPosition{to.line - 1, to.col - 1}}
				severity := map[edit.Tier]int{edit.Safe: 2, edit.Review: 3, edit.Hint: 4}[m.Tier]
				out.Diagnostics = append(out.Diagnostics, lspDiagnostic{at, severity, m.Rule, "copydesk", message(&m), lspData{m.ID, []lspEdit{{at, m.After}}}})
			}
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			return enc.Encode(out)
		},
	}
}
