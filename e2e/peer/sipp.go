package peer

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// SIPp is one run of SIPp 3.6.1: a scripted dialog, once or many times.
type SIPp struct {
	Name     string         // of the run, for its logs
	Scenario string         // file, XML; @KEY@ in it is replaced from Keys
	Local    netip.AddrPort // where it stands
	Remote   netip.AddrPort // where it sends to
	TCP      bool           // one TCP connection instead of UDP

	Service string            // the [service] of the scenario: who is called
	User    string            // digest username
	Secret  string            // digest password
	AuthURI string            // digest uri without "sip:"; "" is the remote address, as in a REGISTER
	Keys    map[string]string // replaced in the scenario
	CSV     string            // injection file, optional

	Media   netip.AddrPort // what [media_ip] and [media_port] say; zero: Local's address, 6000
	RTPEcho bool           // sends received RTP back, at Media

	Called    bool          // it waits for calls: it is started when its socket stands
	Calls     int           // how many, then it ends; 0 means until stopped
	Rate      int           // calls per second; 0 is 10
	Limit     int           // calls at once; 0 is SIPp's own
	Timeout   time.Duration // the whole run fails after this; 0 is 30 s
	Dir       string        // logs and messages go here
	Namespace string
}

// StartSIPp starts a run; one that is called has its socket when this returns.
// A run with a number of calls ends by itself, see Result; others with Stop.
func StartSIPp(ctx context.Context, s SIPp) (*SIPpRun, error) {
	scenario, err := s.write()
	if err != nil {
		return nil, err
	}
	run := &SIPpRun{messages: filepath.Join(s.Dir, s.Name+"-messages.log")}
	run.Process, err = Start(ctx, Program{
		Name: s.Name, Path: "sipp", Args: s.args(scenario, run.messages),
		LogDir: s.Dir, Namespace: s.Namespace,
	})
	if err != nil {
		return nil, err
	}
	network := "udp"
	if s.TCP {
		network = "tcp"
	}
	if s.Called {
		if err := run.AwaitBound(ctx, network, s.Local); err != nil {
			run.Stop()
			return nil, err
		}
	}
	return run, nil
}

func (s SIPp) write() (string, error) {
	raw, err := os.ReadFile(s.Scenario)
	if err != nil {
		return "", err
	}
	text := string(raw)
	for key, value := range s.Keys {
		text = strings.ReplaceAll(text, "@"+key+"@", value)
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(s.Dir, s.Name+".xml")
	return path, os.WriteFile(path, []byte(text), 0o644)
}

func (s SIPp) args(scenario, messages string) []string {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	media := s.Media
	if !media.IsValid() {
		media = netip.AddrPortFrom(s.Local.Addr(), 6000)
	}
	transport := "u1"
	if s.TCP {
		transport = "t1"
	}
	args := []string{
		"-sf", scenario, "-i", s.Local.Addr().String(), "-p", strconv.Itoa(int(s.Local.Port())), "-bind_local",
		"-t", transport, "-mi", media.Addr().String(), "-mp", strconv.Itoa(int(media.Port())),
		"-nostdin", "-ci", s.Local.Addr().String(), "-recv_timeout", "20000",
		"-trace_msg", "-message_file", messages,
		"-trace_err", "-error_file", strings.TrimSuffix(messages, "messages.log") + "errors.log",
	}
	if s.Calls > 0 {
		args = append(args, "-m", strconv.Itoa(s.Calls), "-r", strconv.Itoa(max(s.Rate, 10)),
			"-timeout", fmt.Sprintf("%ds", int(timeout.Seconds())), "-timeout_error")
	}
	if s.Limit > 0 {
		args = append(args, "-l", strconv.Itoa(s.Limit))
	}
	if s.Service != "" {
		args = append(args, "-s", s.Service)
	}
	if s.User != "" {
		args = append(args, "-au", s.User, "-ap", s.Secret)
	}
	if s.AuthURI != "" {
		args = append(args, "-auth_uri", s.AuthURI)
	}
	if s.CSV != "" {
		args = append(args, "-inf", s.CSV)
	}
	if s.RTPEcho {
		args = append(args, "-rtp_echo")
	}
	if s.Remote.IsValid() {
		args = append(args, s.Remote.String())
	}
	return args
}

// SIPpRun is a run of SIPp.
type SIPpRun struct {
	*Process

	messages string
}

// Result waits until the run has ended: nil when every call went as scripted.
func (r *SIPpRun) Result(ctx context.Context) error {
	code, err := r.Wait(ctx)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s: calls failed (exit %d):\n%s", r.name, code, r.why())
	}
	return err
}

// RunSIPp runs SIPp to its end: nil when every call went as scripted.
func RunSIPp(ctx context.Context, s SIPp) error {
	if s.Calls == 0 {
		s.Calls = 1
	}
	run, err := StartSIPp(ctx, s)
	if err != nil {
		return err
	}
	defer run.Stop()
	return run.Result(ctx)
}

// why is what SIPp wrote to its error file, shortened.
func (r *SIPpRun) why() string {
	raw, err := os.ReadFile(strings.TrimSuffix(r.messages, "messages.log") + "errors.log")
	if err != nil || len(raw) == 0 {
		return r.Tail(20)
	}
	return string(raw[:min(len(raw), 3000)])
}

// Messages returns all SIP messages the run sent and received, as text.
func (r *SIPpRun) Messages() (string, error) {
	raw, err := os.ReadFile(r.messages)
	return string(raw), err
}
