package chain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/sekisho/sekisho/fact"
)

// field is one field of a fact as JSON.
type field struct {
	name  string
	value json.RawMessage
}

type fields struct {
	body    []byte  // JSON object of the public fields, in the order of the struct
	private []field // those with the tag private:"yes"
}

var errNoStruct = errors.New("a fact has to be a struct, given by value")

// split writes a fact's fields down, the personal ones apart.
func split(f fact.Fact) (fields, error) {
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Struct {
		return fields{}, errNoStruct
	}
	s := splitter{}
	s.body.WriteByte('{')
	if err := s.walk(v); err != nil {
		return fields{}, err
	}
	s.body.WriteByte('}')
	if s.bytes > bodyBytesMax || s.count > fieldsMax {
		return fields{}, fmt.Errorf("%d bytes in %d fields, at most %d in %d",
			s.bytes, s.count, bodyBytesMax, fieldsMax)
	}
	return fields{body: s.body.Bytes(), private: s.private}, nil
}

type splitter struct {
	body    bytes.Buffer
	private []field
	count   int
	bytes   int
}

func (s *splitter) walk(v reflect.Value) error {
	t := v.Type()
	for i := range t.NumField() {
		ft := t.Field(i)
		if ft.Anonymous && ft.Type.Kind() == reflect.Struct {
			if err := s.walk(v.Field(i)); err != nil {
				return err
			}
			continue
		}
		name, options, _ := strings.Cut(ft.Tag.Get("json"), ",")
		if !ft.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = ft.Name
		}
		if strings.HasPrefix(options, "omit") && v.Field(i).IsZero() {
			continue
		}
		value, err := encode(v.Field(i))
		if err != nil {
			return fmt.Errorf("field %s: %w", name, err)
		}
		s.add(name, value, ft.Tag.Get("private") == "yes")
	}
	return nil
}

// Text is s as JSON carries it: bytes that are no UTF-8 become U+FFFD. What
// comes from the other side is put through it wherever it is stored beside a
// leaf, so that both stay the same.
func Text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// encode is json.Marshal, with a short way for the plain strings that most
// fields are.
func encode(v reflect.Value) ([]byte, error) {
	if v.Kind() == reflect.String && v.Type().NumMethod() == 0 {
		if s := v.String(); plain(s) {
			return append(append(append(make([]byte, 0, len(s)+2), '"'), s...), '"'), nil
		}
	}
	return json.Marshal(v.Interface())
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

func (s *splitter) add(name string, value []byte, private bool) {
	s.count++
	s.bytes += len(name) + len(value)
	if private {
		s.private = append(s.private, field{name: name, value: value})
		return
	}
	if s.body.Len() > 1 {
		s.body.WriteByte(',')
	}
	s.body.WriteByte('"')
	s.body.WriteString(name)
	s.body.WriteString(`":`)
	s.body.Write(value)
}

// Fact reads the fact of a record back; fields that were erased are empty.
func (r Record) Fact() (fact.Fact, error) {
	object := r.Body
	if len(r.Private) > 0 {
		var private map[string]opened
		if err := json.Unmarshal(r.Private, &private); err != nil {
			return nil, fmt.Errorf("leaf %d, personal fields: %w", r.Seq, err)
		}
		var whole map[string]json.RawMessage
		if err := json.Unmarshal(r.Body, &whole); err != nil {
			return nil, fmt.Errorf("leaf %d, body: %w", r.Seq, err)
		}
		for name, o := range private {
			whole[name] = o.Value
		}
		var err error
		if object, err = json.Marshal(whole); err != nil {
			return nil, fmt.Errorf("leaf %d: %w", r.Seq, err)
		}
	}
	f, err := fact.Decode(r.Kind, object)
	if err != nil {
		return nil, fmt.Errorf("leaf %d: %w", r.Seq, err)
	}
	return f, nil
}
