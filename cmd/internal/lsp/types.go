package lsp

import "encoding/json"

// The parts of the Language Server Protocol 3.17 that are spoken. Positions count
// units of the encoding that was agreed on, UTF-16 unless the client offers UTF-8.
type (
	position struct {
		Line      int `json:"line"`
		Character int `json:"character"`
	}
	span struct {
		Start position `json:"start"`
		End   position `json:"end"`
	}
	textEdit struct {
		Range   span   `json:"range"`
		NewText string `json:"newText"`
	}
	document struct {
		URI     string `json:"uri"`
		Version int    `json:"version"`
		Text    string `json:"text,omitempty"`
	}
	diagnostic struct {
		Range    span           `json:"range"`
		Severity int            `json:"severity"`
		Code     string         `json:"code"`
		Source   string         `json:"source"`
		Message  string         `json:"message"`
		Data     diagnosticData `json:"data"`
	}
	diagnosticData struct {
		ID string `json:"id"`
	}
	publish struct {
		URI         string       `json:"uri"`
		Version     int          `json:"version"`
		Diagnostics []diagnostic `json:"diagnostics"`
	}
	initializeParams struct {
		Capabilities struct {
			General struct {
				PositionEncodings []string `json:"positionEncodings"`
			} `json:"general"`
		} `json:"capabilities"`
	}
	openParams struct {
		TextDocument document `json:"textDocument"`
	}
	changeParams struct {
		TextDocument   document `json:"textDocument"`
		ContentChanges []struct {
			Range *span  `json:"range"`
			Text  string `json:"text"`
		} `json:"contentChanges"`
	}
	actionParams struct {
		TextDocument document `json:"textDocument"`
		Range        span     `json:"range"`
		Context      struct {
			Only []string `json:"only"`
		} `json:"context"`
	}
	workspaceEdit struct {
		DocumentChanges []documentEdit `json:"documentChanges"`
	}
	documentEdit struct {
		TextDocument document   `json:"textDocument"`
		Edits        []textEdit `json:"edits"`
	}
	command struct {
		Title     string            `json:"title"`
		Command   string            `json:"command"`
		Arguments []json.RawMessage `json:"arguments"`
	}
	action struct {
		Title       string         `json:"title"`
		Kind        string         `json:"kind"`
		IsPreferred bool           `json:"isPreferred,omitempty"`
		Edit        *workspaceEdit `json:"edit,omitempty"`
		Command     *command       `json:"command,omitempty"`
	}
	executeParams struct {
		Command   string            `json:"command"`
		Arguments []json.RawMessage `json:"arguments"`
	}
)
