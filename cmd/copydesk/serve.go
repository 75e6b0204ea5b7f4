package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"time"

	"copydesk/cmd/internal/review"

	"github.com/spf13/cobra"
)

// serveFlags are those of serve alone.
type serveFlags struct {
	reviewFlags
	addr, users, cert, key string
	hosts                  []string
	open                   bool
}

// defaultAddr is where the server listens, or on any free port where this one is
// taken.
const defaultAddr = "127.0.0.1:8737"

func newServeCommand(a *app) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve LOG... [--docs FILE]...",
		Short: "Review edits in the browser, several people at once",
		Long: `Review edits in the browser: accept, reject or correct them one by one or in
groups, by the key or the mouse; ? shows all keys. Every decision is on the disk before
the next edit is shown. Nothing changes a text: that is done by copydesk apply, with
the decisions file that serve leaves beside its store.

The page is for this machine only unless --addr and --host say otherwise; beyond it
TLS is needed (--cert, --key). Whoever opens the printed link is signed in; a link works once.`,
		Example: `  copydesk fix --log log.jsonl articles.jsonl > clean.jsonl
  copydesk serve log.jsonl --docs articles.jsonl --open
  copydesk serve log.review.db --users people.txt --addr 0.0.0.0:8443 --host review.example --cert c.pem --key k.pem`,
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			if err := a.serve(ctx, &f, args); err != nil {
				return usageError(err)
			}
			return nil
		},
	}
	f.register(c)
	c.Flags().StringVar(&f.addr, "addr", defaultAddr, "where the server listens; port 0 takes any")
	c.Flags().StringArrayVar(&f.hosts, "host", nil, "a name by which browsers may call the server, beside this machine's own")
	c.Flags().StringVar(&f.users, "users", "", "a file of people: lines of a name and a role (propose, decide, bulk or lead)")
	c.Flags().StringVar(&f.cert, "cert", "", "TLS: the certificate file")
	c.Flags().StringVar(&f.key, "key", "", "TLS: the key file")
	c.Flags().BoolVar(&f.open, "open", false, "open the page in the browser")
	return c
}

func (a *app) serve(ctx context.Context, f *serveFlags, args []string) error {
	secure := f.cert != ""
	if host, _, err := net.SplitHostPort(f.addr); err != nil {
		return fmt.Errorf("--addr %q: %w", f.addr, err)
	} else if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) && !secure {
		return errors.New("beyond this machine the articles must not travel in the open: give --cert and --key, or listen on 127.0.0.1")
	}
	keys, err := f.bindings(a)
	if err != nil {
		return err
	}
	people := []review.User{{Name: f.person(), Role: review.Lead}}
	if f.users != "" {
		in, err := a.open(f.users)
		if err != nil {
			return err
		}
		people, err = review.ReadUsers(in)
		in.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", f.users, err)
		}
	}
	s, err := a.openStore(ctx, &f.reviewFlags, args)
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := net.Listen("tcp", f.addr)
	if err != nil && f.addr == defaultAddr { // another review runs: any port will do
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return err
	}
	base := fmt.Sprintf("%s://%s/", map[bool]string{true: "https", false: "http"}[secure], l.Addr())
	link := func(u review.User, fragment string) {
		fmt.Fprintf(a.stderr, "  %s%s   (%s, %s)\n", base, fragment, u.Name, u.Role)
	}
	v, err := review.NewServer(s, review.ServerOptions{Hosts: f.hosts, Secure: secure, Keys: keys, Used: func(u review.User, fragment string) {
		fmt.Fprintf(a.stderr, "%s signed in; for another browser:\n", u.Name)
		link(u, fragment)
	}})
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stderr, "Open (each link works once; Ctrl-C ends the server):")
	for i, u := range people {
		fragment := v.Invite(u)
		link(u, fragment)
		if i == 0 && f.open {
			openBrowser(base + fragment)
		}
	}
	srv := &http.Server{Handler: v, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 5 * time.Minute, MaxHeaderBytes: 1 << 16}
	ended := make(chan error, 1)
	go func() {
		if secure {
			ended <- srv.ServeTLS(l, f.cert, f.key)
		} else {
			ended <- srv.Serve(l)
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	wait, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(srv.Shutdown(wait), a.leaveDecisions(s, &f.reviewFlags))
}

// openBrowser shows a page in the user's browser, where there is one.
func openBrowser(link string) {
	name, args := "xdg-open", []string{link}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", link}
	}
	_ = exec.Command(name, args...).Start() // the link is printed as well
}
