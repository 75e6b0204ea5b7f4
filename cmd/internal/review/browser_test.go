package review

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"copydesk/repair/edit"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// chromium is where the browser lies, or the test is skipped.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	t.Skip("no chromium here: apt-get install chromium")
	return ""
}

// tab is one browser window with one person signed in.
type tab struct {
	t   *testing.T
	ctx context.Context
	s   *Store
}

func (b *tab) run(what string, acts ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 60*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, acts...); err != nil {
		b.shot("failed")
		b.t.Fatalf("%s: %v", what, err)
	}
}

// until waits for an expression to be true.
func (b *tab) until(js string) {
	b.t.Helper()
	for range 3000 {
		if b.eval(js) == "true" {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.shot("failed")
	b.t.Fatalf("%s did not come true; the page says %q", js, b.eval(`document.getElementById("alert").textContent`))
}

const idle = `document.documentElement.dataset.busy === "0"`

// key presses keys and waits until the page has done what they ask.
func (b *tab) key(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.run("key "+k, keyPress(k, b.eval(`/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)`) == "true"))
		b.until(idle)
	}
}

func (b *tab) eval(js string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 60*time.Second)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[string](`String(`+js+`)`))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return out
}

func (b *tab) want(js, want string) {
	b.t.Helper()
	if got := b.eval(js); got != want {
		b.shot("failed")
		b.t.Fatalf("%s is %q, want %q", js, got, want)
	}
}

func (b *tab) has(js, part string) {
	b.t.Helper()
	if got := b.eval(js); !strings.Contains(got, part) {
		b.shot("failed")
		b.t.Fatalf("%s is %q, want it to hold %q", js, got, part)
	}
}

// shot keeps a picture where REVIEW_SHOTS says.
func (b *tab) shot(name string) {
	dir := os.Getenv("REVIEW_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Log(err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.t.Log(err)
	}
}

const (
	detailText = `document.getElementById("detail").innerText`
	statusText = `document.querySelector("#detail .status").textContent`
	totalsText = `document.getElementById("totals").textContent`
	lineAt     = `[...document.querySelectorAll("#lines li")].findIndex((l) => l.getAttribute("aria-selected") === "true")`
)

// browse starts a browser and a server, and gives a function that signs people
// in, each with a window and cookies of their own.
func browse(t *testing.T, s *Store) func(name string, role Role) *tab {
	t.Helper()
	exe := chromium(t)
	v, err := NewServer(s, ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(v)
	t.Cleanup(srv.Close)
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(exe), chromedp.NoSandbox, chromedp.WindowSize(1400, 900), chromedp.Flag("disable-quic", true))
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	first, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(first); err != nil {
		t.Skip("chromium does not start: " + err.Error())
	}
	return func(name string, role Role) *tab {
		t.Helper()
		ctx, cancel := chromedp.NewContext(first, chromedp.WithNewBrowserContext())
		t.Cleanup(cancel)
		if err := chromedp.Do(ctx); err != nil { // without a time limit: it would end the window
			t.Fatal(err)
		}
		b := &tab{t, ctx, s}
		// Anything that hostile text could set off would show here.
		b.run("open", chromedp.Navigate(srv.URL+"/"+v.Invite(User{name, role})))
		b.until(idle)
		return b
	}
}

// newsroom is what the browser tests look at.
func newsroom(n int) []*article {
	var out []*article
	for i := range n {
		a := &article{doc: fmt.Sprintf("https://paper%d.example/%d", i%3, i), text: fmt.Sprintf("Rain in town %d\n\nThe minister toldreporters on day %d that the plan\u00a0holds. “We saidTuesday what we mean,” she added. The chief 's aide agreed.", i, i)}
		a.at("toldreporters", "told reporters", "merged/known-parts", .93+float64(i%6)/100, edit.Review, false)
		a.at("\u00a0", " ", "characters/no-break-space", .99, edit.Safe, true)
		a.at("saidTuesday", "said Tuesday", "merged/known-parts", .6, edit.Review, false)
		a.at("chief 's", "chief's", "possessive/apart", .995, edit.Safe, true)
		a.edits[0].Alts = []edit.Alt{{After: "told, reporters", Conf: .02}}
		out = append(out, a)
	}
	return out
}

// Every key of the one table does what it says, in a browser and without a mouse.
func TestKeysInBrowser(t *testing.T) {
	s := open(t, newsroom(12)...)
	b := browse(t, s)("ana", Lead)
	b.shot("groups")
	b.has(totalsText, "48 undecided of 48 edits · 4 groups")
	b.has(detailText, "made for a test")
	tested := map[string]bool{}
	press := func(k string) {
		t.Helper()
		b.key(map[string]string{"ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight, "Enter": kb.Enter, "Escape": kb.Escape, "Backspace": kb.Backspace}[k] + map[bool]string{true: k}[len(k) == 1])
		tested[k] = true
	}
	said := func(part string) { t.Helper(); b.has(`document.getElementById("live").textContent`, part) }
	count := func(st string) int { return len(ids(t, s, Filter{Status: []string{st}})) }
	for i, k := range []string{"a", "y"} {
		press(k)
		if count("accepted") != i+1 {
			t.Fatalf("after %s %d accepted", k, count("accepted"))
		}
	}
	for i, k := range []string{"x", "n"} {
		press(k)
		if count("rejected") != i+1 {
			t.Fatalf("after %s %d rejected", k, count("rejected"))
		}
	}
	for i, k := range []string{"u", "Backspace"} {
		press(k)
		said("undone")
		if count("rejected") != 1-i {
			t.Fatalf("after %s %d rejected", k, count("rejected"))
		}
	}
	press(" ")
	if count("skipped") != 1 {
		t.Fatal("space did not skip")
	}
	press("f")
	if count("flagged") != 1 {
		t.Fatal("f did not flag")
	}
	press("m")
	b.key("s", "e", "e", kb.Enter)
	if count("flagged") != 2 {
		t.Fatal("m did not flag with a note")
	}
	press("c")
	b.key("n", "e", "w", kb.Enter)
	if count("changed") != 1 {
		t.Fatal("c did not change")
	}
	press("1")
	if count("changed") != 2 {
		t.Fatal("1 did not take the alternative")
	}
	for _, k := range []string{"2", "3", "4", "5", "6", "7", "8", "9"} {
		press(k)
		said("there is no alternative " + k)
	}
	for _, k := range []string{"j", "ArrowDown"} {
		was := b.eval(lineAt)
		if press(k); b.eval(lineAt) == was {
			t.Fatalf("%s did not move", k)
		}
	}
	for _, k := range []string{"k", "ArrowUp"} {
		was := b.eval(lineAt)
		if press(k); b.eval(lineAt) == was {
			t.Fatalf("%s did not move", k)
		}
	}
	press("Enter")
	b.has(detailText, "Esc goes back")
	press("Escape")
	b.has(detailText, "Enter goes in")
	press("ArrowRight")
	b.has(detailText, "Esc goes back")
	press("ArrowLeft")
	b.has(detailText, "Enter goes in")
	was := b.eval(`document.querySelector(".members [aria-current]").innerText`)
	press("J")
	if b.eval(`document.querySelector(".members [aria-current]").innerText`) == was {
		t.Fatal("J did not move")
	}
	press("K")
	b.has(statusText, "") // an undecided one, or it would not be there
	press("d")
	b.has(`document.querySelector(".sides").innerText`, "original")
	b.shot("sides")
	press("d")
	press("o")
	b.has(`document.querySelector(".card").innerText`, "original")
	press("o")
	press("D")
	b.has(`document.querySelector("article").innerText`, "The minister")
	b.has(`document.querySelector("article").innerText`, "⟨NBSP⟩")
	b.shot("article")
	press("o")
	b.has(`document.querySelector("article").innerText`, "toldreporters")
	press("D")
	b.want(`document.querySelector("article")`, "null")
	for k, what := range map[string]string{"e": "edits", "F": "families", "g": "groups"} {
		press(k)
		b.has(totalsText, "· ")
		b.has(totalsText, " "+what)
	}
	press("g")
	press("]")
	b.has(`document.getElementById("chosen").innerText`, "confidence")
	press("[")
	b.want(`document.getElementById("chosen").innerText`, "")
	press("r")
	press("/")
	b.key("s", "a", "i", "d", "T")
	b.until(`document.querySelector("#found button") !== null`)
	b.shot("search")
	b.key(kb.ArrowDown, kb.Enter)
	b.has(totalsText, "12 undecided of 12")
	press("X")
	b.has(`document.getElementById("dialog").innerText`, "12 undecided edits")
	b.shot("reject-group")
	b.key(kb.Enter)
	if count("rejected") != 12 {
		t.Fatalf("X rejected %d", count("rejected"))
	}
	b.key("u")
	if count("rejected") != 0 {
		t.Fatal("u did not undo the bulk")
	}
	b.key("r")
	press("N")
	b.has(`document.getElementById("dialog").innerText`, "removes 12 undecided edits")
	b.shot("never")
	b.key("4")
	if count("rejected") != 12 {
		t.Fatalf("never again rejected %d", count("rejected"))
	}
	press("U")
	b.has(`document.getElementById("dialog").innerText`, "never again (group)")
	b.shot("history")
	b.key(kb.Escape)
	press("R")
	b.has(`document.getElementById("dialog").innerText`, "merged/known-parts")
	b.shot("rules")
	b.key(kb.Escape)
	press("?")
	b.has(`document.getElementById("dialog").innerText`, "undo my last decision")
	b.shot("keys")
	b.key(kb.Escape)
	b.run("take the filter away", chromedp.Click(chromedp.CSS("#chosen button")))
	b.until(idle)
	press("A")
	b.has(`document.getElementById("dialog").innerText`, "Draw the sample")
	b.key(kb.Escape)
	for _, binding := range Bindings {
		for _, k := range binding.Keys {
			if !tested[k] && binding.Do != "quit" {
				t.Errorf("the key %q (%s) has no test", k, binding.Do)
			}
		}
	}
	if n, err := s.Verify(); err != nil {
		t.Error(n, err)
	}
}

// TestManyInBrowser measures the page on a large store; see TestMany.
func TestManyInBrowser(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("REVIEW_EDITS"))
	if n == 0 {
		t.Skip("set REVIEW_EDITS=1000000 to measure")
	}
	dir := t.TempDir()
	manyLog(t, dir+"/log", n)
	s, err := Open(dir + "/s.db")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	in, err := os.Open(dir + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := s.ImportLog(context.Background(), LogFile{}, in, nil); err != nil {
		t.Fatal(err)
	}
	b := browse(t, s)("ana", Lead)
	// Timed within the page, from the key to the last thing that it makes the page do.
	time := func(what, key string, times int) {
		t.Helper()
		b.eval(`(window.took = null, (async () => {
			const all = [];
			for (let i = 0; i < ` + strconv.Itoa(times) + `; i++) {
				const at = performance.now();
				document.getElementById("lines").dispatchEvent(new KeyboardEvent("keydown", { key: "` + key + `", bubbles: true }));
				while (document.documentElement.dataset.busy !== "0") await new Promise((r) => setTimeout(r, 0));
				all.push(performance.now() - at);
			}
			all.sort((a, b) => a - b);
			window.took = all[all.length >> 1].toFixed(1) + " ms, at most " + all[all.length - 1].toFixed(1);
		})(), "")`)
		b.until("window.took !== null")
		t.Logf("%-40s %s", what, b.eval("window.took"))
	}
	time("next line", "j", 30)
	time("accept, and the next edit is shown", "a", 30)
	time("undo", "u", 10)
	time("a filter changes", "]", 5)
	time("single edits", "e", 1)
	b.shot("million")
}

// Accept by sample, from A to the last Enter.
func TestSampleInBrowser(t *testing.T) {
	s := open(t, newsroom(120)...)
	b := browse(t, s)("ana", Bulk)
	b.key("/")
	b.run("type", chromedp.SendKeys(chromedp.CSS("#find"), "toldreporters"))
	b.until(idle)
	b.until(`document.querySelector("#found button") !== null`)
	b.key(kb.ArrowDown, kb.Enter)
	b.has(totalsText, "120 undecided of 120")
	b.key("A")
	b.shot("plan")
	b.run("claim", chromedp.SetValue(chromedp.CSS("#claim"), "0.95"))
	b.run("draw", chromedp.Click(chromedp.CSS("#dialog .strong")))
	b.until(idle)
	b.has(`document.getElementById("plan").innerText`, "odd ones first: 1 of 20")
	b.shot("sample")
	for range 20 {
		b.key("a")
	}
	need := SampleSize(100, .95, .95, 0)
	b.has(`document.getElementById("plan").innerText`, fmt.Sprintf("needs %d judged, none wrong", need))
	b.key("a", "x")
	b.has(`document.getElementById("plan").innerText`, "more wrong than the plan allows")
	b.shot("sample-wrong")
	b.key("u")
	b.has(`document.getElementById("plan").innerText`, "1 seen, 0 wrong")
	for range need - 1 {
		b.key("a")
	}
	b.has(`document.getElementById("plan").innerText`, "Accept the other")
	b.shot("sample-done")
	b.key(kb.Enter)
	b.has(`document.getElementById("live").textContent`, fmt.Sprintf("%d accepted", 100-need))
	if n := len(ids(t, s, Filter{Status: []string{"accepted"}})); n != 120 {
		t.Fatalf("%d accepted, want all 120", n)
	}
}

// Two editors meet on one edit: the later sees what happened, then both answers
// stand, and a lead settles.
func TestConflictInBrowser(t *testing.T) {
	s := open(t, newsroom(1)...)
	sign := browse(t, s)
	ana, ben, lea := sign("ana", Bulk), sign("ben", Bulk), sign("lea", Lead)
	id := ids(t, s, Filter{Text: "toldreporters"})[0]
	ana.key("a")
	if status(t, s, id) != "accepted" {
		t.Skip("the first in the queue is another edit")
	}
	ben.key("x")
	ben.has(`document.getElementById("alert").textContent`, "ana said accept meanwhile")
	ben.has(statusText, "accepted")
	ben.key("x")
	if status(t, s, id) != "conflict" {
		t.Fatal(status(t, s, id))
	}
	lea.key("r")
	lea.has(detailText, "ben says reject")
	lea.shot("conflict")
	lea.key("x")
	if status(t, s, id) != "rejected" {
		t.Fatal(status(t, s, id))
	}
}

// Whatever an article says stays text: no markup, no direction, no escape.
func TestHostileInBrowser(t *testing.T) {
	bad := []string{"<script>window.owned=1</script>", "<img src=x onerror=window.owned=1>", "\u202egnp.exe", "\x1b[31mred\x1b[0m", "=HYPERLINK(\"http://x\")", "javascript:alert(1)", "${window.owned=1}", "\u2066\u200b\ufeff"}
	var arts []*article
	for i, x := range bad {
		a := &article{doc: "https://x.example/" + x, text: "Before " + x + "is here, and " + x + " after."}
		arts = append(arts, a.at(x+"is", x+" is", "merged/known-parts", .9-float64(i)/100, edit.Review, false))
		a.edits[0].Why = []string{x}
		a.edits[0].Alts = []edit.Alt{{After: x, Conf: .1}}
	}
	s := open(t, arts...)
	b := browse(t, s)("ana", Lead)
	for range bad {
		b.key("D", "o", "d", "D", "d", "N", kb.Escape, "c", kb.Escape, "j")
	}
	b.key("e", "F", "g", "U", kb.Escape, "R", kb.Escape)
	b.want("window.owned", "undefined")
	b.want(`document.querySelectorAll("#detail script, #detail img, #lines script, #lines img").length`, "0")
	if raw := b.eval(`document.body.innerText`); strings.ContainsAny(raw, "\u202e\x1b\u2066\u200b") {
		t.Error("an invisible character reached the page undrawn")
	}
	b.has(`document.getElementById("lines").innerText`, "<script>")
	b.has(`document.getElementById("lines").innerText`, "⟨202E⟩")
}

// Twice as large, dark, narrow, and what can be checked of accessibility without
// another program: names, labels, contrast of both themes.
func TestLooksInBrowser(t *testing.T) {
	s := open(t, newsroom(3)...)
	b := browse(t, s)("ana", Lead)
	b.run("zoom", viewport(700, 450, 2))
	b.want("document.documentElement.scrollWidth <= innerWidth", "true")
	b.shot("zoom")
	b.run("narrow", viewport(350, 700, 1))
	b.want("document.documentElement.scrollWidth <= innerWidth", "true")
	b.shot("narrow")
	b.run("wide", viewport(1400, 900, 1))
	for _, theme := range []string{"light", "dark"} {
		b.run(theme, colours(theme))
		b.shot(theme)
		if bad := b.eval(contrastJS); bad != "" {
			t.Errorf("%s: too little contrast: %s", theme, bad)
		}
	}
	if bad := b.eval(namesJS); bad != "" {
		t.Errorf("without a name: %s", bad)
	}
}

// keyPress sends a key. A key that the page has taken types nothing, which the
// protocol leaves to us.
func keyPress(key string, types bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range key {
			for _, k := range kb.Encode(r) {
				if k.Type == kb.KeyChar && !types && r > ' ' {
					continue
				}
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *k); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// TestAxeInBrowser lets axe-core look at the page and its dialogs. It is fetched
// by hand: npm pack axe-core, then REVIEW_AXE=package/axe.min.js.
func TestAxeInBrowser(t *testing.T) {
	axe, err := os.ReadFile(os.Getenv("REVIEW_AXE"))
	if err != nil {
		t.Skip("set REVIEW_AXE to axe.min.js")
	}
	s := open(t, newsroom(12)...)
	b := browse(t, s)("ana", Lead)
	b.run("axe", chromedp.Evaluate[chromedp.Void](string(axe)))
	for _, keys := range [][]string{{}, {"a", "x", "f", "d"}, {"D"}, {"D", "N"}, {kb.Escape, "U"}, {kb.Escape, "R"}, {kb.Escape, "?"}, {kb.Escape, "/"}, {kb.Escape, "c"}, {kb.Escape, "A"}, {kb.Enter}} {
		b.key(keys...)
		b.eval(`(window.found = null, axe.run(document, {resultTypes: ["violations"]}).then((r) => { window.found = r.violations.map((v) => v.id + ": " + v.help + " " + v.nodes.map((n) => n.html.slice(0, 120)).join(" | ")).join("\n"); }), "")`)
		b.until("window.found !== null")
		if found := b.eval("window.found"); found != "" {
			t.Errorf("after %q:\n%s", keys, found)
		}
	}
}

func viewport(w, h int64, scale float64) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: w, Height: h, DeviceScaleFactor: scale})
		return err
	})
}

func colours(theme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
		return err
	})
}

// contrastJS lists texts whose contrast with their ground is below 4.5 (WCAG 1.4.3).
const contrastJS = `(() => {
  const c = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (s) => { c.clearRect(0, 0, 1, 1); c.fillStyle = s; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
  const lum = (p) => { const [r, g, b] = p.slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const out = new Set();
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility() || e.closest("[hidden], .jump, script, noscript")) continue;
    let ground = null;
    for (let p = e; p && !ground; p = p.parentElement) { const g = rgb(getComputedStyle(p).backgroundColor); if (g[3] > 250) ground = g; }
    const a = lum(rgb(getComputedStyle(e).color)), b = lum(ground || [255, 255, 255]);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) out.add(e.tagName + "." + e.className + " " + ratio.toFixed(2) + " " + e.textContent.slice(0, 20));
  }
  return [...out].join("; ");
})()`

// namesJS lists controls without a name, ids that occur twice, and roles that lack
// what they need.
const namesJS = `(() => {
  const out = [];
  for (const e of document.querySelectorAll("button, a[href], input, select, textarea")) {
    if (!e.checkVisibility()) continue;
    if (!(e.getAttribute("aria-label") || e.textContent.trim() || (e.labels && e.labels.length) || e.title)) out.push(e.outerHTML.slice(0, 80));
  }
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) out.push("twice: " + id);
  for (const e of document.querySelectorAll("[role=option]")) if (!e.closest("[role=listbox]")) out.push("option outside a listbox");
  if (document.querySelectorAll("h1").length !== 1) out.push("h1");
  if (!document.documentElement.lang) out.push("lang");
  return out.join("; ");
})()`
