package challenge

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		pin, person string
		want        Fault
	}{
		{"490172", "201", ""},
		{"490172835016", "201", ""},
		{"49017", "201", FaultShort},
		{"", "201", FaultShort},
		{"4901728350162", "201", FaultLong},
		{"49017a", "201", FaultDigits},
		{"4９0172", "201", FaultDigits},
		{"49-0172", "201", FaultDigits},
		{"111111", "201", FaultTrivial},
		{"000000000000", "201", FaultTrivial},
		{"121212", "201", FaultTrivial},
		{"1231231", "201", FaultTrivial},
		{"123456", "201", FaultTrivial},
		{"890123", "201", FaultTrivial},
		{"987654", "201", FaultTrivial},
		{"210987", "201", FaultTrivial},
		{"112233", "201", FaultTrivial},
		{"1122334", "201", FaultTrivial},
		{"111222", "201", FaultTrivial},
		{"332211", "201", FaultTrivial},
		{"111112", "201", FaultTrivial},
		{"112234", "201", ""},
		{"123457", "201", ""},
		{"201201", "201", FaultExtension},
		{"2012012", "201", FaultExtension},
		{"490172", "490172", FaultExtension},
		{"490172", "", ""},
	} {
		if got := Check([]byte(c.pin), c.person); got != c.want {
			t.Errorf("%s for %s: %q, want %q", c.pin, c.person, got, c.want)
		}
	}
}

var day = time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)

// staff is a book of people that have PINs.
func staff(extensions ...string) *Book {
	b := new(Book)
	for _, e := range extensions {
		b.Set(fact.PIN{Extension: e})
	}
	return b
}

// TestLock: wrong PINs in a row lock, whatever time passes, until a right one,
// an unlocking or another PIN.
func TestLock(t *testing.T) {
	for name, open := range map[string]func(b *Book){
		"a right one": func(b *Book) { b.Right("201") },
		"unlocked":    func(b *Book) { b.Unlock("201") },
		"another PIN": func(b *Book) { b.Set(fact.PIN{Extension: "201"}) },
	} {
		b := staff("201", "202")
		for i := range WrongMax {
			at := day.Add(time.Duration(i) * time.Hour)
			if _, why := b.Begin("201", at); why != "" {
				t.Fatalf("try %d: %s", i, why)
			}
			b.Wrong("201", at)
		}
		late := day.AddDate(1, 0, 0)
		if _, why := b.Begin("201", late); why != fact.FailedLocked {
			t.Errorf("a year later: %q", why)
		}
		if why := b.Ready("202", late); why != "" {
			t.Errorf("somebody else: %q", why)
		}
		if p, ok := b.Find("201"); !ok || !Locked(p) || p.Wrong != WrongMax {
			t.Errorf("found %+v", p)
		}
		open(b)
		if why := b.Ready("201", late); why != "" {
			t.Errorf("%s: %q", name, why)
		}
	}
}

func TestNobody(t *testing.T) {
	var b Book
	b.Wrong("201", day)
	b.Right("201")
	b.Unlock("201")
	b.Remove("201")
	if p, ok := b.Find("201"); ok {
		t.Errorf("found %+v", p)
	}
	if why := b.Ready("201", day); why != fact.FailedNoPIN || len(b.List()) != 0 {
		t.Errorf("%q, %v", why, b.List())
	}
	b = *staff("202", "201")
	if l := b.List(); len(l) != 2 || l[0].Extension != "201" {
		t.Errorf("listed %v", l)
	}
	b.Remove("201")
	if _, why := b.Begin("201", day); why != fact.FailedNoPIN {
		t.Errorf("removed: %q", why)
	}
}

// TestPace: one person's tries, right ones too, are few in a while; another PIN
// does not make them more, and unlocking lets them begin anew.
func TestPace(t *testing.T) {
	b := staff("201", "202")
	for i := range triesMax {
		if _, why := b.Begin("201", day.Add(time.Duration(i)*time.Second)); why != "" {
			t.Fatalf("try %d: %s", i, why)
		}
	}
	soon := day.Add(triesIn - time.Second)
	b.Set(fact.PIN{Extension: "201"})
	if why := b.Ready("201", soon); why != fact.FailedTooOften {
		t.Errorf("too many tries: %q", why)
	}
	if why := b.Ready("202", soon); why != "" {
		t.Errorf("somebody else: %q", why)
	}
	if why := b.Ready("201", day.Add(triesIn)); why != "" {
		t.Errorf("later: %q", why)
	}
	for range triesMax {
		b.Begin("202", soon)
	}
	b.Unlock("202")
	if why := b.Ready("202", soon); why != "" {
		t.Errorf("unlocked: %q", why)
	}
}

// TestNobodyGoesThroughAllExtensions: wrong ones of all people together stop
// the trying for a while.
func TestNobodyGoesThroughAllExtensions(t *testing.T) {
	b := new(Book)
	tried := 0
	for i := range 100 {
		extension := fmt.Sprint(200 + i)
		b.Set(fact.PIN{Extension: extension})
		if _, why := b.Begin(extension, day); why == "" {
			b.Wrong(extension, day)
			tried++
		}
	}
	if tried != wrongMax {
		t.Errorf("%d wrong ones, want %d", tried, wrongMax)
	}
	if why := b.Ready("200", day.Add(triesIn)); why != "" {
		t.Errorf("later: %q", why)
	}
}

func TestTooManyPeople(t *testing.T) {
	b := new(Book)
	for i := range PeopleMax {
		if !b.Set(fact.PIN{Extension: fmt.Sprint(i)}) {
			t.Fatalf("%d was not taken", i)
		}
	}
	if b.Set(fact.PIN{Extension: "x"}) || !b.Set(fact.PIN{Extension: "7"}) {
		t.Error("one too many was taken, or one that is there was not")
	}
}

// TestGuessing: however somebody tries, and whenever, a PIN takes WrongMax wrong
// ones between two things that only its owner or an administrator can do.
func TestGuessing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := staff("201", "202")
		now, wrong := day, 0
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(-60, 900).Draw(t, "s")) * time.Second)
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				b.Unlock("201")
				wrong = 0
			case 1:
				b.Wrong("202", now)
			default:
				if _, why := b.Begin("201", now); why == "" {
					b.Wrong("201", now)
					wrong++
				}
			}
			if wrong > WrongMax {
				t.Fatalf("%d wrong ones in a row", wrong)
			}
		}
	})
}
