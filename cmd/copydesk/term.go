package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

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

// visible draws characters that a reader cannot see or that could steer a
// terminal: line ends as ⏎, tabs as ⇥, no-break spaces as ⍽, the others by
// number.
func visible(s string) string {
	clean := true
	for _, r := range s {
		if unseen(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteRune('⏎')
		case r == '\t':
			b.WriteRune('⇥')
		case r == '\u00a0' || r == '\u202f':
			b.WriteRune('⍽')
		case unseen(r):
			fmt.Fprintf(&b, "⟨%04X⟩", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unseen reports whether a character is invisible, other than the plain space.
func unseen(r rune) bool {
	return r != ' ' && (r == unicode.ReplacementChar || !unicode.IsGraphic(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) ||
		r >= 0xFE00 && r <= 0xFE0F || r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0)
}
