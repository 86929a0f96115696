package metrics

// Name is the name of a figure, as Prometheus sees it.
type Name string

// Kind is how a figure behaves.
type Kind uint8

// The kinds.
const (
	Counter   Kind = iota + 1 // only rises, until the unit starts again
	Gauge                     // rises and falls
	Histogram                 // durations by size
)

// String gives Prometheus's word.
func (k Kind) String() string {
	switch k {
	case Counter:
		return "counter"
	case Gauge:
		return "gauge"
	case Histogram:
		return "histogram"
	default:
		return "none"
	}
}

// The figures.
const (
	Info     Name = "sekisho_info"
	Claimed  Name = "sekisho_claimed"
	Degraded Name = "sekisho_store_degraded"

	CallsUp        Name = "sekisho_calls_up"
	CallsBegun     Name = "sekisho_calls_begun_total"
	Verdicts       Name = "sekisho_gate_verdicts_total"
	VerdictSeconds Name = "sekisho_gate_verdict_seconds"
	Behind         Name = "sekisho_gate_records_behind"

	Opinions Name = "sekisho_tempo_opinions_total"
	Signs    Name = "sekisho_tempo_signs_total"

	PhonesRegistered Name = "sekisho_phones_registered"
	Contacts         Name = "sekisho_contacts"

	LineUp       Name = "sekisho_line_up"
	LineChannels Name = "sekisho_line_channels"
	LineUsed     Name = "sekisho_line_channels_used"

	QueueWaiting Name = "sekisho_queue_waiting"
	QueueLongest Name = "sekisho_queue_longest_wait"
	QueueFree    Name = "sekisho_queue_agents_free"
	QueueCalls   Name = "sekisho_queue_calls_total"
	QueueInTime  Name = "sekisho_queue_answered_in_time_total"

	SiteUp Name = "sekisho_site_up"

	SIPMessages      Name = "sekisho_sip_messages_total"
	SIPDropped       Name = "sekisho_sip_dropped_total"
	SIPRefused       Name = "sekisho_sip_refused_total"
	SIPRetransmitted Name = "sekisho_sip_retransmissions_total"
	SIPWaitSeconds   Name = "sekisho_sip_wait_seconds"
	Barred           Name = "sekisho_filter_sources"
	SIPConnections   Name = "sekisho_sip_connections"

	Leaves        Name = "sekisho_evidence_leaves"
	LeavesSigned  Name = "sekisho_evidence_leaves_signed"
	CommitSeconds Name = "sekisho_store_commit_seconds"

	MediaCalls Name = "sekisho_media_calls"

	Recording     Name = "sekisho_recordings_running"
	RecordingLost Name = "sekisho_recording_lost_seconds_total"
	RecordingFull Name = "sekisho_recordings_full"
)

// figure is one row of the table.
type figure struct {
	name   Name
	kind   Kind
	labels []string
}

// figures are all of them, in the order of the page.
var figures = []figure{
	{Info, Gauge, []string{"version"}},
	{Claimed, Gauge, nil},
	{CallsUp, Gauge, nil},
	{CallsBegun, Counter, []string{"direction"}},
	{Verdicts, Counter, []string{"verb"}},
	{VerdictSeconds, Histogram, nil},
	{Behind, Gauge, nil},
	{Opinions, Counter, []string{"level"}},
	{Signs, Counter, []string{"sign", "strength"}},
	{PhonesRegistered, Gauge, nil},
	{Contacts, Gauge, nil},
	{LineUp, Gauge, []string{"line"}},
	{LineChannels, Gauge, []string{"line"}},
	{LineUsed, Gauge, []string{"line"}},
	{QueueWaiting, Gauge, []string{"queue"}},
	{QueueLongest, Gauge, []string{"queue"}},
	{QueueFree, Gauge, []string{"queue"}},
	{QueueCalls, Counter, []string{"queue", "end"}},
	{QueueInTime, Counter, []string{"queue"}},
	{SiteUp, Gauge, []string{"site"}},
	{SIPMessages, Counter, []string{"direction"}},
	{SIPDropped, Counter, []string{"why"}},
	{SIPRefused, Counter, []string{"why"}},
	{SIPRetransmitted, Counter, []string{"by"}},
	{SIPWaitSeconds, Histogram, nil},
	{SIPConnections, Gauge, nil},
	{Barred, Gauge, nil},
	{MediaCalls, Gauge, nil},
	{Recording, Gauge, nil},
	{RecordingLost, Counter, nil},
	{RecordingFull, Gauge, nil},
	{Leaves, Gauge, nil},
	{LeavesSigned, Gauge, nil},
	{CommitSeconds, Histogram, nil},
	{Degraded, Gauge, nil},
}
