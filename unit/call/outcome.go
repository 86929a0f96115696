package call

// Reasons of our own. Their texts are for phones and protocols, not people.
var (
	// ReasonElsewhere keeps a forked phone from showing a missed call (RFC
	// 3326 §3.1).
	ReasonElsewhere = Reason{Protocol: "SIP", Cause: 200, Text: "Call completed elsewhere"}
	ReasonNoAnswer  = Reason{Protocol: "Q.850", Cause: 19, Text: "No answer"}
	// ReasonSilent is of a line that gave no response at all.
	ReasonSilent    = Reason{Protocol: "Q.850", Cause: 38, Text: "No response"}
	ReasonNormal    = Reason{Protocol: "Q.850", Cause: 16}
	ReasonDeclined  = Reason{Protocol: "SIP", Cause: 603, Text: "Declined on another phone"}
	ReasonTooLong   = Reason{Protocol: "SIP", Cause: 200, Text: "Longest call length reached"}
	ReasonNoMedia   = Reason{Protocol: "Q.850", Cause: 41, Text: "No media"}
	ReasonBadMedia  = Reason{Protocol: "SIP", Cause: 488, Text: "Not acceptable here"}
	ReasonLost      = Reason{Protocol: "Q.850", Cause: 41, Text: "Session lost"}
	ReasonNoChannel = Reason{Protocol: "Q.850", Cause: 34, Text: "No channel available"}
)

// PhraseTooLong is that of TooLong.
const PhraseTooLong = "Call Too Long"

// TooLong is how a call ends that has lasted as long as one may.
func TooLong() Refusal {
	return Refusal{Status: statusTimeout, Phrase: PhraseTooLong, Reason: ReasonTooLong}
}

// SIP statuses named in this package (RFC 3261 §21, RFC 3326, RFC 4411).
const (
	statusRinging        = 180
	statusProgress       = 183
	statusEarlyDialogEnd = 199
	statusOK             = 200
	statusForbidden      = 403
	statusNotFound       = 404
	statusTimeout        = 408
	statusGone           = 410
	statusUnavailable    = 480
	statusNoDialog       = 481
	statusLoop           = 482
	statusIncomplete     = 484
	statusBusy           = 486
	statusTerminated     = 487
	statusNotAcceptable  = 488
	statusNoService      = 503
	statusBusyEverywhere = 600
	statusDecline        = 603
	statusNotExist       = 604
	statusNotAccept6     = 606
)

// PromptBusy is what is spoken when every channel of every line is in use.
const PromptBusy = "line-busy"

// relay gives what of one leg's Reason the other may see: the cause, not the
// words (topology hiding).
func relay(r Reason) Reason {
	r.Text = ""
	return r
}

// fromPhone is what A is told when a phone's INVITE failed with status.
// What only says that the phone and we do not get on becomes 480.
func fromPhone(status int) int {
	switch {
	case status == statusNotExist:
		return statusUnavailable
	case status == statusNotAccept6, status == 415:
		return statusNotAcceptable
	case status == statusForbidden, status == statusBusy, status == statusNotAcceptable:
		return status
	case status >= 600:
		return status
	}
	return statusUnavailable
}

// fromLine is what A is told when a line's INVITE failed with status: the
// carrier's word counts, but for what is between the carrier and us.
func fromLine(status int) int {
	switch status {
	case 401, 407, statusTimeout:
		return statusNoService
	case statusTerminated:
		return statusUnavailable
	}
	if status < 400 || status >= 700 || (status >= 500 && status < 600) {
		return statusNoService
	}
	return status
}

// mayFailOver says whether another line may do what this one did not: when
// the line, not the called party or the carrier's judgment, is the cause. A
// 403 is the carrier's judgment and no other line goes around it.
func mayFailOver(status int) bool {
	switch status {
	case 401, 407, statusTimeout:
		return true
	}
	return status >= 500 && status < 600
}

// rank orders outcomes: the highest is what A is told when all legs failed.
// It is RFC 3261 §16.7 step 6, with what a person wants to know first among
// the 4xx.
func rank(status int) int {
	switch {
	case status >= 600:
		return 6
	case status == statusBusy:
		return 5
	case status == statusForbidden, status == statusNotFound, status == statusGone, status == statusIncomplete:
		return 4
	case status == statusNotAcceptable:
		return 3
	case status == statusUnavailable:
		return 2
	}
	return 1
}
