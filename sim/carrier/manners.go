package carrier

// Rule names a demand of a carrier that a message violated.
type Rule string

// The rules that manners may make. What breaks one is answered as that
// carrier answers it, and noted in Violations.
const (
	RuleSourcePort   Rule = "source-port"   // answers go to the demanded port, calls get 403
	RuleRPort        Rule = "rport"         // 403
	RuleContact      Rule = "contact"       // 403
	RuleFromTag      Rule = "from-tag"      // 403
	RuleAccount      Rule = "account"       // 403: To of REGISTER, From of INVITE, or their hosts
	RuleAsserted     Rule = "asserted"      // 403: P-Asserted-Identity
	RulePreferred    Rule = "preferred"     // 403: P-Preferred-Identity
	RuleDigits       Rule = "digits"        // 404
	RuleWithholding  Rule = "withholding"   // 403
	RuleRoute        Rule = "route"         // 403
	RuleRequestURI   Rule = "request-uri"   // 404
	RuleTimer        Rule = "timer"         // 421
	RuleDescription  Rule = "description"   // 488
	RuleMediaPort    Rule = "media-port"    // 403
	RuleRecordRoute  Rule = "record-route"  // 403
	RuleConfirmTimer Rule = "confirm-timer" // a 2xx of the line's without the session timer
)

// Wish is what a carrier thinks of a header.
type Wish uint8

// The wishes.
const (
	Whatever Wish = iota
	Wanted
	Unwanted
)

// Withholding is how a caller asks not to be shown.
type Withholding uint8

// The ways.
const (
	WithholdAnyhow   Withholding = iota
	WithholdByPrefix             // 184 in front of the number, no Privacy
	WithholdByHeader             // Privacy: id and an anonymous From, no 184
)

// Called is where the carrier writes the number of ours that is called.
type Called uint8

// The places.
const (
	CalledEverywhere Called = iota // To and P-Called-Party-ID
	CalledInURI                    // Request-URI and To
	CalledInTo                     // To alone
	CalledInParty                  // P-Called-Party-ID; To names the main number
)

// Manners are one carrier's demands and habits. The zero value demands
// nothing.
type Manners struct {
	Domain string // host of From, To and Request-URI; "" takes any

	// What it demands of the line.
	SourcePort   uint16
	NoRPort      bool   // no rport in Via
	PlainContact bool   // Contact without parameters in its URI
	FreshTag     bool   // a new From tag with each REGISTER
	FromAccount  bool   // From of calls names the account, not a number
	Asserted     Wish   // P-Asserted-Identity
	Preferred    Wish   // P-Preferred-Identity
	Alphabet     string // bytes of a dialed number, "" for any
	Star         bool   // dials what stands in front of "*"
	Withholding  Withholding
	NeedTimer    bool     // Supported: timer
	Codecs       []string // others are answered 488; empty for any
	Events       bool     // telephone-event may stand beside Codecs
	MediaPort    uint16   // lowest port of RTP
	Plain        bool     // offers of more than one format are answered 488, which breaks no rule

	// How it speaks.
	Routes    bool   // Path and Service-Route, which calls must carry; Record-Route
	Timer     uint32 // seconds of Session-Expires, 0 for none
	Compact   bool   // compact header names
	Called    Called
	Asserts   bool // incoming calls name the caller in P-Asserted-Identity, behind another From
	Tokenless bool // incoming calls go to the number instead of to the line's Contact
}

// GenericRegistration is a carrier at which lines register; calls come to the
// Contact that was registered.
func GenericRegistration(domain string) Manners {
	return Manners{
		Domain: domain, Asserted: Wanted, Preferred: Unwanted, Alphabet: "0123456789#+", Withholding: WithholdByHeader,
		NeedTimer: true, Codecs: []string{"PCMU", "PCMA", "G722"}, Events: true, Called: CalledInTo, Asserts: true,
	}
}

// GenericStatic is a carrier that knows its lines by their addresses.
func GenericStatic(domain string) Manners {
	m := GenericRegistration(domain)
	m.Called = CalledInURI
	return m
}

// HikariHGW is a home gateway of Hikari Denwa: the line is its extension, 3
// to 7, and signs in with user 0003 to 0007.
func HikariHGW(domain string) Manners {
	return Manners{
		Domain: domain, NoRPort: true, FromAccount: true, Asserted: Wanted, Preferred: Unwanted,
		Alphabet: "0123456789*#", Star: true, Withholding: WithholdByPrefix,
		Codecs: []string{"PCMU", "G722"}, Called: CalledInTo,
	}
}

// HikariOfficeA is the NGN at the line itself: no digest, its own ports,
// routes and identities.
func HikariOfficeA(domain string) Manners {
	return Manners{
		Domain: domain, SourcePort: 5060, NoRPort: true, PlainContact: true, FreshTag: true,
		Asserted: Unwanted, Preferred: Wanted, Alphabet: "0123456789*#", Star: true, Withholding: WithholdByPrefix,
		NeedTimer: true, Codecs: []string{"PCMU"}, Events: true, MediaPort: 49152,
		Routes: true, Timer: 300, Compact: true, Called: CalledInParty,
	}
}

// Violation is one message that broke a rule.
type Violation struct {
	Line    string
	Rule    Rule
	What    string // what was found
	Message string // the whole message
}

// Violations lists what the lines did against the manners, in order.
func (c *Carrier) Violations() []Violation {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Violation(nil), c.violations...)
}

func (c *Carrier) note(v Violation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.violations) < violationsMax {
		c.violations = append(c.violations, v)
	}
}
