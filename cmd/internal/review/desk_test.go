package review

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"copydesk/repair/edit"

	tea "charm.land/bubbletea/v2"
)

func desk(t *testing.T, s *Store) *Desk {
	t.Helper()
	d, err := NewDesk(s, "ana", Lead, Bindings, Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Every key of the one table does at the desk what it does on the page.
func TestKeysAtDesk(t *testing.T) {
	s := open(t, newsroom(12)...)
	d := desk(t, s)
	count := func(st string) int { return len(ids(t, s, Filter{Status: []string{st}})) }
	tested := map[string]bool{}
	press := func(k string) {
		t.Helper()
		tested[k] = true
		if d.Key(k) {
			t.Fatalf("%s ends the review", k)
		}
	}
	is := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Fatalf("%d %s, want %d: %s", got, what, want, d.message)
		}
	}
	shows := func(part string) {
		t.Helper()
		if got := d.Screen(200); !strings.Contains(got, part) {
			t.Fatalf("the screen lacks %q:\n%s", part, got)
		}
	}
	for i, k := range []string{"a", "y"} {
		press(k)
		is("accepted", count("accepted"), i+1)
	}
	for i, k := range []string{"x", "n"} {
		press(k)
		is("rejected", count("rejected"), i+1)
	}
	for i, k := range []string{"u", "Backspace"} {
		press(k)
		is("rejected", count("rejected"), 1-i)
	}
	press(" ")
	is("skipped", count("skipped"), 1)
	press("f")
	is("flagged", count("flagged"), 1)
	press("m")
	d.Type("look here")
	is("flagged", count("flagged"), 2)
	press("c")
	d.Type("typed")
	is("changed", count("changed"), 1)
	press("1")
	is("changed", count("changed"), 2)
	for _, k := range []string{"2", "3", "4", "5", "6", "7", "8", "9"} {
		press(k)
		shows("there is no alternative " + k)
	}
	for _, k := range []string{"j", "k", "ArrowDown", "ArrowUp"} {
		was := d.line
		if press(k); d.line == was {
			t.Fatalf("%s did not move", k)
		}
	}
	for in, out := range map[string]string{"Enter": "Escape", "ArrowRight": "ArrowLeft"} {
		press(in)
		was := d.at
		if d.Key("j"); d.at != was+1 || d.line != 0 {
			t.Fatalf("%s did not go in", in)
		}
		press(out)
		if d.Key("j"); d.line != 1 {
			t.Fatalf("%s did not go out", out)
		}
		d.Key("k")
	}
	was := d.at
	if press("J"); d.at == was {
		t.Fatal("J did not move")
	}
	if press("K"); d.at != was {
		t.Fatal("K did not go back")
	}
	press("d")
	shows("+ …")
	press("d")
	press("o")
	shows("original: …")
	press("o")
	press("D")
	shows("»[")
	shows("⟨NBSP⟩")
	press("D")
	for k, view := range map[string]string{"e": "edits", "F": "families", "g": "groups"} {
		press(k)
		shows("· " + view)
	}
	press("g")
	press("]")
	press("]")
	shows("70 percent")
	press("[")
	press("[")
	press("r")
	press("/")
	d.Type("saidTuesday")
	shows("12 undecided of 12 edits")
	press("X")
	d.Key("z")
	is("rejected", count("rejected"), 0)
	press("X")
	d.Key("Enter")
	is("rejected", count("rejected"), 12)
	d.Key("u")
	is("rejected", count("rejected"), 0)
	d.Key("r")
	press("N")
	shows("removes 12 undecided edits")
	d.Key("4")
	is("rejected", count("rejected"), 12)
	press("U")
	if !strings.HasPrefix(d.Typing, "undo which row") {
		t.Fatal(d.Typing)
	}
	d.Type(fmt.Sprint(s.Seq()))
	is("rejected", count("rejected"), 0)
	press("?")
	shows("undo my last decision")
	d.Key("z")
	press("A")
	d.Type("90")
	shows("odd ones first: 1 of 4")
	for d.plan.State().Next != "" {
		d.Key("a")
	}
	shows("Enter accepts the other")
	d.Key("Enter")
	is("accepted", len(ids(t, s, Filter{Text: "saidTuesday", Status: []string{"accepted"}})), 12)
	if !d.Key("q") {
		t.Fatal("q does not quit")
	}
	tested["q"] = true
	for _, b := range Bindings {
		for _, k := range b.Keys {
			if !tested[k] && !b.Web {
				t.Errorf("the key %q (%s) has no test", k, b.Do)
			}
		}
	}
	if _, err := s.Verify(); err != nil {
		t.Error(err)
	}
}

// Line prompts take what a script pipes in.
func TestPlain(t *testing.T) {
	s := open(t, first3()...)
	var out bytes.Buffer
	if err := Plain(desk(t, s), strings.NewReader("a\nc\nSaid: nothing\nspace\n"), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"(a)ccept (x)reject", "the place is to read (now: ", "accepted: "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if n := len(ids(t, s, Filter{Status: []string{"accepted", "changed", "skipped"}})); n != 3 {
		t.Errorf("%d decided, want 3", n)
	}
}

// Nothing in an article steers the terminal.
func TestHostileAtDesk(t *testing.T) {
	bad := "\x1b]0;owned\x07\x1b[31m\u202e\u009b2J\x00\u2066"
	a := (&article{doc: "d" + bad, text: "Before " + strings.ReplaceAll(bad, "\x00", "") + "is here."})
	bad = strings.ReplaceAll(bad, "\x00", "")
	a.at(bad+"is", bad+" is", "merged/"+bad, .9, edit.Review, false)
	a.edits[0].Why = []string{bad}
	s := open(t, a)
	d := desk(t, s)
	var all strings.Builder
	for _, k := range []string{"", "D", "o", "D", "d", "N", "z", "U", "", "?", "z", "X", "z", "x", "U"} {
		if d.Typing != "" {
			all.WriteString(d.Typing)
			d.Type("")
		} else if k != "" {
			d.Key(k)
		}
		all.WriteString(d.Screen(100))
	}
	if i := strings.IndexFunc(all.String(), func(r rune) bool { return r != '\n' && Mark(r) != "" }); i >= 0 {
		t.Errorf("a raw %q reached the terminal", all.String()[i:min(len(all.String()), i+20)])
	}
}

// The full screen passes keys on and shows what is typed.
func TestFullScreen(t *testing.T) {
	s := open(t, newsroom(2)...)
	m := &screen{d: desk(t, s), width: 60, height: 20}
	send := func(k tea.Key) { m.Update(tea.KeyPressMsg(k)) }
	m.Update(tea.WindowSizeMsg{Width: 70, Height: 18})
	send(tea.Key{Code: 'c', Text: "c"})
	for _, r := range "new" {
		send(tea.Key{Code: r, Text: string(r)})
	}
	if v := m.View().Content; !strings.Contains(v, "told reportersnew▏") {
		t.Fatal(v)
	}
	send(tea.Key{Code: tea.KeyEnter})
	if n := len(ids(t, s, Filter{Status: []string{"changed"}})); n != 1 {
		t.Fatalf("%d changed", n)
	}
	send(tea.Key{Code: tea.KeySpace, Text: " "})
	if n := len(ids(t, s, Filter{Status: []string{"skipped"}})); n != 1 {
		t.Fatalf("%d skipped", n)
	}
	send(tea.Key{Code: 'D', Text: "D", ShiftedCode: 'D'})
	if v := m.View().Content; strings.Count(v, "\n") > 18 {
		t.Fatalf("%d lines on a screen of 18", strings.Count(v, "\n"))
	}
	if _, cmd := m.Update(tea.KeyPressMsg{Code: 'q', Text: "q"}); cmd == nil {
		t.Fatal("q does not quit")
	}
}
