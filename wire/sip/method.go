package sip

// Method is a request method. The zero value is MethodUnknown: a method that is a token, but none of ours;
// its text is in Message.MethodText. Methods are case-sensitive (RFC 3261 §7.1).
type Method uint8

// The methods of RFC 3261 and of the extensions that a phone system meets.
const (
	MethodUnknown Method = iota
	INVITE               // RFC 3261
	ACK                  // RFC 3261
	BYE                  // RFC 3261
	CANCEL               // RFC 3261
	OPTIONS              // RFC 3261
	REGISTER             // RFC 3261
	PRACK                // RFC 3262
	UPDATE               // RFC 3311
	INFO                 // RFC 6086
	REFER                // RFC 3515
	NOTIFY               // RFC 6665
	SUBSCRIBE            // RFC 6665
	MESSAGE              // RFC 3428
	PUBLISH              // RFC 3903
	numMethods
)

var methodNames = [numMethods]string{
	MethodUnknown: "UNKNOWN",
	INVITE:        "INVITE",
	ACK:           "ACK",
	BYE:           "BYE",
	CANCEL:        "CANCEL",
	OPTIONS:       "OPTIONS",
	REGISTER:      "REGISTER",
	PRACK:         "PRACK",
	UPDATE:        "UPDATE",
	INFO:          "INFO",
	REFER:         "REFER",
	NOTIFY:        "NOTIFY",
	SUBSCRIBE:     "SUBSCRIBE",
	MESSAGE:       "MESSAGE",
	PUBLISH:       "PUBLISH",
}

// String gives the method as it stands on the wire, "UNKNOWN" for MethodUnknown.
func (m Method) String() string {
	if m >= numMethods {
		return methodNames[MethodUnknown]
	}
	return methodNames[m]
}

// ParseMethod gives the method that b spells, byte for byte, or MethodUnknown.
func ParseMethod(b []byte) Method {
	switch string(b) { // no allocation: the compiler compares in place
	case "INVITE":
		return INVITE
	case "ACK":
		return ACK
	case "BYE":
		return BYE
	case "CANCEL":
		return CANCEL
	case "OPTIONS":
		return OPTIONS
	case "REGISTER":
		return REGISTER
	case "PRACK":
		return PRACK
	case "UPDATE":
		return UPDATE
	case "INFO":
		return INFO
	case "REFER":
		return REFER
	case "NOTIFY":
		return NOTIFY
	case "SUBSCRIBE":
		return SUBSCRIBE
	case "MESSAGE":
		return MESSAGE
	case "PUBLISH":
		return PUBLISH
	}
	return MethodUnknown
}

// MethodSet is a set of methods, one bit each.
type MethodSet uint32

// Methods makes a set.
func Methods(list ...Method) MethodSet {
	var s MethodSet
	for _, m := range list {
		s |= 1 << m
	}
	return s
}

// Has tells whether m is in the set. MethodUnknown never is.
func (s MethodSet) Has(m Method) bool { return m != MethodUnknown && s&(1<<m) != 0 }

// Append writes the set as the value of an Allow header field, in the order of the constants.
func (s MethodSet) Append(dst []byte) []byte {
	first := true
	for m := INVITE; m < numMethods; m++ {
		if !s.Has(m) {
			continue
		}
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = append(dst, methodNames[m]...)
	}
	return dst
}
