package control

import (
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// The operations of a unit.
var (
	Claim       = Op[ClaimRequest, Status]{"claim"}
	GetStatus   = Op[StatusRequest, Status]{"status"}
	PhoneAdd    = Op[PhoneAddRequest, PhoneAccount]{"phone.add"}
	PhoneList   = Op[None, []Phone]{"phone.list"}
	PhoneRemove = Op[PhoneRequest, None]{"phone.remove"}
	PhoneSwitch = Op[PhoneSwitchRequest, Phone]{"phone.switch"}
	PhoneSecret = Op[PhoneRequest, PhoneAccount]{"phone.secret"}
	LampList    = Op[None, []Lamp]{"lamp.list"}
	GroupSet    = Op[Group, None]{"group.set"}
	GroupList   = Op[None, []Group]{"group.list"}
	GroupRemove = Op[GroupRequest, None]{"group.remove"}
	GroupMember = Op[GroupMemberRequest, None]{"group.member"}
	LineAdd     = Op[LineAddRequest, Line]{"line.add"}
	LineList    = Op[None, []Line]{"line.list"}
	LineRemove  = Op[LineRequest, None]{"line.remove"}
	LineTest    = Op[LineRequest, []Check]{"line.test"}
	GateCheck   = Op[GateCheckRequest, GateTrace]{"gate.check"}
	GateOpen    = Op[GateOpenRequest, Opening]{"gate.open"}
	GateShut    = Op[GateShutRequest, None]{"gate.shut"}
	GateList    = Op[None, []Opening]{"gate.list"}
	GateRules   = Op[None, []Rule]{"gate.rules"}
	GateSigns   = Op[GateSignsRequest, Signs]{"gate.signs"}
	// What is set apart, and calls that are cut.
	QuarantineAdd     = Op[QuarantineAddRequest, QuarantineAdded]{"quarantine.add"}
	QuarantineList    = Op[None, []Quarantine]{"quarantine.list"}
	QuarantineRelease = Op[QuarantineReleaseRequest, []Quarantine]{"quarantine.release"}
	CutCalls          = Op[CallsCutRequest, CallsCut]{"calls.cut"}

	Calls      = Op[CallsRequest, []CallRecord]{"calls"}
	LiveCalls  = Op[None, []LiveCall]{"calls.live"}
	Doctor     = Op[DoctorRequest, []Check]{"doctor"}
	GetMetrics = Op[None, Metrics]{"metrics"}
)

// None is nothing asked, or nothing answered.
type None struct{}

// ClaimRequest makes the caller the unit's owner.
type ClaimRequest struct {
	Code  string `json:"code"`
	Owner string `json:"owner"`
}

// StatusRequest asks for the unit at a glance.
type StatusRequest struct {
	// Collect has the garbage collector run first and give back what is free, so
	// that live bytes and the process's memory are what is in use and no more.
	// It takes tens of milliseconds of a core.
	Collect bool `json:"collect,omitempty"`
}

// Status is the unit at a glance.
type Status struct {
	Unit      string     `json:"unit"`
	Version   string     `json:"version"`
	Claimed   bool       `json:"claimed"`
	Owner     string     `json:"owner,omitempty"`
	Started   time.Time  `json:"started"`
	Listeners []Listener `json:"listeners"`
	// Degraded says why nothing can be written; nil when all is well.
	Degraded *text.Message `json:"degraded,omitempty"`
	// Apart is what is set apart.
	Apart   []Quarantine `json:"apart"`
	PINs    PINCount     `json:"pins"`
	Runtime Runtime      `json:"runtime"`
}

// Runtime is what the process has in use: for telling a leak, and what work
// costs.
type Runtime struct {
	HeapLiveBytes  uint64 `json:"heap_live_bytes"`              // in use at the end of the last collection
	HeapAllocBytes uint64 `json:"heap_allocated_bytes_total"`   // allocated since the start
	HeapAllocs     uint64 `json:"heap_objects_allocated_total"` // objects, since the start
	Goroutines     uint64 `json:"goroutines"`
}

// Metrics is the unit's figures in Prometheus's text format.
type Metrics struct {
	Text string `json:"text"`
}

// Listener is one address the unit listens on.
type Listener struct {
	Plane     string   `json:"plane"`
	Name      string   `json:"name"`
	Transport string   `json:"transport"`
	Addr      string   `json:"addr"`
	Digest    []string `json:"digest,omitempty"`
}

// PhoneAddRequest adds a phone at an extension.
type PhoneAddRequest struct {
	Extension string `json:"extension"`
	Name      string `json:"name,omitempty"`
}

// PhoneRequest names a phone: by extension, or by device where an extension
// has several.
type PhoneRequest struct {
	Phone string `json:"phone"`
}

// PhoneSwitchRequest takes a phone out of use, or puts it back.
type PhoneSwitchRequest struct {
	Phone    string `json:"phone"` // as in PhoneRequest
	Disabled bool   `json:"disabled"`
}

// PhoneAccount is what a person types into a phone. The secret is shown this
// once and never again.
type PhoneAccount struct {
	Extension string     `json:"extension"`
	Device    string     `json:"device"`
	Name      string     `json:"name,omitempty"`
	User      string     `json:"user"`
	Secret    string     `json:"secret"`
	Realm     string     `json:"realm"`
	Servers   []Listener `json:"servers"`
}

// Lamp is what a lamp shows: "idle", "seized", "ringing", "talking" or "held".
type Lamp struct {
	Lamp    string   `json:"lamp"`
	Shows   string   `json:"shows"`
	Device  string   `json:"device,omitempty"`  // phone that has it
	Private bool     `json:"private,omitempty"` // only that takes it back
	Watched []string `json:"watched"`           // by these phones
}

// Phone is one phone and where it is registered.
type Phone struct {
	Extension string    `json:"extension"`
	Device    string    `json:"device"`
	Name      string    `json:"name,omitempty"`
	Disabled  bool      `json:"disabled,omitempty"`
	Contacts  []Contact `json:"contacts"`
	Created   time.Time `json:"created"`
	CreatedBy string    `json:"created_by"`
}

// Contact is one registered contact.
type Contact struct {
	Source    string    `json:"source"`
	Transport string    `json:"transport"`
	UserAgent string    `json:"user_agent,omitempty"`
	Expires   time.Time `json:"expires"`
}

// Group is a simple ring group.
type Group struct {
	Number  string   `json:"number"`
	Name    string   `json:"name,omitempty"`
	Members []string `json:"members"`
	// What follows is as fact.Group has it.
	Strategy string         `json:"strategy,omitempty"`
	Seconds  int            `json:"seconds,omitempty"`
	Delays   map[string]int `json:"delays,omitempty"`
	SkipBusy bool           `json:"skip_busy,omitempty"`
	Out      []string       `json:"out,omitempty"` // who has logged out
	Overflow string         `json:"overflow,omitempty"`
}

// GroupMemberRequest logs a member of a group in or out.
type GroupMemberRequest struct {
	Number    string `json:"number"`
	Extension string `json:"extension"`
	In        bool   `json:"in"`
}

// GroupRequest names a group.
type GroupRequest struct {
	Number string `json:"number"`
}

// LineAddRequest adds an outside line.
type LineAddRequest struct {
	ID        string       `json:"id"`
	Profile   string       `json:"profile"`
	Registrar string       `json:"registrar"`
	User      string       `json:"user,omitempty"`
	Secret    string       `json:"secret,omitempty"`
	Numbers   []LineNumber `json:"numbers"`
	AreaCode  string       `json:"area_code,omitempty"`
	Channels  int          `json:"channels,omitempty"`
	Transport string       `json:"transport,omitempty"`
	Sources   []string     `json:"sources,omitempty"`
	Priority  int          `json:"priority,omitempty"`
	LocalPort int          `json:"local_port,omitempty"` // a UDP port of its own, 0 for the profile's
	LocalAddr string       `json:"local_addr,omitempty"` // address with it, "" for line_addr's
	DSCP      int          `json:"dscp,omitempty"`       // class of its signaling, 0 for the profile's
	Forwarded string       `json:"forwarded,omitempty"`  // what calls sent on show, as fact.Line has it
}

// LineNumber is one outside number and where it rings.
type LineNumber struct {
	Number string   `json:"number"`
	Ring   []string `json:"ring"`
}

// LineRequest names a line.
type LineRequest struct {
	ID string `json:"id"`
}

// Line is one outside line and how it does.
type Line struct {
	ID        string       `json:"id"`
	Profile   string       `json:"profile"`
	Registrar string       `json:"registrar"`
	Numbers   []LineNumber `json:"numbers"`
	Channels  int          `json:"channels"`
	InUse     int          `json:"in_use"`
	State     string       `json:"state"` // "up", "down"
	// Reason says why it is down; Warning what the owner should know.
	Reason    *text.Message `json:"reason,omitempty"`
	Local     string        `json:"local"`     // address and port that it speaks from
	OwnPort   bool          `json:"own_port"`  // nothing else speaks from there
	DSCP      int           `json:"dscp"`      // class of its signaling
	Emergency bool          `json:"emergency"` // can reach 110, 118, 119
	Warning   *text.Message `json:"warning,omitempty"`
}

// Check is one finding of doctor or of a line test.
type Check struct {
	Name   string       `json:"name"`        // what was looked at: "claim", "store", "file", "line", "reach" …
	Of     text.Message `json:"of,omitzero"` // which of them
	Result Result       `json:"result"`
	Detail text.Message `json:"detail"`
}

// Result is what came of a check.
type Result string

// The results.
const (
	ResultOK        Result = "ok"
	ResultWarning   Result = "warning"
	ResultFailed    Result = "failed"
	ResultNotTested Result = "not-tested"
)

// GateCheckRequest asks what the gate would say.
type GateCheckRequest struct {
	Number string    `json:"number"`
	From   string    `json:"from"`
	At     time.Time `json:"at,omitzero"`
}

// GateTrace is the way of a number through the gate, without a call.
type GateTrace struct {
	Dialed   string `json:"dialed"`
	Class    string `json:"class"`
	Digits   string `json:"digits"`
	Area     string `json:"area,omitempty"`
	Range    string `json:"range,omitempty"`
	Why      string `json:"why,omitempty"`
	Line     string `json:"line,omitempty"`
	Sent     string `json:"sent,omitempty"` // the user part the line would send
	Verdict  string `json:"verdict"`
	Rule     string `json:"rule"`
	Reason   string `json:"reason,omitempty"` // text key
	Status   int    `json:"status,omitempty"`
	Steps    []Step `json:"steps"`
	Internal bool   `json:"internal"` // stays in the house: no gate is asked
	// Unavailable says why nothing can be sent although the gate would pass it.
	Unavailable *text.Message `json:"unavailable,omitempty"`
}

// Step is one rule asked.
type Step struct {
	Rule   string `json:"rule"`
	Answer string `json:"answer"` // the gate's verb, "none" for no opinion
	// Says is what the rule said, nil for no opinion.
	Says *text.Message `json:"says,omitempty"`
	// Signs are what is odd about how the office telephones, for the rule that
	// looks at it.
	Signs []text.Message `json:"signs,omitempty"`
}

// GateSignsRequest asks what is odd about how the office telephones: one
// extension, or all.
type GateSignsRequest struct {
	Extension string `json:"extension,omitempty"`
}

// Signs is what the gate knows of how the office telephones, and what it
// lately saw that is odd.
type Signs struct {
	Areas      []string    `json:"areas"` // countries that are not new to the office
	Extensions []SignsOf   `json:"extensions"`
	Seen       []SignsSeen `json:"seen"` // the newest first
}

// SignsOf is what is known of an extension, or of another site.
type SignsOf struct {
	Extension string         `json:"extension,omitempty"`
	Site      string         `json:"site,omitempty"`
	Known     []text.Message `json:"known"`
}

// SignsSeen is a call that was odd.
type SignsSeen struct {
	At        time.Time      `json:"at"`
	Call      string         `json:"call"`
	Extension string         `json:"extension,omitempty"`
	Site      string         `json:"site,omitempty"` // another one, that it came from
	To        string         `json:"to"`
	Opinion   string         `json:"opinion"` // "noted", "challenge", "cut"
	Verdict   string         `json:"verdict"`
	Rule      string         `json:"rule"`
	Signs     []text.Message `json:"signs"`
}

// GateOpenRequest opens one country for one extension until a time.
type GateOpenRequest struct {
	Area      string    `json:"area"`
	Extension string    `json:"extension"`
	Until     time.Time `json:"until"`
	Reason    string    `json:"reason"`
}

// GateShutRequest shuts an opening again: by ID, or every one of an extension
// and area.
type GateShutRequest struct {
	ID        string `json:"id,omitempty"`
	Area      string `json:"area,omitempty"`
	Extension string `json:"extension,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

// Opening is one country open for one extension.
type Opening struct {
	ID        string    `json:"id"`
	Extension string    `json:"extension"`
	Area      string    `json:"area"`
	Until     time.Time `json:"until"`
	CreatedBy string    `json:"created_by"`
	Reason    string    `json:"reason,omitempty"`
}

// Rule is one rule of the gate, in the order they are asked.
type Rule struct {
	Order int    `json:"order"`
	Name  string `json:"name"`
	Says  string `json:"says"` // text key
}

// CallsRequest filters the call records.
type CallsRequest struct {
	Since     time.Time `json:"since,omitzero"`
	Extension string    `json:"extension,omitempty"`
	Limit     int       `json:"limit,omitempty"`
}

// CallRecord is one ended call on record.
type CallRecord struct {
	Call       string `json:"call"`
	Direction  string `json:"direction"` // "internal", "outgoing", "incoming"
	From       string `json:"from"`
	To         string `json:"to"`
	Extension  string `json:"extension,omitempty"`
	Device     string `json:"device,omitempty"`
	Credential string `json:"credential,omitempty"`
	Source     string `json:"source,omitempty"`
	// Registration is the evidence pointer of the binding the phone spoke from.
	Registration string    `json:"registration,omitempty"`
	Line         string    `json:"line,omitempty"`
	Verdict      string    `json:"verdict,omitempty"`
	Rule         string    `json:"rule,omitempty"`
	Started      time.Time `json:"started"`
	Answered     time.Time `json:"answered,omitzero"`
	Ended        time.Time `json:"ended"`
	Reason       string    `json:"reason"`
	Status       int       `json:"status,omitempty"`
	Cost         int64     `json:"cost,omitempty"` // thousandths of yen, once ended
	// Opinion is what it looked like beside what the office does, "" for nothing
	// odd, and Signs why.
	Opinion string      `json:"opinion,omitempty"` // "noted", "challenge", "cut"
	Signs   []fact.Sign `json:"signs,omitempty"`
	// Mark is what the number of a call that came in is marked by: "abroad",
	// "posing" as one of Japan.
	Mark string `json:"mark,omitempty"`
	// Queue is the one in which it waited last, and Agent who took it from there.
	Queue    string `json:"queue,omitempty"`
	WaitedMS int64  `json:"waited_ms,omitempty"`
	Agent    string `json:"agent,omitempty"`
	Leaf     uint64 `json:"leaf"` // index of the first evidence leaf
	// Sound is how the voice of each leg went.
	Sound []fact.Sound `json:"sound,omitempty"`
}

// LiveCall is one call that is up.
type LiveCall struct {
	Call      string    `json:"call"`
	Direction string    `json:"direction"`
	From      string    `json:"from"`
	To        string    `json:"to"`
	State     string    `json:"state"`
	Line      string    `json:"line,omitempty"`
	Started   time.Time `json:"started"`
}

// DoctorRequest asks for a self-check.
type DoctorRequest struct {
	From string `json:"from,omitempty"` // a network namespace to try the listeners from
}
