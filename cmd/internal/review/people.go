package review

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	sessionLife = 12 * time.Hour
	leaseLife   = 10 * time.Minute
	maxSessions = 1000
)

// User is a person who may sign in.
type User struct {
	Name string
	Role Role
}

// ReadUsers reads a users file: a name and a role on every line.
func ReadUsers(r io.Reader) ([]User, error) {
	var out []User
	sc := bufio.NewScanner(r)
	for n := 1; sc.Scan(); n++ {
		f := strings.Fields(sc.Text())
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if len(f) != 2 {
			return nil, fmt.Errorf("line %d: want a name and a role (propose, decide, bulk or lead)", n)
		}
		role, err := ParseRole(f[1])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if slices.ContainsFunc(out, func(u User) bool { return u.Name == f[0] }) {
			return nil, fmt.Errorf("line %d: %s stands here twice", n, f[0])
		}
		out = append(out, User{f[0], role})
	}
	return out, sc.Err()
}

// session is one browser of one person.
type session struct {
	User
	key     [32]byte
	until   time.Time
	limit   *rate.Limiter
	mu      sync.Mutex
	answers []*Answer // newest last
	next    int
}

// maxAnswers is how many lists a session may page through at a time.
const maxAnswers = 6

// gate knows who may come in: one-time tokens, sessions, soft leases.
type gate struct {
	mu       sync.Mutex
	tokens   map[[32]byte]User // by hash, so that a dump of the memory opens nothing
	sessions map[[32]byte]*session
	leases   map[string]lease // by group
	logins   *rate.Limiter
}

type lease struct {
	who   string
	until time.Time
}

func newGate() *gate {
	return &gate{
		tokens: map[[32]byte]User{}, sessions: map[[32]byte]*session{}, leases: map[string]lease{},
		logins: rate.NewLimiter(rate.Every(2*time.Second), 10),
	}
}

func secret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// invite makes a token that signs its bearer in once.
func (g *gate) invite(u User) string {
	t := secret()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tokens[sha256.Sum256([]byte(t))] = u
	return t
}

// login takes a token and opens a session.
func (g *gate) login(token string) (cookie string, s *session, err error) {
	if !g.logins.Allow() {
		return "", nil, refuse("busy", "too many attempts; wait a little")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	h := sha256.Sum256([]byte(token))
	u, ok := g.tokens[h]
	if !ok {
		return "", nil, refuse("token", "this link was used already, or is not one of this server; its window shows a fresh one")
	}
	delete(g.tokens, h)
	for k, s := range g.sessions {
		if time.Now().After(s.until) {
			delete(g.sessions, k)
		}
	}
	if len(g.sessions) >= maxSessions {
		return "", nil, refuse("busy", "too many people are signed in")
	}
	cookie = secret()
	s = &session{User: u, key: sha256.Sum256([]byte(cookie)), until: time.Now().Add(sessionLife), limit: rate.NewLimiter(100, 200)}
	g.sessions[s.key] = s
	return cookie, s, nil
}

func (g *gate) session(cookie string) *session {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.sessions[sha256.Sum256([]byte(cookie))]
	if s == nil || time.Now().After(s.until) {
		return nil
	}
	return s
}

func (g *gate) logout(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sessions, s.key)
	for k, l := range g.leases {
		if l.who == s.Name {
			delete(g.leases, k)
		}
	}
}

func leaseKey(n GroupName) string {
	after := "\x00"
	if n.After != nil {
		after = *n.After
	}
	return n.Rule + "\x00" + n.Before + "\x00" + after
}

// lease notes that somebody works on a group; it keeps nobody out.
func (g *gate) lease(n GroupName, who string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, l := range g.leases {
		if l.who == who || time.Now().After(l.until) {
			delete(g.leases, k)
		}
	}
	if k := leaseKey(n); g.leases[k].who == "" {
		g.leases[k] = lease{who, time.Now().Add(leaseLife)}
	}
}

// here is who else works on a group, "" for nobody.
func (g *gate) here(n GroupName, who string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if l := g.leases[leaseKey(n)]; l.who != who && time.Now().Before(l.until) {
		return l.who
	}
	return ""
}

// people lists who is signed in.
func (g *gate) people() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := []string{}
	for _, s := range g.sessions {
		if time.Now().Before(s.until) && !slices.Contains(out, s.Name) {
			out = append(out, s.Name)
		}
	}
	slices.Sort(out)
	return out
}
