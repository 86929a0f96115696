package chain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
)

// TestAppendedIsJSON holds the short ways against json.Marshal.
func TestAppendedIsJSON(t *testing.T) {
	check := func(v any) error {
		got, err := appenderOf(reflect.TypeOf(v))([]byte("before"), reflect.ValueOf(v))
		if err != nil {
			return err
		}
		if want, err := json.Marshal(v); err != nil || string(got) != "before"+string(want) {
			return fmt.Errorf("%q: %s, want %s (%v)", v, got, want, err)
		}
		return nil
	}
	for c := range 300 {
		if err := check(string(rune(c))); err != nil {
			t.Error(err)
		}
	}
	for _, v := range []any{
		"", "\xff", fact.Outgoing, fact.Sealed("x"), day, day.In(time.FixedZone("", 9*3600)),
		time.Time{},
		7, -7, uint16(7), uint64(1<<64 - 1), true,
		[]string{"a"},
		[]string(nil), time.Second,
	} {
		if err := check(v); err != nil {
			t.Error(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if err := check(rapid.String().Draw(t, "string")); err != nil {
			t.Fatal(err)
		}
	})
}

// fill draws every field of a struct.
func fill(t *rapid.T, v reflect.Value) {
	text := rapid.SampledFrom([]string{"", "", "a", "<&>", "電話", "\xff", `"\`, "\u2028"})
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		switch f.Interface().(type) {
		case time.Time:
			at := time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(t, name), rapid.Int64Range(0, 2).Draw(t, "ns")).UTC()
			f.Set(reflect.ValueOf(at))
			continue
		case fact.Sealed:
			f.Set(reflect.ValueOf(fact.Sealed(text.Draw(t, name))))
			continue
		}
		switch f.Kind() {
		case reflect.Struct:
			fill(t, f)
		case reflect.String:
			f.SetString(text.Draw(t, name))
		case reflect.Bool:
			f.SetBool(rapid.Bool().Draw(t, name))
		case reflect.Int:
			f.SetInt(int64(rapid.IntRange(-2, 700).Draw(t, name)))
		case reflect.Int64:
			f.SetInt(rapid.Int64().Draw(t, name))
		case reflect.Uint32, reflect.Uint64:
			f.SetUint(rapid.Uint64Max(1<<(f.Type().Bits()-1)).Draw(t, name))
		case reflect.Pointer:
			if rapid.Bool().Draw(t, name) {
				f.Set(reflect.New(f.Type().Elem()))
				fill(t, f.Elem())
			}
		case reflect.Slice:
			if rapid.Bool().Draw(t, name) {
				f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			}
		case reflect.Map:
			if rapid.Bool().Draw(t, name) {
				f.Set(reflect.MakeMap(f.Type()))
				n := rapid.IntRange(-2, 700).Draw(t, name)
				f.SetMapIndex(reflect.ValueOf(text.Draw(t, name)), reflect.ValueOf(n))
			}
		default:
			t.Fatalf("no way to fill %s, a %s", name, f.Kind())
		}
	}
}

// members reads the names and values of a JSON object in their order.
func members(t *rapid.T, object []byte) (names []string, values map[string]json.RawMessage) {
	if err := json.Unmarshal(object, &values); err != nil {
		t.Fatalf("%s: %v", object, err)
	}
	d := json.NewDecoder(bytes.NewReader(object))
	_, _ = d.Token()
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprint(name))
	}
	return names, values
}

// TestRecordIsWhatJSONSays: every fact, whatever it holds, is written as
// json.Marshal would: all fields in their order, the personal ones beside; the
// leaf around them too.
func TestRecordIsWhatJSONSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		blank := rapid.SampledFrom(fact.All()).Draw(t, "kind")
		v := reflect.New(reflect.TypeOf(blank)).Elem()
		fill(t, v)
		f, ok := v.Interface().(fact.Fact)
		if !ok {
			t.Fatal("no fact")
		}
		d := Drafter{Unit: "u<1>", Boot: 1<<64 - 1, Salt: &counter{}}
		draft, err := d.Draft(f, day)
		if err != nil {
			t.Fatal(err)
		}
		r := draft.Record(1<<64-1, slices.Repeat([]uint64{1<<64 - 1}, rapid.IntRange(0, causesMax).Draw(t, "causes")))
		whole, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		want, values := members(t, whole)
		got, public := members(t, r.Body)
		private := map[string]opened{}
		if len(r.Private) > 0 {
			if err := json.Unmarshal(r.Private, &private); err != nil {
				t.Fatal(err)
			}
			if canonical, _ := json.Marshal(private); !bytes.Equal(canonical, r.Private) {
				t.Fatalf("beside the leaf:\n%s\nwant\n%s", r.Private, canonical)
			}
		}
		want = slices.DeleteFunc(want, func(name string) bool { _, is := private[name]; return is })
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("fields %v, want %v", got, want)
		}
		for name, value := range values {
			if have := append(public[name], private[name].Value...); !bytes.Equal(have, value) {
				t.Fatalf("%s is %s, want %s", name, have, value)
			}
		}
		l, err := r.Read()
		if err != nil {
			t.Fatalf("%s: %v", r.Leaf, err)
		}
		if canonical, err := json.Marshal(l); err != nil || !bytes.Equal(canonical, r.Leaf) {
			t.Fatalf("leaf\n%s\nwant\n%s (%v)", r.Leaf, canonical, err)
		}
	})
}
