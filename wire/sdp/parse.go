package sdp

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Errors of Parse, wrapped with the line they were found in.
var (
	// ErrSyntax: not a session description.
	ErrSyntax = errors.New("syntax")
	// ErrTooBig: beyond a limit of limits.go.
	ErrTooBig = errors.New("too big")
	// ErrMissing: a line that must be there isn't (v=, o=, c=).
	ErrMissing = errors.New("line missing")
)

var errAttribute = errors.New("attribute")

// parser is the state of one Parse.
type parser struct {
	s    *Session
	dir  Direction // of the session
	conn bool      // a session-level c= was seen
	// of the stream being read:
	m        *Media
	mConn    bool
	unusable [ptMax + 1]bool // by payload type
}

// ptMax is the highest payload type.
const ptMax = 127

// fieldsUsual is how many fields of a line there is room for beside the heap;
// more are rare.
const fieldsUsual = 16

// Parse reads a description. What it gives are parts of the text.
func Parse[Text string | []byte](body Text) (*Session, error) {
	if len(body) > BytesMax {
		return nil, fmt.Errorf("description of %d bytes: %w", len(body), ErrTooBig)
	}
	return parse(string(body))
}

func parse(text string) (*Session, error) {
	p, n := parser{dir: SendRecv, s: &Session{Name: "-"}}, 0
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimSuffix(line, "\r")
		if n++; n > LinesMax {
			return nil, fmt.Errorf("more than %d lines: %w", LinesMax, ErrTooBig)
		}
		if line == "" && strings.TrimRight(text, "\r\n") == "" {
			break // empty lines at the end: sent by some, harmless
		}
		if err := p.line(n, line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return p.finish(n)
}

func (p *parser) line(n int, line string) error {
	if len(line) < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z' {
		return ErrSyntax
	}
	value := line[2:]
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("control character: %w", ErrSyntax)
		}
	}
	if n == 1 {
		if line != "v=0" {
			return fmt.Errorf("v=0 must come first: %w", ErrSyntax)
		}
		return nil
	}
	switch line[0] {
	case 'v':
		return fmt.Errorf("v= twice: %w", ErrSyntax)
	case 'o':
		return p.origin(value)
	case 's':
		if p.m == nil && value != "" {
			p.s.Name = value
		}
	case 'c':
		return p.connection(value)
	case 'm':
		return p.media(value)
	case 'a':
		return p.attribute(value)
	}
	return nil // i= u= e= p= b= t= r= z= k= and later ones carry no audio
}

func (p *parser) origin(value string) error {
	var room [fieldsUsual]string
	f := appendFields(room[:0], value)
	if p.m != nil || p.s.Origin.ID != "" || len(f) != 6 {
		return fmt.Errorf("o=: %w", ErrSyntax)
	}
	if !digits(f[1]) || !digits(f[2]) {
		return fmt.Errorf("o= numbers: %w", ErrSyntax)
	}
	addr, err := address(f[3:])
	if err != nil {
		return fmt.Errorf("o=: %w", err)
	}
	p.s.Origin = Origin{User: f[0], ID: f[1], Version: f[2], Addr: addr}
	return nil
}

func (p *parser) connection(value string) error {
	var room [fieldsUsual]string
	addr, err := address(appendFields(room[:0], value))
	if err != nil {
		return fmt.Errorf("c=: %w", err)
	}
	switch {
	case p.m == nil && p.conn:
		return fmt.Errorf("c= twice: %w", ErrSyntax)
	case p.m == nil:
		p.s.Addr, p.conn = addr, true
	case !p.mConn: // several c= lines are layered multicast: the first counts
		p.m.Addr, p.mConn = addr, true
	}
	return nil
}

// address reads "IN IP4 192.0.2.1": not valid without error for host names.
func address(f []string) (netip.Addr, error) {
	if len(f) != 3 || f[0] != "IN" || f[1] != "IP4" && f[1] != "IP6" {
		return netip.Addr{}, ErrSyntax
	}
	host, _, _ := strings.Cut(f[2], "/") // multicast TTL
	a, err := netip.ParseAddr(host)
	if err != nil {
		if hostname(host) {
			return netip.Addr{}, nil
		}
		return netip.Addr{}, ErrSyntax
	}
	if a.Zone() != "" || a.Is4() != (f[1] == "IP4") {
		return netip.Addr{}, ErrSyntax
	}
	return a.Unmap(), nil
}

func (p *parser) media(value string) error {
	if err := p.endMedia(); err != nil {
		return err
	}
	if len(p.s.Media) >= MediaMax {
		return fmt.Errorf("more than %d streams: %w", MediaMax, ErrTooBig)
	}
	var room [fieldsUsual]string
	f := appendFields(room[:0], value)
	if len(f) < 4 {
		return fmt.Errorf("m=: %w", ErrSyntax)
	}
	if len(f)-3 > FormatsMax {
		return fmt.Errorf("m= with %d formats: %w", len(f)-3, ErrTooBig)
	}
	port, _, _ := strings.Cut(f[1], "/")
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || !token(f[0]) || !token(strings.ReplaceAll(f[2], "/", "")) {
		return fmt.Errorf("m=: %w", ErrSyntax)
	}
	p.s.Media = append(p.s.Media, Media{
		Type: f[0], Port: uint16(n), Proto: f[2], Formats: slices.Clone(f[3:]), Addr: p.s.Addr, Direction: p.dir,
	})
	p.m, p.mConn = &p.s.Media[len(p.s.Media)-1], false
	p.unusable = [ptMax + 1]bool{}
	return p.formats()
}

// formats begins the codecs of the stream whose m= line was read, with what
// its static payload types mean; a=rtpmap says what the others are.
func (p *parser) formats() error {
	if rtp, _ := p.m.RTP(); !rtp {
		return nil
	}
	p.m.Codecs = make([]Codec, 0, len(p.m.Formats))
	for _, f := range p.m.Formats {
		pt, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			return fmt.Errorf("payload type %q: %w", f, ErrSyntax)
		}
		if p.codec(uint8(pt)) != nil {
			continue // listed twice
		}
		c, _ := Static(uint8(pt))
		c.PT = uint8(pt)
		p.m.Codecs = append(p.m.Codecs, c)
	}
	return nil
}

// codec is the stream's codec of a payload type, nil for one not listed. One
// that is not known yet has no name.
func (p *parser) codec(pt uint8) *Codec {
	for i := range p.m.Codecs {
		if p.m.Codecs[i].PT == pt {
			return &p.m.Codecs[i]
		}
	}
	return nil
}

func (p *parser) finish(lines int) (*Session, error) {
	if err := p.endMedia(); err != nil {
		return nil, err
	}
	if lines == 0 || p.s.Origin.ID == "" {
		return nil, fmt.Errorf("o=: %w", ErrMissing)
	}
	return p.s, nil
}

// appendFields splits a text at white space, as strings.Fields does.
func appendFields(dst []string, text string) []string {
	for f := range strings.FieldsSeq(text) {
		dst = append(dst, f)
	}
	return dst
}

// token is RFC 8866's token, and the characters that formats and profiles
// have besides.
func token(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]`, s[i]) >= 0 {
			return false
		}
	}
	return s != ""
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && len(s) <= nameBytesMax
}

func hostname(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '-' && c != '.' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	// An address with a wrong number in it is no host name.
	last := s[strings.LastIndexByte(s, '.')+1:]
	return s != "" && len(s) <= 255 && !digits(last)
}
