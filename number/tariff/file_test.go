package tariff

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"
	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/number"
)

const sample = `prefix,name_ja,name_en,yen,unit_seconds,connect_yen,minimum_yen,valid_from,source
232,シエラレオネ,Sierra Leone,175,60,,,,"a, b"
232,シエラレオネ,Sierra Leone,"1,180.5",6,10.25,0.001,2026-12-01,
mobile/090,携帯電話,,17.6,22.5,0,0,2026-12-01 09:30,
`

func read(t *testing.T, file string) *Table {
	t.Helper()
	tab, _, err := Read([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func TestReadIsExact(t *testing.T) {
	want := []Rate{
		{
			Prefix: "232", NameJA: "シエラレオネ", NameEN: "Sierra Leone", PerUnit: 175_000, Unit: time.Minute,
			Source: "a, b",
		},
		{
			Prefix: "232", NameJA: "シエラレオネ", NameEN: "Sierra Leone", PerUnit: 1_180_500, Unit: 6 * time.Second,
			Connect: 10_250, Minimum: 1, From: time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC),
		},
		{
			Prefix: "mobile/090", NameJA: "携帯電話", PerUnit: 17_600, Unit: 22_500 * time.Millisecond,
			From: time.Date(2026, 12, 1, 0, 30, 0, 0, time.UTC),
		},
	}
	if got := read(t, sample).Rates(); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

// TestReadHoweverItIsWritten: the same table from what spreadsheets make of it.
func TestReadHoweverItIsWritten(t *testing.T) {
	want := read(t, sample).CSV()
	shift, err := japanese.ShiftJIS.NewEncoder().String(sample)
	if err != nil {
		t.Fatal(err)
	}
	heads, body, _ := strings.Cut(sample, "\n")
	ja := heads
	for _, c := range columns {
		ja = strings.Replace(ja, c.name, c.japanese, 1)
	}
	swapped := `unit_seconds,yen,source,prefix,valid_from,name_ja,name_en,connect_yen,minimum_yen
60,175,"a, b",232,,シエラレオネ,Sierra Leone,0,0

6, 1180.500 ,,232,2026/12/1,シエラレオネ,Sierra Leone,10.25,0.001
,,,,,,,,
22.5,17.6,,mobile/090,2026-12-01T00:30:00Z,携帯電話,,,
`
	for name, c := range map[string]struct {
		file     string
		encoding Encoding
	}{
		"as written":  {string(want), UTF8},
		"with a BOM":  {"\xef\xbb\xbf" + sample, UTF8},
		"Shift_JIS":   {shift, ShiftJIS},
		"CRLF":        {strings.ReplaceAll(sample, "\n", "\r\n"), UTF8},
		"in Japanese": {ja + "\n" + body, UTF8},
		"reordered":   {swapped, UTF8},
		"capitals":    {strings.ToUpper(heads) + "\n" + body, UTF8},
		"no last LF":  {strings.TrimSuffix(sample, "\n"), UTF8},
	} {
		tab, encoding, err := Read([]byte(c.file))
		if err != nil || encoding != c.encoding || !bytes.Equal(tab.CSV(), want) {
			t.Errorf("%s: %s, %v", name, encoding, err)
		}
	}
}

// TestReadTellsWhere: every wrong cell is named, and then there is no table.
func TestReadTellsWhere(t *testing.T) {
	head := "prefix,yen,unit_seconds,connect_yen,minimum_yen,valid_from,name_ja\n"
	for _, c := range []struct {
		file string
		want []string // line column cell
		errs []error
	}{
		{"", []string{"1  "}, []error{ErrNoHeader}},
		{head, []string{"0  "}, []error{ErrFileEmpty}},
		{"\xff\xfe\x00", []string{"0  "}, []error{ErrEncoding}},
		{"\xef\xbb\xbf\x82\xa0", []string{"0  "}, []error{ErrEncoding}},
		{"prefix,yen\n1,2\n", []string{"1 unit_seconds "}, []error{ErrLacking}},
		{"prefix,yen,unit_seconds,yen,zone,\n", []string{"1 yen yen", "1 zone zone", "1  "}, []error{
			ErrRepeated, ErrColumn, ErrColumn,
		}},
		{
			head + "232,1.0005,60,,,,\n44,5,0.05,-1,x,1969-01-01,\"a\nb\"\n,,60,,,tomorrow,\n" +
				"81,1,1,1000001,,2026-02-30,\n",
			[]string{
				"2 yen 1.0005", "3 unit_seconds 0.05", "3 connect_yen -1", "3 minimum_yen x", "3 valid_from 1969-01-01",
				"3 name_ja a\nb", "5 prefix ", "5 yen ", "5 valid_from tomorrow", "6 prefix 81",
				"6 connect_yen 1000001", "6 valid_from 2026-02-30",
			},
			[]error{
				ErrMoney, ErrUnit, ErrPrice, ErrMoney, ErrFrom, ErrText, ErrEmpty, ErrEmpty, ErrDate,
				ErrJapan, ErrPrice, ErrDate,
			},
		},
		{head + "232,1,60\n44,1,60,,,,,\n", []string{"2  ", "3  "}, []error{ErrCells, ErrCells}},
		{head + "232,1,60,,,,\n44,\"1,60,,,,\n", []string{"3  "}, []error{ErrQuotes}},
		{head + "232,1\"2,60,,,,\n", []string{"2  "}, []error{ErrQuotes}},
		{head + "232,1,60,,,,\n44,1,60,,,,\n232,2,60,,,,\n", []string{"4 prefix 232"}, []error{ErrTwice}},
	} {
		tab, _, err := Read([]byte(c.file))
		faults, ok := errors.AsType[Faults](err)
		if !ok || tab != nil || len(faults) != len(c.want) {
			t.Errorf("%.60q: %v, %v", c.file, tab, err)
			continue
		}
		for i, f := range faults {
			got := fmt.Sprintf("%d %s %s", f.Line, f.Column, f.Cell)
			if got != c.want[i] || !errors.Is(f.Err, c.errs[i]) {
				t.Errorf("%.60q: %s: %v, want %s: %v", c.file, got, f.Err, c.want[i], c.errs[i])
			}
		}
	}
}

func TestReadHasLimits(t *testing.T) {
	if _, _, err := Read(make([]byte, FileMax+1)); !errors.Is(err, ErrFileSize) {
		t.Error(err)
	}
	head := "prefix,yen,unit_seconds\n"
	_, _, err := Read([]byte(head + strings.Repeat("232,x"+strings.Repeat("y", 100)+",60\n", 1000)))
	faults, _ := errors.AsType[Faults](err)
	if len(faults) != FaultsMax || len([]rune(faults[0].Cell)) != cellShown+1 {
		t.Errorf("%d faults", len(faults))
	}
	var b strings.Builder
	b.WriteString(head)
	for i := range RatesMax + 1 {
		fmt.Fprintf(&b, "2%06d,1,1\n", i)
	}
	if _, _, err := Read([]byte(b.String())); !errors.Is(err, ErrTooMany) {
		t.Error(err)
	}
}

// drawTable draws a table with everything that cells can hold.
func drawTable(t *rapid.T) *Table {
	words := rapid.StringMatching(`([a-zあ漢ー",;'=#-][ a-zあ漢ー",;'=#-]{0,8}[a-z])?`)
	var rates []Rate
	for i := range rapid.IntRange(1, 5).Draw(t, "rates") {
		r := drawRate(t)
		r.Prefix = rapid.SampledFrom([]string{"232", "mobile", "geographic/03", "0033/1", "hash-short/#7119"}).
			Draw(t, "prefix")
		r.Unit = r.Unit.Truncate(time.Millisecond)
		r.NameJA, r.NameEN, r.Source = words.Draw(t, "ja"), words.Draw(t, "en"), words.Draw(t, "source")
		if i > 0 || rapid.Bool().Draw(t, "dated") {
			step := rapid.SampledFrom([]time.Duration{24 * time.Hour, time.Minute, time.Second, 1}).Draw(t, "step")
			r.From = day.Add(-9 * time.Hour).Add(time.Duration(i) * step)
		}
		rates = append(rates, r)
	}
	tab, err := NewTable(rates)
	if err != nil {
		t.Skip(err) // two of one time
	}
	return tab
}

func TestReadsBackWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tab := drawTable(t)
		back, encoding, err := Read(tab.CSV())
		if err != nil || encoding != UTF8 || !slices.Equal(back.Rates(), tab.Rates()) {
			t.Fatalf("%v\n%s\n%s", err, tab.CSV(), back.CSV())
		}
	})
}

// FuzzRead: whatever a file holds, there is a table that is written as it is
// read, or faults that say where.
func FuzzRead(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("\xef\xbb\xbfprefix,yen,unit_seconds\n1,\"2\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		tab, _, err := Read(file)
		if err != nil {
			faults, ok := errors.AsType[Faults](err)
			if !ok || len(faults) == 0 || len(faults) > FaultsMax || tab != nil {
				t.Fatal(err)
			}
			return
		}
		if back, _, err := Read(tab.CSV()); err != nil || !slices.Equal(back.Rates(), tab.Rates()) {
			t.Fatalf("%v\n%s", err, tab.CSV())
		}
	})
}

// TestDemoIsComplete: a unit out of the box knows a price for every place, and
// says that it is an invention.
func TestDemoIsComplete(t *testing.T) {
	tab := Demo()
	if classes, codes := tab.Missing(day); len(classes)+len(codes) > 0 {
		t.Errorf("no price for %v, %v", classes, codes)
	}
	for _, code := range []string{"800", "808", "870", "878", "881", "882", "883", "888", "979"} {
		d := number.Parse("010"+code+"12345678", nil)
		if r, known := tab.Rate(d, day); !known || r.Prefix != code {
			t.Errorf("%s: %+v", d, r)
		}
	}
	if d := number.Parse("01021012345678", nil); d.Area == number.AreaUnknown {
		if r, known := tab.Rate(d, day); known {
			t.Errorf("nobody's number has a price: %+v", r)
		}
	}
	for _, r := range tab.Rates() {
		if r.NameJA == "" || r.NameEN == "" || !strings.Contains(r.Source, "架空") ||
			!strings.Contains(r.Source, "Invented") || r.PerMinute() >= DearPerMinute || !r.From.IsZero() {
			t.Errorf("%+v", r)
		}
	}
	if !bytes.Equal(tab.CSV(), demoFile) {
		t.Error("demo.csv is not written as tables are")
	}
}

func TestChanges(t *testing.T) {
	before := read(t, "prefix,yen,unit_seconds,name_en\n1,9,60,USA\n232,175,60,SL\n44,20,60,\n49,20,60,\n")
	after := read(t, "prefix,yen,unit_seconds,name_en\n1,9,60,USA\n232,180,60,SL\n44,20,60,UK\n33,20,60,\n")
	var got []string
	for _, c := range Changes(before, after) {
		var a, b Money = -1, -1
		if c.Before != nil {
			a = c.Before.PerUnit / Yen
		}
		if c.After != nil {
			b = c.After.PerUnit / Yen
		}
		got = append(got, fmt.Sprint(int64(a), int64(b), c.Price()))
	}
	if want := []string{"175 180 true", "-1 20 true", "20 20 false", "20 -1 true"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if len(Changes(before, before)) != 0 || len(Changes(nil, after)) != 4 || len(Changes(after, nil)) != 4 {
		t.Error("nothing changes, or everything")
	}
}

func TestBookKnowsItsLines(t *testing.T) {
	a, b := table(t, nil), table(t, nil)
	book := NewBook(a, map[string]*Table{"trunk1": b, "broken": nil})
	if book.For("hikari") != a || book.For("trunk1") != b || book.For("broken") != nil {
		t.Error("another line's tariff")
	}
	if (*Book)(nil).For("hikari") != Demo() {
		t.Error("no book is no demo")
	}
}
