package fact

import "time"

// Recording is a call, or a part of one, in a file (通話録音). What stands below Began is
// known when it is over.
type Recording struct {
	ID        string    `json:"id"`
	File      string    `json:"file"` // its name, by which nobody finds the ID
	Call      string    `json:"call"`
	From      string    `json:"from,omitempty" private:"yes"`
	To        string    `json:"to,omitempty" private:"yes"`
	Extension string    `json:"extension,omitempty"` // who talks at the office's end
	Line      string    `json:"line,omitempty"`      // of an outside call
	By        string    `json:"by"`                  // "phone/201-1", a person, or "unit" for Rule
	Rule      string    `json:"rule,omitempty"`      // whose ServiceRecord had it begin
	Began     time.Time `json:"began"`
	Ended     time.Time `json:"ended,omitzero"`
	Seconds   int       `json:"seconds,omitempty"`
	Bytes     int64     `json:"bytes,omitempty"` // of the file
	SHA256    string    `json:"sha256,omitempty"`
	LostMS    int       `json:"lost_ms,omitempty"` // that the disk was too slow for
	Why       string    `json:"why,omitempty"`     // it ended: one of the Recording words
	Reads     int       `json:"reads,omitempty"`
	ReadBy    string    `json:"read_by,omitempty"` // last
	ReadAt    time.Time `json:"read_at,omitzero"`
}

// Why recordings end; stable words.
const (
	RecordingOver        = "over"        // the call is over, or who had it begin wanted no more
	RecordingLong        = "long"        // it is as long as one may be
	RecordingFull        = "full"        // all recordings are as large as they may be, or the disk is nearly full
	RecordingDisk        = "disk"        // the disk did not take it
	RecordingInterrupted = "interrupted" // the unit's process died
)

// RecordingBegun says that a call is recorded from now on.
type RecordingBegun struct{ Recording }

// Kind is "recording.begun".
func (RecordingBegun) Kind() string { return "recording.begun" }

// Links ties the recording to its call, and to the rule by which it began.
func (f RecordingBegun) Links() Links {
	causes := []string{"call/" + f.Call}
	if f.Rule != "" {
		causes = append(causes, "routing/"+ServiceSet{Extension: f.Rule, Service: ServiceRecord}.RoutingID())
	}
	return Links{Subject: "recording/" + f.ID, Actor: f.By, Causes: causes}
}

// RecordingPaused says that a recording is silent from now on, or not any more.
type RecordingPaused struct {
	ID string    `json:"id"`
	On bool      `json:"on"`
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Kind is "recording.paused".
func (RecordingPaused) Kind() string { return "recording.paused" }

// Links ties it to the recording.
func (f RecordingPaused) Links() Links { return recordingLinks(f.ID, f.By) }

// RecordingEnded says that a recording is over, and what its file is.
type RecordingEnded struct {
	ID      string    `json:"id"`
	Why     string    `json:"why"`
	Seconds int       `json:"seconds"`
	Bytes   int64     `json:"bytes"`
	SHA256  string    `json:"sha256"`
	LostMS  int       `json:"lost_ms,omitempty"`
	At      time.Time `json:"at"`
}

// Kind is "recording.ended".
func (RecordingEnded) Kind() string { return "recording.ended" }

// Links ties it to the recording.
func (f RecordingEnded) Links() Links { return recordingLinks(f.ID, "") }

// RecordingRead says that somebody was given what was said.
type RecordingRead struct {
	ID string `json:"id"`
	By string `json:"by"`
	// Changed: the file was not what it was when it ended, and was not given.
	Changed bool      `json:"changed,omitempty"`
	At      time.Time `json:"at"`
}

// Kind is "recording.read".
func (RecordingRead) Kind() string { return "recording.read" }

// Links ties it to the recording.
func (f RecordingRead) Links() Links { return recordingLinks(f.ID, f.By) }

// RecordingDeleted says that a recording is gone, with its file.
type RecordingDeleted struct {
	ID string    `json:"id"`
	By string    `json:"by"` // a person, or "unit" when it was kept as long as set, or had no file
	At time.Time `json:"at"`
}

// Kind is "recording.deleted".
func (RecordingDeleted) Kind() string { return "recording.deleted" }

// Links ties it to the recording.
func (f RecordingDeleted) Links() Links { return recordingLinks(f.ID, f.By) }

func recordingLinks(id, by string) Links {
	subject := "recording/" + id
	return Links{Subject: subject, Actor: by, Causes: []string{subject}}
}

// End notes what is known of a recording that is over.
func (r *Recording) End(f RecordingEnded) {
	r.Ended, r.Why, r.Seconds, r.Bytes, r.SHA256, r.LostMS = f.At, f.Why, f.Seconds, f.Bytes, f.SHA256, f.LostMS
}

// Read notes that a recording was given to somebody, or was to be.
func (r *Recording) Read(f RecordingRead) {
	r.Reads, r.ReadBy, r.ReadAt = r.Reads+1, f.By, f.At
}
