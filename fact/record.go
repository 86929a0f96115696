package fact

import (
	"net/netip"
	"time"
)

// Phone is one device and the credential it signs in with: one per device,
// generated, never shared.
type Phone struct {
	Extension string // internal number, e.g. "201"
	Device    string // stable device ID, e.g. "201-1"
	Name      string // what people call it
	User      string // digest username, the same as Device unless the phone can't
	Realm     string
	// SecretSealed is the digest hashes (HA1 for MD5 and SHA-256), sealed
	// with a key that lives outside the database.
	SecretSealed []byte
	Created      time.Time
	CreatedBy    string // the person or part that created it
	Disabled     bool
}

// Binding is one registered contact of a phone (RFC 3261 §10).
type Binding struct {
	Extension string
	Device    string
	Contact   string // the Contact URI as registered
	Path      []string
	CallID    string
	CSeq      uint32
	Instance  string // +sip.instance, if given
	Source    netip.AddrPort
	Transport string // "udp", "tcp", "tls"
	Listener  string // name of the listener it came in on
	UserAgent string
	Q         uint16 // thousandths
	Expires   time.Time
	Created   time.Time
}

// Line is one outside line 外線: a carrier connection with channels.
type Line struct {
	ID           string // "hikari", "trunk1"
	Profile      string // name of the profile data file
	Registrar    string // host[:port] or domain of the carrier
	User         string
	SecretSealed []byte
	Numbers      []Number // DID numbers, the first is the main number
	AreaCode     string   // e.g. "03": makes local dialing canonical
	Channels     int
	Transport    string   // "udp", "tcp", "tls"
	Sources      []string // addresses and prefixes that may send to us on a static line
	Priority     int      // lower is tried first
	Created      time.Time
	CreatedBy    string
	Disabled     bool
}

// Number is one outside number of a line and where it rings.
type Number struct {
	Number string   // national, e.g. "0312345678"
	Ring   []string // extensions or groups, all at once
}

// Group is a simple ring group.
type Group struct {
	Number  string
	Name    string
	Members []string
}

// Opening lets one extension call one country until it expires: the only way
// past the factory default for international calls.
type Opening struct {
	ID        string
	Extension string
	Area      string // numbering-plan area, e.g. "SL", "US", "JM"
	Expires   time.Time
	Created   time.Time
	CreatedBy string
	Reason    string
}

// LineDialog is what a restarted unit needs to end a call that was up on a
// line: the state of the line leg's dialog at answer.
type LineDialog struct {
	Call      string
	Line      string
	CallID    string
	LocalTag  string
	RemoteTag string
	LocalURI  string
	RemoteURI string
	Target    string // remote target (Contact)
	Routes    []string
	LocalSeq  uint32
	Answered  time.Time
	Remote    netip.AddrPort
	Transport string
}
