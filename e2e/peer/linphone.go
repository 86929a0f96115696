package peer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Linphone is a running linphonec, driven by its own command line.
type Linphone struct {
	*Process

	phone Phone
}

// StartLinphone starts a linphonec with this account and returns when its SIP
// socket stands. When the account has a server it registers there: wait with
// Registered. It stands on its address at SIPPort by UDP and TCP; over TLS it
// only dials.
func StartLinphone(ctx context.Context, phone Phone) (*Linphone, error) {
	if err := configureLinphone(phone); err != nil {
		return nil, err
	}
	args := []string{
		"-S", "-c", filepath.Join(phone.Dir, "linphonerc"), "-d", "6", "-l",
		filepath.Join(phone.Dir, "liblinphone.log"),
	}
	if phone.Answer {
		args = append(args, "-a")
	}
	proc, err := Start(ctx, Program{
		Name: "linphone-" + phone.Extension, Path: "linphonec", Args: args,
		Env: []string{"HOME=" + phone.Dir}, LogDir: phone.Dir, Namespace: phone.Namespace,
	})
	if err != nil {
		return nil, err
	}
	l := &Linphone{Process: proc, phone: phone}
	if phone.transport() != "tls" {
		err = proc.AwaitBound(ctx, phone.transport(), phone.Local)
	}
	for _, line := range []string{
		"ipv6 disable", "soundcard use files", "play " + phone.Play, "record " + l.recording(),
	} {
		if err == nil {
			err = proc.Say(line)
		}
	}
	if err == nil && phone.Server.IsValid() {
		err = proc.Say(fmt.Sprintf("register sip:%s@%s sip:%s;transport=%s %s",
			phone.Extension, phone.domain(), phone.Server, phone.transport(), phone.Secret))
	}
	if err != nil {
		proc.Stop()
		return nil, err
	}
	return l, nil
}

func (l *Linphone) recording() string { return filepath.Join(l.phone.Dir, "heard.wav") }

func configureLinphone(p Phone) error {
	// A second start in the same folder begins a new log and no old account.
	if err := os.RemoveAll(filepath.Join(p.Dir, "liblinphone.log")); err != nil {
		return err
	}
	// Without its data folders linphone goes on, but complains for each call.
	if err := os.MkdirAll(filepath.Join(p.Dir, ".local/share/linphone"), 0o755); err != nil {
		return err
	}
	ports := map[string]int{"udp": -1, "tcp": -1, "tls": -1} // any
	if p.transport() != "tls" {                              // it has no certificate to listen with
		ports[p.transport()] = int(p.Local.Port())
	}
	encryption := "none"
	if p.SRTP {
		encryption = "srtp"
	}
	info := 0
	if p.DTMFInfo {
		info = 1
	}
	expires := int(p.Expires.Seconds())
	if expires == 0 {
		expires = 3600
	}
	config := fmt.Sprintf(`[sip]
bind_address=%[1]s
sip_port=%[2]d
sip_tcp_port=%[3]d
sip_tls_port=%[4]d
use_ipv6=0
ipv6_migration_done=1
verify_server_certs=0
verify_server_cn=0
media_encryption=%[5]s
media_encryption_mandatory=%[6]d
use_info=%[7]d
use_rfc2833=%[8]d
guess_hostname=1
contact=sip:%[9]s@%[1]s
register_only_when_network_is_up=0
default_expires=%[10]d
[rtp]
audio_rtp_port=-1
[net]
dns_srv_enabled=0
dns_search_enabled=0
mtu=1300
[sound]
echocancellation=0
agc=0
[misc]
config_version=1
[audio_codec_0]
mime=PCMU
rate=8000
channels=1
enabled=1
[audio_codec_1]
mime=PCMA
rate=8000
channels=1
enabled=1
`, p.Local.Addr(), ports["udp"], ports["tcp"], ports["tls"], encryption, btoi(p.SRTP), info, 1-info,
		p.Extension, expires)
	if p.Server.IsValid() && p.User != "" {
		config += fmt.Sprintf("[auth_info_0]\nusername=%s\nuserid=%s\npasswd=%s\n", p.Extension, p.User, p.Secret)
	}
	return os.WriteFile(filepath.Join(p.Dir, "linphonerc"), []byte(config), 0o600)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

var linphoneRegistration = regexp.MustCompile(`moving from state \[\w+\] to \[LinphoneRegistration(Ok|Failed)\]`)

// Registered waits until the phone is registered, as its own log says. A
// refusal is an error.
func (l *Linphone) Registered(ctx context.Context) error {
	state := ""
	err := l.poll(ctx, "it was registered", func() bool {
		log, _ := l.Log() // there once linphone has written it
		if m := linphoneRegistration.FindStringSubmatch(log); m != nil {
			state = m[1]
		}
		return state != ""
	})
	if err == nil && state == "Failed" {
		err = fmt.Errorf("%s: registration failed", l.name)
	}
	return err
}

// Dial calls a number at its server, or a whole URI.
func (l *Linphone) Dial(to string) error {
	if !strings.HasPrefix(to, "sip:") {
		to = "sip:" + to + "@" + l.phone.domain()
	}
	return l.Say("call " + to)
}

// Rung waits until a call comes in.
func (l *Linphone) Rung(ctx context.Context) error {
	_, err := l.Expect(ctx, `Receiving new incoming call from`)
	return err
}

// Talking waits until a call is up with sound.
func (l *Linphone) Talking(ctx context.Context) error {
	_, err := l.Expect(ctx, `Media streams established with`)
	return err
}

// Ended waits until a call has ended, and returns linphone's word for why:
// "No error", "Call declined.", "User is busy."
func (l *Linphone) Ended(ctx context.Context) (string, error) {
	m, err := l.Expect(ctx, `Call \d+ with .* (?:ended \((.*)\)|error)\.`)
	if err != nil {
		return "", err
	}
	return m[1], nil
}

// Accept answers the call that rings.
func (l *Linphone) Accept() error { return l.Say("answer") }

// Hangup ends the current call, or declines the one that rings.
func (l *Linphone) Hangup() error { return l.Say("terminate") }

// Hold puts the current call on hold.
func (l *Linphone) Hold() error { return l.Say("pause") }

// Resume takes the held call back.
func (l *Linphone) Resume() error { return l.Say("resume") }

// Join hands over whom it talks with in one call to whom it talks with in another, by
// REFER with Replaces. Its calls are counted from 1.
func (l *Linphone) Join(call, other int) error {
	return l.Say(fmt.Sprintf("transfer %d --to-call %d", call, other))
}

// Digits sends DTMF.
func (l *Linphone) Digits(keys string) error {
	for _, key := range keys {
		if err := l.Say(string(key)); err != nil {
			return err
		}
	}
	return nil
}

// Heard is the file of all that was heard, complete when linphone has stopped.
func (l *Linphone) Heard() string { return l.recording() }

// Stop ends linphone: it hangs up and unregisters first.
func (l *Linphone) Stop() {
	if l.Running() && l.Say("quit") == nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		_, _ = l.Wait(ctx)
	}
	l.Process.Stop()
}

// Log is liblinphone's own log, with every SIP message.
func (l *Linphone) Log() (string, error) {
	raw, err := os.ReadFile(filepath.Join(l.phone.Dir, "liblinphone.log"))
	return string(raw), err
}
