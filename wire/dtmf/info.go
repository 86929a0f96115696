package dtmf

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"
)

// The content types of INFO bodies.
const (
	TypeRelay = "application/dtmf-relay" // Signal=5 and Duration=160
	TypePlain = "application/dtmf"       // 5
)

// ErrInfo: not a body of that type.
var ErrInfo = errors.New("not a DTMF body")

// infoDuration is what a key lasts that comes without one.
const infoDuration = 160 * time.Millisecond

// infoDurationMax is the longest believed.
const infoDurationMax = 10 * time.Second

// ParseInfo reads the body of an INFO of one of the content types above
// (parameters and case do not matter).
func ParseInfo(contentType string, body []byte) (key byte, d time.Duration, err error) {
	if len(body) > InfoBytesMax {
		return 0, 0, ErrInfo
	}
	name, _, _ := strings.Cut(contentType, ";")
	switch strings.ToLower(strings.TrimSpace(name)) {
	case TypeRelay:
		return parseRelay(body)
	case TypePlain:
		key, ok := infoKey(string(bytes.TrimSpace(body)))
		if !ok {
			return 0, 0, ErrInfo
		}
		return key, infoDuration, nil
	}
	return 0, 0, ErrInfo
}

func parseRelay(body []byte) (key byte, d time.Duration, err error) {
	d = infoDuration
	for line := range strings.Lines(string(body)) {
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			if key, ok = infoKey(value); !ok {
				return 0, 0, ErrInfo
			}
		case "duration":
			ms, err := strconv.ParseUint(value, 10, 32)
			if err != nil {
				return 0, 0, ErrInfo
			}
			d = min(time.Duration(ms)*time.Millisecond, infoDurationMax)
		}
	}
	if key == 0 {
		return 0, 0, ErrInfo
	}
	return key, d, nil
}

// infoKey reads a key, or the number of its event: some write * as 10 and #
// as 11.
func infoKey(s string) (byte, bool) {
	if len(s) == 1 {
		code, ok := Code(s[0])
		if !ok {
			return 0, false
		}
		return keys[code], true
	}
	n, err := strconv.ParseUint(s, 10, 8)
	if err != nil || len(s) != 2 || n < 10 || n > 15 {
		return 0, false
	}
	return keys[n], true
}

// AppendInfo appends the TypeRelay body of a key.
func AppendInfo(dst []byte, key byte, d time.Duration) []byte {
	dst = append(append(dst, "Signal="...), key)
	dst = append(dst, "\r\nDuration="...)
	dst = strconv.AppendInt(dst, d.Milliseconds(), 10)
	return append(dst, "\r\n"...)
}
