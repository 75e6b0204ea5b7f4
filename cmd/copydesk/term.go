package main

import (
	"io"
	"os"

	"copydesk/cmd/internal/report"

	"golang.org/x/term"
)

// isTerminal reports whether a stream is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// ink colours text for a terminal; the zero value does not. Nothing that
// was scraped goes through it unless visible has drawn it first.
type ink struct{ on bool }

// ink is for standard output: only for a terminal, and not against the wish of
// NO_COLOR (no-color.org). CLICOLOR_FORCE colours a pipe.
func (a *app) ink() ink {
	switch {
	case os.Getenv("NO_COLOR") != "":
		return ink{}
	case os.Getenv("CLICOLOR_FORCE") != "" && os.Getenv("CLICOLOR_FORCE") != "0":
		return ink{true}
	}
	return ink{isTerminal(a.stdout) && os.Getenv("TERM") != "dumb"}
}

func (k ink) paint(codes, s string) string {
	if !k.on || s == "" {
		return s
	}
	return "\x1b[" + codes + "m" + s + "\x1b[0m"
}

func (k ink) bold(s string) string   { return k.paint("1", s) }
func (k ink) dim(s string) string    { return k.paint("2", s) }
func (k ink) red(s string) string    { return k.paint("31", s) }
func (k ink) green(s string) string  { return k.paint("32", s) }
func (k ink) yellow(s string) string { return k.paint("33", s) }
func (k ink) cyan(s string) string   { return k.paint("36", s) }

// visible draws what could steer a terminal: see report.Visible.
func visible(s string) string { return report.Visible(s) }
