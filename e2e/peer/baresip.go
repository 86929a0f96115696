package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Phone is the account of a phone, for baresip and linphone alike.
type Phone struct {
	Extension string         // the user part of its address of record
	User      string         // digest username
	Secret    string         // digest password
	Server    netip.AddrPort // the unit's listener; the zero value makes a phone without registrar
	Domain    string         // of the address of record; "" is the server's address
	Transport string         // "udp" (or ""), "tcp", "tls"
	Local     netip.AddrPort // where its SIP stands; baresip takes the three ports above too
	Play      string         // WAV file it speaks: 8 kHz, mono, 16 bit
	Answer    bool           // answers calls by itself
	SRTP      bool           // offers SRTP-SDES and insists on it
	DTMFInfo  bool           // sends DTMF as INFO instead of RFC 4733
	Dir       string         // its own folder, made if missing
	Namespace string         // network namespace, "" for our own
	Expires   time.Duration  // of its registration; 0 is one hour
	Lamp      bool           // baresip watches its mailbox (RFC 3842)
	GSM       bool           // baresip would rather speak GSM
}

func (p Phone) domain() string {
	switch {
	case p.Domain != "":
		return p.Domain
	case p.Server.IsValid():
		return p.Server.Addr().String()
	default:
		return p.Local.Addr().String()
	}
}

func (p Phone) transport() string {
	if p.Transport == "" {
		return "udp"
	}
	return p.Transport
}

// Event is one event of baresip's control connection.
type Event struct {
	Type      string `json:"type"` // "REGISTER_OK", "CALL_ESTABLISHED", …
	Class     string `json:"class"`
	Direction string `json:"direction"`
	Peer      string `json:"peeruri"`
	ID        string `json:"id"`
	Param     string `json:"param"`
	RTCP      struct {
		Sent     RTCPCount `json:"tx"`
		Received RTCPCount `json:"rx"`
	} `json:"rtcp_stats"`
}

// RTCPCount is one direction of a CALL_RTCP event.
type RTCPCount struct {
	Packets int `json:"sent"`
	Lost    int `json:"lost"`
	Jitter  int `json:"jit"` // microseconds
}

// controlOffset is from baresip's SIP port to the one it takes commands on; the
// one between is its TLS.
const controlOffset = 2

// SIPPort is the port of peers that have an address of their own: not 5060,
// which a unit that runs on the machine holds on every address.
const SIPPort = 15050

func (p Phone) control() netip.AddrPort {
	return netip.AddrPortFrom(p.Local.Addr(), p.Local.Port()+controlOffset)
}

// Baresip is a running baresip.
type Baresip struct {
	*Process

	phone   Phone
	conn    net.Conn
	mu      sync.Mutex
	events  []Event
	cursor  int
	changed chan struct{}
}

// Dialer makes the control connection: (&net.Dialer{}).DialContext, or one of
// another network namespace.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// StartBaresip starts a baresip with this account and returns when it takes
// commands. When the account has a server it registers there by itself: wait
// with Registered.
func StartBaresip(ctx context.Context, phone Phone, dial Dialer) (*Baresip, error) {
	if err := configureBaresip(phone); err != nil {
		return nil, err
	}
	proc, err := Start(ctx, Program{
		Name: "baresip-" + phone.Extension, Path: "baresip",
		Args:   []string{"-4", "-s", "-f", phone.Dir, "-n", phone.Local.Addr().String()},
		LogDir: phone.Dir, Namespace: phone.Namespace,
	})
	if err != nil {
		return nil, err
	}
	b := &Baresip{Process: proc, phone: phone, changed: make(chan struct{})}
	control := phone.control()
	err = proc.AwaitBound(ctx, "tcp", control)
	if err == nil {
		b.conn, err = dial(ctx, "tcp", control.String())
	}
	if err != nil {
		proc.Stop()
		return nil, err
	}
	go b.read()
	if phone.Lamp {
		err = b.Command("uanew", baresipAccount(phone))
	}
	return b, err
}

func configureBaresip(p Phone) error {
	modules, err := baresipModules()
	if err != nil {
		return err
	}
	rec := filepath.Join(p.Dir, "recorded")
	if err := os.MkdirAll(rec, 0o755); err != nil {
		return err
	}
	// aubridge as the player only swallows the sound; sndfile records what was
	// decoded and what was encoded, each in a file of its own.
	config := fmt.Sprintf(`poll_method epoll
sip_listen %[1]s
sip_trans_def %[2]s
sip_verify_server no
audio_source aufile,%[3]s
audio_player aubridge,%[4]s
audio_alert aubridge,%[4]s
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_txmode thread
call_local_timeout 120
call_max_calls 8
jitter_buffer_delay 2-10
rtp_stats yes
rtcp_mux no
module_path %[5]s
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module uuid.so
module srtp.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen %[6]s
snd_path %[7]s
menu_bell no
ringback_disabled yes
statmode_default off
`, p.Local, p.transport(), p.Play, p.Extension, modules, p.control(), rec)
	if p.Lamp {
		config += "module_app mwi.so\n"
	}
	if p.GSM {
		config += "module gsm.so\n"
	}
	if err := os.WriteFile(filepath.Join(p.Dir, "config"), []byte(config), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(p.Dir, "contacts"), nil, 0o644); err != nil {
		return err
	}
	account := baresipAccount(p)
	if p.Lamp {
		// A millisecond after its start the module goes through the list of what it watches
		// and appends to it: who is registered by then subscribes for ever.
		account = ""
	}
	return os.WriteFile(filepath.Join(p.Dir, "accounts"), []byte(account), 0o600)
}

func baresipAccount(p Phone) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<sip:%s@%s;transport=%s>", p.Extension, p.domain(), p.transport())
	answer := "manual"
	if p.Answer {
		answer = "auto"
	}
	codecs := "pcmu/8000/1,pcma/8000/1"
	if p.GSM {
		codecs = "gsm/8000/1," + codecs
	}
	fmt.Fprintf(&b, ";answermode=%s;ptime=20;audio_codecs=%s", answer, codecs)
	if p.SRTP {
		b.WriteString(";mediaenc=srtp-mand")
	}
	if p.DTMFInfo {
		b.WriteString(";dtmfmode=info")
	}
	if !p.Server.IsValid() {
		b.WriteString(";regint=0\n")
		return b.String()
	}
	expires := p.Expires
	if expires == 0 {
		expires = time.Hour
	}
	fmt.Fprintf(&b, ";auth_user=%s;auth_pass=%s;outbound=\"sip:%s;transport=%s\";regint=%d\n",
		p.User, p.Secret, p.Server, p.transport(), int(expires.Seconds()))
	return b.String()
}

// baresipModules finds the folder of the distribution's modules.
func baresipModules() (string, error) {
	for _, dir := range []string{"/usr/lib/baresip/modules", "/usr/lib/x86_64-linux-gnu/baresip/modules"} {
		if _, err := os.Stat(filepath.Join(dir, "ctrl_tcp.so")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("baresip's modules are not installed: ./test installs them")
}

// Stop ends baresip: it hangs up and unregisters first.
func (b *Baresip) Stop() {
	b.Process.Stop()
	b.conn.Close()
}

func (b *Baresip) read() {
	r := bufio.NewReader(b.conn)
	for {
		raw, err := readNetstring(r)
		if err != nil {
			return // the connection ends with baresip
		}
		var e Event
		if json.Unmarshal(raw, &e) != nil || e.Type == "" {
			continue // a response to a command
		}
		_, _ = b.Write([]byte("event " + string(raw) + "\n"))
		b.mu.Lock()
		if len(b.events) < eventsMax {
			b.events = append(b.events, e)
		}
		close(b.changed)
		b.changed = make(chan struct{})
		b.mu.Unlock()
	}
}

// Command sends a command of baresip's menu ("dial", "accept", "hold", …).
func (b *Baresip) Command(name, params string) error {
	raw, err := json.Marshal(map[string]string{"command": name, "params": params})
	if err != nil {
		return err
	}
	if err := writeNetstring(b.conn, raw); err != nil {
		return fmt.Errorf("%s: %s: %w", b.name, name, err)
	}
	return nil
}

// Dial calls a number at its server, or a whole URI.
func (b *Baresip) Dial(to string) error {
	if !strings.HasPrefix(to, "sip:") {
		to = "sip:" + to + "@" + b.phone.domain()
	}
	return b.Command("dial", to)
}

// Address is where its SIP stands.
func (b *Baresip) Address() netip.AddrPort { return b.phone.Local }

// Accept answers the call that rings.
func (b *Baresip) Accept() error { return b.Command("accept", "") }

// Hangup ends the current call: CANCEL, BYE, or 486 for the one that rings.
func (b *Baresip) Hangup() error { return b.Command("hangup", "") }

// Hold puts the current call on hold, Resume takes it back.
func (b *Baresip) Hold() error { return b.Command("hold", "") }

// Resume takes the held call back.
func (b *Baresip) Resume() error { return b.Command("resume", "") }

// Transfer hands whom it talks with over to a number at its server, by REFER.
func (b *Baresip) Transfer(to string) error {
	return b.Command("transfer", "sip:"+to+"@"+b.phone.domain())
}

// Digits sends DTMF, each key pressed and released.
func (b *Baresip) Digits(keys string) error {
	for _, key := range keys {
		if err := b.Command("sndcode", string(key)); err != nil {
			return err
		}
	}
	return nil
}

// ToggleMute stops or starts sending sound (baresip sends silence then).
func (b *Baresip) ToggleMute() error { return b.Command("mute", "") }

// Await waits for the next event of one of these types. Events up to and
// including it are passed.
func (b *Baresip) Await(ctx context.Context, types ...string) (Event, error) {
	return b.AwaitWhere(ctx, strings.Join(types, " or "), func(e Event) bool {
		return slices.Contains(types, e.Type)
	})
}

// AwaitWhere waits for the next event that matches.
func (b *Baresip) AwaitWhere(ctx context.Context, what string, matches func(Event) bool) (Event, error) {
	for {
		b.mu.Lock()
		for b.cursor < len(b.events) {
			e := b.events[b.cursor]
			b.cursor++
			if matches(e) {
				b.mu.Unlock()
				return e, nil
			}
		}
		changed := b.changed
		b.mu.Unlock()
		select {
		case <-changed:
		case <-b.done:
			return Event{}, fmt.Errorf("%s ended before %s; last lines:\n%s", b.name, what, b.Tail(15))
		case <-ctx.Done():
			return Event{}, fmt.Errorf("%s: waiting for %s: %w; last lines:\n%s", b.name, what, ctx.Err(), b.Tail(15))
		}
	}
}

// Registered waits until the phone is registered. A refusal is an error. It
// reads what baresip prints: the first event may come before the control
// connection stands.
func (b *Baresip) Registered(ctx context.Context) error {
	m, err := b.Expect(ctx, `(?:\{\d+/\w+/v[46]\}|reg: \S+:) (\d{3} [^(]*)|(Register: .*)`)
	switch {
	case err != nil:
		return err
	case m[2] != "" || !strings.HasPrefix(m[1], "200 "):
		return fmt.Errorf("%s: registration failed: %s%s", b.name, m[1], m[2])
	}
	return nil
}

// Heard returns the files of all that was heard so far, one per call, oldest
// first. The header of a file is whole only when its call has ended.
func (b *Baresip) Heard() ([]string, error) {
	return filepath.Glob(filepath.Join(b.phone.Dir, "recorded", "dump-*-dec.wav"))
}
