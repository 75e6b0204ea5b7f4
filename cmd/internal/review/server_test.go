package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
)

// client is a person's program that talks to a server.
type client struct {
	t    *testing.T
	http *http.Client
	base string
}

func (c *client) call(path string, body any, to any) int {
	c.t.Helper()
	b, _ := json.Marshal(body)
	r, err := c.http.Post(c.base+"/api/"+path, "application/json", bytes.NewReader(b))
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	out, _ := io.ReadAll(r.Body)
	if to != nil && r.StatusCode == http.StatusOK {
		if err := json.Unmarshal(out, to); err != nil {
			c.t.Fatalf("%s: %v in %s", path, err, out)
		}
	}
	return r.StatusCode
}

func serve(t *testing.T, s *Store) (*Server, string, func(token string) *client) {
	t.Helper()
	v, err := NewServer(s, ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(v)
	t.Cleanup(srv.Close)
	return v, srv.URL, func(fragment string) *client {
		jar, _ := cookiejar.New(nil)
		c := &client{t, &http.Client{Jar: jar}, srv.URL}
		if fragment != "" {
			if code := c.call("login", map[string]string{"token": strings.TrimPrefix(fragment, "#token=")}, nil); code != 200 {
				t.Fatalf("sign-in gives %d", code)
			}
		}
		return c
	}
}

func TestDoors(t *testing.T) {
	s := open(t, first3()...)
	v, base, sign := serve(t, s)
	stranger := sign("")
	for path := range v.api() {
		if code := stranger.call(path, none{}, nil); code != http.StatusUnauthorized {
			t.Errorf("%s lets a stranger in: %d", path, code)
		}
	}
	link := v.Invite(User{"ana", Bulk})
	ana := sign(link)
	if code := stranger.call("login", map[string]string{"token": strings.TrimPrefix(link, "#token=")}, nil); code != http.StatusUnauthorized {
		t.Errorf("a link works twice: %d", code)
	}
	if code := ana.call("me", none{}, nil); code != 200 {
		t.Errorf("ana gets %d", code)
	}
	do := func(change func(*http.Request)) int {
		r, _ := http.NewRequest("POST", base+"/api/me", strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		change(r)
		out, err := ana.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		out.Body.Close()
		return out.StatusCode
	}
	for name, c := range map[string]struct {
		code   int
		change func(*http.Request)
	}{
		"as it should be":     {200, func(*http.Request) {}},
		"from another site":   {403, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }},
		"from another origin": {403, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }},
		"by a foreign name":   {421, func(r *http.Request) { r.Host = "evil.example" }},
		"as a form":           {422, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }},
	} {
		if code := do(c.change); code != c.code {
			t.Errorf("%s: %d, want %d", name, code, c.code)
		}
	}
	if code := ana.call("decide", map[string]any{"id": strings.Repeat("x", maxBody)}, nil); code != 422 {
		t.Errorf("a huge request gives %d", code)
	}
	if code := ana.call("standing", map[string]any{"rule": "merged/known-parts", "state": "promoted"}, nil); code != 403 {
		t.Errorf("ana promotes a rule: %d", code)
	}
	if code := ana.call("invite", map[string]any{"name": "x", "role": "lead"}, nil); code != 403 {
		t.Errorf("ana invites a lead: %d", code)
	}
	if code := ana.call("ask", map[string]any{"filter": map[string]any{"tier": []string{"nonsense"}}}, nil); code != 400 {
		t.Errorf("a filter that means nothing gives %d", code)
	}
	r, err := http.Get(base + "/")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	for _, h := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(r.Header.Get("Content-Security-Policy"), h) {
			t.Errorf("the policy lacks %s", h)
		}
	}
	busy := 0
	for range 400 {
		if ana.call("me", none{}, nil) == http.StatusTooManyRequests {
			busy++
		}
	}
	if busy == 0 {
		t.Error("400 requests at once were all answered")
	}
	if code := sign(v.Invite(User{"bo", Decider})).call("logout", none{}, nil); code != 200 {
		t.Errorf("signing out gives %d", code)
	}
}

// The digest of a bulk act is asked for and given back; a set that changed in
// between is refused with 409.
func TestBulkDigest(t *testing.T) {
	s := open(t, first3()...)
	v, _, sign := serve(t, s)
	ana := sign(v.Invite(User{"ana", Bulk}))
	f := Filter{Rule: []string{"merged/known-parts"}, Status: []string{"open"}}
	var out struct {
		N      int
		Digest string
		Result Result
	}
	if code := ana.call("bulk", map[string]any{"filter": f, "act": "reject"}, &out); code != 200 || out.N != 2 {
		t.Fatalf("%d %+v", code, out)
	}
	id := ids(t, s, f)[0]
	decide(t, s, "ben", Bulk, "accept", id)
	if code := ana.call("bulk", map[string]any{"filter": f, "act": "reject", "digest": out.Digest}, nil); code != http.StatusConflict {
		t.Fatalf("a changed set gives %d", code)
	}
	ana.call("bulk", map[string]any{"filter": f, "act": "reject"}, &out)
	if code := ana.call("bulk", map[string]any{"filter": f, "act": "reject", "digest": out.Digest}, &out); code != 200 || out.Result.Did != 1 {
		t.Fatalf("%d %+v", code, out)
	}
	if code := ana.call("bulk", map[string]any{"filter": f, "act": "accept"}, nil); code != 422 {
		t.Fatalf("accepting in bulk without a sample gives %d", code)
	}
}

func TestKeysTable(t *testing.T) {
	if err := checkKeys(Bindings); err != nil {
		t.Error(err)
	}
	for _, b := range Bindings {
		for _, k := range b.Keys {
			if b.Many && len(k) == 1 && k[0] >= 'a' && k[0] <= 'z' {
				t.Errorf("%s may speak of many edits and has the small letter %s", b.Do, k)
			}
		}
	}
	table, err := Remap(strings.NewReader("# mine\naccept space\nskip s # skipping\nnote off\n"))
	if err != nil || fmt.Sprint(table[0].Keys, table[2].Keys) != "[ ] [s]" || len(Bindings[0].Keys) != 2 {
		t.Error(table[:3], err)
	}
	for _, bad := range []string{"accept-group b", "nonsense q", "accept x", "accept"} {
		if _, err := Remap(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
