package challenge

import (
	"bytes"
	"slices"
)

// Fault is what is wrong with a PIN; a stable word, "" for nothing.
type Fault string

// The faults.
const (
	FaultShort     Fault = "short"
	FaultLong      Fault = "long"
	FaultDigits    Fault = "digits"    // something is no digit
	FaultTrivial   Fault = "trivial"   // repeated, ascending or descending
	FaultExtension Fault = "extension" // the number of the extension itself
)

// Check tells what is wrong with a PIN for a person: its length, or that it is
// among the first that anybody would try.
func Check(pin []byte, person string) Fault {
	switch {
	case slices.ContainsFunc(pin, func(b byte) bool { return b < '0' || b > '9' }):
		return FaultDigits
	case len(pin) < DigitsMin:
		return FaultShort
	case len(pin) > DigitsMax:
		return FaultLong
	case repeats([]byte(person), pin):
		return FaultExtension
	case trivial(pin):
		return FaultTrivial
	}
	return ""
}

// repeats tells whether whole begins anew with part again and again.
func repeats(part, whole []byte) bool {
	if len(part) == 0 {
		return false
	}
	for i := range whole {
		if whole[i] != part[i%len(part)] {
			return false
		}
	}
	return true
}

// trivial tells the PINs that are tried first: 111111, 121212, 123123, 123456,
// 987654, 890123, 112233, 111222.
func trivial(pin []byte) bool {
	for n := 1; n <= patternMax; n++ {
		if repeats(pin[:n], pin) {
			return true
		}
	}
	if steps(pin) {
		return true
	}
	for n := 2; n <= patternMax; n++ { // each digit so many times
		var once []byte
		for i := 0; i < len(pin); i += n {
			if run := pin[i:min(i+n, len(pin))]; !repeats(run[:1], run) {
				once = nil
				break
			}
			once = append(once, pin[i])
		}
		if once != nil && steps(once) {
			return true
		}
	}
	return bytes.Count(pin, pin[:1]) >= len(pin)-1 // one digit and another
}

// steps tells whether each digit is the one before and one more, or one less;
// after 9 comes 0.
func steps(pin []byte) bool {
	const ten = 10
	for _, step := range []byte{1, ten - 1} {
		all := true
		for i := 1; i < len(pin) && all; i++ {
			all = (pin[i-1]-'0'+step)%ten == pin[i]-'0'
		}
		if all {
			return true
		}
	}
	return false
}
