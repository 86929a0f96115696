package chain

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// The canonical form of everything here is what json.Marshal writes. What
// most values are (plain strings, numbers, times) is appended without it,
// because every call has some hundred of them; verification holds the outcome
// against json.Marshal again.

// Text is s as JSON carries it: bytes that are no UTF-8 become U+FFFD. What
// comes from the other side is put through it wherever it is stored beside a
// leaf, so that both stay the same.
func Text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// plain tells strings that JSON writes as they are.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

// appendText appends a string as JSON.
func appendText(b []byte, s string) []byte {
	if plain(s) {
		return append(append(append(b, '"'), s...), '"')
	}
	text, _ := json.Marshal(s) // a string always has a JSON form
	return append(b, text...)
}

// appendTime appends a time as JSON; it fails where time.Time has no JSON form.
func appendTime(b []byte, t time.Time) ([]byte, error) {
	b, err := t.AppendText(append(b, '"')) // RFC 3339 with nanoseconds, as MarshalJSON writes it
	return append(b, '"'), err
}

// appender appends one field's value as JSON.
type appender func(b []byte, v reflect.Value) ([]byte, error)

// appenderOf chooses the short way for a type, where it has one.
func appenderOf(t reflect.Type) appender {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return func(b []byte, v reflect.Value) ([]byte, error) {
			at, ok := v.Interface().(time.Time)
			if !ok {
				return nil, fmt.Errorf("%s is no time", v.Type())
			}
			return appendTime(b, at)
		}
	case t.NumMethod() > 0: // it may have a form of its own
	case t.Kind() == reflect.String:
		return func(b []byte, v reflect.Value) ([]byte, error) { return appendText(b, v.String()), nil }
	case t.Kind() == reflect.Bool:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendBool(b, v.Bool()), nil }
	case reflect.Int <= t.Kind() && t.Kind() <= reflect.Int64:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendInt(b, v.Int(), 10), nil }
	case reflect.Uint <= t.Kind() && t.Kind() <= reflect.Uint64:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendUint(b, v.Uint(), 10), nil }
	}
	return func(b []byte, v reflect.Value) ([]byte, error) {
		value, err := json.Marshal(v.Interface())
		return append(b, value...), err
	}
}
