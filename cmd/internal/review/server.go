package review

import (
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sahilm/fuzzy"
)

//go:embed page
var page embed.FS

const (
	cookieName = "copydesk_review"
	maxBody    = 1 << 20 // bytes of a request
	pageLimit  = 500     // lines or edits a request may ask for
)

// ServerOptions says how a Server behaves.
type ServerOptions struct {
	Hosts  []string  // names by which it may be called, beside this machine's own
	Secure bool      // served over TLS
	Keys   []Binding // nil for Bindings
	Log    *slog.Logger
	// Used is called when a one-time link was used, with a fresh one for the same
	// person.
	Used func(User, string)
}

// Server is the web review of one store.
type Server struct {
	s    *Store
	o    ServerOptions
	gate *gate
	mux  http.Handler
}

// NewServer makes a server.
func NewServer(s *Store, o ServerOptions) (*Server, error) {
	if o.Keys == nil {
		o.Keys = Bindings
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	v := &Server{s: s, o: o, gate: newGate()}
	files, err := fs.Sub(page, "page")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("POST /api/login", v.login)
	for path, h := range v.api() {
		mux.HandleFunc("POST /api/"+path, h)
	}
	mux.HandleFunc("GET /api/decisions.jsonl", v.export)
	v.mux = v.guard(http.NewCrossOriginProtection().Handler(mux))
	return v, nil
}

// Invite gives the fragment of a link that signs a person in once.
func (v *Server) Invite(u User) string { return "#token=" + v.gate.invite(u) }

func (v *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { v.mux.ServeHTTP(w, r) }

// guard sets the headers that keep scraped text from doing anything, refuses
// requests under a foreign host name (DNS rebinding), and survives a panic.
func (v *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", "no-store")
		if v.o.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if !v.knownHost(r.Host) {
			v.note("", "refused host "+r.Host)
			http.Error(w, "this server does not answer to that name", http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		defer func() {
			if p := recover(); p != nil {
				v.o.Log.Error("internal error", "path", r.URL.Path, "panic", p)
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func (v *Server) knownHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if host == "localhost" || slices.Contains(v.o.Hosts, host) {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// note writes a line of the access record; it is no part of the chain.
func (v *Server) note(who, what string) {
	if len(what) > 300 {
		what = what[:300]
	}
	v.o.Log.Info("access", "who", who, "what", what)
	if _, err := v.s.db.Exec("INSERT INTO access (at, who, what) VALUES (?,?,?)", time.Now().UnixNano(), who, what); err != nil {
		v.o.Log.Error("the access record could not be written", "error", err)
	}
}

func (v *Server) login(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Token string `json:"token"`
	}
	if err := readJSON(r, &in); err != nil {
		v.fail(w, "", err)
		return
	}
	cookie, s, err := v.gate.login(in.Token)
	if err != nil {
		v.note("", "refused sign-in from "+r.RemoteAddr)
		v.fail(w, "", err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: cookie, Path: "/", HttpOnly: true, Secure: v.o.Secure, SameSite: http.SameSiteStrictMode, MaxAge: int(sessionLife.Seconds())})
	v.note(s.Name, "signed in from "+r.RemoteAddr)
	if v.o.Used != nil {
		v.o.Used(s.User, v.Invite(s.User))
	}
	writeJSON(w, http.StatusOK, map[string]any{"name": s.Name, "role": s.Role})
}

func readJSON(r *http.Request, to any) error {
	if ct, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); ct != "application/json" {
		return refuse("request", "want Content-Type: application/json")
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return refuse("request", "the request cannot be read: %v", err)
	}
	return nil
}

func writeJSON(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // the browser may have gone
}

// codes are the HTTP statuses of refusals.
var codes = map[string]int{
	"changed": http.StatusConflict, "stale": http.StatusConflict, "role": http.StatusForbidden, "session": http.StatusUnauthorized, "token": http.StatusUnauthorized,
	"busy": http.StatusTooManyRequests,
}

func (v *Server) fail(w http.ResponseWriter, who string, err error) {
	var no *Refusal
	switch {
	case errors.As(err, &no):
		code := codes[no.Code]
		if code == 0 {
			code = http.StatusUnprocessableEntity
		}
		writeJSON(w, code, map[string]string{"code": no.Code, "error": no.Message})
	case errors.Is(err, errBroken):
		v.o.Log.Error("store", "who", who, "error", err)
		writeJSON(w, http.StatusInternalServerError, map[string]string{"code": "broken", "error": err.Error()})
	default:
		writeJSON(w, http.StatusBadRequest, map[string]string{"code": "request", "error": err.Error()})
	}
}

// call makes a handler of a function: it finds the session, keeps to the limits,
// reads the request and writes the reply.
func call[In any](v *Server, do func(*session, In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := v.enter(r)
		if err != nil {
			v.fail(w, "", err)
			return
		}
		var in In
		if err := readJSON(r, &in); err != nil {
			v.fail(w, s.Name, err)
			return
		}
		out, err := do(s, in)
		if err != nil {
			v.fail(w, s.Name, err)
			return
		}
		writeJSON(w, http.StatusOK, out)
	}
}

func (v *Server) enter(r *http.Request) (*session, error) {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return nil, refuse("session", "sign in by the link that the server's window shows")
	}
	s := v.gate.session(c.Value)
	if s == nil {
		return nil, refuse("session", "your session has ended; the server's window shows a fresh link")
	}
	if !s.limit.Allow() {
		return nil, refuse("busy", "too many requests; wait a moment")
	}
	return s, nil
}

func (v *Server) export(w http.ResponseWriter, r *http.Request) {
	s, err := v.enter(r)
	if err != nil {
		v.fail(w, "", err)
		return
	}
	v.note(s.Name, "exported the decisions")
	w.Header().Set("Content-Type", "application/jsonl; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="decisions.jsonl"`)
	if err := v.s.Export(w); err != nil {
		v.o.Log.Error("export", "error", err)
	}
}

type none struct{}

func (v *Server) api() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"me":       call(v, v.me),
		"logout":   call(v, v.logout),
		"invite":   call(v, v.invite),
		"ask":      call(v, v.ask),
		"count":    call(v, v.count),
		"lines":    call(v, v.lines),
		"edits":    call(v, v.edits),
		"detail":   call(v, v.detail),
		"doc":      call(v, v.doc),
		"decide":   call(v, v.decide),
		"bulk":     call(v, v.bulk),
		"undo":     call(v, v.undo),
		"never":    call(v, v.never),
		"word":     call(v, v.word),
		"words":    call(v, func(*session, none) (any, error) { return v.s.Words(), nil }),
		"plan":     call(v, v.plan),
		"judge":    call(v, v.judge),
		"take":     call(v, v.take),
		"rules":    call(v, func(*session, none) (any, error) { return v.s.Rules(), nil }),
		"standing": call(v, v.standing),
		"search":   call(v, v.search),
		"history":  call(v, v.history),
		"sync":     call(v, v.sync),
	}
}

func (v *Server) me(s *session, _ none) (any, error) {
	have, all, err := v.s.Texts()
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"name": s.Name, "role": s.Role, "keys": v.o.Keys, "scopes": Scopes, "texts": have, "docs": all, "probation": v.s.OnProbation(), "orders": orders,
		"seq": v.s.Seq(), "people": v.gate.people(),
	}, nil
}

func (v *Server) logout(s *session, _ none) (any, error) {
	v.gate.logout(s)
	v.note(s.Name, "signed out")
	return none{}, nil
}

func (v *Server) invite(s *session, in struct{ Name, Role string }) (any, error) {
	role, err := ParseRole(in.Role)
	if err != nil {
		return nil, err
	}
	if !s.Role.May(Lead) {
		return nil, refuse("role", "only a lead invites")
	}
	if in.Name == "" || len(in.Name) > 80 || strings.ContainsFunc(in.Name, func(r rune) bool { return Mark(r) != "" }) {
		return nil, refuse("request", "%q is no name", in.Name)
	}
	v.note(s.Name, "invited "+in.Name+" as "+in.Role)
	return map[string]string{"link": "/" + v.Invite(User{in.Name, role})}, nil
}

func (v *Server) ask(s *session, q Query) (any, error) {
	a, err := v.s.Ask(q)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.next++
	no := s.next
	s.answers = append(s.answers, a)
	if len(s.answers) > maxAnswers {
		s.answers = s.answers[1:]
	}
	s.mu.Unlock()
	lines, err := v.linesOf(s, a, 0, 200)
	if err != nil {
		return nil, err
	}
	return map[string]any{"list": no, "edits": a.Edits, "open": a.Open, "lines": a.Lines, "kept": len(a.Entries), "facets": a.Facets, "rows": lines, "seq": v.s.Seq()}, nil
}

// count tells how a filter stands now; the list on the screen stays.
func (v *Server) count(_ *session, q Query) (any, error) {
	a, err := v.s.Ask(q)
	if err != nil {
		return nil, err
	}
	return map[string]any{"edits": a.Edits, "open": a.Open, "facets": a.Facets}, nil
}

func (v *Server) linesOf(s *session, a *Answer, from, limit int) ([]Line, error) {
	lines, err := v.s.Lines(a, from, min(limit, pageLimit))
	for i := range lines {
		lines[i].Here = v.gate.here(lines[i].Group, s.Name)
	}
	return lines, err
}

func (v *Server) lines(s *session, in struct{ List, From, Limit int }) (any, error) {
	s.mu.Lock()
	i := len(s.answers) - 1 - (s.next - in.List)
	var a *Answer
	if i >= 0 && i < len(s.answers) {
		a = s.answers[i]
	}
	s.mu.Unlock()
	if a == nil || in.From < 0 || in.Limit < 0 {
		return nil, refuse("stale", "this list is not kept any more; press r")
	}
	return v.linesOf(s, a, in.From, in.Limit)
}

func (v *Server) edits(s *session, in struct {
	Filter      Filter
	From, Limit int
	Lease       bool
},
) (any, error) {
	if in.From < 0 || in.Limit < 0 {
		return nil, refuse("request", "a page begins at 0 or later")
	}
	list, all, err := v.s.Edits(in.Filter, in.From, min(in.Limit, pageLimit))
	if err != nil {
		return nil, err
	}
	here := ""
	if in.Lease && in.Filter.Group != nil {
		here = v.gate.here(*in.Filter.Group, s.Name)
		v.gate.lease(*in.Filter.Group, s.Name)
	}
	return map[string]any{"edits": list, "all": all, "here": here}, nil
}

type oneEdit struct {
	ID string `json:"id"`
}

func (v *Server) detail(_ *session, in oneEdit) (any, error) { return v.s.Detail(in.ID) }
func (v *Server) doc(_ *session, in oneEdit) (any, error)    { return v.s.DocOf(in.ID) }

func (v *Server) decide(s *session, in struct {
	ID, Act, Reason, Note string
	After                 *string
	Seen                  *int
	Ms                    int
},
) (any, error) {
	if in.Seen == nil {
		return nil, refuse("request", "say which version was on the screen")
	}
	r, err := v.s.Decide(Act{
		By: s.Name, Role: s.Role, Act: in.Act, IDs: []string{in.ID}, After: in.After, Basis: "seen", Reason: cut(in.Reason), Note: cut(in.Note), Seen: in.Seen, Ms: in.Ms,
	})
	return v.after(r, err, in.ID)
}

// after adds the edit as it now stands to a result.
func (v *Server) after(r Result, err error, id string) (any, error) {
	if err != nil {
		return nil, err
	}
	view, err := v.s.View(id)
	return map[string]any{"result": r, "edit": view}, err
}

func cut(s string) string { return s[:min(len(s), 2000)] }

func (v *Server) bulk(s *session, in struct {
	Filter Filter
	Act    string
	Digest string
},
) (any, error) {
	if in.Act != "reject" && in.Act != "skip" && in.Act != "flag" {
		return nil, refuse("act", "many edits are accepted by sample only; reject, skip or flag them here")
	}
	n, digest, res, err := v.s.Bulk(Act{By: s.Name, Role: s.Role, Act: in.Act, Filter: &in.Filter}, in.Digest)
	return map[string]any{"n": n, "digest": digest, "result": res}, err
}

func (v *Server) undo(s *session, in struct {
	UndoQuery
	Note    string
	Preview bool
},
) (any, error) {
	return v.s.Undo(in.UndoQuery, s.Name, s.Role, cut(in.Note), in.Preview)
}

func (v *Server) never(s *session, in struct {
	ID, Scope, Reason string
	Preview           bool
},
) (any, error) {
	return v.s.Never(in.ID, in.Scope, s.Name, s.Role, cut(in.Reason), in.Preview)
}

func (v *Server) word(s *session, in struct {
	Word                   string
	Suggest, Gone, Preview bool
},
) (any, error) {
	return v.s.AddWord(in.Word, in.Suggest, in.Gone, s.Name, s.Role, in.Preview)
}

func (v *Server) plan(s *session, in struct {
	Filter Filter
	Claim  float64
	Allow  int
	Seed   uint64
},
) (any, error) {
	p, err := v.s.NewPlan(in.Filter, s.Name, s.Role, in.Claim, in.Allow, in.Seed)
	if err != nil {
		return nil, err
	}
	return p.State(), nil
}

func (v *Server) judge(s *session, in struct {
	Plan, ID, Act, Reason string
	After                 *string
	Seen                  *int
	Ms                    int
},
) (any, error) {
	p, err := v.s.Plan(in.Plan, s.Name)
	if err != nil {
		return nil, err
	}
	if in.Act == "forget" { // the answer was taken back
		return map[string]any{"plan": p.Unjudge(in.ID)}, nil
	}
	if in.Act != "accept" && in.Act != "reject" && in.Act != "change" {
		return nil, refuse("act", "in a sample every edit is right or wrong")
	}
	r, st, err := p.Judge(in.ID, Act{By: s.Name, Role: s.Role, Act: in.Act, After: in.After, Reason: cut(in.Reason), Seen: in.Seen, Ms: in.Ms})
	if err != nil {
		return nil, err
	}
	return map[string]any{"plan": st, "result": r}, nil
}

func (v *Server) take(s *session, in struct{ Plan string }) (any, error) {
	p, err := v.s.Plan(in.Plan, s.Name)
	if err != nil {
		return nil, err
	}
	return p.Accept(Act{By: s.Name, Role: s.Role})
}

func (v *Server) standing(s *session, in struct{ Rule, State, Note string }) (any, error) {
	return none{}, v.s.SetStanding(in.Rule, in.State, s.Name, s.Role, cut(in.Note))
}

func (v *Server) history(_ *session, in struct {
	Before int
	By     string
},
) (any, error) {
	return v.s.History(in.Before, 100, in.By)
}

// Found is a hit of the search box.
type Found struct {
	Kind  string     `json:"kind"` // rule, domain or group
	Text  string     `json:"text"`
	Group *GroupName `json:"group,omitempty"`
	Marks []int      `json:"marks"` // the code points of Text that matched
}

func (v *Server) search(_ *session, in struct{ Text string }) (any, error) {
	return v.s.Search(in.Text), nil
}

// maxFound is how many hits the search box shows.
const maxFound = 30

// Search finds rules, sources and groups by letters in order, best first.
func (s *Store) Search(text string) []Found {
	out := []Found{}
	if text = strings.TrimSpace(text); text == "" || len(text) > 200 {
		return out
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for kind, list := range map[string][]string{"rule": s.rules.list, "domain": s.domains.list} {
		for i, m := range fuzzy.Find(text, list) {
			if i == 8 {
				break
			}
			if m.Str != "" {
				out = append(out, Found{Kind: kind, Text: m.Str, Marks: points(m.Str, m.MatchedIndexes)})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Found) int { return -strings.Compare(a.Kind, b.Kind) })
	for _, m := range fuzzy.FindFrom(text, groupSource(s.groups)) {
		if len(out) >= maxFound {
			break
		}
		n := s.groupName(uint32(m.Index))
		out = append(out, Found{Kind: "group", Text: m.Str, Group: &n, Marks: points(m.Str, m.MatchedIndexes)})
	}
	return out
}

// points turns byte indexes into code points.
func points(s string, bytes []int) []int {
	out := []int{}
	n := 0
	for at := range s {
		if slices.Contains(bytes, at) {
			out = append(out, n)
		}
		n++
	}
	return out
}

type groupSource []group

func (g groupSource) Len() int { return len(g) }

func (g groupSource) String(i int) string {
	s := g[i].before
	if g[i].hasAfter {
		s += " → " + g[i].after
	}
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "")
	}
	return s
}

// sync tells what others did since a decision, and how the edits on the screen
// stand.
func (v *Server) sync(s *session, in struct {
	Since int
	IDs   []string
},
) (any, error) {
	news := []HistRow{}
	rows, err := v.s.History(0, 50, "")
	if err != nil {
		return nil, err
	}
	for _, h := range rows {
		if h.Seq > in.Since && h.By != s.Name {
			news = append(news, h)
		}
	}
	views := map[string]EditView{}
	for _, id := range in.IDs[:min(len(in.IDs), 100)] {
		if e, err := v.s.View(id); err == nil {
			views[id] = e
		}
	}
	return map[string]any{"seq": v.s.Seq(), "news": news, "views": views, "people": v.gate.people()}, nil
}

// Seq is the number of the last decision.
func (s *Store) Seq() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.seq()
}

// Bulk rejects, skips or flags what is undecided under a filter. With an empty
// digest it only counts and names the set; with one it acts if the set is still
// the same.
func (s *Store) Bulk(a Act, digest string) (n int, now string, res Result, err error) {
	if !a.Role.May(Bulk) {
		return 0, "", res, refuse("role", "deciding on many edits needs the role bulk")
	}
	s.mu.Lock()
	rows, err := s.selectLocked(*a.Filter, undecidedOrApplied)
	if err == nil {
		rows = slices.DeleteFunc(rows, func(r uint32) bool { return !s.cols.status[r].Undecided() })
		now = s.digest(rows)
	}
	if err != nil || digest == "" || len(rows) == 0 {
		s.mu.Unlock()
		return len(rows), now, res, err
	}
	if digest != now {
		s.mu.Unlock()
		return len(rows), now, res, refuse("changed", "the set changed meanwhile: it has %d edits now; look again", len(rows))
	}
	a.Rows, a.Basis = rows, basisOf(rows)
	p, err := s.decideLocked(a)
	s.mu.Unlock()
	if err != nil {
		return len(rows), now, res, err
	}
	res, err = p.wait()
	return len(rows), now, res, err
}
