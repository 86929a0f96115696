package carrier

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip"
)

// Sound is what a called party does once it answered.
type Sound uint8

// The sounds.
const (
	Echo    Sound = iota // sends back what it hears
	Speech               // says a sentence, then echoes
	Tone                 // a steady 1000 Hz
	Silence              // sends nothing
)

// Behavior is what becomes of a call.
type Behavior struct {
	Ring   time.Duration // 180 for that long
	Status int           // final status; 0 means 200
	Sound  Sound
}

// Account is one line's contract.
type Account struct {
	User    string
	Secret  string // "" for a static line, known by its Source
	Source  netip.Addr
	Numbers []string
	// Extension stands in addresses in place of User, which signs in then; ""
	// for User.
	Extension string
	Manners   Manners
}

// Config is a practice carrier.
type Config struct {
	Domain   string
	Accounts []Account
	// Behave decides what a called number does; nil gives Ordinary.
	Behave func(r Reading) Behavior
	// Price is what a call costs on which somebody talked for so long; nil gives
	// Reading.Price.
	Price func(r Reading, talk time.Duration) (milliYen int64)
	// LoseBye decides whether a BYE of a line's gets lost on its way here: n is how
	// often it was sent for this call, from 1 on. nil loses none.
	LoseBye func(n int) bool
	// OpenMedia opens a socket for the sound of one call.
	OpenMedia func(local netip.Addr) (net.PacketConn, error)
}

// Ordinary rings for a moment; services speak, numbers ending in 9 are busy,
// in 8 never answer, everyone else speaks and then echoes.
func Ordinary(r Reading) Behavior {
	const moment = 300 * time.Millisecond
	switch {
	case r.Class == Nothing:
		return Behavior{Status: 404}
	case r.Class == Emergency || r.Class == Service:
		return Behavior{Ring: moment, Sound: Speech}
	case r.Digits[len(r.Digits)-1] == '9':
		return Behavior{Ring: moment, Status: 486}
	case r.Digits[len(r.Digits)-1] == '8':
		return Behavior{Ring: time.Hour}
	default:
		return Behavior{Ring: moment, Sound: Speech}
	}
}

// Carrier is one practice carrier on one UDP socket.
type Carrier struct {
	cfg    Config
	conn   net.PacketConn
	local  netip.AddrPort
	books  Books
	minter *digest.Minter
	serial uint64

	calls    map[string]*call // by Call-ID
	contacts map[string]contact
	tags     map[string]bool // From tags of the REGISTERs so far
	out      chan *Placed
	wait     sync.WaitGroup
	done     chan struct{}

	mu         sync.Mutex
	registered map[string]netip.AddrPort // read by others
	violations []Violation
	err        error
}

// contact is where a registered line is reached.
type contact struct {
	uri     sip.URI
	addr    netip.AddrPort
	account *Account
}

// New starts a carrier on a socket, which Close closes.
func New(conn net.PacketConn, cfg Config) (*Carrier, error) {
	local, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		return nil, fmt.Errorf("carrier's own address: %w", err)
	}
	if cfg.Behave == nil {
		cfg.Behave = Ordinary
	}
	if cfg.Price == nil {
		cfg.Price = Reading.Price
	}
	if cfg.LoseBye == nil {
		cfg.LoseBye = func(int) bool { return false }
	}
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, fmt.Errorf("nonce key: %w", err)
	}
	c := &Carrier{
		cfg: cfg, conn: conn, local: local,
		minter: digest.NewMinter(key[:], nonceLife, cfg.Domain, "carrier"),
		calls:  map[string]*call{}, contacts: map[string]contact{}, tags: map[string]bool{},
		registered: map[string]netip.AddrPort{},
		out:        make(chan *Placed, commandsMax), done: make(chan struct{}),
	}
	c.wait.Add(1)
	go c.run()
	return c, nil
}

// Books gives the carrier's books.
func (c *Carrier) Books() *Books { return &c.books }

// Addr is where lines register and send.
func (c *Carrier) Addr() netip.AddrPort { return c.local }

// Registered tells whether a line is registered.
func (c *Carrier) Registered(user string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.registered[user]
	return ok
}

// Close ends the carrier and every call's sound.
func (c *Carrier) Close() error {
	err := c.conn.Close()
	c.wait.Wait()
	return err
}

// run is the carrier's one loop: datagrams, placed calls, deadlines.
func (c *Carrier) run() {
	defer c.wait.Done()
	defer close(c.done)
	defer c.hangUpAll()
	buf := make([]byte, datagramMax)
	for {
		now := time.Now()
		next := c.timers(now)
		if err := c.conn.SetReadDeadline(next); err != nil {
			return
		}
		n, from, err := c.conn.ReadFrom(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			c.place(time.Now())
			continue
		}
		if err != nil {
			return
		}
		addr, err := netip.ParseAddrPort(from.String())
		if err != nil {
			continue
		}
		var m sip.Message
		if sip.Parse(buf[:n], &m) != nil {
			continue
		}
		c.take(&m, addr, time.Now())
		c.place(time.Now())
	}
}

func (c *Carrier) hangUpAll() {
	for _, k := range c.calls {
		k.silence()
	}
}

// timers does what is due and gives the next deadline.
func (c *Carrier) timers(now time.Time) time.Time {
	next := now.Add(idlePoll)
	for id, k := range c.calls {
		at := k.due(c, now)
		if at.IsZero() {
			delete(c.calls, id)
			continue
		}
		if at.Before(next) {
			next = at
		}
	}
	return next
}

func (c *Carrier) take(m *sip.Message, from netip.AddrPort, now time.Time) {
	if m.IsResponse() {
		if k := c.calls[string(m.CallID())]; k != nil {
			k.response(c, m, from, now)
		}
		return
	}
	k := c.calls[string(m.CallID())]
	switch m.Method() {
	case sip.REGISTER:
		c.register(m, from, now)
	case sip.OPTIONS:
		c.respond(m, from, 200, "", nil)
	case sip.INVITE:
		c.invite(k, m, from, now)
	case sip.ACK:
		if k != nil {
			c.ack(k, m, from, now)
		}
	case sip.BYE:
		c.bye(k, m, from, now)
	case sip.CANCEL:
		c.cancel(k, m, from, now)
	case sip.PRACK, sip.UPDATE, sip.INFO:
		if k == nil {
			c.respond(m, from, 481, "", nil)
			return
		}
		if s := c.judge(k.account, m, from, hop, c.inside); s != 0 {
			c.respond(m, from, s, "", nil)
			return
		}
		c.respond(m, from, 200, "", nil)
	default:
		c.respond(m, from, 405, "", nil)
	}
}

// account finds whose line a request is: by credentials, or by address where
// the contract says so. challenged tells that an answer went out.
func (c *Carrier) account(m *sip.Message, from netip.AddrPort, now time.Time) (a *Account, challenged bool) {
	for i := range c.cfg.Accounts {
		if a := &c.cfg.Accounts[i]; a.Secret == "" && a.Source == from.Addr() {
			return a, false
		}
	}
	cred, err := digest.ParseCredentials(string(m.Value(sip.HeaderAuthorization)))
	if err == nil {
		for i := range c.cfg.Accounts {
			if a := &c.cfg.Accounts[i]; a.Secret != "" && a.User == cred.Username && c.verify(m, &cred, a, now) {
				return a, false
			}
		}
	}
	c.serial++
	nonce := c.minter.Mint(now, c.serial, netip.Addr{})
	ch := digest.Challenge{Realm: c.cfg.Domain, Nonce: nonce, Algorithm: digest.MD5, QopAuth: true}
	c.respond(m, from, 401, "", func(b *sip.Builder) { b.Text(sip.HeaderWWWAuthenticate, ch.String()) })
	return nil, true
}

func (c *Carrier) verify(m *sip.Message, cred *digest.Credentials, a *Account, now time.Time) bool {
	if _, f := c.minter.Check(cred.Nonce, now, netip.Addr{}); f != digest.Fresh {
		return false
	}
	demand := digest.Demand{
		Method: m.Method().String(), Realm: c.cfg.Domain, Algorithms: []digest.Algorithm{digest.MD5},
		SameURI: func(u string) bool { return u == string(m.RequestTarget()) },
	}
	return digest.Verify(cred, demand, digest.HA1(digest.MD5, a.User, c.cfg.Domain, a.Secret))
}

func (c *Carrier) register(m *sip.Message, from netip.AddrPort, now time.Time) {
	a, challenged := c.account(m, from, now)
	if a == nil {
		if !challenged {
			c.respond(m, from, 403, "", nil)
		}
		return
	}
	if s := c.judge(a, m, from, hop, plainContact, registering, c.freshTag); s != 0 {
		c.respond(m, a.answerAt(from), s, "", nil)
		return
	}
	seconds := uint32(300)
	if s, ok := m.Expires(); ok {
		seconds = min(s, 3600)
	}
	contacts, err := m.Contacts()
	if err != nil || len(contacts) == 0 {
		c.respond(m, from, 400, "Contact Is Missing", nil)
		return
	}
	if s, ok := contacts[0].Expires(); ok {
		seconds = min(s, 3600)
	}
	c.mu.Lock()
	if seconds == 0 {
		delete(c.registered, a.User)
		delete(c.contacts, a.User)
	} else {
		c.registered[a.User] = from
		c.contacts[a.User] = contact{uri: contacts[0].URI.Clone(), addr: from}
	}
	c.mu.Unlock()
	uri := contacts[0].URI.String()
	c.respondAs(a, m, from, 200, func(b *sip.Builder) {
		if seconds > 0 {
			b.Text(sip.HeaderContact, fmt.Sprintf("<%s>;expires=%d", uri, seconds))
		}
		if a.Manners.Routes {
			b.Text(sip.HeaderPath, "<"+c.routes()[0]+">")
			b.Text(sip.HeaderServiceRoute, "<"+c.routes()[1]+">")
		}
	})
}

// freshTag looks whether a From tag was there before.
func (c *Carrier) freshTag(a *Account, m *sip.Message, _ netip.AddrPort) *fault {
	tag := string(m.From().Tag)
	if a.Manners.FreshTag && c.tags[tag] {
		return broken(RuleFromTag, 403, "From tag %s was there before", tag)
	}
	if len(c.tags) < callsMax {
		c.tags[tag] = true
	}
	return nil
}

// answerAt is where a carrier with a port of its mind sends answers.
func (a *Account) answerAt(from netip.AddrPort) netip.AddrPort {
	if p := a.Manners.SourcePort; p != 0 {
		return netip.AddrPortFrom(from.Addr(), p)
	}
	return from
}

// respondAs answers in the manners of an account.
func (c *Carrier) respondAs(
	a *Account, m *sip.Message, to netip.AddrPort, status int, more func(*sip.Builder),
) {
	var b sip.Builder
	b.Reset(nil)
	b.Response(m, status, "", token(), to)
	more(&b)
	if out, err := b.Finish("", nil); err == nil {
		c.send(a.dress(out), a.answerAt(to))
	}
}

// respond answers a request outside a call's dialog.
func (c *Carrier) respond(m *sip.Message, to netip.AddrPort, status int, phrase string, more func(*sip.Builder)) {
	var b sip.Builder
	b.Reset(nil)
	b.Response(m, status, phrase, token(), to)
	if more != nil {
		more(&b)
	}
	out, err := b.Finish("", nil)
	if err != nil {
		return
	}
	c.send(out, to)
}

func (c *Carrier) send(out []byte, to netip.AddrPort) {
	_, err := c.conn.WriteTo(out, net.UDPAddrFromAddrPort(to))
	if err != nil {
		c.mu.Lock()
		c.err = err
		c.mu.Unlock()
	}
}

// Err is the last error of sending, nil if there was none.
func (c *Carrier) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func token() []byte {
	var b [12]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("crypto/rand: " + err.Error()) // never fails since Go 1.24
	}
	return hex.AppendEncode(nil, b[:])
}
