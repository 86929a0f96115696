package book

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"
)

func TestNumbersAreCompared(t *testing.T) {
	for written, want := range map[string]string{
		"03-1234-5678": "0312345678", "(03) 1234 5678": "0312345678", "+81 3-1234-5678": "0312345678",
		"+81 (0)3 1234 5678": "0312345678", "０３−１２３４−５６７８": "0312345678", "090・1234・5678": "09012345678",
		"+1 212 555 0123": "+12125550123", "201": "201", " 0120-000-000 ": "0120000000",
		"": "", "+": "", "none": "", "03-1234-5678 ext 2": "", "1+2": "", strings.Repeat("1", DigitsMax+1): "",
	} {
		if got := Key(written); got != want {
			t.Errorf("%q is %q, want %q", written, got, want)
		}
	}
}

func mustBook(t *testing.T, entries ...Entry) *Book {
	t.Helper()
	b, err := New(entries)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Names stand in the order of the kana, however they are written; voiced and small
// ones stand with their plain ones.
func TestOrder(t *testing.T) {
	var entries []Entry
	kana := map[string]string{
		"阿部": "アヘ", "あべ": "", "池田": "イケダ", "加藤": "かとう", "佐藤": "ｻﾄｳ", "渡辺": "わたなべ",
		"ｻﾞｯｶ": "", "ABC商事": "", "ウィング": "",
	}
	want := []string{"ABC商事", "阿部", "あべ", "池田", "ウィング", "加藤", "ｻﾞｯｶ", "佐藤", "渡辺"}
	for i, n := range []string{"渡辺", "佐藤", "ｻﾞｯｶ", "加藤", "ウィング", "池田", "あべ", "阿部", "ABC商事"} {
		entries = append(entries, Entry{Name: n, Kana: kana[n], Number: fmt.Sprintf("09000000%03d", i)})
	}
	var got []string
	for _, e := range mustBook(t, entries...).Entries() {
		got = append(got, e.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFinding(t *testing.T) {
	b := mustBook(t, Entry{Name: "山田商店", Kana: "ヤマダショウテン", Number: "03-1234-5678"},
		Entry{Name: "Yamada Taro", Number: "+81 90 1111 2222"}, Entry{Name: "古い名前", Number: "0312345678"},
		Entry{Name: "鈴木", Kana: "すずき", Number: "06-6666-0000"})
	for part, want := range map[string]int{
		"すず": 1, "ｽｽﾞ": 1, "スス": 1, "yamada": 1, "ＹＡＭ": 1, "1111": 1, "090-1111": 1, "06": 1, "木": 1, "ない": 0,
		"山田": 0, // its number has another name now
		"古い": 1, "": 3,
	} {
		if got := b.Find(part); len(got) != want {
			t.Errorf("%q finds %v", part, got)
		}
	}
	if got := b.Name("+81312345678"); got != "古い名前" {
		t.Errorf("the later of two is %q", got)
	}
}

func TestWhatIsNoEntry(t *testing.T) {
	for _, e := range []Entry{
		{Number: "1"},
		{Name: " ", Number: "1"},
		{Name: "a\nb", Number: "1"},
		{Name: strings.Repeat("a", NameBytesMax+1), Number: "1"},
		{Name: "\xff", Number: "1"},
		{Name: "a", Kana: "\x00", Number: "1"},
		{Name: "a", Number: "x"},
		{Name: "a"},
	} {
		if _, err := New([]Entry{e}); err == nil {
			t.Errorf("%+v was taken", e)
		}
	}
	many := make([]Entry, EntriesMax+1)
	for i := range many {
		many[i] = Entry{Name: "n", Number: fmt.Sprint(i)}
	}
	if _, err := New(many); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
	if _, err := New(many[1:]); err != nil {
		t.Error(err)
	}
}

func TestFiles(t *testing.T) {
	table := "氏名,フリガナ,電話番号,携帯,備考\r\n山田商店,ヤマダショウテン,03-1234-5678,,得意先\r\n" +
		"\"鈴木, 一郎\",スズキ,,090-1111-2222,\r\n誤り,,なし,,\r\n"
	sjis, err := japanese.ShiftJIS.NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{
		{Name: "山田商店", Kana: "ヤマダショウテン", Number: "03-1234-5678"},
		{Name: "鈴木, 一郎", Kana: "スズキ", Number: "090-1111-2222"},
	}
	for name, file := range map[string]string{"UTF-8": table, "BOM": "\xef\xbb\xbf" + table, "Shift_JIS": sjis} {
		got, faults, err := Read([]byte(file))
		if err != nil || !slices.Equal(got, want) || len(faults) != 1 || faults[0].Line != 4 {
			t.Errorf("%s: %v, %v, %v", name, got, faults, err)
		}
	}
	for name, card := range map[string]string{
		"3.0": "BEGIN:VCARD\r\nVERSION:3.0\r\nN:山田;;;;\r\nFN:山田\r\n 商店\r\nX-PHONETIC-LAST-NAME:ヤマダ\r\n" +
			"X-PHONETIC-FIRST-NAME:ショウテン\r\nitem1.TEL;TYPE=work,voice:03-1234-5678\r\nEND:VCARD\r\n" +
			"BEGIN:VCARD\r\nFN:鈴木\\, 一郎\r\nTEL:090-1111-2222\r\nEND:VCARD\r\n",
		"4.0": "BEGIN:VCARD\nVERSION:4.0\nFN:山田商店\nSOUND:ヤマダ;ショウテン\nTEL;VALUE=uri:tel:03-1234-5678;ext=1\n" +
			"END:VCARD\nBEGIN:VCARD\nTEL;VALUE=uri:tel:090-1111-2222\nFN:鈴木\\, 一郎\nEND:VCARD\n",
	} {
		got, faults, err := Read([]byte(card))
		if err != nil || len(faults) > 0 || len(got) != 2 || got[0].Name != "山田商店" ||
			got[0].Kana != "ヤマダ ショウテン" || got[0].Number != "03-1234-5678" || got[1].Name != "鈴木, 一郎" {
			t.Errorf("vCard %s: %+v, %v, %v", name, got, faults, err)
		}
	}
	for file, want := range map[string]error{
		"": ErrNothing, "a,b\n1,2\n": ErrColumns, "name,number\n": ErrNothing, "\xff\xfe\x00": ErrEncoding,
		strings.Repeat("a", FileMax+1): ErrFileSize,
	} {
		if _, _, err := Read([]byte(file)); !errors.Is(err, want) {
			t.Errorf("%.10q: %v, want %v", file, err, want)
		}
	}
}

// TestFoldedWithoutEnd: a file that is one line in half a million, or one reading, is
// read in no time.
func TestFoldedWithoutEnd(t *testing.T) {
	card := func(middle string) []byte {
		n := (FileMax - 100) / len(middle)
		return []byte("BEGIN:VCARD\nFN:a\nTEL:1\n" + strings.Repeat(middle, n) + "\nEND:VCARD\n")
	}
	for name, file := range map[string][]byte{
		"folds": card(" a\n"), "readings": card("SOUND:a\n"), "cards": card("BEGIN:\nTEL:1\nEND:\n"),
	} {
		began := time.Now()
		_, _, err := Read(file)
		if took := time.Since(began); err != nil || took > 10*time.Second {
			t.Errorf("%s: %v after %s", name, err, took)
		}
	}
}

// TestSpreadsheets: a name that a spreadsheet would work out is text there, and what it
// was when it comes back.
func TestSpreadsheets(t *testing.T) {
	entries := []Entry{{Name: "=HYPERLINK(1)", Kana: "-1", Number: "+16502530000"}, {Name: "'あ", Number: "1"}}
	var b bytes.Buffer
	if err := WriteCSV(&b, entries); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\n'=HYPERLINK(1),'-1,+1650") {
		t.Errorf("written %s", b.String())
	}
	got, faults, err := Read(b.Bytes())
	if err != nil || len(faults) > 0 || !slices.Equal(got, entries) {
		t.Errorf("read back %v %v %v", got, faults, err)
	}
}

func TestLists(t *testing.T) {
	got, faults, err := ReadNumbers([]byte("番号,メモ\n090-1111-2222,迷惑\n\n\"+81 3 9999 0000\"\nだれ\n"))
	if err != nil || !slices.Equal(got, []string{"090-1111-2222", "+81 3 9999 0000"}) ||
		len(faults) != 1 || faults[0].Line != 5 {
		t.Errorf("%q, %v, %v", got, faults, err)
	}
	for file, want := range map[string]error{
		"none\n": ErrNothing, "\xff\xfe\x00": ErrEncoding, strings.Repeat("1", FileMax+1): ErrFileSize,
	} {
		if _, _, err := ReadNumbers([]byte(file)); !errors.Is(err, want) {
			t.Errorf("%.10q: %v, want %v", file, err, want)
		}
	}
}

// What is written is read again.
func TestExport(t *testing.T) {
	all := []Entry{{Name: `佐藤; "\ 本店`, Kana: "サトウ", Number: "0312345678"}, {Name: "A, B", Number: "+12125550123"}}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"CSV":   func(b *bytes.Buffer) error { return WriteCSV(b, all) },
		"vCard": func(b *bytes.Buffer) error { return WriteVCard(b, all) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if got, faults, err := Read(b.Bytes()); err != nil || len(faults) > 0 || !slices.Equal(got, all) {
			t.Errorf("%s: %+v, %v, %v", name, got, faults, err)
		}
	}
	full := full{}
	if WriteCSV(full, all) == nil || WriteVCard(full, all) == nil {
		t.Error("what could not be written is not said")
	}
}

// full is a disk that takes nothing more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// Who is turned away: at a number of the office first, then at all of them.
func TestScreens(t *testing.T) {
	unit, err := Screen{Anonymous: true}.Block("090-1111-2222", "+81 3 9999 0000", "+12125550123")
	if err != nil {
		t.Fatal(err)
	}
	support, err := Screen{}.Allow("09011112222")
	if err != nil {
		t.Fatal(err)
	}
	s := Shelf{Screens: map[string]Screen{"": unit, "0312340001": support, "0312340002": {Only: true}}}
	for _, c := range []struct{ called, caller, want string }{
		{"0312340000", "0612345678", ""},
		{"0312340000", "", WhyAnonymous},
		{"0312340000", "anonymous", WhyAnonymous},
		{"0312340000", "+819011112222", WhyBlocked},
		{"0312340000", "0399990000", WhyBlocked},
		{"0312340000", "+12125550123", WhyBlocked},
		{"0312340001", "09011112222", ""},
		{"0312340001", "anonymous", WhyAnonymous},
		{"0312340002", "0612345678", WhyUnknown},
		{"0312340002", "", WhyAnonymous},
	} {
		if got := s.Refuses(c.called, c.caller); got != c.want {
			t.Errorf("%s at %s: %q, want %q", c.caller, c.called, got, c.want)
		}
	}
	if unit.Empty() || !(Screen{}).Empty() {
		t.Error("a screen does not know whether there is anything in it")
	}
	unit = unit.Unblock("+81-90-1111-2222")
	if len(unit.Blocked) != 2 || !unit.Anonymous || len(support.Unallow("09011112222").Allowed) != 0 {
		t.Errorf("%+v", unit)
	}
	if _, err := unit.Block("nobody"); !errors.Is(err, ErrNumber) {
		t.Error(err)
	}
	many := make([]string, NumbersMax+1)
	for i := range many {
		many[i] = fmt.Sprint(10000000 + i)
	}
	if _, err := (Screen{}).Block(many...); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
	full, err := Screen{}.Block(many[1:]...)
	s = Shelf{Screens: map[string]Screen{"": full}}
	if why := s.Refuses("1", many[NumbersMax]); err != nil || why != WhyBlocked {
		t.Errorf("%q %v", why, err)
	}
}

// The extension's own book goes before the common one.
func TestShelf(t *testing.T) {
	s := Shelf{Books: map[string]*Book{
		"":    mustBook(t, Entry{Name: "山田商店", Number: "0312345678"}, Entry{Name: "鈴木", Number: "0611112222"}),
		"201": mustBook(t, Entry{Name: "やまちゃん", Number: "0312345678"}),
	}}
	for _, c := range []struct{ extension, number, want string }{
		{"201", "+81312345678", "やまちゃん"},
		{"202", "0312345678", "山田商店"},
		{"201", "0611112222", "鈴木"},
		{"201", "1", ""},
	} {
		if got := s.Name(c.extension, c.number); got != c.want {
			t.Errorf("%s calls %s %q", c.number, c.extension, got)
		}
	}
}

// FuzzRead: whatever a file holds, what is taken of it makes a book.
func FuzzRead(f *testing.F) {
	f.Add([]byte("name,number\na,1\n"))
	f.Add([]byte("BEGIN:VCARD\nFN:a\nTEL:1\nEND:VCARD\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		entries, _, err := Read(file)
		if err != nil {
			return
		}
		if _, err := New(entries); err != nil && !errors.Is(err, ErrFull) {
			t.Error(err)
		}
	})
}
