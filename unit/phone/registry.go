package phone

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unique"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/digest"
)

// Config is what a Registry needs.
type Config struct {
	// Realm is the unit's own; credentials belong to it.
	Realm string
	// SealKey (KeyBytes) seals hashes for the database; it lives in a file
	// outside of it. NonceKey (KeyBytes) signs challenges; with a new one all
	// challenges that are out turn stale, which phones don't notice.
	SealKey  []byte
	NonceKey []byte
	// Algorithms says by listener name what is offered, in order. Listeners
	// that are not named offer Default, and with that empty SHA-256, then MD5.
	Algorithms map[string][]digest.Algorithm
	Default    []digest.Algorithm
	// ExpiresMin and ExpiresMax may narrow the package's limits.
	ExpiresMin, ExpiresMax time.Duration
	// IsLineAddr tells the addresses of lines: none of them is a phone's.
	IsLineAddr func(netip.Addr) bool
	// Emergency tells from the user part of a target whether it is an
	// emergency number, cheaply. Nil means that none is.
	Emergency func(user []byte) bool
	// Committer makes changes durable.
	Committer fact.Committer
	Log       *slog.Logger
}

// Errors of managing phones.
var (
	ErrUnknown = errors.New("no such phone")
	ErrTaken   = errors.New("phone exists already")
	ErrFull    = errors.New("too many phones")
	ErrName    = errors.New("name is not usable")
)

// Registry is the phones of one unit.
type Registry struct {
	cfg    Config
	seal   sealer
	serial atomic.Uint64 // of the nonces
	asking sync.Map      // *asking by the listener's name
	dummy  hashes        // of users that don't exist

	urgentKey [sha256.Size]byte // of the To tags in challenges to emergency calls

	mu       sync.RWMutex // guards the maps, not the phones in them
	devices  map[string]*phone
	users    map[string]*phone
	byExt    map[string][]*phone
	managing sync.Mutex // one Add, Renew or Remove at a time

	seats  atomic.Pointer[seats]
	agenda agenda
	places placeBook
	date   atomic.Pointer[dateText]
	// requests are *request at rest.
	requests sync.Pool
	slow     *Slowdown
	reports  reports
	urgent   urgentCalls
	failures atomic.Uint64 // wrong answers to challenges
	writing  atomic.Int32  // writes that were handed over and are not done
	lost     atomic.Int64  // Unix time of the last write that failed, 0 for none
}

// phone is one device with its credential and contacts. There may be many
// thousands: what it keeps is bounded by a test.
type phone struct {
	mu       sync.Mutex // guards all below but place
	row      fact.Phone // without its sealed secret
	hash     hashes
	window   digest.Window
	bindings []binding
	places   []place // where the credential was used from, newest last
	contacts news    // new contacts
	moves    news    // new places
	wandered int64   // when a challenge was last answered from elsewhere, Unix milliseconds
	gone     bool
	stood    uint8 // at how many addresses it was registered when last asked
	place    agendaPlace
}

// New makes a Registry without phones.
func New(cfg Config) (*Registry, error) {
	if cfg.Realm == "" || cfg.Committer == nil {
		return nil, fmt.Errorf("registry needs a realm and a committer")
	}
	if len(cfg.NonceKey) != KeyBytes {
		return nil, fmt.Errorf("nonce key has %d bytes, not %d", len(cfg.NonceKey), KeyBytes)
	}
	seal, err := newSealer(cfg.SealKey)
	if err != nil {
		return nil, err
	}
	cfg.fill()
	r := &Registry{
		cfg: cfg, seal: seal,
		devices: map[string]*phone{}, users: map[string]*phone{}, byExt: map[string][]*phone{},
		slow: NewSlowdown(), requests: sync.Pool{New: func() any { return new(request) }},
	}
	r.dummy, r.urgentKey = nobody(cfg.NonceKey), derive(cfg.NonceKey, "emergency calls")
	r.places.init()
	return r, nil
}

// fill puts defaults where nothing was said.
func (c *Config) fill() {
	if len(c.Default) == 0 {
		c.Default = []digest.Algorithm{digest.SHA256, digest.MD5}
	}
	if c.ExpiresMin < ExpiresMin {
		c.ExpiresMin = ExpiresMin
	}
	if c.ExpiresMax <= 0 || c.ExpiresMax > ExpiresMax {
		c.ExpiresMax = ExpiresMax
	}
	if c.IsLineAddr == nil {
		c.IsLineAddr = func(netip.Addr) bool { return false }
	}
	if c.Emergency == nil {
		c.Emergency = func([]byte) bool { return false }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// Restore puts the phones and bindings of the store in place, at start. A
// phone whose secret does not open is kept out and named in the error; the
// others work.
func (r *Registry) Restore(phones []fact.Phone, bindings []fact.Binding, now time.Time) error {
	var bad []error
	for _, p := range phones {
		h, err := r.seal.open(p)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		r.put(&phone{row: p, hash: h})
	}
	for _, b := range bindings {
		if p := r.device(b.Device); p != nil && b.Expires.After(now) {
			p.mu.Lock()
			p.bindings = append(p.bindings, keep(b))
			p.remember(b.Source.Addr(), []byte(b.UserAgent))
			r.await(p, now)
			p.mu.Unlock()
			r.places.put(b.Source.Addr().Unmap(), p, b.Expires.UnixNano())
		}
	}
	return errors.Join(bad...)
}

// derive makes a key for one purpose.
func derive(key []byte, purpose string) (derived [sha256.Size]byte) {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(purpose))
	mac.Sum(derived[:0])
	return derived
}

// put adds a phone to the maps.
func (r *Registry) put(p *phone) {
	p.row = lean(p.row)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.devices[p.row.Device] = p
	r.users[p.row.User] = p
	r.byExt[p.row.Extension] = append(r.byExt[p.row.Extension], p)
}

// lean gives a phone's row as it is kept: without the sealed secret, which is
// open by now, and with texts that it has in common with others, or twice,
// kept once.
func lean(row fact.Phone) fact.Phone {
	row.SecretSealed = nil
	row.Realm, row.CreatedBy = unique.Make(row.Realm).Value(), unique.Make(row.CreatedBy).Value()
	if row.User == row.Device {
		row.User = row.Device
	}
	if strings.HasPrefix(row.Device, row.Extension) {
		row.Extension = row.Device[:len(row.Extension)]
	}
	return row
}

// device finds a phone by its device ID.
func (r *Registry) device(id string) *phone {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.devices[id]
}

// user finds a phone by its digest username.
func (r *Registry) user(name string) *phone {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.users[name]
}

// Add makes a phone for an extension and gives its secret, this once. The
// phone works when Add returns: the change is durable by then. by names who
// asked for it.
func (r *Registry) Add(ctx context.Context, extension, name, by string, now time.Time) (fact.Phone, string, error) {
	if !plainName(extension) || len(name) > TextMax {
		return fact.Phone{}, "", fmt.Errorf("%w: extension %q", ErrName, extension)
	}
	r.managing.Lock()
	defer r.managing.Unlock()
	device, err := r.freeDevice(extension)
	if err != nil {
		return fact.Phone{}, "", err
	}
	row := fact.Phone{
		Extension: extension, Device: device, Name: name, User: device, Realm: r.cfg.Realm,
		Created: now.UTC(), CreatedBy: by,
	}
	secret, h, err := r.sealNew(&row)
	if err != nil {
		return fact.Phone{}, "", err
	}
	if err := r.commit(ctx, fact.Write{Facts: []fact.Fact{fact.PhoneAdded{Phone: row}}}); err != nil {
		return fact.Phone{}, "", fmt.Errorf("add phone %s: %w", device, err)
	}
	r.put(&phone{row: row, hash: h})
	return row, secret, nil
}

// sealNew makes a secret and puts it, sealed, into the row.
func (r *Registry) sealNew(row *fact.Phone) (string, hashes, error) {
	secret, err := newSecret()
	if err != nil {
		return "", hashes{}, err
	}
	h := hashSecret(row.User, row.Realm, secret)
	row.SecretSealed = r.seal.seal(*row, h)
	return secret, h, nil
}

// freeDevice finds the next free device ID of an extension.
func (r *Registry) freeDevice(extension string) (string, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.devices) >= PhonesMax || len(r.byExt[extension]) >= DevicesMax {
		return "", fmt.Errorf("%w: extension %s", ErrFull, extension)
	}
	for n := 1; ; n++ {
		device := fmt.Sprintf("%s-%d", extension, n)
		if r.devices[device] == nil && r.users[device] == nil {
			return device, nil
		}
	}
}

// Renew gives a phone a new secret; the old one and what is registered with it
// end at once.
func (r *Registry) Renew(ctx context.Context, device, by string, now time.Time) (fact.Phone, string, error) {
	r.managing.Lock()
	defer r.managing.Unlock()
	p := r.device(device)
	if p == nil {
		return fact.Phone{}, "", fmt.Errorf("%w: %s", ErrUnknown, device)
	}
	p.mu.Lock()
	row := p.row
	p.mu.Unlock()
	secret, h, err := r.sealNew(&row)
	if err != nil {
		return fact.Phone{}, "", err
	}
	w := fact.Write{
		Facts: []fact.Fact{fact.SecretRenewed{
			Extension: row.Extension, Device: device, User: row.User,
			SecretSealed: row.SecretSealed, By: by, At: now.UTC(),
		}},
		Rows: []fact.Row{fact.BindingGone{Device: device}},
	}
	if err := r.commit(ctx, w); err != nil {
		return fact.Phone{}, "", fmt.Errorf("renew secret of %s: %w", device, err)
	}
	p.mu.Lock()
	p.row, p.hash, p.bindings, p.places = lean(row), h, nil, nil
	p.mu.Unlock()
	r.places.drop(p)
	return row, secret, nil
}

// Disable takes a phone out of use at once, and then writes it down: barring
// does not wait for a disk. It registers and calls no more, but for
// emergencies (see Authenticate); its places stay known for those.
func (r *Registry) Disable(ctx context.Context, device, by string, now time.Time) error {
	r.managing.Lock()
	defer r.managing.Unlock()
	p := r.device(device)
	if p == nil {
		return fmt.Errorf("%w: %s", ErrUnknown, device)
	}
	p.mu.Lock()
	p.row.Disabled, p.bindings = true, nil
	ext := p.row.Extension
	p.mu.Unlock()
	w := fact.Write{
		Facts: []fact.Fact{fact.PhoneDisabled{Extension: ext, Device: device, By: by, At: now.UTC()}},
		Rows:  []fact.Row{fact.BindingGone{Device: device}},
	}
	if err := r.commit(ctx, w); err != nil {
		return fmt.Errorf("disable phone %s: %w", device, err)
	}
	return nil
}

// Enable puts a phone back into use, once that is on disk. It has to register
// again.
func (r *Registry) Enable(ctx context.Context, device, by string, now time.Time) error {
	r.managing.Lock()
	defer r.managing.Unlock()
	p := r.device(device)
	if p == nil {
		return fmt.Errorf("%w: %s", ErrUnknown, device)
	}
	p.mu.Lock()
	ext := p.row.Extension
	p.mu.Unlock()
	w := fact.Write{
		Facts: []fact.Fact{fact.PhoneEnabled{Extension: ext, Device: device, By: by, At: now.UTC()}},
	}
	if err := r.commit(ctx, w); err != nil {
		return fmt.Errorf("enable phone %s: %w", device, err)
	}
	p.mu.Lock()
	p.row.Disabled = false
	p.mu.Unlock()
	return nil
}

// Remove takes a phone and its credential away.
func (r *Registry) Remove(ctx context.Context, device, by string, now time.Time) error {
	r.managing.Lock()
	defer r.managing.Unlock()
	p := r.device(device)
	if p == nil {
		return fmt.Errorf("%w: %s", ErrUnknown, device)
	}
	p.mu.Lock()
	row := p.row
	p.mu.Unlock()
	w := fact.Write{
		Facts: []fact.Fact{fact.PhoneRemoved{Extension: row.Extension, Device: device, By: by, At: now.UTC()}},
		Rows:  []fact.Row{fact.BindingGone{Device: device}},
	}
	if err := r.commit(ctx, w); err != nil {
		return fmt.Errorf("remove phone %s: %w", device, err)
	}
	r.forget(p, row)
	return nil
}

// forget takes a phone out of the maps.
func (r *Registry) forget(p *phone, row fact.Phone) {
	r.mu.Lock()
	delete(r.devices, row.Device)
	delete(r.users, row.User)
	rest := r.byExt[row.Extension][:0:0]
	for _, q := range r.byExt[row.Extension] {
		if q != p {
			rest = append(rest, q)
		}
	}
	if r.byExt[row.Extension] = rest; len(rest) == 0 {
		delete(r.byExt, row.Extension)
	}
	r.mu.Unlock()
	p.mu.Lock()
	p.gone, p.bindings = true, nil
	p.mu.Unlock()
	r.places.drop(p)
	r.agenda.drop(p)
}

// commit waits until a write is durable.
func (r *Registry) commit(ctx context.Context, w fact.Write) error {
	done := make(chan error, commitAnswers)
	r.cfg.Committer.Commit(w, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// commitAnswers: done is called once.
const commitAnswers = 1

// Status is one phone as people see it.
type Status struct {
	fact.Phone
	Bindings []fact.Binding
}

// Phones lists all phones, by extension and device, without sealed secrets.
func (r *Registry) Phones(now time.Time) []Status {
	all := r.all()
	out := make([]Status, 0, len(all))
	for _, p := range all {
		p.mu.Lock()
		s := Status{Phone: p.row}
		for i := range p.bindings {
			if b := &p.bindings[i]; b.live(now) {
				s.Bindings = append(s.Bindings, p.told(b))
			}
		}
		p.mu.Unlock()
		out = append(out, s)
	}
	sort.Slice(out, func(i, j int) bool { return before(out[i].Phone, out[j].Phone) })
	return out
}

// before orders phones by extension, then device, shorter numbers first.
func before(a, b fact.Phone) bool {
	if len(a.Extension) != len(b.Extension) {
		return len(a.Extension) < len(b.Extension)
	}
	if a.Extension != b.Extension {
		return a.Extension < b.Extension
	}
	if len(a.Device) != len(b.Device) {
		return len(a.Device) < len(b.Device)
	}
	return a.Device < b.Device
}

// plainName reports whether a name can stand in a SIP URI and a file name
// without escapes.
func plainName(s string) bool {
	if s == "" || len(s) > 32 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// nobody gives the hashes of all users that do not exist: nobody knows a secret
// that has them, and checking against them is the same work.
func nobody(key []byte) (h hashes) {
	h.sha256 = derive(key, "users that do not exist")
	copy(h.md5[:], h.sha256[:])
	return h
}
