package chain

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/sekisho/sekisho/fact"
)

// form is how the facts of one type are written down: their fields in the
// order of the struct, those of embedded structs in their place.
type form []part

// part is one field of a form.
type part struct {
	name    string
	index   []int // for reflect.Value.FieldByIndex
	omit    bool  // left out when zero
	private bool  // has the tag private:"yes"
	append  appender
}

// forms has the form of every fact there is.
var forms = func() map[reflect.Type]form {
	m := make(map[reflect.Type]form)
	for _, f := range fact.All() {
		t := reflect.TypeOf(f)
		m[t] = formOf(t, nil)
	}
	return m
}()

// formOf reads the form of a struct that is reached by index.
func formOf(t reflect.Type, index []int) form {
	var out form
	for i := range t.NumField() {
		ft := t.Field(i)
		at := append(index[:len(index):len(index)], i)
		if ft.Anonymous && ft.Type.Kind() == reflect.Struct {
			out = append(out, formOf(ft.Type, at)...)
			continue
		}
		name, options, _ := strings.Cut(ft.Tag.Get("json"), ",")
		if !ft.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = ft.Name
		}
		out = append(out, part{
			name: name, index: at, omit: strings.HasPrefix(options, "omit"),
			private: ft.Tag.Get("private") == "yes", append: appenderOf(ft.Type),
		})
	}
	return out
}

var errNoStruct = errors.New("a fact has to be a struct, given by value")

// field is one personal field of a fact as JSON.
type field struct {
	name  string
	value []byte
}

type fields struct {
	body    []byte  // JSON object of the public fields, in the order of the struct
	private []field // those with the tag private:"yes"
}

// split writes a fact's fields down, the personal ones apart.
func split(f fact.Fact) (fields, error) {
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Struct {
		return fields{}, errNoStruct
	}
	parts, known := forms[v.Type()]
	if !known {
		parts = formOf(v.Type(), nil)
	}
	out := fields{body: append(make([]byte, 0, bodyBytesUsual), '{')}
	count, size := 0, 0
	for i := range parts {
		p := &parts[i]
		value := v.FieldByIndex(p.index)
		if p.omit && value.IsZero() {
			continue
		}
		written, err := out.add(p, value)
		if err != nil {
			return fields{}, fmt.Errorf("field %s: %w", p.name, err)
		}
		count++
		size += len(p.name) + written
	}
	out.body = append(out.body, '}')
	if size > bodyBytesMax || count > fieldsMax {
		return fields{}, fmt.Errorf("%d bytes in %d fields, at most %d in %d", size, count, bodyBytesMax, fieldsMax)
	}
	return out, nil
}

// add writes one field down, and tells how long its value is.
func (f *fields) add(p *part, v reflect.Value) (written int, err error) {
	if p.private {
		value, err := p.append(nil, v)
		f.private = append(f.private, field{name: p.name, value: value})
		return len(value), err
	}
	if len(f.body) > 1 {
		f.body = append(f.body, ',')
	}
	f.body = append(append(append(f.body, '"'), p.name...), `":`...)
	before := len(f.body)
	f.body, err = p.append(f.body, v)
	return len(f.body) - before, err
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
