package tidy

import (
	"go/ast"
	"strings"
	"testing"
)

// impureImports are closed to floors 0–2: time and randomness enter as
// arguments, and nothing there touches the world.
var impureImports = map[string]string{
	"math/rand":    "take randomness as an argument",
	"math/rand/v2": "take randomness as an argument",
	"crypto/rand":  "take randomness as an argument",
	"os":           "let a driver on floor 3 touch the world",
	"os/exec":      "let a driver on floor 3 touch the world",
	"net":          "net/netip is enough for a core",
	"net/http":     "let plane do the HTTP",
	"log":          "return the error or the effect; drivers log",
	"log/slog":     "return the error or the effect; drivers log",
}

var impureTime = map[string]bool{
	"Now": true, "Sleep": true, "After": true, "AfterFunc": true, "NewTimer": true,
	"NewTicker": true, "Tick": true, "Since": true, "Until": true,
}

func TestCoresArePure(t *testing.T) {
	looked := 0
	for _, s := range tree(t) {
		floor, _, ok := floorOf(s.pkg)
		if s.test || isOutside(s.pkg) || !ok || floor > 2 {
			continue
		}
		looked++
		for _, imp := range s.imports() {
			if why := impureImports[imp]; why != "" && !exempt(t, s.path, "import "+imp) {
				t.Errorf("%s imports %s: %s", s.path, imp, why)
			}
		}
		tm := s.importName("time")
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				if !exempt(t, s.path, "go") {
					t.Errorf("%s:%d: a goroutine in a core; return an effect, the driver runs it", s.path, s.line(n))
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && tm != "" && x.Name == tm && impureTime[n.Sel.Name] {
					t.Errorf("%s:%d: time.%s in a core; take now as an argument, return the next deadline",
						s.path, s.line(n), n.Sel.Name)
				}
			}
			return true
		})
	}
	if looked == 0 {
		t.Fatal("no core seen: the test looked at nothing")
	}
}

// openers are the functions that open or dial sockets.
var openers = map[string][]string{
	"net": {
		"Listen", "ListenIP", "ListenMulticastUDP", "ListenPacket", "ListenTCP", "ListenUDP", "ListenUnix",
		"ListenUnixgram", "ListenConfig", "Dial", "DialIP", "DialTCP", "DialTimeout", "DialUDP", "DialUnix", "Dialer",
		"FileConn", "FileListener", "FilePacketConn",
		"LookupHost", "LookupIP", "LookupSRV", "LookupAddr", "LookupCNAME", "DefaultResolver", "Resolver",
	},
	"crypto/tls":            {"Listen", "Dial", "DialWithDialer", "Dialer"},
	"syscall":               {"Socket", "Connect", "Bind", "Socketpair"},
	"golang.org/x/sys/unix": {"Socket", "Bind", "Socketpair"},
	"net/http": {
		"ListenAndServe", "ListenAndServeTLS", "Get", "Post", "DefaultClient", "DefaultTransport",
	},
}

func TestOnlyPlaneOpensSockets(t *testing.T) {
	for _, s := range tree(t) {
		if s.test || isOutside(s.pkg) || under(s.pkg, "plane") {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			for path, names := range openers {
				if s.importName(path) != x.Name {
					continue
				}
				for _, name := range names {
					if sel.Sel.Name == name && !exempt(t, s.path, path+"."+name) {
						t.Errorf("%s:%d: %s.%s: only plane opens sockets; take a conn, a listener or a dial function",
							s.path, s.line(n), path, name)
					}
				}
			}
			return true
		})
	}
}

func TestGoroutinesHaveOwners(t *testing.T) {
	goes := map[string]string{}
	docs := map[string]string{}
	for _, s := range tree(t) {
		if s.test || isOutside(s.pkg) {
			continue
		}
		if s.ast.Doc != nil {
			docs[s.pkg] += s.ast.Doc.Text()
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				goes[s.pkg] = s.path
			}
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Go" {
				goes[s.pkg] = s.path
			}
			return true
		})
	}
	for pkg, path := range goes {
		if !strings.Contains(docs[pkg], "# Concurrency") {
			t.Errorf("%s starts goroutines, but the comment of package %s has no section \"# Concurrency\" "+
				"that names each one's owner and end", path, pkg)
		}
	}
}
